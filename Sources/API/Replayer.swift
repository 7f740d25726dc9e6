package import Ledger
import Routing

/// Recomputes logged decisions from the log alone. Thread-safe as far as the ledger is.
package final class Replayer {
    private let archive: PolicyArchive
    private let sampler: AuditSampler
    /// Of the policy version last used: decisions come in runs.
    private var last: (policy: PolicyReference?, comparison: NameComparison, set: PolicySet)?

    package init(ledger: Ledger, salt: [UInt8]) {
        archive = PolicyArchive(ledger: ledger)
        sampler = AuditSampler(salt: salt)
    }

    /// Nil when the recomputed decision equals the logged one; else what differs, in words without values.
    ///
    /// The audit hash is drawn again where the salt is the one it was drawn with, and taken from the log where the salt is another.
    package func difference(_ logged: LoggedDecision) throws -> String? {
        let result = logged.result
        let audit = logged.decision.audit
        if audit.saltId == sampler.saltId {
            let hash = sampler.hash(
                documentType: result.text[result.documentType.indices], documentId: result.text[result.documentId.indices])
            if hash != audit.hash { return "audit hash" }
        }
        let policies = try policies(logged.decision.policy, logged.comparison)
        let again = policies.decide(result, decidedAt: logged.decidedAt, hash: audit.hash, saltId: audit.saltId)
        return again == logged.decision ? nil : Replayer.words(again, logged.decision)
    }

    private func policies(_ reference: PolicyReference?, _ comparison: NameComparison) throws -> PolicySet {
        if let last, last.policy == reference, last.comparison == comparison { return last.set }
        let set = PolicySet(try archive.policy(reference, comparison: comparison).map { [$0.compiled] } ?? [])
        last = (reference, comparison, set)
        return set
    }

    private static func words(_ a: Decision, _ b: Decision) -> String {
        var parts: [String] = []
        if a.policy != b.policy { parts.append("policy") }
        if a.route != b.route { parts.append("route") }
        if a.qualityAssurance != b.qualityAssurance { parts.append("qualityAssurance") }
        if a.confidence != b.confidence { parts.append("confidence") }
        if a.weakestItem != b.weakestItem { parts.append("weakestItem") }
        if a.reasons != b.reasons { parts.append("reasons") }
        if a.audit != b.audit { parts.append("audit") }
        if a.items.count != b.items.count {
            parts.append("number of items")
        } else {
            for (index, (one, other)) in zip(a.items, b.items).enumerated() where one != other {
                parts.append("item \(index): \(words(one, other))")
            }
        }
        return parts.joined(separator: "; ")
    }

    private static func words(_ a: ItemVerdict, _ b: ItemVerdict) -> String {
        var parts: [String] = []
        if a.threshold != b.threshold { parts.append("threshold") }
        if a.source != b.source { parts.append("thresholdSource") }
        if a.ruleIndex != b.ruleIndex { parts.append("rule") }
        if a.accepted != b.accepted { parts.append("accepted") }
        if a.reasons != b.reasons { parts.append("reasons") }
        return parts.joined(separator: ", ")
    }
}
