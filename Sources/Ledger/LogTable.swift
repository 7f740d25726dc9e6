import Routing

/// The log's hot statements, prepared once on the writer's connection, and its one packing buffer.
final class LogTable {
    private let begin: Statement
    private let commit: Statement
    private let rollback: Statement
    private let lastSequence: Statement
    private let insertDecision: Statement
    private let insertRecord: Statement
    private let findKey: Statement
    private let insertKey: Statement
    private let insertReview: Statement
    private let connection: Connection
    private var packer = RecordPacker()
    /// Of the transaction that is open.
    private var sequence: Int64 = 0

    init(_ connection: Connection) throws(LedgerError) {
        self.connection = connection
        begin = try connection.prepare("BEGIN IMMEDIATE", persistent: true)
        commit = try connection.prepare("COMMIT", persistent: true)
        rollback = try connection.prepare("ROLLBACK", persistent: true)
        lastSequence = try connection.prepare("SELECT max(sequence) FROM decisions", persistent: true)
        insertDecision = try connection.prepare(
            """
            INSERT INTO decisions (
                sequence, id, decided_at, caller, document_type, document_id, population, route, quality_assurance, document_hash)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """, persistent: true)
        insertRecord = try connection.prepare("INSERT INTO records (sequence, record) VALUES (?1, ?2)", persistent: true)
        findKey = try connection.prepare(
            "SELECT sequence, body_digest FROM idempotency_keys WHERE caller = ?1 AND key = ?2", persistent: true)
        insertKey = try connection.prepare(
            "INSERT INTO idempotency_keys (sequence, decided_at, caller, key, body_digest) VALUES (?1, ?2, ?3, ?4, ?5)", persistent: true)
        insertReview = try connection.prepare(
            "INSERT INTO reviews (sequence, verdict, reviewer, reviewed_at, outcomes, added) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            persistent: true)
    }

    /// Begins a transaction that writes, commits it when `body` returns, and takes everything back when anything fails.
    func transaction<T>(_ body: () throws(LedgerError) -> T) throws(LedgerError) -> T {
        do {
            try begin.run()
            let result = try body()
            try commit.run()
            return result
        } catch {
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
    func append(_ entry: borrowing LogEntry) throws(LedgerError) -> AppendOutcome {
        if let idempotency = entry.idempotency, let duplicate = try find(idempotency, caller: entry.callerId) { return duplicate }
        let next = sequence + 1
        try insert(entry, sequence: next)
        if let idempotency = entry.idempotency {
            insertKey.bind(1, next)
            insertKey.bind(2, entry.decidedAt.milliseconds)
            insertKey.bind(3, entry.callerId)
            insertKey.bind(4, idempotency.key)
            insertKey.bind(5, idempotency.bodyDigest)
            try insertKey.run()
        }
        if let review = entry.review {
            insertReview.bind(1, next)
            insertReview.bind(2, Int64(review.verdict.rawValue))
            insertReview.bind(3, review.reviewer?.string)
            insertReview.bind(4, review.at?.milliseconds)
            insertReview.bind(5, review.items.map(\.rawValue))
            insertReview.bind(6, AddedItems.pack(review.added))
            try insertReview.run()
        }
        sequence = next
        return .logged(sequence: next)
    }

    private func find(_ idempotency: Idempotency, caller: Int64) throws(LedgerError) -> AppendOutcome? {
        findKey.bind(1, caller)
        findKey.bind(2, idempotency.key)
        guard try findKey.step() else { return nil }
        defer { findKey.reset() }
        return .duplicate(of: findKey.int64(0), sameBody: findKey.bytes(1) == idempotency.bodyDigest)
    }

    private func insert(_ entry: borrowing LogEntry, sequence: Int64) throws(LedgerError) {
        insertDecision.bind(1, sequence)
        insertDecision.bind(3, entry.decidedAt.milliseconds)
        insertDecision.bind(4, entry.callerId)
        insertDecision.bind(8, Int64(entry.decision.route.rawValue))
        insertDecision.bind(9, entry.decision.qualityAssurance ? 1 : 0)
        insertRecord.bind(1, sequence)
        // Safe: what is bound as borrowed (the record, which is the packer's until its next call, the id and the text) stays in place
        // until both statements have run; `pack` has checked the ranges; each run binds all of its parameters anew.
        let record = unsafe packer.pack(entry.result, entry.decision)
        unsafe insertRecord.bindBorrowedBlob(2, record)
        try unsafe LogTable.withBytes(of: entry.id) { id throws(LedgerError) in
            try unsafe LogTable.withBytes(of: entry.result.text) { text throws(LedgerError) in
                let documentId = unsafe UnsafeRawBufferPointer(rebasing: text[entry.result.documentId.indices])
                unsafe insertDecision.bindBorrowedBlob(2, id)
                unsafe insertDecision.bindBorrowedText(5, UnsafeRawBufferPointer(rebasing: text[entry.result.documentType.indices]))
                unsafe insertDecision.bindBorrowedText(6, documentId)
                if let population = entry.result.population {
                    unsafe insertDecision.bindBorrowedText(7, UnsafeRawBufferPointer(rebasing: text[population.indices]))
                } else {
                    insertDecision.bindNull(7)
                }
                insertDecision.bind(10, Int64(unsafe DocumentHash.of(documentId)))
                try insertDecision.run()
            }
        }
        try insertRecord.run()
    }

    private static func withBytes(
        of id: DecisionID, _ body: (UnsafeRawBufferPointer) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        let halves = (id.high.bigEndian, id.low.bigEndian)
        // Safe: a tuple of two 64-bit integers is sixteen bytes without padding.
        try unsafe withUnsafePointer(to: halves) { halves throws(LedgerError) in
            try unsafe body(UnsafeRawBufferPointer(start: halves, count: 16))
        }
    }

    /// `Array.withUnsafeBytes` does not carry typed errors.
    @inline(__always)
    private static func withBytes(
        of text: [UInt8], _ body: (UnsafeRawBufferPointer) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        try unsafe text.withUnsafeBufferPointer { text throws(LedgerError) in try unsafe body(UnsafeRawBufferPointer(text)) }
    }
}

/// FNV-1a (Fowler, Noll, Vo) of 32 bits. Stored, so it never changes.
enum DocumentHash {
    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var hash: UInt32 = 0x811C_9DC5
        // By index: the formatter does not know `for unsafe`.
        for index in 0..<bytes.count { hash = (hash ^ UInt32(unsafe bytes[index])) &* 0x0100_0193 }
        return hash
    }

    static func of(_ text: String) -> UInt32 {
        var hash: UInt32 = 0x811C_9DC5
        for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return hash
    }
}
