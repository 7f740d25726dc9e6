import API
package import Ledger
package import Routing

/// The commands `policy …`, on an open ledger.
package struct PolicyCommands {
    /// As the endpoint calls it in the audit trail.
    static let putAction = "policy.put"
    static let retireAction = "policy.retire"
    private static let pageRows = 1_000

    private let ledger: Ledger
    package init(_ ledger: Ledger) { self.ledger = ledger }

    package func list() throws -> [Ledger.StoredPolicy] {
        try ledger.policies().sorted { $0.documentType.utf8.lexicographicallyPrecedes($1.documentType.utf8) }
    }

    /// One version of a policy, the current one for nil.
    package func stored(_ documentType: String, version: PolicyVersion?) throws -> Ledger.StoredPolicy {
        if let stored = try ledger.policy(documentType, version: version), version != nil || !stored.isRetirement { return stored }
        guard let current = try ledger.policy(documentType, version: nil) else {
            throw Failure(.noInput, "there is no policy for `\(shown(documentType))`. See: sluice policy list")
        }
        if version == nil {
            throw Failure(
                .noInput,
                "the policy of \(documentType) was retired as version \(current.version.number). See: sluice policy history \(documentType)"
            )
        }
        throw Failure(
            .noInput,
            "\(documentType) has no version \(version?.number ?? 0): the current one is \(current.version.number). See: sluice policy history \(documentType)"
        )
    }

    /// The version in force and the latest one, which may be a retirement.
    func versions(of documentType: String) throws -> (inForce: PolicyVersion?, latest: PolicyVersion?) {
        let latest = try ledger.policy(documentType, version: nil)
        return (latest.flatMap { $0.isRetirement ? nil : $0.version }, latest?.version)
    }

    func inForce(_ documentType: String) throws -> Ledger.StoredPolicy? { try ledger.policyInForce(documentType) }

    /// Every version, newest first.
    package func history(_ documentType: String) throws -> [Ledger.StoredPolicy] {
        var all: [Ledger.StoredPolicy] = []
        repeat {
            let page = try ledger.policyVersions(documentType, before: all.last?.version, limit: PolicyCommands.pageRows)
            all += page
            if !page.hasMore { break }
        } while true
        if all.isEmpty { _ = try stored(documentType, version: nil) }
        return all
    }

    /// Makes a policy's next version, unless it is equal to the current one; a running server works by it when this returns.
    package func put(
        _ policy: Policy, ifMatch: PolicyVersion?, reason: String?, by author: String, at now: Instant
    ) throws -> (stored: Ledger.StoredPolicy, isNew: Bool) {
        try PolicyCommands.check(reason)
        let result = try ledger.putPolicy(
            documentType: policy.documentType.string, body: PolicyCodec.write(policy),
            precondition: ifMatch.map { .version($0) } ?? .none, action: PolicyCommands.putAction, by: author, at: now, reason: reason)
        if result.isNew { try Store.waitUntilSeen(ledger) }
        return result
    }

    /// Takes a policy out of force, by a version that says so; a running server works so when this returns.
    package func retire(
        _ documentType: String, ifMatch: PolicyVersion?, reason: String?, by author: String, at now: Instant
    ) throws -> Ledger.StoredPolicy {
        try PolicyCommands.check(reason)
        _ = try stored(documentType, version: nil)
        let retired = try ledger.retirePolicy(
            documentType: documentType, precondition: ifMatch.map { .version($0) } ?? .none, action: PolicyCommands.retireAction,
            by: author,
            at: now, reason: reason)
        try Store.waitUntilSeen(ledger)
        return retired
    }

    private static func check(_ reason: String?) throws(Failure) {
        guard let reason, !ChangeReason.isValid(reason) else { return }
        throw Failure(.usage, "a reason has at most \(ChangeReason.bytesMax) bytes and no control characters. Choose another.")
    }

    /// What is suspicious about a policy beside the decisions that were made, a line each.
    package func warnings(of policy: Policy, on today: CivilDate) throws -> [String] {
        let study = try PolicyStudy(policy, in: ledger)
        let type = policy.documentType.string
        var lines = study.advice(on: today).map { "\(type) \($0.pointer): \($0.detail)" }
        if study.usage.decisions == 0, let other = try similarType(to: type) {
            lines.insert("\(type) /documentType: no decision of this type is logged yet; did you mean `\(other)`?", at: 0)
        }
        return lines
    }

    /// A document type that has a policy and is spelt much the same, for one that has none.
    private func similarType(to documentType: String) throws -> String? {
        let known = try ledger.policies().map(\.documentType)
        if known.contains(where: { $0.utf8.elementsEqual(documentType.utf8) }) { return nil }
        return Spelling.nearest(to: documentType, among: known)
    }

    /// What differs between two versions of a policy, nil being the one in force; nothing when they are equal.
    package func difference(_ documentType: String, from old: PolicyVersion?, to new: PolicyVersion?) throws -> [String] {
        let (old, new) = (try stored(documentType, version: old), try stored(documentType, version: new))
        let lines = PolicyCommands.difference(from: old.body, to: new.body)
        return lines.isEmpty ? [] : ["--- \(PolicyCommands.title(old))", "+++ \(PolicyCommands.title(new))"] + lines
    }

    /// What a policy of a file would change; all of it, when there is none in force.
    package func difference(fromCurrentTo policy: Policy, name: String) throws -> [String] {
        let current = try ledger.policyInForce(policy.documentType.string)
        let lines = PolicyCommands.difference(from: current?.body ?? [], to: PolicyCodec.write(policy))
        return lines.isEmpty ? [] : ["--- \(current.map(PolicyCommands.title) ?? "none in force")", "+++ \(name)"] + lines
    }

    private static func title(_ stored: Ledger.StoredPolicy) -> String {
        "\(stored.documentType) version \(stored.version.number), \(stored.changedAt.rfc3339) by \(stored.changedBy)"
    }

    /// The lines that differ between two policies, given as canonical JSON; none when they are equal.
    package static func difference(from old: [UInt8], to new: [UInt8]) -> [String] {
        LineDiff.lines(from: PrettyJSON.lines(old), to: PrettyJSON.lines(new))
    }
}
