import Routing
import Testing

/// Short ways to make what tests are about. They fail the test that misuses them.
func name(_ text: String) -> Name {
    guard let name = Name(text) else { preconditionFailure("\(text) is no name") }
    return name
}

func pattern(_ text: String?) -> Pattern? {
    guard let text else { return nil }
    guard let pattern = Pattern(text) else { preconditionFailure("\(text) is no pattern") }
    return pattern
}

/// Nil is never.
func threshold(_ value: Double?) -> Threshold {
    guard let value else { return .never }
    guard let threshold = Threshold(value) else { preconditionFailure("\(value) is no threshold") }
    return threshold
}

func date(_ text: String) -> CivilDate {
    guard let date = CivilDate(iso8601: text.utf8) else { preconditionFailure("\(text) is no date") }
    return date
}

func instant(_ text: String) -> Instant {
    guard let instant = Instant(rfc3339: text.utf8) else { preconditionFailure("\(text) is no time") }
    return instant
}

func rule(
    field: String? = nil, procedure: String? = nil, diagnosis: String? = nil, population: String? = nil, payer: String? = nil,
    from: String? = nil, to: String? = nil, _ value: Double?
) -> Policy.Rule {
    let item: Policy.ItemPattern =
        if let field = pattern(field) {
            .field(field)
        } else if procedure != nil || diagnosis != nil {
            .pair(procedure: pattern(procedure), diagnosis: pattern(diagnosis))
        } else {
            .any
        }
    return Policy.Rule(
        item: item, population: population.map(name), payer: payer.map(name), effectiveFrom: from.map(date), effectiveTo: to.map(date),
        threshold: threshold(value))
}

func makePolicy(
    _ documentType: String = "form", _ value: Double? = 0.9, unlisted: Policy.Unlisted = .default, rules: [Policy.Rule] = [],
    floors: [Policy.Rule] = [], required: [String] = [],
    optional: [String] = [], sections: [String] = [], sampleRate: Double? = nil
) -> Policy {
    Policy(
        documentType: name(documentType), threshold: threshold(value), unlisted: unlisted, rules: rules, floors: floors,
        requiredFields: required.map(name),
        optionalFields: optional.map(name), requiredSections: sections.map(name), sampleRate: sampleRate)
}

func set(_ policies: Policy...) -> PolicySet {
    PolicySet(policies.enumerated().map { CompiledPolicy($0.element, version: PolicyVersion(Int64($0.offset + 1))) })
}

/// One item of a result, as a test writes it.
enum TestItem: Sendable {
    case field(String, Double?, empty: Bool = false)
    case pair(String, String, Double?, primary: Bool = false)
}

func makeResult(
    _ items: [TestItem], type: String = "form", population: String? = nil, payer: String? = nil, serviceDate: String? = nil,
    sections: [String]? = nil
) -> EngineResult {
    var text: [UInt8] = []
    func range(_ string: String) -> TextRange {
        let start = text.count
        text += string.utf8
        return TextRange(start: start, count: text.count - start)
    }
    let typeRange = range(type)
    var result = EngineResult(documentType: typeRange, documentId: range("document-1"))
    result.population = population.map(range)
    result.payer = payer.map(range)
    result.serviceDate = serviceDate.map(date)
    result.sections = sections?.map(range)
    result.items = items.map { item in
        switch item {
        case .field(let name, let confidence, let empty):
            EngineResult.Item(
                kind: .field, first: range(name), second: TextRange(start: 0, count: 0), confidence: confidence.flatMap { Confidence($0) },
                isEmpty: empty)
        case .pair(let procedure, let diagnosis, let confidence, let primary):
            EngineResult.Item(
                kind: primary ? .primaryPair : .pair, first: range(procedure), second: range(diagnosis),
                confidence: confidence.flatMap { Confidence($0) }, isEmpty: false)
        }
    }
    result.text = text
    return result
}

extension PolicySet {
    func decide(_ result: EngineResult, at: String = "2026-03-02T12:00:00Z", hash: UInt64 = .max) -> Decision {
        decide(result, decidedAt: instant(at), hash: hash, saltId: 42)
    }

    /// The threshold, source and index of one item's decision.
    func applied(_ item: TestItem, population: String? = nil, payer: String? = nil, on serviceDate: String? = nil) -> AppliedThreshold? {
        let verdict = decide(makeResult([item], population: population, payer: payer, serviceDate: serviceDate)).items[0]
        return verdict.threshold.map { AppliedThreshold(threshold: $0, source: verdict.source, ruleIndex: verdict.ruleIndex) }
    }
}
