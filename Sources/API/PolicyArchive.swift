import JSON
import Ledger
import Routing
import Synchronization

/// Policy versions of the past, compiled and rendered when first asked for and kept: decisions are shown in the words of the version
/// that made them. Thread-safe.
final class PolicyArchive: Sendable {
    /// Versions kept, and bytes of their JSON; beyond either the archive starts anew. A compiled rule takes some ten times its JSON.
    static let countMax = 512
    static let bytesMax = 16 << 20

    private struct Key: Hashable {
        let documentType: [UInt8]
        let version: Int64
        let comparison: NameComparison
    }

    private let ledger: Ledger
    private struct Kept {
        var policies: [Key: RenderedPolicy] = [:]
        var bytes = 0
    }

    private let kept = Mutex(Kept())

    init(ledger: Ledger) { self.ledger = ledger }

    /// Nil when `reference` is nil. Reads the ledger: not for a loop's thread.
    func policy(_ reference: PolicyReference?, comparison: NameComparison = .canonical) throws(LedgerError) -> RenderedPolicy? {
        guard let reference else { return nil }
        let key = Key(
            documentType: Array(reference.documentType.string.utf8), version: reference.version.number, comparison: comparison)
        if let known = kept.withLock({ $0.policies[key] }) { return known }
        guard let stored = try ledger.policy(reference.documentType.string, version: reference.version) else {
            throw .corrupt("a decision names version \(reference.version.number) of a policy that is not there")
        }
        let rendered = RenderedPolicy(try PolicyArchive.compile(stored, comparison: comparison))
        kept.withLock { kept in
            if kept.policies.count >= PolicyArchive.countMax || kept.bytes + stored.body.count > PolicyArchive.bytesMax { kept = Kept() }
            kept.policies[key] = rendered
            kept.bytes += stored.body.count
        }
        return rendered
    }

    /// What the ledger stores is a policy that was checked when it came in; anything else is damage. That it contradicts itself is not:
    /// before names were compared in canonical form, `J18.9` and `j18.9` were two.
    static func compile(_ stored: Ledger.StoredPolicy, comparison: NameComparison = .canonical) throws(LedgerError) -> CompiledPolicy {
        do {
            return CompiledPolicy(try PolicyCodec.read(stored: stored.body), version: stored.version, comparison: comparison)
        } catch {
            throw .corrupt("version \(stored.version.number) of the policy \(stored.documentType) is not a policy")
        }
    }
}
