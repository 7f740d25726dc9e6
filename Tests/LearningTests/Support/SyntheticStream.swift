import Learning

/// A made-up stream of coded notes with an error curve like that of the paper: better scores, fewer errors; the targets 98 and 95 % are
/// met by about half of the documents. One or two codes a note; errors of a note's codes come together.
struct SyntheticStream {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func documents(_ count: Int) -> [ScoredDocument] { (0..<count).map { _ in document() } }

    mutating func document() -> ScoredDocument {
        let score = generator.unit()
        let codes = generator.unit() < 0.2 ? 2 : 1
        // Mean errors above the score s: (1 − s)·slope; at half of the documents 1.9 and 4.8 %.
        let risk = (1 - score) * 0.076
        let isHard = generator.unit() < 2 * risk
        return ScoredDocument(score: score, counts: [count(codes, isHard ? 0.5 : 0), count(codes, min(isHard ? 0.9 : risk * 1.2, 1))])
    }

    private mutating func count(_ codes: Int, _ rate: Double) -> CodeCount {
        var wrong = 0
        for _ in 0..<codes where generator.unit() < rate { wrong += 1 }
        return CodeCount(codes: codes, wrong: wrong)
    }
}

/// Requests and documents that tests share.
enum Examples {
    static func request(delta: Double = 0.05, mode: CertificateMode = .fixedSequence, seed: UInt64 = 1) throws -> PlanRequest {
        var request = PlanRequest(targets: try targets(), risk: try risk(delta))
        request.mode = mode
        request.seed = seed
        return request
    }

    static func targets() throws -> [TargetRequest] {
        [
            try required(TargetRequest(name: "procedure", accuracy: 0.98, codesMax: 2)),
            try required(TargetRequest(name: "primaryDiagnosis", accuracy: 0.95, codesMax: 2)),
        ]
    }

    static func field(accuracy: Double = 0.99) throws -> TargetRequest {
        try required(TargetRequest(name: "field", accuracy: accuracy, unit: .fields, codesMax: 1))
    }

    static func risk(_ delta: Double = 0.05, scope: Risk.Scope = .certificate) throws -> Risk {
        try required(Risk(delta: delta, scope: scope))
    }

    /// One code a document, scores descending from 1; wrong where said.
    static func fields(_ count: Int, wrong: Set<Int> = []) -> [ScoredDocument] {
        (0..<count).map { index in
            ScoredDocument(
                score: 1 - Double(index) / Double(count), counts: [CodeCount(codes: 1, wrong: wrong.contains(index) ? 1 : 0)])
        }
    }

    struct Missing: Error {}

    static func required<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw Missing() }
        return value
    }
}

extension Plan {
    /// Planned for these very documents, blind to their reviews.
    static func freeze(_ request: PlanRequest, tune: [ScoredDocument], for certify: [ScoredDocument]) throws(PlanError) -> Plan {
        try freeze(request, tune: tune, certify: certify.map(UnreadDocument.init))
    }
}
