/// All encodings of a schema, made for looking up: one table of slots and one of numbers, so that a row costs no reference count.
///
/// Open addressing with linear probing, each encoding's part at most half full.
struct EncodingTable: Sendable {
    private struct Part: Sendable {
        /// Texts; `second` is -1 for one alone.
        var first: Int32
        var second: Int32
        /// Where its columns are in a row, and how many.
        var column: Int32
        var count: Int32
        /// Its part of `slots`, a power of two long.
        var firstSlot: Int32
        var mask: Int32
        /// Where what is not in the table has its numbers.
        var absent: Int32
    }

    private struct Slot: Sendable {
        var key: UInt64
        /// Where its numbers begin; -1 in a free slot.
        var start: Int32
        static let free = Slot(key: 0, start: -1)
    }

    private var parts: [Part] = []
    private var slots: [Slot] = []
    private var numbers: [Float] = []

    init(_ schema: FeatureSchema) {
        var column = schema.firstEncoding
        for encoding in schema.encodings {
            add(encoding, column: column)
            column += FeatureSchema.width(of: encoding)
        }
    }

    private mutating func add(_ encoding: FeatureSchema.Encoding, column: Int) {
        let rows = encoding.rows
        var size = 8
        while size < 2 * rows.firsts.count { size *= 2 }
        let width = FeatureSchema.width(of: encoding)
        let part = Part(
            first: Int32(encoding.first), second: Int32(encoding.second ?? -1), column: Int32(column), count: Int32(width),
            firstSlot: Int32(slots.count), mask: Int32(size - 1), absent: Int32(numbers.count))
        numbers += encoding.prior + [0]
        slots += [Slot](repeating: .free, count: size)
        for row in rows.firsts.indices {
            let key = EncodingTable.key(rows.firsts[row], rows.seconds[row])
            var index = EncodingTable.hash(key) & (size - 1)
            while slots[Int(part.firstSlot) + index].start >= 0 { index = (index + 1) & (size - 1) }
            slots[Int(part.firstSlot) + index] = Slot(key: key, start: Int32(numbers.count))
            numbers += rows.columns[(row * width)..<((row + 1) * width)]
        }
        parts.append(part)
    }

    /// Writes the columns of a row, from the numbers of its texts.
    func encode(_ codes: Span<Int32>, from codeBase: Int, _ rows: inout MutableSpan<Float>, from base: Int) {
        let (parts, slots, numbers) = (parts.span, slots.span, numbers.span)
        for index in parts.indices {
            let part = parts[index]
            let first = codes[codeBase + Int(part.first)]
            let second = part.second >= 0 ? codes[codeBase + Int(part.second)] : 0
            var start = part.absent
            if first >= 0, second >= 0 {
                let key = EncodingTable.key(first, second)
                var at = EncodingTable.hash(key) & Int(part.mask)
                while true {
                    let slot = slots[Int(part.firstSlot) + at]
                    if slot.start < 0 { break }
                    if slot.key == key {
                        start = slot.start
                        break
                    }
                    at = (at + 1) & Int(part.mask)
                }
            }
            for offset in 0..<Int(part.count) { rows[base + Int(part.column) + offset] = numbers[Int(start) + offset] }
        }
    }

    private static func key(_ first: Int32, _ second: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
    }

    private static func hash(_ key: UInt64) -> Int {
        let mixed = (key ^ key >> 32) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 32)
    }
}
