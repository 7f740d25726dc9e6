import Routing

/// The items a reviewer added, as one column: of each a byte (1 a pair, 2 primary, 4 modifiers, 8 a line) and a name or two, each after a
/// byte of length − 1; then, where the byte says so, the modifiers after a byte of their count, and two little-endian bytes of the line.
enum AddedItems {
    private static let pair: UInt8 = 1
    private static let primary: UInt8 = 2
    private static let modifiers: UInt8 = 4
    private static let line: UInt8 = 8

    static func pack(_ items: [ImportedReview.AddedItem]) -> [UInt8] {
        var bytes: [UInt8] = []
        for item in items {
            bytes.append(
                (item.second == nil ? 0 : pair) | (item.primary ? primary : 0) | (item.modifiers.isEmpty ? 0 : modifiers)
                    | (item.line == nil ? 0 : line))
            append(item.first, to: &bytes)
            if let second = item.second { append(second, to: &bytes) }
            if !item.modifiers.isEmpty {
                bytes.append(UInt8(item.modifiers.count))
                bytes += (0..<2 * item.modifiers.count).map { item.modifiers[byte: $0] }
            }
            if let line = item.line { bytes += [UInt8(truncatingIfNeeded: line.number), UInt8(line.number >> 8)] }
        }
        return bytes
    }

    static func unpack(_ bytes: [UInt8]) throws(LedgerError) -> [ImportedReview.AddedItem] {
        var items: [ImportedReview.AddedItem] = []
        var rest = bytes[...]
        while let flags = rest.popFirst() {
            guard flags & ~(pair | primary | modifiers | line) == 0 else { throw corrupt }
            let first = try name(&rest)
            let second = flags & pair != 0 ? try name(&rest) : nil
            var item = ImportedReview.AddedItem(first: first, second: second, primary: flags & primary != 0)
            if flags & modifiers != 0 { item.modifiers = try readModifiers(&rest) }
            if flags & line != 0 { item.line = try readLine(&rest) }
            items.append(item)
        }
        return items
    }

    /// A name is 1…256 bytes, so that its length less one is a byte.
    private static func append(_ name: Name, to bytes: inout [UInt8]) {
        bytes.append(UInt8(name.string.utf8.count - 1))
        bytes.append(contentsOf: name.string.utf8)
    }

    private static func name(_ rest: inout ArraySlice<UInt8>) throws(LedgerError) -> Name {
        guard let length = rest.popFirst(), rest.count > Int(length), let name = Name(validating: rest.prefix(Int(length) + 1)) else {
            throw corrupt
        }
        rest.removeFirst(Int(length) + 1)
        return name
    }

    private static func readModifiers(_ rest: inout ArraySlice<UInt8>) throws(LedgerError) -> Modifiers {
        var read = Modifiers()
        guard let count = rest.popFirst(), 1...UInt8(Modifiers.countMax) ~= count else { throw corrupt }
        for _ in 0..<count {
            guard let first = rest.popFirst(), let second = rest.popFirst(), read.append(first, second) else { throw corrupt }
        }
        return read
    }

    private static func readLine(_ rest: inout ArraySlice<UInt8>) throws(LedgerError) -> ClaimLine {
        guard let low = rest.popFirst(), let high = rest.popFirst(), let line = ClaimLine(exactly: Int(low) | Int(high) << 8) else {
            throw corrupt
        }
        return line
    }

    private static var corrupt: LedgerError { .corrupt("a review of the log is damaged: added items") }
}
