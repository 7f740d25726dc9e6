/// A policy version made ready to decide by: the cost of an item does not grow with the number of rules.
package final class CompiledPolicy: Sendable {
    package let policy: Policy
    package let version: PolicyVersion

    package init(_ policy: Policy, version: PolicyVersion) {
        self.policy = policy
        self.version = version
    }
}

/// Every policy in force at one moment; immutable, swapped whole.
package struct PolicySet: Sendable {
    package init(_ policies: [CompiledPolicy]) {}

    /// The policy of a document type, else that of `*`, else nil.
    package func policy(for documentType: TextRange, in text: [UInt8]) -> CompiledPolicy? { nil }

    /// Decides one result. Pure: the same arguments give the same decision.
    /// - Parameters:
    ///   - hash: the document's audit hash (`AuditDraw.hash`).
    package func decide(_ result: EngineResult, decidedAt: Instant, hash: UInt64, saltId: UInt64) -> Decision {
        fatalError("to be written")
    }
}
