import Learning
import Routing

/// Made-up reviewed documents. The chance that a code is right depends on the codes, on evidence, and on context, so that there is something
/// to learn; some evidence is missing now and then, some values are rare.
struct SyntheticCases {
    var generator: SeededGenerator
    private var number = 0

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func documents(_ count: Int) -> [Case] { (0..<count).map { _ in document() } }

    mutating func document() -> Case {
        number += 1
        var maker = CaseMaker(id: "document-\(number)")
        let site = ["north", "south"][generator.below(2)]
        let hedges = generator.below(3)
        maker.document.population = maker.range(site)
        maker.document.serviceDate = CivilDate(days: Int32(20_000 + generator.below(300)))
        maker.context("site", .string(site))
        maker.context("hedges", .number(Double(hedges)))
        maker.context("hasImpression", .bool(generator.unit() < 0.7))
        var fates: [Case.Fate] = []
        for _ in 0..<(1 + generator.below(2)) {
            let procedure = generator.below(12)
            let diagnosis = generator.below(30)
            let margin = generator.unit()
            var evidence: [(String, CaseMaker.Value)] = [("phrase", .string("phrase-\(diagnosis % 10)"))]
            if generator.unit() < 0.9 { evidence.append(("margin", .number(margin))) }
            if generator.unit() < 0.5 { evidence.append(("seen", .bool(generator.unit() < 0.5))) }
            maker.pair(
                "7\(1000 + procedure)", "J\(10 + diagnosis / 3).\(diagnosis % 3)", confidence: 0.2 + 0.6 * generator.unit(), evidence)
            let risk = 0.05 + 0.4 * (1 - margin) * (diagnosis % 4 == 0 ? 1.5 : 0.5) + (site == "south" && hedges == 2 ? 0.2 : 0)
            fates.append(generator.unit() < risk ? .removed : .kept)
        }
        maker.document.outcome = maker.document.outcome(fates: fates, added: [])
        return maker.document
    }

    /// Documents of fields: a value is wrong more often when its shape is odd.
    mutating func forms(_ count: Int) -> [Case] {
        (0..<count).map { _ in
            number += 1
            var maker = CaseMaker(id: "form-\(number)")
            var fates: [Case.Fate] = []
            for field in 0..<4 {
                let isOdd = generator.unit() < 0.2
                maker.field(
                    "field.\(field)", confidence: generator.unit() < 0.05 ? nil : generator.unit(),
                    [("value.shape", .string(isOdd ? "99-9A" : "99-99")), ("value.length", .number(5))])
                fates.append(generator.unit() < (isOdd ? 0.5 : 0.05) ? .changed : .kept)
            }
            maker.document.outcome = maker.document.outcome(fates: fates, added: [])
            return maker.document
        }
    }
}

/// Puts a case together.
struct CaseMaker {
    enum Value {
        case number(Double)
        case bool(Bool)
        case string(String)
    }

    var document: Case

    init(id: String, type: String = "report") {
        document = Case(documentType: TextRange(start: 0, count: 0), documentId: TextRange(start: 0, count: 0))
        document.documentType = range(type)
        document.documentId = range(id)
    }

    mutating func range(_ text: String) -> TextRange {
        let start = document.text.count
        document.text += Array(text.utf8)
        return TextRange(start: start, count: text.utf8.count)
    }

    mutating func scalar(_ name: String, _ value: Value) -> Case.Scalar {
        let range = range(name)
        switch value {
        case .number(let number): return Case.Scalar(name: range, value: .number(number))
        case .bool(let flag): return Case.Scalar(name: range, value: .bool(flag))
        case .string(let text): return Case.Scalar(name: range, value: .string(self.range(text)))
        }
    }

    mutating func context(_ name: String, _ value: Value) { document.context.append(scalar(name, value)) }

    mutating func pair(
        _ procedure: String, _ diagnosis: String, primary: Bool = true, confidence: Double? = 0.5, _ evidence: [(String, Value)] = []
    ) {
        item(primary ? .primaryPair : .pair, procedure, diagnosis, confidence, evidence)
    }

    mutating func field(_ name: String, confidence: Double? = 0.5, _ evidence: [(String, Value)] = []) {
        item(.field, name, "", confidence, evidence)
    }

    private mutating func item(
        _ kind: EngineResult.Kind, _ first: String, _ second: String, _ confidence: Double?, _ evidence: [(String, Value)]
    ) {
        let start = document.evidence.count
        for (name, value) in evidence { document.evidence.append(scalar(name, value)) }
        let (first, second) = (range(first), range(second))
        document.items.append(
            Case.Item(
                kind: kind, first: first, second: second, confidence: confidence.flatMap { Confidence($0) },
                evidence: start..<document.evidence.count))
        document.findKeys()
    }
}
