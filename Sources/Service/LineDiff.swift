/// The difference of two texts by lines, as `diff -u` shows it: removed lines with `-`, added ones with `+`, a few that stayed around them.
package enum LineDiff {
    static let contextLines = 3

    /// Nothing when the texts are equal. Lines are compared as bytes.
    package static func lines(from old: [String], to new: [String]) -> [String] {
        let difference = new.difference(from: old) { $0.utf8.elementsEqual($1.utf8) }
        if difference.isEmpty { return [] }
        let rows = merge(old, new, difference)
        var shown: [String] = []
        var hidden = 0
        for (index, row) in rows.enumerated() {
            let near = max(0, index - contextLines)...min(rows.count - 1, index + contextLines)
            if rows[near].contains(where: { $0.mark != " " }) {
                if hidden > 0 { shown.append("  … \(hidden) equal \(hidden == 1 ? "line" : "lines")") }
                hidden = 0
                shown.append(row.mark + " " + row.text)
            } else {
                hidden += 1
            }
        }
        if hidden > 0 { shown.append("  … \(hidden) equal \(hidden == 1 ? "line" : "lines")") }
        return shown
    }

    /// Both texts in one, each line with its mark; removed lines stand before added ones.
    private static func merge(_ old: [String], _ new: [String], _ difference: CollectionDifference<String>) -> [(
        mark: String, text: String
    )] {
        var isRemoved = [Bool](repeating: false, count: old.count)
        var isAdded = [Bool](repeating: false, count: new.count)
        for change in difference {
            switch change {
            case .remove(let offset, _, _): isRemoved[offset] = true
            case .insert(let offset, _, _): isAdded[offset] = true
            }
        }
        var rows: [(String, String)] = []
        var (i, j) = (0, 0)
        while i < old.count || j < new.count {
            if i < old.count, isRemoved[i] {
                rows.append(("-", old[i]))
                i += 1
            } else if j < new.count, isAdded[j] {
                rows.append(("+", new[j]))
                j += 1
            } else {
                rows.append((" ", new[j]))
                i += 1
                j += 1
            }
        }
        return rows
    }
}
