import Routing

/// Why a table of combinations cannot be read; the line, from 1.
package enum CrosswalkError: Error, Sendable, Hashable {
    /// The first line is not `procedure,diagnosis`.
    case header
    /// A line has not two cells, or an empty one.
    case cells(line: Int)
    /// No combination in it.
    case empty
}

/// The combinations of a procedure and a diagnosis that go together: a fixed table that knows nothing of reviews.
package struct Crosswalk: Sendable, Equatable {
    private var allowed: Set<[UInt8]> = []

    /// How many combinations there are.
    package var count: Int { allowed.count }

    /// Reads CSV: a head line `procedure,diagnosis`, then a combination a line; cells may be quoted, but hold no comma or quote.
    package init(csv bytes: [UInt8]) throws(CrosswalkError) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        guard let head = lines.popFirst(), Crosswalk.cells(head) == ["procedure", "diagnosis"].map({ Array($0.utf8) }) else {
            throw .header
        }
        for (index, line) in lines.enumerated() where !line.allSatisfy({ $0 == UInt8(ascii: "\r") }) {
            let cells = Crosswalk.cells(line)
            guard cells.count == 2, cells.allSatisfy({ !$0.isEmpty }) else { throw .cells(line: index + 2) }
            allowed.insert(Crosswalk.key(Case.codeKey(cells[0]), Case.codeKey(cells[1])))
        }
        if allowed.isEmpty { throw .empty }
    }

    /// Whether a pair of the document stands in the table.
    func allows(_ item: Case.Item, of document: Case) -> Bool {
        allowed.contains(Crosswalk.key(document.text[item.firstKey.indices], document.text[item.secondKey.indices]))
    }

    /// No code holds a line feed: it keeps the two apart.
    private static func key(_ procedure: some Sequence<UInt8>, _ diagnosis: some Sequence<UInt8>) -> [UInt8] {
        Array(procedure) + [UInt8(ascii: "\n")] + Array(diagnosis)
    }

    private static func cells(_ line: ArraySlice<UInt8>) -> [[UInt8]] {
        let blank: Set<UInt8> = [UInt8(ascii: " "), UInt8(ascii: "\r"), UInt8(ascii: "\""), UInt8(ascii: "\t")]
        return line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { cell in
            Array(cell.drop { blank.contains($0) }.reversed().drop { blank.contains($0) }.reversed())
        }
    }
}
