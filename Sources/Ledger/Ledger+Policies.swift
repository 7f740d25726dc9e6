import Crypto
package import Routing

/// Policies: bodies are canonical JSON, opaque here. A version without a body says that the policy was retired: from then on there is none of
/// its document type, until a version with a body follows. No version is ever changed or removed.
extension Ledger {
    package struct StoredPolicy: Sendable, Equatable {
        package var documentType: String
        package var version: PolicyVersion
        package var body: [UInt8]
        package var changedAt: Instant
        package var changedBy: String
        package var changeReason: String?
        /// The policy was retired by this version.
        package var isRetirement: Bool { body.isEmpty }
        package init(
            documentType: String, version: PolicyVersion, body: [UInt8], changedAt: Instant, changedBy: String, changeReason: String?
        ) {
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
        /// The command line's: whatever stands.
        case none
    }

    private static let policyColumns = "document_type, version, body, changed_at, changed_by, change_reason"

    /// The current version of every policy that is not retired, by document type.
    package func policies() throws(LedgerError) -> [StoredPolicy] {
        try read { connection throws(LedgerError) in
            let select = try connection.prepare(
                """
                SELECT \(Ledger.policyColumns) FROM policy_versions AS p
                WHERE version = (SELECT max(version) FROM policy_versions WHERE document_type = p.document_type)
                    AND length(body) > 0
                ORDER BY document_type
                """)
            return try Ledger.policies(select)
        }
    }

    /// The named version, or the latest one, each perhaps a retirement.
    package func policy(_ documentType: String, version: PolicyVersion?) throws(LedgerError) -> StoredPolicy? {
        try read { connection throws(LedgerError) in try Ledger.policy(documentType, version: version, connection) }
    }

    /// Newest first, older than `before`.
    package func policyVersions(
        _ documentType: String, before: PolicyVersion?, limit: Int
    ) throws(LedgerError) -> Excerpt<StoredPolicy> {
        try read { connection throws(LedgerError) in
            let select = try connection.prepare(
                """
                SELECT \(Ledger.policyColumns) FROM policy_versions WHERE document_type = ?1 AND version < ?2
                ORDER BY version DESC LIMIT ?3
                """)
            select.bind(1, documentType)
            select.bind(2, before?.number ?? .max)
            select.bind(3, Int64(limit) + 1)
            var policies = Excerpt<StoredPolicy>(countMax: limit)
            while try select.step() {
                let policy = Ledger.policy(select)
                guard policies.take(policy, byteCount: policy.body.count) else { break }
            }
            return policies
        }
    }

    /// The policy in force; nil when there is none, or it is retired.
    package func policyInForce(_ documentType: String) throws(LedgerError) -> StoredPolicy? {
        try policy(documentType, version: nil).flatMap { $0.isRetirement ? nil : $0 }
    }

    /// Adds a version, with its audit row, in one transaction on the writer. `body` is canonical JSON: equal bytes to the current
    /// version's make no new one and answer the current. `action` is what the audit trail says (e.g. "policy.put", "threshold.put").
    /// Returns the version in force after it and whether one was made.
    package func putPolicy(
        documentType: String, body: [UInt8], precondition: Precondition, action: String, by: String, at: Instant, reason: String?
    ) throws(LedgerError) -> (stored: StoredPolicy, isNew: Bool) {
        try changeWatched { connection throws(LedgerError) in
            let latest = try Ledger.policy(documentType, version: nil, connection)
            let current = latest.flatMap { $0.isRetirement ? nil : $0 }
            try Ledger.check(precondition, current: current?.version)
            if let current, current.body == body { return ((current, false), false) }
            let stored = StoredPolicy(
                documentType: documentType, version: PolicyVersion((latest?.version.number ?? 0) + 1), body: body, changedAt: at,
                changedBy: by, changeReason: reason)
            try Ledger.add(stored, before: current?.body, action: action, connection)
            return ((stored, true), true)
        }
    }

    /// Adds the version that says that a policy is retired, with its audit row. Throws `notFound` where there is none to retire.
    package func retirePolicy(
        documentType: String, precondition: Precondition, action: String, by: String, at: Instant, reason: String?
    ) throws(LedgerError) -> StoredPolicy {
        try changeWatched { connection throws(LedgerError) in
            guard let current = try Ledger.policy(documentType, version: nil, connection), !current.isRetirement else { throw .notFound }
            try Ledger.check(precondition, current: current.version)
            let stored = StoredPolicy(
                documentType: documentType, version: PolicyVersion(current.version.number + 1), body: [], changedAt: at, changedBy: by,
                changeReason: reason)
            try Ledger.add(stored, before: current.body, action: action, connection)
            return (stored, true)
        }
    }

    /// Puts the first versions of policies, with their audit rows, into a database that has no policy: all of them in one transaction,
    /// or none where there is any already. Answers whether it put them. `bodies` are canonical JSON, one for each document type.
    package func putFirstPolicies(
        _ bodies: [(documentType: String, body: [UInt8])], action: String, by: String, at: Instant, reason: String?
    ) throws(LedgerError) -> Bool {
        try changeWatched { connection throws(LedgerError) in
            if try connection.prepare("SELECT 1 FROM policy_versions LIMIT 1").step() { return (false, false) }
            for (documentType, body) in bodies {
                try Ledger.add(
                    StoredPolicy(
                        documentType: documentType, version: PolicyVersion(1), body: body, changedAt: at, changedBy: by,
                        changeReason: reason),
                    before: nil, action: action, connection)
            }
            return (true, !bodies.isEmpty)
        }
    }

    private static func check(_ precondition: Precondition, current: PolicyVersion?) throws(LedgerError) {
        switch precondition {
        case .version(let version): if current != version { throw .versionMismatch(current: current) }
        case .absent: if current != nil { throw .versionMismatch(current: current) }
        case .none: break
        }
    }

    private static func policy(_ documentType: String, version: PolicyVersion?, _ connection: Connection) throws(LedgerError)
        -> StoredPolicy?
    {
        let select = try connection.prepare(
            """
            SELECT \(policyColumns) FROM policy_versions WHERE document_type = ?1 AND version = coalesce(?2,
                (SELECT max(version) FROM policy_versions WHERE document_type = ?1))
            """)
        select.bind(1, documentType)
        select.bind(2, version?.number)
        return try policies(select).first
    }

    private static func policies(_ select: Statement) throws(LedgerError) -> [StoredPolicy] {
        var policies: [StoredPolicy] = []
        while try select.step() { policies.append(policy(select)) }
        return policies
    }

    private static func policy(_ row: Statement) -> StoredPolicy {
        StoredPolicy(
            documentType: row.text(0), version: PolicyVersion(row.int64(1)), body: row.bytes(2),
            changedAt: Instant(milliseconds: row.int64(3)), changedBy: row.text(4), changeReason: row.optionalText(5))
    }

    private static func add(_ policy: StoredPolicy, before: [UInt8]?, action: String, _ connection: Connection) throws(LedgerError) {
        try insert(policy, connection)
        try audit(
            AuditEntry(
                sequence: 0, at: policy.changedAt, by: policy.changedBy, action: action, documentType: policy.documentType, before: before,
                after: policy.isRetirement ? nil : policy.body, reason: policy.changeReason), connection)
    }

    private static func insert(_ policy: StoredPolicy, _ connection: Connection) throws(LedgerError) {
        let insert = try connection.prepare(
            """
            INSERT INTO policy_versions (document_type, version, body, body_digest, changed_at, changed_by, change_reason)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        insert.bind(1, policy.documentType)
        insert.bind(2, policy.version.number)
        insert.bind(3, policy.body)
        insert.bind(4, Array(SHA256.hash(data: policy.body)))
        insert.bind(5, policy.changedAt.milliseconds)
        insert.bind(6, policy.changedBy)
        insert.bind(7, policy.changeReason)
        try insert.run()
    }
}
