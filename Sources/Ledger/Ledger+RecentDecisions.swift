import Routing

/// The newest decisions of a document type, for what looks at how a policy is used.
extension Ledger {
    /// Cards read at a time, in a read of their own: a long one would keep the write-ahead log from beginning again.
    private static let cardsPerRead: Int64 = 65_536
    /// Records read at a time.
    private static let recordsPerRead = 256
    /// Cards of the log read at most, the newest: about 0.1 s. What is older than that is not recent.
    private static let cardsMax: Int64 = 1_000_000

    /// Calls `body` with up to `limit` of the newest decisions of a document type, of the newest million of the log, the newest first.
    /// - Parameter documentType: `*` for all types that have no policy in force, which are those that its policy decides.
    package func forEachRecentDecision(
        of documentType: String, limit: Int, _ body: (LoggedDecision) -> Void
    ) throws(LedgerError) {
        let last = try decisionCount()
        let first = max(1, last - Ledger.cardsMax + 1)
        var before = last + 1
        var left = limit
        while before > first, left > 0 {
            let from = max(first, before - Ledger.cardsPerRead)
            var sequences = try recentSequences(of: documentType, from: from, before: before, limit: left)[...]
            left -= sequences.count
            while !sequences.isEmpty {
                for logged in try decisions(sequences: sequences.prefix(Ledger.recordsPerRead)) { body(logged) }
                sequences = sequences.dropFirst(Ledger.recordsPerRead)
            }
            before = from
        }
    }

    /// Of decisions of the type between two sequences, newest first.
    private func recentSequences(
        of documentType: String, from: Int64, before: Int64, limit: Int
    ) throws(LedgerError) -> [Int64] {
        let isOfType =
            documentType.utf8.elementsEqual(DocumentType.anyOther.utf8)
            ? """
            document_type NOT IN (
                SELECT document_type FROM policy_versions AS p WHERE document_type <> ?3 AND length(body) > 0
                    AND version = (SELECT max(version) FROM policy_versions WHERE document_type = p.document_type))
            """ : "document_type = ?3"
        return try read { connection throws(LedgerError) in
            let select = try connection.prepare(
                """
                SELECT sequence FROM decisions WHERE sequence >= ?1 AND sequence < ?2 AND \(isOfType)
                ORDER BY sequence DESC LIMIT ?4
                """)
            select.bind(1, from)
            select.bind(2, before)
            select.bind(3, documentType)
            select.bind(4, Int64(limit))
            var sequences: [Int64] = []
            while try select.step() { sequences.append(select.int64(0)) }
            return sequences
        }
    }

    private func decisions(sequences: ArraySlice<Int64>) throws(LedgerError) -> [LoggedDecision] {
        let rows = try read { connection throws(LedgerError) in
            let select = try connection.prepare(Ledger.select(from: "decisions AS d", "d.sequence = ?1"))
            var rows: [DecisionRow] = []
            rows.reserveCapacity(sequences.count)
            for sequence in sequences {
                select.bind(1, sequence)
                while try select.step() { rows.append(DecisionRow(select)) }
            }
            return rows
        }
        var decisions: [LoggedDecision] = []
        decisions.reserveCapacity(rows.count)
        for row in rows { decisions.append(try row.unpack()) }
        return decisions
    }
}
