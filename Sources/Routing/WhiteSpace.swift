/// White space as Unicode has it (the property White_Space: the no-break space and the ideographic one too).
public enum WhiteSpace {
    /// Whether UTF-8 says nothing but white space, or nothing at all.
    @inlinable @inline(__always)
    public static func isAll(of utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = unsafe utf8.first else { return true }
        // Most values begin with a letter or a digit.
        if first > 0x20, first < 0x7F { return false }
        return unsafe isAllSlowly(utf8)
    }

    @usableFromInline
    static func isAllSlowly(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        unsafe String(decoding: utf8, as: UTF8.self).unicodeScalars.allSatisfy(\.properties.isWhitespace)
    }
}
