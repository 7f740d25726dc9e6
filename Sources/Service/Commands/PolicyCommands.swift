import API
package import Ledger
package import Routing

/// The commands `policy …`, on an open ledger.
package struct PolicyCommands {
    /// As the endpoint calls it in the audit trail.
    static let putAction = "policy.put"
    private static let pageRows = 1_000

    private let ledger: Ledger
    package init(_ ledger: Ledger) { self.ledger = ledger }

    package func list() throws -> [Ledger.StoredPolicy] {
        try ledger.policies().sorted { $0.documentType.utf8.lexicographicallyPrecedes($1.documentType.utf8) }
    }

    /// One version of a policy, the current one for nil.
    package func stored(_ documentType: String, version: PolicyVersion?) throws -> Ledger.StoredPolicy {
        if let stored = try ledger.policy(documentType, version: version) { return stored }
        guard let current = try ledger.policy(documentType, version: nil) else {
            throw Failure(.noInput, "there is no policy for `\(shown(documentType))`. See: sluice policy list")
        }
        throw Failure(
            .noInput,
            "\(documentType) has no version \(version?.number ?? 0): the current one is \(current.version.number). See: sluice policy history \(documentType)"
        )
    }

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
        if let reason, !ChangeReason.isValid(reason) {
            throw Failure(.usage, "a reason has at most \(ChangeReason.bytesMax) bytes and no control characters. Choose another.")
        }
        let result = try ledger.putPolicy(
            documentType: policy.documentType.string, body: PolicyCodec.write(policy),
            precondition: ifMatch.map { .version($0) } ?? .none, action: PolicyCommands.putAction, by: author, at: now, reason: reason)
        if result.isNew { try Store.waitUntilSeen(ledger) }
        return result
    }

    /// What differs between two versions of a policy, nil being the one in force; nothing when they are equal.
    package func difference(_ documentType: String, from old: PolicyVersion?, to new: PolicyVersion?) throws -> [String] {
        let (old, new) = (try stored(documentType, version: old), try stored(documentType, version: new))
        let lines = PolicyCommands.difference(from: old.body, to: new.body)
        return lines.isEmpty ? [] : ["--- \(PolicyCommands.title(old))", "+++ \(PolicyCommands.title(new))"] + lines
    }

    /// What a policy of a file would change; all of it, when there is none in force.
    package func difference(fromCurrentTo policy: Policy, name: String) throws -> [String] {
        let current = try ledger.policy(policy.documentType.string, version: nil)
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
