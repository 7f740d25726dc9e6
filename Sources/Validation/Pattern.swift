import CPCRE2

/// A regular expression of ECMA-262, unanchored as in JSON Schema, compiled once and compared with values in bounded time.
///
/// 1. What compiles is bounded: pattern, nesting and program have limits (`PatternLimits`), and no comparison takes more steps than its
///    matcher allows, whatever the pattern says.
/// 2. A comparison that reaches a limit does not match: `beyondLimits`, for its user to count and to take for a value that is not valid.
///
/// Sendable and safe: the program is written in `init` alone, PCRE2 reads it from any thread (pcre2api, "Multithreading"), and it is freed in
/// `deinit`.
@safe package final class Pattern: @unchecked Sendable {
    /// What a comparison came to.
    package enum Verdict: Sendable, Hashable {
        case matches, differs
        /// It was given up: the value is too long, or the comparison took too many steps or too much memory.
        case beyondLimits
    }

    private let program: OpaquePointer

    /// The meaning that ECMA-262 gives: `$` is the very end, a reference to a group that took no part matches nothing, `\u0041` is a letter,
    /// `[]` and `[^]` are classes. Subjects are UTF-8; `\d`, `\w`, `\s` and `\b` are those of ASCII. `\C`, which takes half a character, is off.
    private static let options: UInt32 =
        PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF | PCRE2_ALT_BSUX | PCRE2_ALLOW_EMPTY_CLASS
        | PCRE2_NEVER_BACKSLASH_C

    /// - Throws: why it is refused, with the place.
    package init(_ text: String, limits: PatternLimits = PatternLimits()) throws(PatternError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= limits.patternBytesMax else {
            throw PatternError("it is longer than \(limits.patternBytesMax) bytes")
        }
        try PatternDialect.check(bytes)
        guard let context = unsafe pcre2_compile_context_create_8(nil) else { throw PatternError("there is no memory for it") }
        defer { unsafe pcre2_compile_context_free_8(context) }
        unsafe pcre2_set_parens_nest_limit_8(context, limits.nestingMax)
        unsafe pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_ANYCRLF))
        unsafe pcre2_set_compile_extra_options_8(context, PCRE2_EXTRA_ALT_BSUX)
        var code: Int32 = 0
        var offset = 0
        // An empty array may have no address; PCRE2 takes none with a length of 0 from 10.43 on only.
        let program = unsafe (bytes + [0]).withUnsafeBufferPointer { buffer in
            unsafe pcre2_compile_8(buffer.baseAddress, bytes.count, Pattern.options, &code, &offset, context)
        }
        guard let program = unsafe program else {
            throw PatternError(Pattern.words(of: code), at: offset, of: bytes)
        }
        unsafe self.program = program
        var size = 0
        // The kind of the answer, a size_t, is that of the question.
        _ = unsafe pcre2_pattern_info_8(program, UInt32(PCRE2_INFO_SIZE), &size)
        guard size <= limits.programBytesMax else {
            throw PatternError("it becomes a program of \(size) bytes, beyond \(limits.programBytesMax): its repeats are too large")
        }
        // Where memory may not be made executable there is no machine code: comparing is slower then, and bounded as well.
        _ = unsafe pcre2_jit_compile_8(program, UInt32(PCRE2_JIT_COMPLETE))
    }

    deinit { unsafe pcre2_code_free_8(program) }

    /// Whether some part of the value is as the pattern asks.
    package func verdict(on value: UTF8Span, by matcher: PatternMatcher) -> Verdict {
        unsafe matcher.verdict(on: value.span, by: program)
    }

    package func verdict(on value: String, by matcher: PatternMatcher) -> Verdict { verdict(on: value.utf8Span, by: matcher) }

    /// PCRE2's own words for a fault, without a dot at their end.
    private static func words(of code: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        // The buffer has the length that is told; the words end with a zero.
        let count = unsafe buffer.withUnsafeMutableBufferPointer { unsafe pcre2_get_error_message_8(code, $0.baseAddress, $0.count) }
        return count > 0 ? String(decoding: buffer.prefix(Int(count)), as: UTF8.self) : "it is not a regular expression (PCRE2 \(code))"
    }
}
