import CPCRE2

/// What comparing values with patterns needs of memory, used again for each. One per thread.
///
/// Safe: all of it is made in `init`, used by one thread at a time, and freed in `deinit`.
@safe package final class PatternMatcher {
    private let limits: PatternLimits
    /// Nil where there was no memory: every comparison is beyond the limits then.
    private let results: OpaquePointer?
    private let context: OpaquePointer?
    private let stack: OpaquePointer?

    package init(limits: PatternLimits = PatternLimits()) {
        self.limits = limits
        // Where a match begins and ends is not asked for; one pair is the least there is.
        unsafe results = pcre2_match_data_create_8(1, nil)
        unsafe context = pcre2_match_context_create_8(nil)
        unsafe stack = pcre2_jit_stack_create_8(limits.stackBytes, limits.stackBytesMax, nil)
        guard let context = unsafe context else { return }
        unsafe pcre2_set_match_limit_8(context, limits.stepsMax)
        unsafe pcre2_set_depth_limit_8(context, limits.stepsMax)
        unsafe pcre2_set_heap_limit_8(context, limits.heapKibibytesMax)
        if let stack = unsafe stack { unsafe pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack)) }
    }

    deinit {
        unsafe pcre2_match_data_free_8(results)
        unsafe pcre2_match_context_free_8(context)
        unsafe pcre2_jit_stack_free_8(stack)
    }

    /// - Parameters:
    ///   - value: UTF-8 that is valid: it is not looked at again.
    ///   - program: as PCRE2 compiled it.
    func verdict(on value: Span<UInt8>, by program: OpaquePointer) -> Pattern.Verdict {
        guard value.count <= limits.valueBytesMax, let results = unsafe results, let context = unsafe context else { return .beyondLimits }
        // An empty span may have no address, and this one is as good as any.
        let nothing: [UInt8] = [0]
        let code = unsafe value.withUnsafeBufferPointer { bytes in
            unsafe nothing.withUnsafeBufferPointer { nothing in
                unsafe pcre2_match_8(
                    program, bytes.baseAddress ?? nothing.baseAddress, bytes.count, 0, PCRE2_NO_UTF_CHECK, results, context)
            }
        }
        return switch code {
        case PCRE2_ERROR_NOMATCH: .differs
        case 0...: .matches
        // A limit, or no memory; whatever it is, nobody can say that the value matches.
        default: .beyondLimits
        }
    }
}
