import Routing

/// The items a reviewer added, as one column: of each a byte (1 a pair, 2 primary) and a name or two, each after a byte of length − 1.
enum AddedItems {
    private static let pair: UInt8 = 1
    private static let primary: UInt8 = 2

    static func pack(_ items: [ImportedReview.AddedItem]) -> [UInt8] {
        var bytes: [UInt8] = []
        for item in items {
            bytes.append((item.second == nil ? 0 : pair) | (item.primary ? primary : 0))
            append(item.first, to: &bytes)
            if let second = item.second { append(second, to: &bytes) }
        }
        return bytes
    }

    static func unpack(_ bytes: [UInt8]) throws(LedgerError) -> [ImportedReview.AddedItem] {
        var items: [ImportedReview.AddedItem] = []
        var rest = bytes[...]
        while let flags = rest.popFirst() {
            guard flags & ~(pair | primary) == 0 else { throw corrupt }
            let first = try name(&rest)
            let second = flags & pair != 0 ? try name(&rest) : nil
            items.append(ImportedReview.AddedItem(first: first, second: second, primary: flags & primary != 0))
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

    private static var corrupt: LedgerError { .corrupt("a review of the log is damaged: added items") }
}
