package import Routing

extension Ledger {
    package struct DecisionFilter: Sendable, Hashable {
        package var documentType: String?
        package var documentId: String?
        package var population: String?
        package var route: Route?
        package var reviewed: Bool?
        /// Inclusive, on `decidedAt`.
        package var from: Instant?
        /// Exclusive.
        package var to: Instant?
        package var caller: Int64?
        package init() {}
    }

    /// Rows that `forEachDecision` holds at a time, in a read of their own: a long one would keep the write-ahead log from beginning again.
    private static let rowsPerRead = 256

    /// One decision by id. `caller` restricts to those this token posted.
    package func decision(_ id: DecisionID, caller: Int64?) throws(LedgerError) -> LoggedDecision? {
        try rows(limit: 1) { connection throws(LedgerError) in
            let select = try connection.prepare(
                Ledger.select(from: "decisions AS d", "d.id = ?1 AND (?2 IS NULL OR d.caller = ?2)"))
            select.bind(1, id.bytes)
            select.bind(2, caller)
            return select
        }.first
    }

    package func decision(sequence: Int64) throws(LedgerError) -> LoggedDecision? {
        try rows(limit: 1) { connection throws(LedgerError) in
            let select = try connection.prepare(Ledger.select(from: "decisions AS d", "d.sequence = ?1"))
            select.bind(1, sequence)
            return select
        }.first
    }

    /// Newest first, by the log's sequence, older than `before`.
    ///
    /// By document id: a seek for every 1,024 decisions of the log. By all else: reads the cards from the newest on until it has found
    /// `limit`, 0.1 s for a million.
    package func decisions(_ filter: DecisionFilter, before: Int64?, limit: Int) throws(LedgerError) -> Excerpt<LoggedDecision> {
        try rows(limit: limit) { connection throws(LedgerError) in
            let select = try connection.prepare(filter.sql)
            select.bind(1, before ?? .max)
            select.bind(2, Int64(limit) + 1)
            select.bind(3, filter.documentType)
            select.bind(4, filter.documentId)
            select.bind(5, filter.documentId.map(DocumentKey.hash))
            select.bind(6, filter.population)
            select.bind(7, filter.route.map { Int64($0.rawValue) })
            select.bind(8, filter.from?.milliseconds)
            select.bind(9, filter.to?.milliseconds)
            select.bind(10, filter.caller)
            return select
        }
    }

    /// Oldest first, for replay and exports; those after the sequence `after`. What is appended meanwhile comes too.
    package func forEachDecision(after: Int64, _ body: (LoggedDecision) throws -> Void) throws {
        var last = after
        while true {
            let page = try rows(limit: Ledger.rowsPerRead) { connection throws(LedgerError) in
                let select = try connection.prepare(
                    Ledger.select(from: "decisions AS d", "d.sequence > ?1") + " ORDER BY d.sequence LIMIT ?2")
                select.bind(1, last)
                select.bind(2, Int64(Ledger.rowsPerRead))
                return select
            }
            guard let newest = page.last?.sequence else { return }
            for logged in page { try body(logged) }
            last = newest
        }
    }

    /// Sequences are dense, so the last one is the count.
    package func decisionCount() throws(LedgerError) -> Int64 {
        try read { connection throws(LedgerError) in
            let select = try connection.prepare("SELECT max(sequence) FROM decisions")
            return try select.step() ? select.int64(0) : 0
        }
    }

    /// Copies the rows on the reader, and unpacks them when it is free again.
    private func rows(
        limit: Int, _ prepare: (Connection) throws(LedgerError) -> Statement
    ) throws(LedgerError) -> Excerpt<LoggedDecision> {
        let rows = try read { connection throws(LedgerError) in
            let select = try prepare(connection)
            var rows = Excerpt<DecisionRow>(countMax: limit)
            while try select.step() {
                let row = DecisionRow(select)
                guard rows.take(row, byteCount: row.byteCount) else { break }
            }
            return rows
        }
        return try rows.map { row throws(LedgerError) in try row.unpack() }
    }

    /// CROSS JOIN keeps SQLite to this order: cards first, records only of those that match.
    static func select(from cards: String, _ condition: String) -> String {
        """
        SELECT \(DecisionRow.columns) FROM \(cards)
        LEFT JOIN reviews AS v ON v.sequence = d.sequence CROSS JOIN records AS r ON r.sequence = d.sequence
        WHERE \(condition)
        """
    }
}

extension Ledger.DecisionFilter {
    /// Only what the filter names stands in the condition, so that SQLite need not weigh what is null for every card.
    fileprivate var sql: String {
        var cards = "decisions AS d"
        var conditions = ["d.sequence < ?1"]
        if documentType != nil { conditions.append("d.document_type = ?3") }
        if documentId != nil {
            cards =
                """
                (WITH RECURSIVE runs (run) AS (
                    SELECT max(sequence) >> 10 FROM decisions UNION ALL SELECT run - 1 FROM runs WHERE run > 0)
                SELECT run FROM runs) AS b CROSS JOIN decisions AS d ON d.document_key = (b.run << 32 | ?5)
                """
            conditions.append("d.document_id = ?4")
        }
        if population != nil { conditions.append("d.population = ?6") }
        if route != nil { conditions.append("d.route = ?7") }
        if from != nil { conditions.append("d.decided_at >= ?8") }
        if to != nil { conditions.append("d.decided_at < ?9") }
        if caller != nil { conditions.append("d.caller = ?10") }
        switch reviewed {
        case true?: conditions.append("EXISTS (SELECT 1 FROM reviews AS x WHERE x.sequence = d.sequence)")
        case false?: conditions.append("NOT EXISTS (SELECT 1 FROM reviews AS x WHERE x.sequence = d.sequence)")
        case nil: break
        }
        return Ledger.select(from: cards, conditions.joined(separator: " AND ")) + " ORDER BY d.sequence DESC LIMIT ?2"
    }
}
