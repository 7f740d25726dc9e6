package import Routing

/// Everything that can go wrong with the store. Payloads never hold a field's value.
package enum LedgerError: Error, Sendable, Equatable {
    /// Another server has the database.
    case locked(path: String)
    case notADatabase(path: String)
    case cannotOpen(path: String, message: String)
    /// A recorded migration is missing here or its text has changed; or the database is newer than this program.
    case migration(name: String, problem: String)
    /// Not migrated (opened with `migrate: false`); names the pending ones.
    case pendingMigrations([String])
    case full
    case io(code: Int32, message: String)
    /// `If-Match` names another version than the current one (nil when there is no policy).
    case versionMismatch(current: PolicyVersion?)
    case alreadyExists
    case notFound
    case badCursor
    case corrupt(String)
}

/// The store: policies, tokens, decisions, audit trail. Thread-safe. All SQL of the product is in this target.
package final class Ledger: Sendable {
    package struct Options: Sendable {
        /// Entries that may wait for the writer; beyond it `append` refuses. Default 8,192.
        package var queueEntriesMax = 8_192
        /// Hold the one-server-per-database lock (`serve`).
        package var exclusive = false
        package var migrate = true
        package var readOnly = false
        /// For tests: PRAGMA max_page_count; nil leaves SQLite's own.
        package var pagesMax: Int? = nil
        package init() {}
    }

    package init(path: String, options: Options) throws(LedgerError) { throw .cannotOpen(path: path, message: "to be written") }

    // MARK: The log

    /// Hands entries to the writer. False when the queue is full: nothing was taken, neither callback will come.
    package func append(_ submission: any LogSubmission) -> Bool { false }

    /// One decision by id. `caller` restricts to those this token posted.
    package func decision(_ id: DecisionID, caller: Int64?) throws(LedgerError) -> LoggedDecision? { nil }
    package func decision(sequence: Int64) throws(LedgerError) -> LoggedDecision? { nil }

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

    /// Newest first, by the log's sequence, older than `before`.
    package func decisions(_ filter: DecisionFilter, before: Int64?, limit: Int) throws(LedgerError) -> [LoggedDecision] { [] }
    /// Oldest first, for replay and exports.
    package func forEachDecision(after: Int64, _ body: (LoggedDecision) throws -> Void) throws {}
    package func decisionCount() throws(LedgerError) -> Int64 { 0 }

    // MARK: Policies (bodies are canonical JSON, opaque here)

    package struct StoredPolicy: Sendable, Equatable {
        package var documentType: String
        package var version: PolicyVersion
        package var body: [UInt8]
        package var changedAt: Instant
        package var changedBy: String
        package var changeReason: String?
        package init(documentType: String, version: PolicyVersion, body: [UInt8], changedAt: Instant, changedBy: String, changeReason: String?) {
            self.documentType = documentType
            self.version = version
            self.body = body
            self.changedAt = changedAt
            self.changedBy = changedBy
            self.changeReason = changeReason
        }
    }

    package enum Precondition: Sendable, Equatable {
        /// `If-Match`: the current version must be this one.
        case version(PolicyVersion)
        /// `If-None-Match: *`: there must be none.
        case absent
        /// `If-Match: *`: there must be one.
        case present
        /// The command line's: whatever stands.
        case none
    }

    /// The current version of every policy, by document type.
    package func policies() throws(LedgerError) -> [StoredPolicy] { [] }
    package func policy(_ documentType: String, version: PolicyVersion?) throws(LedgerError) -> StoredPolicy? { nil }
    /// Newest first.
    package func policyVersions(_ documentType: String, before: PolicyVersion?, limit: Int) throws(LedgerError) -> [StoredPolicy] { [] }

    /// Adds a version, with its audit row, in one transaction on the writer. `body` is canonical JSON: equal bytes to the current
    /// version's make no new one and answer the current. `action` is what the audit trail says (e.g. "policy.put", "threshold.put").
    /// Returns the version in force after it and whether one was made.
    package func putPolicy(
        documentType: String, body: [UInt8], precondition: Precondition, action: String, by: String, at: Instant, reason: String?
    ) throws(LedgerError) -> (stored: StoredPolicy, isNew: Bool) { throw .notFound }

    // MARK: Tokens

    package enum Role: String, Sendable, CaseIterable { case engine, reviewer, viewer, admin }

    package struct Token: Sendable, Equatable {
        package var id: Int64
        package var name: String
        package var role: Role
        /// SHA-256 of the whole token text.
        package var digest: [UInt8]
        package var createdAt: Instant
        package var revokedAt: Instant?
        package init(id: Int64, name: String, role: Role, digest: [UInt8], createdAt: Instant, revokedAt: Instant?) {
            self.id = id
            self.name = name
            self.role = role
            self.digest = digest
            self.createdAt = createdAt
            self.revokedAt = revokedAt
        }
    }

    package func tokens() throws(LedgerError) -> [Token] { [] }
    /// `alreadyExists` when the name was ever used.
    package func createToken(name: String, role: Role, digest: [UInt8], by: String, at: Instant) throws(LedgerError) -> Token { throw .notFound }
    package func revokeToken(name: String, by: String, at: Instant) throws(LedgerError) -> Token { throw .notFound }

    // MARK: Audit trail

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
        package init(sequence: Int64, at: Instant, by: String, action: String, documentType: String?, before: [UInt8]?, after: [UInt8]?, reason: String?) {
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

    package func auditTrail(
        documentType: String?, action: String?, from: Instant?, to: Instant?, before: Int64?, limit: Int
    ) throws(LedgerError) -> [AuditEntry] { [] }

    // MARK: Housekeeping

    /// The secret salt of the audit sample kept in the database, made there once (32 random bytes) when first asked for.
    package func auditSalt() throws(LedgerError) -> [UInt8] { [] }

    /// Calls `changed` (on a queue of the ledger's) after another process has changed policies or tokens; when it returns the ledger records
    /// the change as seen, which that process's `waitUntilSeen` waits for.
    package func watchForeignChanges(_ changed: @escaping @Sendable () -> Void) {}
    /// For commands: when a server has the database open, waits until it has seen all changes made so far. False after `timeoutMilliseconds`.
    package func waitUntilSeen(timeoutMilliseconds: Int) throws(LedgerError) -> Bool { true }

    package struct Health: Sendable {
        /// Nil while writes succeed.
        package var writeFailure: LedgerError?
        package var queuedEntries: Int
        package init(writeFailure: LedgerError?, queuedEntries: Int) {
            self.writeFailure = writeFailure
            self.queuedEntries = queuedEntries
        }
    }
    package var health: Health { Health(writeFailure: nil, queuedEntries: 0) }

    /// Called on the writer's queue after every commit: entries in it and its duration in nanoseconds.
    package func observeCommits(_ observer: @escaping @Sendable (_ entries: Int, _ nanoseconds: UInt64) -> Void) {}
    package func fileSizes() -> (database: Int64, wal: Int64) { (0, 0) }

    /// Lines of a source already imported (0 when none); a source is named by the digest of its content.
    package func importedLines(source: String) throws(LedgerError) -> Int64 { 0 }
    /// Logs entries and the progress of their source in one transaction; blocks until durable.
    package func importBatch(_ entries: [LogEntry], source: String?, linesDone: Int64) throws(LedgerError) {}

    /// A consistent copy to a new file (mode 0600), while a server runs.
    package func backup(to path: String, progress: (Double) -> Void) throws(LedgerError) {}
    /// `PRAGMA integrity_check`, foreign keys, migrations' hashes, policy bodies' hashes. Empty when all is well.
    package func verify() throws(LedgerError) -> [String] { [] }

    /// Finishes what waits, checkpoints, closes. Nothing may be appended afterwards.
    package func close() {}
}

/// One decision as the log has it.
package struct LoggedDecision: Sendable, Equatable {
    package var sequence: Int64
    package var id: DecisionID
    package var decidedAt: Instant
    package var callerId: Int64
    package var result: EngineResult
    package var decision: Decision
    package var review: ImportedReview?
    package init(sequence: Int64, id: DecisionID, decidedAt: Instant, callerId: Int64, result: EngineResult, decision: Decision, review: ImportedReview?) {
        self.sequence = sequence
        self.id = id
        self.decidedAt = decidedAt
        self.callerId = callerId
        self.result = result
        self.decision = decision
        self.review = review
    }
}
