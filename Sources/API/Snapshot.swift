import Ledger
import Routing

/// The policies and tokens in force at one moment; immutable, swapped whole.
final class Snapshot: Sendable {
    /// Counts the swaps; each loop compares it before every request.
    let generation: Int
    let policies: PolicySet
    let tokens: TokenTable
    /// Of every policy in `policies`.
    private let rendered: [ObjectIdentifier: RenderedPolicy]

    /// Renders what `previous` has not rendered already.
    init(generation: Int, policies: [CompiledPolicy], tokens: TokenTable, previous: Snapshot?) {
        self.generation = generation
        self.policies = PolicySet(policies)
        self.tokens = tokens
        var rendered: [ObjectIdentifier: RenderedPolicy] = [:]
        for policy in self.policies.policies {
            let id = ObjectIdentifier(policy)
            rendered[id] = previous?.rendered[id] ?? RenderedPolicy(policy)
        }
        self.rendered = rendered
    }

    /// The types that have policies of their own.
    var documentTypes: [[UInt8]] {
        policies.policies.map { Array($0.policy.documentType.string.utf8) }.filter { $0 != [UInt8(ascii: "*")] }
    }

    /// The rendered policy that a result's document type is decided by; nil when there is none.
    @inline(__always)
    func rendered(for result: EngineResult) -> RenderedPolicy? {
        policies.policy(for: result.documentType, in: result.text).flatMap { rendered[ObjectIdentifier($0)] }
    }
}
