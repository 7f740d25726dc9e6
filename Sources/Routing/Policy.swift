/// The rules by which one document type is routed, as written; `CompiledPolicy` is what decides by them.
public struct Policy: Sendable, Hashable {
    /// 1…128 of `A-Za-z0-9._-`, or `*` for every type without a policy of its own.
    public var documentType: Name
    /// The default, where no rule matches.
    public var threshold: Threshold
    /// What becomes of an item that no rule names.
    public var unlisted: Unlisted
    public var rules: [Rule]
    /// Never below: the threshold is the greatest of the rule's (or default) and every matching floor's.
    public var floors: [Rule]
    public var requiredFields: [Name]
    public var optionalFields: [Name]
    public var requiredSections: [Name]
    /// Share of documents drawn into the audit sample, in [0, 1]; nil as 0.
    public var sampleRate: Double?
    public var targets: Targets?

    public init(
        documentType: Name, threshold: Threshold, unlisted: Unlisted = .default, rules: [Rule] = [], floors: [Rule] = [],
        requiredFields: [Name] = [], optionalFields: [Name] = [], requiredSections: [Name] = [], sampleRate: Double? = nil,
        targets: Targets? = nil
    ) {
        self.documentType = documentType
        self.threshold = threshold
        self.unlisted = unlisted
        self.rules = rules
        self.floors = floors
        self.requiredFields = requiredFields
        self.optionalFields = optionalFields
        self.requiredSections = requiredSections
        self.sampleRate = sampleRate
        self.targets = targets
    }

    /// What becomes of an item that no rule names. A rule without an item names none, nor does a floor.
    public enum Unlisted: Sendable, Hashable {
        /// The default threshold, or that of a rule without an item, decides.
        case `default`
        /// It is not accepted, whatever its confidence.
        case review
    }

    /// A rule, or a floor (which alone may carry `risk`).
    public struct Rule: Sendable, Hashable {
        public var item: ItemPattern
        public var population: Name?
        public var payer: Name?
        /// Inclusive; nil is since ever.
        public var effectiveFrom: CivilDate?
        /// Exclusive; nil is for ever.
        public var effectiveTo: CivilDate?
        /// A floor's free label.
        public var risk: Name?
        public var threshold: Threshold

        public init(
            item: ItemPattern, population: Name? = nil, payer: Name? = nil, effectiveFrom: CivilDate? = nil,
            effectiveTo: CivilDate? = nil, risk: Name? = nil, threshold: Threshold
        ) {
            self.item = item
            self.population = population
            self.payer = payer
            self.effectiveFrom = effectiveFrom
            self.effectiveTo = effectiveTo
            self.risk = risk
            self.threshold = threshold
        }
    }

    /// Which items a rule is about.
    public enum ItemPattern: Sendable, Hashable {
        /// Every item, field or pair, within the rule's scopes.
        case any
        case field(Pattern)
        /// At least one of the two is not nil; nil matches every code and ranks below `*`.
        case pair(procedure: Pattern?, diagnosis: Pattern?)
    }

    /// Promises the policy is to keep, as accuracies in [0, 1], and the risk of breaking them.
    public struct Targets: Sendable, Hashable {
        public var field: Double?
        public var procedure: Double?
        public var primaryDiagnosis: Double?
        public var risk: Double?

        public init(field: Double? = nil, procedure: Double? = nil, primaryDiagnosis: Double? = nil, risk: Double? = nil) {
            self.field = field
            self.procedure = procedure
            self.primaryDiagnosis = primaryDiagnosis
            self.risk = risk
        }
    }
}

/// A literal, or a prefix: what stood before one final `*` (the empty prefix is `*`).
public enum Pattern: Sendable, Hashable {
    case literal(Name)
    /// UTF-8 bytes before the `*`, at most 255.
    case prefix([UInt8])

    /// Nil unless the text is a valid name with no `*` but perhaps one at its end.
    public init?(_ text: String) {
        guard let name = Name(text) else { return nil }
        guard let star = text.utf8.firstIndex(of: UInt8(ascii: "*")) else {
            self = .literal(name)
            return
        }
        guard text.utf8.index(after: star) == text.utf8.endIndex else { return nil }
        self = .prefix(Array(text.utf8[..<star]))
    }

    /// As it is written in a policy.
    public var text: String {
        switch self {
        case .literal(let name): name.string
        case .prefix(let bytes): String(decoding: bytes, as: UTF8.self) + "*"
        }
    }
}
