import Ledger
import Routing

/// Makes ids: UUIDv7 (RFC 9562 §5.7), 48 bits of milliseconds and 74 unpredictable ones. One per thread.
///
/// The unpredictable bits alone make an id unique, whatever the clock says. When the clock is put back a little, as time servers do, the
/// time of the last id stays in use, so that ids keep the order in which they were made (§6.2); a greater step is somebody's will.
struct DecisionIDSource {
    private static let stepBackMillisecondsMax: Int64 = 10_000

    private var random = RandomWords()
    private var last: Int64 = .min

    mutating func make(at instant: Instant) -> DecisionID {
        let now = instant.milliseconds
        if now >= last || now < last &- DecisionIDSource.stepBackMillisecondsMax { last = now }
        let time = UInt64(clamping: last) & 0xFFFF_FFFF_FFFF
        let high = random.take()
        let low = random.take()
        return DecisionID(high: time << 16 | 0x7000 | high & 0x0FFF, low: 0x8000_0000_0000_0000 | low & 0x3FFF_FFFF_FFFF_FFFF)
    }

    /// 64 unpredictable bits, for request ids.
    mutating func word() -> UInt64 { random.take() }
}

extension DecisionID {
    /// Lower-case hexadecimal in groups of 8-4-4-4-12 (RFC 9562 §4).
    func append(to bytes: inout [UInt8]) {
        bytes.append(addingCapacity: DecisionID.textBytes) { (out: inout OutputSpan<UInt8>) in write(to: &out) }
    }

    /// Bytes of what `append(to:)` and `write(to:)` write.
    static let textBytes = 36

    /// The same into memory with room for it.
    func write(to out: inout OutputSpan<UInt8>) {
        let words = [high >> 32, high, low >> 32, low] as InlineArray<4, UInt64>
        for index in words.indices {
            let digits = DecisionID.digits(UInt32(truncatingIfNeeded: words[index]))
            for position in 0..<8 {
                if position % 4 == 0, 1...2 ~= index { out.append(UInt8(ascii: "-")) }
                out.append(UInt8(truncatingIfNeeded: digits >> UInt64(56 - 8 * position)))
            }
        }
    }

    /// Eight digits, the first in the highest byte: all nibbles of a word become digits at once.
    @inline(__always)
    private static func digits(_ word: UInt32) -> UInt64 {
        var nibbles = UInt64(word)
        nibbles = (nibbles << 16 | nibbles) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles << 8 | nibbles) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles << 4 | nibbles) & 0x0F0F_0F0F_0F0F_0F0F
        // A nibble above 9 carries into the bit beside it when 6 is added; it becomes a letter, 0x27 further on.
        let letters = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }

    /// Reads that form, in either case of letters; nil for anything else.
    init?(text: some Collection<UInt8>) {
        guard text.count == 36 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (position, byte) in text.enumerated() {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Hexadecimal.value(byte) else { return nil }
            if digits < 16 { halves.0 = halves.0 << 4 | UInt64(digit) } else { halves.1 = halves.1 << 4 | UInt64(digit) }
            digits += 1
        }
        self.init(high: halves.0, low: halves.1)
    }
}

enum Hexadecimal {
    static func append(_ byte: UInt8, to out: inout [UInt8]) {
        out.append(digit(byte >> 4))
        out.append(digit(byte & 15))
    }

    static func text(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        for byte in bytes { append(byte, to: &out) }
        return out
    }

    static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 &+ value : 0x57 &+ value }

    static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
