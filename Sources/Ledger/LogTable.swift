import Routing

/// The log's hot statements, prepared once on the writer's connection, and its one packing buffer.
///
/// Cards and records gather until there are `RowsInsert.rowsMax`, or they are large, or the transaction ends; then they are inserted. Keys
/// and reviews are inserted at once: the next entry may have the same key.
final class LogTable {
    /// Reached, what is gathered is inserted: large records gain nothing by waiting, and the buffer would grow with them.
    private static let gatheredBytesMax = 256 << 10

    private let begin: Statement
    private let commit: Statement
    private let rollback: Statement
    private let lastSequence: Statement
    private let findKey: Statement
    private let insertKey: Statement
    private let insertReview: Statement
    private let connection: Connection
    private var insertDecisions: RowsInsert
    private var insertRecords: RowsInsert
    private var packer = RecordPacker()
    /// Logged, but not inserted yet.
    private var gathered: [Row] = []
    /// Of the transaction that is open; that of the last one gathered.
    private var sequence: Int64 = 0

    /// A card and its record; all bytes are in `packer`.
    private struct Row {
        let decidedAt: Instant
        let callerId: Int64
        let route: Route
        let qualityAssurance: Bool
        let record: PackedRecord
    }

    init(_ connection: Connection) throws(LedgerError) {
        self.connection = connection
        begin = try connection.prepare("BEGIN IMMEDIATE", persistent: true)
        commit = try connection.prepare("COMMIT", persistent: true)
        rollback = try connection.prepare("ROLLBACK", persistent: true)
        lastSequence = try connection.prepare("SELECT max(sequence) FROM decisions", persistent: true)
        insertDecisions = RowsInsert(
            connection, into: "decisions",
            [
                "sequence", "id", "decided_at", "caller", "document_type", "document_id", "population", "route", "quality_assurance",
                "document_key",
            ])
        insertRecords = RowsInsert(connection, into: "records", ["sequence", "record"])
        gathered.reserveCapacity(RowsInsert.rowsMax)
        findKey = try connection.prepare(
            "SELECT sequence, body_digest FROM idempotency_keys WHERE caller = ?1 AND key = ?2", persistent: true)
        insertKey = try connection.prepare(
            "INSERT INTO idempotency_keys (sequence, logged_at, caller, key, body_digest) VALUES (?1, ?2, ?3, ?4, ?5)", persistent: true)
        insertReview = try connection.prepare(
            "INSERT INTO reviews (sequence, verdict, reviewer, reviewed_at, outcomes, added) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            persistent: true)
    }

    /// Begins a transaction that writes, commits it when `body` returns, and takes everything back when anything fails.
    func transaction<T>(_ body: () throws(LedgerError) -> T) throws(LedgerError) -> T {
        do {
            try begin.run()
            let result = try body()
            try insertGathered()
            try commit.run()
            return result
        } catch {
            forgetGathered()
            // SQLite has rolled back by itself after some errors; a rollback itself only fails when there is nothing to roll back.
            if connection.isInTransaction { try? rollback.run() }
            throw error
        }
    }

    /// To be called in a transaction before its first `append`: another process may have appended since the last one.
    func readSequence() throws(LedgerError) {
        // `max` answers exactly one row, null (read as 0) for an empty log.
        _ = try lastSequence.step()
        sequence = lastSequence.int64(0)
        lastSequence.reset()
    }

    /// Appends one entry, unless its idempotency key is in the log already.
    /// - Parameter now: of the store's clock, for the key.
    func append(_ entry: borrowing LogEntry, at now: Int64) throws(LedgerError) -> AppendOutcome {
        if let idempotency = entry.idempotency, let duplicate = try find(idempotency, caller: entry.callerId) { return duplicate }
        let next = sequence + 1
        if gathered.count == RowsInsert.rowsMax || packer.count >= Self.gatheredBytesMax { try insertGathered() }
        gathered.append(
            Row(
                decidedAt: entry.decidedAt, callerId: entry.callerId, route: entry.decision.route,
                qualityAssurance: entry.decision.qualityAssurance, record: packer.append(entry.id, entry.result, entry.decision)))
        sequence = next
        if let idempotency = entry.idempotency {
            insertKey.bind(1, next)
            insertKey.bind(2, now)
            insertKey.bind(3, entry.callerId)
            insertKey.bind(4, idempotency.key)
            insertKey.bind(5, idempotency.bodyDigest)
            try insertKey.run()
        }
        if let review = entry.review {
            // A review's foreign key wants its decision.
            try insertGathered()
            insertReview.bind(1, next)
            insertReview.bind(2, Int64(review.verdict.rawValue))
            insertReview.bind(3, review.reviewer?.string)
            insertReview.bind(4, review.at?.milliseconds)
            insertReview.bind(5, review.items.map(\.rawValue))
            insertReview.bind(6, AddedItems.pack(review.added))
            try insertReview.run()
        }
        return .logged(sequence: next)
    }

    private func find(_ idempotency: Idempotency, caller: Int64) throws(LedgerError) -> AppendOutcome? {
        findKey.bind(1, caller)
        findKey.bind(2, idempotency.key)
        guard try findKey.step() else { return nil }
        defer { findKey.reset() }
        return .duplicate(of: findKey.int64(0), sameBody: findKey.bytes(1) == idempotency.bodyDigest)
    }

    private func insertGathered() throws(LedgerError) {
        guard !gathered.isEmpty else { return }
        defer { forgetGathered() }
        let decisions = try insertDecisions.statement(rows: gathered.count)
        let records = try insertRecords.statement(rows: gathered.count)
        let first = sequence - Int64(gathered.count) + 1
        // Safe: what is bound as borrowed is the packer's, which stays as it is until both statements have run; each run binds all of its
        // parameters anew.
        for index in gathered.indices {
            let row = Int32(truncatingIfNeeded: index)
            let sequence = first + Int64(index)
            unsafe bind(gathered[index], sequence: sequence, decisions, after: row * insertDecisions.parametersPerRow)
            let parameter = row * insertRecords.parametersPerRow
            records.bind(parameter + 1, sequence)
            unsafe records.bindBorrowedBlob(parameter + 2, packer.bytes(gathered[index].record.bytes))
        }
        try decisions.run()
        try records.run()
    }

    @inline(__always)
    @unsafe private func bind(_ row: borrowing Row, sequence: Int64, _ decisions: Statement, after parameter: Int32) {
        decisions.bind(parameter + 1, sequence)
        unsafe decisions.bindBorrowedBlob(parameter + 2, packer.bytes(row.record.id))
        decisions.bind(parameter + 3, row.decidedAt.milliseconds)
        decisions.bind(parameter + 4, row.callerId)
        unsafe decisions.bindBorrowedText(parameter + 5, packer.bytes(row.record.documentType))
        let documentId = unsafe packer.bytes(row.record.documentId)
        unsafe decisions.bindBorrowedText(parameter + 6, documentId)
        if let population = row.record.population {
            unsafe decisions.bindBorrowedText(parameter + 7, packer.bytes(population))
        } else {
            decisions.bindNull(parameter + 7)
        }
        decisions.bind(parameter + 8, Int64(row.route.rawValue))
        decisions.bind(parameter + 9, row.qualityAssurance ? 1 : 0)
        decisions.bind(parameter + 10, unsafe DocumentKey.of(documentId, sequence: sequence))
    }

    private func forgetGathered() {
        gathered.removeAll(keepingCapacity: true)
        packer.removeAll()
    }
}
