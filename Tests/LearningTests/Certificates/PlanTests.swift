@testable import Learning
import Testing

@Suite struct PlanTests {
    @Test func `the grid has a point every 2 % of coverage, equal points merged`() throws {
        let plan = try Plan.freeze(try Examples.request(), tune: stream(1000), certifyCount: 5000)
        let sequence = plan.sequences[0]
        #expect(sequence.grid.count == 50)
        for (index, point) in sequence.grid.enumerated() { #expect(abs(point.coverage - Double(index + 1) * 0.02) < 1e-12) }

        let ties = (0..<100).map { ScoredDocument(score: $0 < 50 ? 0.9 : 0.4, counts: [CodeCount(codes: 1, wrong: 0)]) }
        let request = PlanRequest(targets: [try Examples.field()], risk: try Examples.risk())
        let merged = try Plan.freeze(request, tune: ties, certifyCount: 5000).sequences[0].grid
        #expect(merged == [GridPoint(threshold: 0.9, coverage: 0.5), GridPoint(threshold: 0.4, coverage: 1)])
    }

    @Test func `documents that a hard rule keeps out are counted, and never covered`() throws {
        let tune = (0..<100).map { ScoredDocument(score: $0 < 60 ? Double($0) : nil, counts: [CodeCount(codes: 1, wrong: 0)]) }
        let request = PlanRequest(targets: [try Examples.field()], risk: try Examples.risk())
        let grid = try Plan.freeze(request, tune: tune, certifyCount: 1000).sequences[0].grid
        #expect(grid.last == GridPoint(threshold: 0, coverage: 0.6))
    }

    /// 4·⌈ln .05/ln .98⌉ = 4·149 = 596 of 5,000 are 11.9 %: the point of 12 %.
    @Test(arguments: [(0.05, 5000, 596, 0.12), (0.05, 596, 596, 1.0), (0.0304, 5000, 692, 0.14)])
    func `the start is the first point with enough certify documents`(delta: Double, certify: Int, least: Int, coverage: Double) throws {
        let plan = try Plan.freeze(try Examples.request(delta: delta), tune: stream(1000), certifyCount: certify)
        let sequence = plan.sequences[0]
        #expect(sequence.startDocumentsMin == least)
        #expect(abs(sequence.grid[try #require(sequence.start)].coverage - coverage) < 1e-9)
    }

    @Test func `where certify is smaller than that, the start is where tune predicts most power`() throws {
        // No error but behind rank 600 of 1,000. It takes 59 documents without an error, which are 30 % of 200.
        let tune = Examples.fields(1000, wrong: Set(stride(from: 600, to: 1000, by: 2)))
        let request = PlanRequest(targets: [try Examples.field(accuracy: 0.95)], risk: try Examples.risk())
        let sequence = try Plan.freeze(request, tune: tune, certifyCount: 200).sequences[0]
        #expect(sequence.startDocumentsMin == 236)
        let coverage = sequence.grid[try #require(sequence.start)].coverage
        #expect(coverage >= 0.3 && coverage <= 0.6)
    }

    @Test func `the start of greatest capture follows the errors of tune, and depends on nothing else`() throws {
        let request = try Examples.request(startRule: .greatestCapture)
        let first = try Plan.freeze(request, tune: stream(1000), certifyCount: 2500)
        let again = try Plan.freeze(request, tune: stream(1000), certifyCount: 2500)
        #expect(first == again)
        let fewer = try Plan.freeze(request, tune: stream(1000), certifyCount: 800)
        let strict = try #require(first.sequences[0].start)
        #expect(try #require(fewer.sequences[0].start) > strict)
    }

    @Test func `levels are shared over strata, lives and reviewers' misses`() throws {
        #expect(try Examples.risk().level(sequences: 1) == 0.05)
        #expect(try Examples.risk().level(sequences: 5) == 0.01)
        let first = try Examples.risk(scope: .life(opening: 1)).level(sequences: 1)
        #expect(abs(first - 0.0304) < 5e-5)
        #expect(abs(try Examples.risk(scope: .life(opening: 3)).level(sequences: 1) - first / 9) < 1e-17)
        #expect(try Examples.risk(share: 0.01).level(sequences: 1) == 0.04)
        #expect(Risk(delta: 0.05, reviewerMissShare: 0.05) == nil && Risk(delta: 0) == nil)
        #expect(Risk(delta: 0.05, scope: .life(opening: 0)) == nil)
        // All openings together: the sum of 6/(π²r²) is 1.
        let sum = try (1...20_000).reduce(0.0) { $0 + (try Examples.risk(scope: .life(opening: $1)).level(sequences: 1)) }
        #expect(sum < 0.05 && sum > 0.04999)
    }

    @Test func `the method names the documents that a first opening needs`() throws {
        // r = 1: 173 and 69 documents without an error instead of 149 and 59.
        let level = try Examples.risk(scope: .life(opening: 1)).level(sequences: 1)
        for (alpha, least) in [(0.02, 173), (0.05, 69)] {
            #expect(Binomial.lower(0, trials: least, probability: alpha) <= level)
            #expect(Binomial.lower(0, trials: least - 1, probability: alpha) > level)
        }
    }

    @Test func `each target has the test that serves it`() throws {
        var request = PlanRequest(
            targets: [
                try Examples.field(), try Examples.targets()[0],
                try #require(TargetRequest(name: "fields", accuracy: 0.99, unit: .fields, codesMax: 14)),
            ], risk: try Examples.risk())
        let tune = (0..<50).map { ScoredDocument(score: Double($0), counts: Array(repeating: CodeCount(codes: 1, wrong: 0), count: 3)) }
        func plan() throws -> Plan { try Plan.freeze(request, tune: tune, certifyCount: 1000) }
        #expect(try plan().targets.map(\.test) == [.exactBinomial, .kornGraubard, .kornGraubard])
        #expect(try plan().targets.map(\.isAlwaysCorrected) == [false, false, true])
        request.stratification = .marginal
        #expect(try plan().targets.map(\.isAlwaysCorrected) == [true, true, true])
        request.isClustered = true
        #expect(try plan().targets[0].test == .kornGraubard)
        request.mode = .strict(seed: 1)
        #expect(try plan().targets.map(\.test) == [.betting, .betting, .betting])
        request.reviewerMissBound = 0.25
        #expect(abs(try plan().targets[1].errorRate - 0.015) < 1e-15)
    }

    @Test func `what can't be planned is refused`() throws {
        var request = try Examples.request()
        #expect(throws: PlanError.countsDiffer(document: 1)) {
            try Plan.freeze(
                request, tune: [stream(1)[0], ScoredDocument(score: 1, counts: [])], certifyCount: 10)
        }
        request.reviewerMissBound = 1
        #expect(throws: PlanError.reviewerMissBound(1)) { try Plan.freeze(request, tune: [], certifyCount: 10) }
        request.reviewerMissBound = 0
        request.stratification = .each
        #expect(throws: PlanError.strataDiffer("north")) { try Plan.freeze(request, tune: stream(5), certifyCounts: ["north": 10]) }
        request.targets = []
        #expect(throws: PlanError.noTargets) { try Plan.freeze(request, tune: [], certifyCount: 10) }
        #expect(TargetRequest(name: "a", accuracy: 1) == nil && TargetRequest(name: "a", accuracy: 0.9, codesMax: 0) == nil)
    }

    @Test func `without a tune document there is nothing to test`() throws {
        let plan = try Plan.freeze(try Examples.request(), tune: [], certifyCount: 0)
        #expect(plan.sequences[0].start == nil)
    }

    private func stream(_ count: Int) -> [ScoredDocument] {
        var stream = SyntheticStream(seed: 11)
        return stream.documents(count)
    }
}
