#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What a reader of results does with the bytes of names and strings.
extension UnsafeBufferPointer<UInt8> {
    /// Whether these are the very bytes of a literal: no normalisation, no case folding.
    @inlinable @inline(__always)
    public func equals(_ literal: StaticString) -> Bool {
        unsafe count == literal.utf8CodeUnitCount && JSONBytes.areEqual(baseAddress, literal.utf8Start, count)
    }

    /// Whether these are the very same bytes.
    @inlinable @inline(__always)
    public func equals(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
        unsafe count == other.count && JSONBytes.areEqual(baseAddress, other.baseAddress, count)
    }
}

@usableFromInline
enum JSONBytes {
    /// Both pointers have `count` readable bytes (or `count` is 0).
    @usableFromInline
    static func areEqual(_ a: UnsafePointer<UInt8>?, _ b: UnsafePointer<UInt8>?, _ count: Int) -> Bool {
        guard count > 0, let a = unsafe a, let b = unsafe b else { return count == 0 }
        return unsafe memcmp(a, b, count) == 0
    }
}
