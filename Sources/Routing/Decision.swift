/// Where a document goes.
package enum Route: UInt8, Sendable, CaseIterable {
    /// Flows on by itself.
    case confident = 0
    /// A human looks at what was read.
    case review = 1
    /// A human codes it from the start.
    case manual = 2

    package var name: String {
        switch self {
        case .confident: "confident"
        case .review: "review"
        case .manual: "manual"
        }
    }
}

package enum ThresholdSource: UInt8, Sendable {
    case `default` = 0
    case rule = 1
    case floor = 2
}

/// Why an item was not accepted; several may hold. Written in the order of the bits.
package struct ItemReasons: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let noConfidence = ItemReasons(rawValue: 1)
    package static let belowThreshold = ItemReasons(rawValue: 2)
    package static let missingRequiredField = ItemReasons(rawValue: 4)
    package static let invalidValue = ItemReasons(rawValue: 8)
    package static let notInCrosswalk = ItemReasons(rawValue: 16)
}

/// What was decided about one item.
package struct ItemVerdict: Sendable, Hashable {
    /// Nil only when no policy applied (`DecisionReason.unknownDocumentType`); then `source` says nothing.
    package var threshold: Threshold?
    package var source: ThresholdSource
    /// Index of the deciding rule in `Policy.rules`, or floor in `Policy.floors`, as `source` says; -1 for the default.
    package var ruleIndex: Int32
    package var accepted: Bool
    package var reasons: ItemReasons

    package init(threshold: Threshold?, source: ThresholdSource, ruleIndex: Int32, accepted: Bool, reasons: ItemReasons) {
        self.threshold = threshold
        self.source = source
        self.ruleIndex = ruleIndex
        self.accepted = accepted
        self.reasons = reasons
    }
}

/// Why the document as a whole was not confident, where no item says it.
package enum DecisionReason: Sendable, Hashable {
    case missingRequiredField(Name)
    case missingRequiredSection(Name)
    case unknownDocumentType
    case suspended
}

/// The audit sample's draw (share, hash and which salt made it), stored with every decision.
package struct AuditDraw: Sendable, Hashable {
    /// First 8 bytes, big-endian, of SHA-256(salt ‖ ":" ‖ documentType ‖ ":" ‖ documentId).
    package var hash: UInt64
    /// The policy's sample rate q in force, in [0, 1].
    package var sampleRate: Double
    /// Which salt: the first 8 bytes, big-endian, of SHA-256("sluice audit salt id:" ‖ salt); tells salts apart and reveals none.
    package var saltId: UInt64

    package init(hash: UInt64, sampleRate: Double, saltId: UInt64) {
        self.hash = hash
        self.sampleRate = sampleRate
        self.saltId = saltId
    }
}

/// One result's decision: all that is answered but its id and time.
package struct Decision: Sendable, Equatable {
    package var route: Route
    /// The document is released and also reviewed (`route` is confident and it is in the audit sample).
    package var qualityAssurance: Bool
    /// The least of the items' (accepted blanks left out); nil when an item has none, or none is left.
    package var confidence: Confidence?
    /// Index of the first item with that confidence, or of the first without one; nil when no item is left.
    package var weakestItem: Int?
    /// The policy used: its document type (perhaps `*`) and version; nil when there was none.
    package var policy: PolicyReference?
    package var reasons: [DecisionReason]
    /// Parallel to `EngineResult.items`.
    package var items: [ItemVerdict]
    package var audit: AuditDraw

    package init(
        route: Route, qualityAssurance: Bool, confidence: Confidence?, weakestItem: Int?, policy: PolicyReference?,
        reasons: [DecisionReason], items: [ItemVerdict], audit: AuditDraw
    ) {
        self.route = route
        self.qualityAssurance = qualityAssurance
        self.confidence = confidence
        self.weakestItem = weakestItem
        self.policy = policy
        self.reasons = reasons
        self.items = items
        self.audit = audit
    }
}

package struct PolicyReference: Sendable, Hashable {
    package var documentType: Name
    package var version: PolicyVersion

    package init(documentType: Name, version: PolicyVersion) {
        self.documentType = documentType
        self.version = version
    }
}
