/// Where a document goes.
public enum Route: UInt8, Sendable, CaseIterable {
    /// Flows on by itself.
    case confident = 0
    /// A human looks at what was read.
    case review = 1
    /// A human codes it from the start.
    case manual = 2

    public var name: String {
        switch self {
        case .confident: "confident"
        case .review: "review"
        case .manual: "manual"
        }
    }
}

public enum ThresholdSource: UInt8, Sendable {
    case `default` = 0
    case rule = 1
    case floor = 2
}

/// Why an item was not accepted; several may hold. Written in the order of the bits.
public struct ItemReasons: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    public static let noConfidence = ItemReasons(rawValue: 1)
    public static let belowThreshold = ItemReasons(rawValue: 2)
    public static let missingRequiredField = ItemReasons(rawValue: 4)
    public static let invalidValue = ItemReasons(rawValue: 8)
    public static let notInCrosswalk = ItemReasons(rawValue: 16)
    /// No rule names the item, and the policy has such items reviewed.
    public static let unlisted = ItemReasons(rawValue: 32)
    public static let all: ItemReasons = [.noConfidence, .belowThreshold, .missingRequiredField, .invalidValue, .notInCrosswalk, .unlisted]
}

/// What was decided about one item.
public struct ItemVerdict: Sendable, Hashable {
    /// Nil only when no policy applied (`DecisionReason.unknownDocumentType`); then `source` says nothing.
    public var threshold: Threshold?
    public var source: ThresholdSource
    /// Index of the deciding rule in `Policy.rules`, or floor in `Policy.floors`, as `source` says; -1 for the default.
    public var ruleIndex: Int32
    public var accepted: Bool
    public var reasons: ItemReasons

    public init(threshold: Threshold?, source: ThresholdSource, ruleIndex: Int32, accepted: Bool, reasons: ItemReasons) {
        self.threshold = threshold
        self.source = source
        self.ruleIndex = ruleIndex
        self.accepted = accepted
        self.reasons = reasons
    }
}

/// Why the document as a whole was not confident, where no item says it.
public enum DecisionReason: Sendable, Hashable {
    case missingRequiredField(Name)
    case missingRequiredSection(Name)
    case unknownDocumentType
    case suspended
    /// The engine read neither a field nor a pair.
    case nothingRead
}

/// The audit sample's draw (share, hash and which salt made it), stored with every decision.
public struct AuditDraw: Sendable, Hashable {
    /// First 8 bytes, big-endian, of SHA-256(salt ‖ ":" ‖ documentType ‖ ":" ‖ documentId).
    public var hash: UInt64
    /// The policy's sample rate q in force, in [0, 1].
    public var sampleRate: Double
    /// Which salt: the first 8 bytes, big-endian, of SHA-256("sluice audit salt id:" ‖ salt); tells salts apart and reveals none.
    public var saltId: UInt64

    public init(hash: UInt64, sampleRate: Double, saltId: UInt64) {
        self.hash = hash
        self.sampleRate = sampleRate
        self.saltId = saltId
    }
}

/// One result's decision: all that is answered but its id and time.
public struct Decision: Sendable, Equatable {
    public var route: Route
    /// The document is released and also reviewed (`route` is confident and it is in the audit sample).
    public var qualityAssurance: Bool
    /// The least of the items' (accepted blanks left out); nil when an item has none, or none is left.
    public var confidence: Confidence?
    /// Index of the first item with that confidence, or of the first without one; nil when no item is left.
    public var weakestItem: Int?
    /// The policy used: its document type (perhaps `*`) and version; nil when there was none.
    public var policy: PolicyReference?
    public var reasons: [DecisionReason]
    /// Parallel to `EngineResult.items`.
    public var items: [ItemVerdict]
    public var audit: AuditDraw

    public init(
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

public struct PolicyReference: Sendable, Hashable {
    public var documentType: Name
    public var version: PolicyVersion

    public init(documentType: Name, version: PolicyVersion) {
        self.documentType = documentType
        self.version = version
    }
}
