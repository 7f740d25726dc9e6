/// Where a string stands in a shared run of UTF-8 bytes (`EngineResult.text`).
///
/// A result has some forty strings; one array holds them all, so that a decision costs one allocation for its text
/// and names are compared as bytes (Swift's `String` equates canonically equivalent, but different, bytes).
public struct TextRange: Sendable, Hashable {
    public var start: UInt32
    public var count: UInt32

    public init(start: Int, count: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.count = UInt32(truncatingIfNeeded: count)
    }

    public var indices: Range<Int> { Int(start)..<(Int(start) + Int(count)) }
}

/// A name or id: 1…256 bytes of UTF-8 without control characters, equal only to the same bytes (what is equal to people has the same
/// `CanonicalForm`).
public struct Name: Sendable, Hashable, Comparable, CustomStringConvertible {
    public static let bytesMax = 256
    public let string: String

    /// Nil when empty, longer than `bytesMax` bytes, or with a control character (U+0000…U+001F, U+007F…U+009F).
    public init?(_ string: String) {
        guard Name.isValid(string.utf8) else { return nil }
        self.string = string
    }

    /// Whether the bytes, already known to be UTF-8, are a name. C1 controls are the two bytes C2 80…C2 9F.
    public static func isValid(_ utf8: some Collection<UInt8>) -> Bool {
        var count = 0
        var previous: UInt8 = 0
        for byte in utf8 {
            count += 1
            if count > bytesMax || byte < 0x20 || byte == 0x7F || (previous == 0xC2 && byte < 0xA0) { return false }
            previous = byte
        }
        return count > 0
    }

    public var description: String { string }
    public static func == (a: Name, b: Name) -> Bool { a.string.utf8.elementsEqual(b.string.utf8) }
    public static func < (a: Name, b: Name) -> Bool { a.string.utf8.lexicographicallyPrecedes(b.string.utf8) }
    public func hash(into hasher: inout Hasher) {
        for byte in string.utf8 { hasher.combine(byte) }
        hasher.combine(0xFF as UInt8)
    }
}
