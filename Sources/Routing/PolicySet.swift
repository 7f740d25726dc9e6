/// Every policy in force at one moment; immutable, swapped whole.
public struct PolicySet: Sendable {
    /// One for each document type.
    public let policies: [CompiledPolicy]
    private let types: NameTable
    /// By the type's number in `types`.
    private let byType: [CompiledPolicy]
    private let anyOther: CompiledPolicy?

    /// - Parameter policies: of different document types; of several of one type the last holds.
    public init(_ policies: [CompiledPolicy]) {
        var types = NameTable()
        var byType: [CompiledPolicy] = []
        for policy in policies {
            let number = Int(types.intern(Array(policy.policy.documentType.string.utf8)))
            if number == byType.count { byType.append(policy) } else { byType[number] = policy }
        }
        self.types = types
        self.byType = byType
        self.policies = byType
        anyOther = byType.first { $0.policy.documentType.string.utf8.elementsEqual(DocumentType.anyOther.utf8) }
    }

    /// The policy of a document type, else that of `*`, else nil.
    public func policy(for documentType: TextRange, in text: [UInt8]) -> CompiledPolicy? {
        let number = types.find(text.span.extracting(documentType.indices))
        return number >= 0 ? byType[Int(number)] : anyOther
    }

    /// The document type's own policy; nil when it has none.
    public func policy(of documentType: Name) -> CompiledPolicy? {
        let number = types.find(Array(documentType.string.utf8).span)
        return number >= 0 ? byType[Int(number)] : nil
    }

    /// Decides one result. Pure: the same arguments give the same decision.
    /// - Parameters:
    ///   - hash: the document's audit hash (`AuditDraw.hash`).
    public func decide(_ result: EngineResult, decidedAt: Instant, hash: UInt64, saltId: UInt64) -> Decision {
        guard let policy = policy(for: result.documentType, in: result.text) else {
            return undecided(result, AuditDraw(hash: hash, sampleRate: 0, saltId: saltId))
        }
        let draw = AuditDraw(hash: hash, sampleRate: policy.policy.sampleRate ?? 0, saltId: saltId)
        return policy.decide(result, decidedAt: decidedAt, draw: draw)
    }

    /// No policy, so no threshold: no item is accepted, and a human looks.
    private func undecided(_ result: EngineResult, _ draw: AuditDraw) -> Decision {
        var weakest = WeakestLink()
        let items = result.items.enumerated().map { index, item in
            weakest.add(item.confidence, at: index)
            return ItemVerdict(
                threshold: nil, source: .default, ruleIndex: -1, accepted: false, reasons: item.confidence == nil ? .noConfidence : [])
        }
        return Decision(
            route: .review, qualityAssurance: false, confidence: weakest.confidence, weakestItem: weakest.item, policy: nil,
            reasons: result.items.isEmpty ? [.unknownDocumentType, .nothingRead] : [.unknownDocumentType], items: items, audit: draw)
    }
}
