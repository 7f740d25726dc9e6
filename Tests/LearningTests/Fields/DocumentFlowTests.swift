import Routing
import Testing

@testable import Learning

/// What is promised of fields, seen by document.
@Suite struct `Documents that flow` {
    private static let keys = ["a", "b"].map { FieldKey(documentType: "form", field: $0) }

    /// A form with these confidences of `a` and `b` (nil: not read), of which the review changed something or not.
    private func form(_ id: String, _ a: Double?, _ b: Double?, isRight: Bool = true, hasPair: Bool = false) -> Case {
        var maker = CaseMaker(id: id, type: "form")
        if let a { maker.field("a", confidence: a) }
        if let b { maker.field("b", confidence: b) }
        if hasPair { maker.pair("1", "2") }
        let fates = maker.document.items.indices.map { $0 == 0 && !isRight ? Case.Fate.changed : .kept }
        maker.document.outcome = maker.document.outcome(fates: fates, added: [])
        return maker.document
    }

    private func flow(_ cases: [Case], required: Set<String> = [], held: Set<String> = []) -> DocumentFlow {
        let readings = FieldReadings(cases, blankFields: [], requiredFields: ["form": required]) { $0.items.map { $0.confidence?.value } }
        return DocumentFlow(readings, thresholds: [Self.keys[0]: 0.9, Self.keys[1]: 0.5], heldTypes: held)
    }

    @Test func `are those of which every field is accepted, and an error in any counts`() {
        let cases = [
            form("1", 0.9, 0.5), form("2", 0.95, 0.6, isRight: false), form("3", 0.89, 0.9), form("4", 0.99, 0.4, isRight: false),
            form("5", 0.9, nil),
        ]
        let found = flow(cases)
        #expect(found.documents == 5 && found.flowing == 3 && found.wrong == 1)
        #expect(found.flowingInterval.contains(0.6) && found.wrongInterval.contains(1 / 3))
    }

    @Test func `are not those without a required field, with pairs, with nothing read, or of a type that is held`() {
        let cases = [form("1", 0.9, 0.5), form("2", 0.9, nil), form("3", 0.9, 0.5, hasPair: true), form("4", nil, nil)]
        #expect(flow(cases).flowing == 2)
        #expect(flow(cases, required: ["b"]).flowing == 1)
        #expect(flow(cases, required: ["c"]).flowing == 0)
        #expect(flow(cases, held: ["form"]).flowing == 0)
        #expect(flow([]).flowingInterval == 0...1)
    }

    @Test func `have no field without a threshold, and hold an error when the reviewer added a field`() {
        var other = CaseMaker(id: "o", type: "form")
        other.field("a", confidence: 1)
        other.field("c", confidence: 1)
        other.document.outcome = other.document.outcome(fates: [.kept, .kept], added: [])
        var omitted = form("m", 1, 1)
        omitted.outcome = omitted.outcome(fates: [.kept, .kept], added: [Case.Added(first: Array("c".utf8), second: [], isPrimary: false)])
        let found = flow([other.document, omitted])
        #expect(found.flowing == 1 && found.wrong == 1)
    }
}
