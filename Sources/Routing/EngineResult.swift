/// What an engine read in one document: the input of a decision.
///
/// Values and evidence are not here: a decision depends on whether a value was empty, not on what it was.
public struct EngineResult: Sendable, Equatable {
    /// The UTF-8 of every string below, one after the other; ranges point into it.
    public var text: [UInt8]
    public var documentType: TextRange
    public var documentId: TextRange
    public var population: TextRange?
    public var payer: TextRange?
    public var serviceDate: CivilDate?
    public var receivedAt: Instant?
    public var engineName: TextRange?
    public var engineVersion: TextRange?
    /// Nil when the request had no `sections`.
    public var sections: [TextRange]?
    /// The fields in the request's order, then the pairs in theirs. Names are unique among the fields, code pairs among the pairs.
    public var items: [Item]

    public struct Item: Sendable, Equatable {
        public var kind: Kind
        /// The field's name, or the pair's procedure.
        public var first: TextRange
        /// The pair's diagnosis; empty for a field.
        public var second: TextRange
        /// The claim's line a pair is billed on, where the request named one.
        public var line: ClaimLine?
        /// Nil when the engine gave none.
        public var confidence: Confidence?
        /// A field whose value was null, absent, or white space alone. False for pairs.
        public var isEmpty: Bool
        /// Of a pair's procedure.
        public var modifiers: Modifiers

        public init(
            kind: Kind, first: TextRange, second: TextRange, line: ClaimLine? = nil, confidence: Confidence?, isEmpty: Bool,
            modifiers: Modifiers = Modifiers()
        ) {
            self.kind = kind
            self.first = first
            self.second = second
            self.line = line
            self.confidence = confidence
            self.isEmpty = isEmpty
            self.modifiers = modifiers
        }
    }

    public enum Kind: UInt8, Sendable { case field = 0, pair = 1, primaryPair = 2 }

    public init(text: [UInt8] = [], documentType: TextRange, documentId: TextRange, items: [Item] = []) {
        self.text = text
        self.documentType = documentType
        self.documentId = documentId
        self.items = items
    }

    /// The string at a range; for cold paths.
    public func string(_ range: TextRange) -> String { String(decoding: text[range.indices], as: UTF8.self) }
}
