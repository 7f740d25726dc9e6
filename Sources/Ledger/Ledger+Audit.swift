package import Routing

/// The trail of changes: only ever added to.
extension Ledger {
    package struct AuditEntry: Sendable, Equatable {
        package var sequence: Int64
        package var at: Instant
        package var by: String
        package var action: String
        package var documentType: String?
        /// JSON, or nil.
        package var before: [UInt8]?
        package var after: [UInt8]?
        package var reason: String?
        package init(
            sequence: Int64, at: Instant, by: String, action: String, documentType: String?, before: [UInt8]?, after: [UInt8]?,
            reason: String?
        ) {
            self.sequence = sequence
            self.at = at
            self.by = by
            self.action = action
            self.documentType = documentType
            self.before = before
            self.after = after
            self.reason = reason
        }
    }

    /// Newest first, older than the sequence `before`; `from` inclusive, `to` exclusive.
    package func auditTrail(
        documentType: String?, action: String?, from: Instant?, to: Instant?, before: Int64?, limit: Int
    ) throws(LedgerError) -> Excerpt<AuditEntry> {
        try read { connection throws(LedgerError) in
            let select = try connection.prepare(
                """
                SELECT sequence, changed_at, changed_by, action, document_type, body_before, body_after, reason FROM audit_trail
                WHERE sequence < ?1 AND (?2 IS NULL OR document_type = ?2) AND (?3 IS NULL OR action = ?3)
                    AND changed_at >= ?4 AND changed_at < ?5
                ORDER BY sequence DESC LIMIT ?6
                """)
            select.bind(1, before ?? .max)
            select.bind(2, documentType)
            select.bind(3, action)
            select.bind(4, from?.milliseconds ?? .min)
            select.bind(5, to?.milliseconds ?? .max)
            select.bind(6, Int64(limit) + 1)
            var entries = Excerpt<AuditEntry>(countMax: limit)
            while try select.step() {
                let entry = AuditEntry(
                    sequence: select.int64(0), at: Instant(milliseconds: select.int64(1)), by: select.text(2), action: select.text(3),
                    documentType: select.optionalText(4), before: select.optionalBytes(5), after: select.optionalBytes(6),
                    reason: select.optionalText(7))
                let byteCount = (entry.before?.count ?? 0) + (entry.after?.count ?? 0)
                guard entries.take(entry, byteCount: byteCount) else { break }
            }
            return entries
        }
    }

    /// Within a change's transaction; the entry's sequence is given by the table.
    static func audit(_ entry: AuditEntry, _ connection: Connection) throws(LedgerError) {
        let insert = try connection.prepare(
            """
            INSERT INTO audit_trail (changed_at, changed_by, action, document_type, body_before, body_after, reason)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        insert.bind(1, entry.at.milliseconds)
        insert.bind(2, entry.by)
        insert.bind(3, entry.action)
        insert.bind(4, entry.documentType)
        insert.bind(5, entry.before)
        insert.bind(6, entry.after)
        insert.bind(7, entry.reason)
        try insert.run()
    }
}
