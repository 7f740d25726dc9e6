/// What an engine read in one document: the input of a decision.
///
/// Values and evidence are not here: a decision depends on whether a value was empty, not on what it was.
package struct EngineResult: Sendable, Equatable {
    /// The UTF-8 of every string below, one after the other; ranges point into it.
    package var text: [UInt8]
    package var documentType: TextRange
    package var documentId: TextRange
    package var population: TextRange?
    package var payer: TextRange?
    package var serviceDate: CivilDate?
    package var receivedAt: Instant?
    package var engineName: TextRange?
    package var engineVersion: TextRange?
    /// Nil when the request had no `sections`.
    package var sections: [TextRange]?
    /// The fields in the request's order, then the pairs in theirs. Names are unique among the fields, code pairs among the pairs.
    package var items: [Item]

    package struct Item: Sendable, Equatable {
        package var kind: Kind
        /// The field's name, or the pair's procedure.
        package var first: TextRange
        /// The pair's diagnosis; empty for a field.
        package var second: TextRange
        /// Nil when the engine gave none.
        package var confidence: Confidence?
        /// A field whose value was `""`, null or absent. False for pairs.
        package var isEmpty: Bool

        package init(kind: Kind, first: TextRange, second: TextRange, confidence: Confidence?, isEmpty: Bool) {
            self.kind = kind
            self.first = first
            self.second = second
            self.confidence = confidence
            self.isEmpty = isEmpty
        }
    }

    package enum Kind: UInt8, Sendable { case field = 0, pair = 1, primaryPair = 2 }

    package init(text: [UInt8] = [], documentType: TextRange, documentId: TextRange, items: [Item] = []) {
        self.text = text
        self.documentType = documentType
        self.documentId = documentId
        self.items = items
    }

    /// The string at a range; for cold paths.
    package func string(_ range: TextRange) -> String { String(decoding: text[range.indices], as: UTF8.self) }
}
