@testable import Learning
import Testing

@Suite struct PlanTests {
    @Test func `the grid has a point every 2 % of coverage, equal points merged`() throws {
        let plan = try Plan.freeze(try Examples.request(), tune: stream(1000), aboveFloor: 5000)
        let grid = plan.sequence.grid
        #expect(grid.count == 50)
        for (index, point) in grid.enumerated() { #expect(abs(point.coverage - Double(index + 1) * 0.02) < 1e-12) }

        let ties = (0..<100).map { ScoredDocument(score: $0 < 50 ? 0.9 : 0.4, counts: [CodeCount(codes: 1, wrong: 0)]) }
        let request = PlanRequest(targets: [try Examples.field()], risk: try Examples.risk())
        let merged = try Plan.freeze(request, tune: ties, aboveFloor: 5000).sequence.grid
        #expect(merged == [GridPoint(threshold: 0.9, coverage: 0.5), GridPoint(threshold: 0.4, coverage: 1)])
    }

    @Test func `documents that a hard rule keeps out are counted, and never covered`() throws {
        let tune = (0..<100).map { ScoredDocument(score: $0 < 60 ? Double($0) : nil, counts: [CodeCount(codes: 1, wrong: 0)]) }
        let request = PlanRequest(targets: [try Examples.field()], risk: try Examples.risk())
        let sequence = try Plan.freeze(request, tune: tune, aboveFloor: 1000).sequence
        #expect(sequence.grid.last == GridPoint(threshold: 0, coverage: 0.6))
    }

    /// Scores fall evenly and the error rate of those above the share s of documents is 2·s·slope/2 = s·slope: the floor is where
    /// that is 1.25 times what is allowed.
    @Test(arguments: [(0.1, 0.95, 0.625), (0.05, 0.98, 0.5), (0.04, 0.95, 1.0), (0.2, 0.9, 0.625)])
    func `the floor is the loosest point at which tune's smoothed errors are within a quarter of what is allowed`(
        slope: Double, accuracy: Double, expected: Double
    ) throws {
        var generator = SeededGenerator(seed: 5)
        let tune = (0..<20_000).map { index in
            let share = (Double(index) + 0.5) / 20_000
            return ScoredDocument(score: 1 - share, counts: [CodeCount(codes: 1, wrong: generator.unit() < 2 * share * slope ? 1 : 0)])
        }
        let request = PlanRequest(targets: [try Examples.field(accuracy: accuracy)], risk: try Examples.risk())
        let sequence = try Plan.freeze(request, tune: tune, aboveFloor: 800).sequence
        let floor = try #require(sequence.floor)
        #expect(abs(sequence.grid[floor].coverage - expected) <= 0.061, "\(sequence.grid[floor].coverage)")
        #expect(try #require(sequence.start) <= floor)
    }

    @Test func `the hardest target sets the floor`() throws {
        func floor(_ accuracies: [Double]) throws -> Int? {
            let targets = try accuracies.map { try Examples.required(TargetRequest(name: "a\($0)", accuracy: $0, codesMax: 2)) }
            let request = PlanRequest(targets: targets, risk: try Examples.risk())
            return try Plan.freeze(request, tune: stream(2000), aboveFloor: 2000).sequence.floor
        }
        let (procedure, diagnosis) = (try #require(try floor([0.99, 0.5])), try #require(try floor([0.6, 0.96])))
        #expect(try floor([0.99, 0.96]) == min(procedure, diagnosis))
        #expect(try floor([0.9999, 0.96]) == nil || procedure > 0)
    }

    @Test func `the start of greatest capture follows the errors of tune, and depends on nothing else`() throws {
        let request = try Examples.request()
        let first = try Plan.freeze(request, tune: stream(1000), aboveFloor: 2500)
        let again = try Plan.freeze(request, tune: stream(1000), aboveFloor: 2500)
        #expect(first == again)
        let fewer = try Plan.freeze(request, tune: stream(1000), aboveFloor: 800)
        let strict = try #require(first.sequence.start)
        #expect(try #require(fewer.sequence.start) > strict)
    }

    @Test func `of certify documents plans take how many are above the floor, and nothing of their reviews`() throws {
        let documents = stream(1500)
        let turned = documents.map { document in
            ScoredDocument(score: document.score, counts: document.counts.map { CodeCount(codes: $0.codes, wrong: $0.codes - $0.wrong) })
        }
        let plans = try [documents, turned].map { try Plan.freeze(try Examples.request(), tune: stream(1000), for: $0) }
        #expect(plans[0] == plans[1])
        let floor = try #require(plans[0].sequence.floor.map { plans[0].sequence.grid[$0].threshold })
        #expect(plans[0].sequence.certifyAboveFloor == documents.count { $0.score ?? 0 >= floor })
        #expect(plans[0].sequence.certifyCount == 1500)
    }

    @Test func `levels are shared over lives`() throws {
        #expect(try Examples.risk().level == 0.05)
        let first = try Examples.risk(scope: .life(opening: 1)).level
        #expect(abs(first - 0.0304) < 5e-5)
        #expect(abs(try Examples.risk(scope: .life(opening: 3)).level - first / 9) < 1e-17)
        #expect(Risk(delta: 0) == nil && Risk(delta: 0.05, scope: .life(opening: 0)) == nil)
        // All openings together: the sum of 6/(π²r²) is 1.
        let sum = try (1...20_000).reduce(0.0) { $0 + (try Examples.risk(scope: .life(opening: $1)).level) }
        #expect(sum < 0.05 && sum > 0.04999)
    }

    @Test func `the method names the documents that a first opening needs`() throws {
        // r = 1: 173 and 69 documents without an error instead of 149 and 59.
        let level = try Examples.risk(scope: .life(opening: 1)).level
        for (alpha, least) in [(0.02, 173), (0.05, 69)] {
            #expect(Binomial.lower(0, trials: least, probability: alpha) <= level)
            #expect(Binomial.lower(0, trials: least - 1, probability: alpha) > level)
        }
    }

    @Test(
        arguments: [
            (.codes, .fixedSequence, 1, .exactBinomial), (.codes, .fixedSequence, 2, .kornGraubard), (.codes, .strict, 2, .betting),
            (.codes, .strict, 1, .exactBinomial), (.fields, .fixedSequence, 14, .betting), (.fields, .strict, 14, .betting),
            (.fields, .fixedSequence, 1, .exactBinomial), (.shares, .fixedSequence, 14, .bettingOnShares),
            (.shares, .strict, 1, .exactBinomial),
        ] as [(TargetRequest.Unit, CertificateMode, Int, TestKind)])
    func `each target has the test that serves it`(unit: TargetRequest.Unit, mode: CertificateMode, codes: Int, test: TestKind) throws {
        var request = PlanRequest(
            targets: [try Examples.required(TargetRequest(name: "a", accuracy: 0.9, unit: unit))], risk: try Examples.risk())
        request.mode = mode
        let tune = (0..<50).map { ScoredDocument(score: Double($0), counts: [CodeCount(codes: $0 == 7 ? codes : 1, wrong: 0)]) }
        let plan = try Plan.freeze(request, tune: tune, aboveFloor: 100)
        #expect(plan.targets.map(\.test) == [test] && plan.targets.map(\.codesMax) == [codes])
        #expect((plan.sequence.stake != nil) == test.isBetting)
    }

    @Test func `what can't be planned is refused`() throws {
        var request = try Examples.request()
        #expect(throws: PlanError.countsDiffer(document: 1)) {
            try Plan.freeze(request, tune: [stream(1)[0], ScoredDocument(score: 1, counts: [])], aboveFloor: 10)
        }
        #expect(throws: PlanError.unreadCountsDiffer(document: 0)) {
            try Plan.freeze(request, tune: stream(5), certify: [UnreadDocument(score: 1, codes: [1])])
        }
        request.gridStep = 0
        #expect(throws: PlanError.gridStep(0)) { try Plan.freeze(request, tune: [], aboveFloor: 10) }
        request.targets = []
        #expect(throws: PlanError.noTargets) { try Plan.freeze(request, tune: [], aboveFloor: 10) }
        #expect(TargetRequest(name: "a", accuracy: 1) == nil && TargetRequest(name: "a", accuracy: 0.9, codesMax: 0) == nil)
    }

    @Test func `without a tune document there is nothing to test`() throws {
        let plan = try Plan.freeze(try Examples.request(), tune: [], aboveFloor: 0)
        #expect(plan.sequence.start == nil && plan.sequence.floor == nil)
    }

    private func stream(_ count: Int) -> [ScoredDocument] {
        var stream = SyntheticStream(seed: 11)
        return stream.documents(count)
    }
}
