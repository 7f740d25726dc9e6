import JSON
import Learning

/// What became of all lines that a command was given: for people, and for programs.
enum AccountText {
    static func lines(_ accounts: Accounts) -> [String] {
        if accounts.files.isEmpty { return [] }
        let total = accounts.total
        var head = ["lines of", "file", "read", "used", "unreviewed", "refused", "repeated"]
        if total.leftOut > 0 { head.append("left out") }
        let rows = accounts.files.map { account in
            let lines = account.lines
            let counts =
                [lines.read, lines.used, lines.unreviewed, lines.refused, lines.repeated] + (total.leftOut > 0 ? [lines.leftOut] : [])
            return [account.part, account.file] + counts.map(String.init)
        }
        return TextTable.lines(head: head, rows: rows, numbersFrom: 2) + notes(total, accounts.rules)
    }

    static func lines(_ accounting: Accounting, of part: String) -> [String] {
        let lines = accounting.lines
        let leftOut = lines.leftOut > 0 ? " + \(lines.leftOut) left out" : ""
        return [
            "\(part): \(lines.read) lines read = \(lines.used) used + \(lines.unreviewed) unreviewed + \(lines.refused) refused + "
                + "\(lines.repeated) repeated\(leftOut)"
        ] + notes(lines, accounting.rules)
    }

    /// What was asked for, where it mattered.
    private static func notes(_ lines: LineCounts, _ rules: LineRules) -> [String] {
        var notes: [String] = []
        if rules.skipsRefused, lines.refused > 0 {
            notes.append(
                "\(lines.refused) refused lines were left out, as --skip-refused asks: nothing is known and nothing is promised of their documents"
            )
        }
        if rules.repeats == .first, lines.repeated > 0 {
            notes.append("\(lines.repeated) lines repeat a document; the first of each counts, as --repeats first asks")
        }
        return notes
    }

    /// What a model left unassessed; nil for nothing.
    static func unassessed(_ counts: UnassessedCounts, of part: String) -> String? {
        guard counts.documents > 0 else { return nil }
        let reasons = Unassessed.allCases.compactMap { reason in counts.items[reason.rawValue].map { "\(reason.name) \($0)" } }
        return "unlike the model's training: \(counts.itemCount) items of \(counts.documents) \(part) documents, left unassessed for their "
            + reasons.joined(separator: ", ") + "; such documents are never confident"
    }
}

extension JSONWriter {
    /// The members `lines` and `rules`.
    mutating func members(_ accounts: Accounts) {
        key("lines")
        beginArray()
        for account in accounts.files {
            beginObject()
            key("part")
            string(account.part)
            key("file")
            string(account.file)
            let lines = account.lines
            for (name, count) in [
                ("read", lines.read), ("used", lines.used), ("unreviewed", lines.unreviewed), ("refused", lines.refused),
                ("repeated", lines.repeated), ("leftOut", lines.leftOut),
            ] {
                key(name)
                int(Int64(count))
            }
            endObject()
        }
        endArray()
        key("rules")
        beginObject()
        key("skipRefused")
        bool(accounts.rules.skipsRefused)
        key("repeats")
        string(accounts.rules.repeats.rawValue)
        endObject()
    }

    /// The member `unassessed`.
    mutating func member(_ unassessed: UnassessedCounts) {
        key("unassessed")
        beginObject()
        key("documents")
        int(Int64(unassessed.documents))
        key("items")
        beginObject()
        for reason in Unassessed.allCases {
            key(reason.rawValue)
            int(Int64(unassessed.items[reason.rawValue] ?? 0))
        }
        endObject()
        endObject()
    }
}
