/// How a text is encoded, as far as its first bytes tell (RFC 4627 §3, Unicode's byte order marks).
public enum TextEncoding: Sendable {
    case utf8, markedUTF8, utf16, utf32

    /// Of the mark before UTF-8.
    public static let markBytes = 3

    /// Whether the first bytes are neither a mark nor those of a character of two or four bytes: so begins nearly every text.
    @inlinable @inline(__always)
    public static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count > 1 else { return true }
        return unsafe bytes[0] < 0xEF && bytes[0] > 0 && bytes[1] > 0
    }

    public init(of bytes: some RandomAccessCollection<UInt8>) {
        let first = Array(bytes.prefix(4))
        if first.starts(with: [0xEF, 0xBB, 0xBF]) {
            self = .markedUTF8
        } else if first == [0xFF, 0xFE, 0, 0] || first == [0, 0, 0xFE, 0xFF] {
            self = .utf32
        } else if first.starts(with: [0xFF, 0xFE]) || first.starts(with: [0xFE, 0xFF]) {
            self = .utf16
        } else if first.count == 4, first[0] != 0, first[1...] == [0, 0, 0] || first[..<3] == [0, 0, 0] && first[3] != 0 {
            self = .utf32
        } else if first.count == 4, (first[0] == 0) != (first[1] == 0), (first[0] == 0) == (first[2] == 0),
            (first[1] == 0) == (first[3] == 0)
        {
            self = .utf16
        } else {
            self = .utf8
        }
    }
}
