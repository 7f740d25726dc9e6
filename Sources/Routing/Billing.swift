/// The modifiers of a billed procedure, as written: up to four, of two letters or digits each (`RT`, `59`). They tell apart what one claim
/// bills twice.
public struct Modifiers: Sendable, Hashable {
    public static let countMax = 4

    /// The first in the lowest two bytes; a byte of zero is none.
    private var word: UInt64 = 0

    public init() {}

    public var isEmpty: Bool { word == 0 }
    public var count: Int { (UInt64.bitWidth - word.leadingZeroBitCount + 15) / 16 }

    /// A byte of the modifiers written one behind the other, from 0 to below twice their count.
    @inline(__always)
    public subscript(byte index: Int) -> UInt8 { UInt8(truncatingIfNeeded: word >> UInt64(8 * index)) }

    public subscript(index: Int) -> String { String(decoding: [self[byte: 2 * index], self[byte: 2 * index + 1]], as: UTF8.self) }

    /// Adds a modifier; false, and nothing added, when it is not of two ASCII letters or digits, or there are four.
    public mutating func append(_ first: UInt8, _ second: UInt8) -> Bool {
        guard count < Modifiers.countMax, Modifiers.isLetterOrDigit(first), Modifiers.isLetterOrDigit(second) else { return false }
        word |= (UInt64(first) | UInt64(second) << 8) << UInt64(16 * count)
        return true
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }

    /// One word for all ways to write the same modifiers: in capitals, whatever their order.
    public var canonical: UInt64 {
        if isEmpty { return 0 }
        let capitals = (0..<count).map { index in
            UInt16(Modifiers.capital(self[byte: 2 * index])) << 8 | UInt16(Modifiers.capital(self[byte: 2 * index + 1]))
        }
        return capitals.sorted().reduce(0) { $0 << 16 | UInt64($1) }
    }

    private static func capital(_ byte: UInt8) -> UInt8 { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte ? byte & ~0x20 : byte }
}

/// The number of a line of a claim, 1…999.
public struct ClaimLine: Sendable, Hashable {
    public static let numbers = 1...999
    public let number: UInt16

    /// Nil outside of `numbers`.
    public init?(exactly number: some BinaryInteger) {
        guard let number = Int(exactly: number), ClaimLine.numbers ~= number else { return nil }
        self.number = UInt16(number)
    }
}
