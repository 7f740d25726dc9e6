package import Routing

/// One document as models see it: what the engine read and how sure it was, all it saw on the way, and, of a past one, what was right.
///
/// 1. All strings are ranges of `text`, so that a case is four arrays however much evidence it has.
/// 2. Values of fields are not here: only what they look like (`value.…` among the evidence), which says nothing of whose they are.
/// 3. What a reviewer said is in `outcome` alone; no feature reads it.
/// 4. Names and codes stand in it twice where they are not canonical: as written, to be shown, and as `…Key`, by which they are compared and
///    known to models. The key of a code is in capitals, as codes are printed.
package struct Case: Sendable, Equatable {
    /// The UTF-8 of every string below, one after the other.
    package var text: [UInt8]
    package var documentType: TextRange
    package var documentId: TextRange
    package var population: TextRange?
    package var populationKey: TextRange?
    package var payer: TextRange?
    package var payerKey: TextRange?
    package var serviceDate: CivilDate?
    package var receivedAt: Instant?
    package var engineName: TextRange?
    package var engineVersion: TextRange?
    /// Nil when the engine named none.
    package var sections: [TextRange]?
    /// Of the document, in the engine's order.
    package var context: [Scalar]
    /// Of all items, one item after the other.
    package var evidence: [Scalar]
    /// The fields, then the pairs.
    package var items: [Item]
    /// Nil when nobody has reviewed the document.
    package var outcome: Outcome?

    /// Something named that the engine saw. What it gave as null is left out.
    package struct Scalar: Sendable, Equatable {
        package enum Value: Sendable, Equatable {
            case number(Double)
            case bool(Bool)
            case string(TextRange)
        }
        package var name: TextRange
        package var value: Value
        package init(name: TextRange, value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// A field, or a pair of a procedure and a diagnosis.
    package struct Item: Sendable, Equatable {
        package var kind: EngineResult.Kind
        /// The field's name, or the pair's procedure.
        package var first: TextRange
        /// The pair's diagnosis; empty for a field.
        package var second: TextRange
        package var firstKey: TextRange
        package var secondKey: TextRange
        /// As the engine reported it; nil when it gave none.
        package var confidence: Confidence?
        /// Whether there was nothing in the field. False for pairs.
        package var isEmpty: Bool
        /// Whether a field's value violates the pattern or check digit of its schema; nil where none says how it should look, or it is empty.
        package var isMalformed: Bool?
        /// Its part of the case's `evidence`.
        package var evidence: Range<Int>

        /// Its names are taken to be canonical; `Case.findKeys` makes them so.
        package init(
            kind: EngineResult.Kind, first: TextRange, second: TextRange, confidence: Confidence?, isEmpty: Bool = false,
            evidence: Range<Int>
        ) {
            self.kind = kind
            self.first = first
            self.second = second
            firstKey = first
            secondKey = second
            self.confidence = confidence
            self.isEmpty = isEmpty
            self.evidence = evidence
        }
    }

    package init(
        text: [UInt8] = [], documentType: TextRange, documentId: TextRange, context: [Scalar] = [], evidence: [Scalar] = [],
        items: [Item] = []
    ) {
        self.text = text
        self.documentType = documentType
        self.documentId = documentId
        self.context = context
        self.evidence = evidence
        self.items = items
    }

    /// Its type and id, which name one document.
    package var identity: [UInt8] { text[documentType.indices] + [UInt8(ascii: "\n")] + text[documentId.indices] }

    /// The string at a range; for cold paths.
    package func string(_ range: TextRange) -> String { String(decoding: text[range.indices], as: UTF8.self) }
}

extension Case {
    /// Finds the keys of all names and codes; what is canonical already stands in for its own key.
    package mutating func findKeys() {
        populationKey = population.map { key(CanonicalForm.ofName(text[$0.indices]), for: $0) }
        payerKey = payer.map { key(CanonicalForm.ofName(text[$0.indices]), for: $0) }
        for index in items.indices {
            let (first, second) = (items[index].first, items[index].second)
            if items[index].kind == .field {
                items[index].firstKey = key(CanonicalForm.ofName(text[first.indices]), for: first)
            } else {
                items[index].firstKey = key(Case.codeKey(text[first.indices]), for: first)
                items[index].secondKey = key(Case.codeKey(text[second.indices]), for: second)
            }
        }
    }

    /// The key of a code: its canonical form, in capitals.
    package static func codeKey(_ code: some Collection<UInt8>) -> [UInt8] {
        CanonicalForm.ofCode(code).map { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 ? $0 & ~0x20 : $0 }
    }

    private mutating func key(_ form: [UInt8], for range: TextRange) -> TextRange {
        if text[range.indices].elementsEqual(form) { return range }
        text += form
        return TextRange(start: text.count - form.count, count: form.count)
    }
}
