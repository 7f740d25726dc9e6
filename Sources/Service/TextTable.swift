/// Columns of text for people.
package enum TextTable {
    /// - Parameter numbersFrom: the first column that is set to the right; nil for none.
    package static func lines(head: [String], rows: [[String]], numbersFrom: Int? = nil) -> [String] {
        let all = [head] + rows
        let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                line += (column == 0 ? "" : "  ") + (column >= numbersFrom ?? .max ? padding + cell : cell + padding)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
