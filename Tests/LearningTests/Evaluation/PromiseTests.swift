@testable import Learning
import Testing

@Suite struct PromiseTests {
    /// So many draws tell a promise that is kept, broken in 5 % of draws, from one that is broken in 10 %.
    static let draws = 360
    /// From so many broken draws on a test fails.
    static let failuresMax = 29

    @Test func `a promise broken in a tenth of draws fails these tests, and one that is kept passes`() {
        func fails(rate: Double) -> Double { 1 - Binomial.lower(Self.failuresMax - 1, trials: Self.draws, probability: rate) }
        #expect(fails(rate: 0.10) >= 0.90, "\(fails(rate: 0.10))")
        #expect(fails(rate: 0.05) <= 0.01, "\(fails(rate: 0.05))")
    }

    @Test(arguments: [(7, 60, false), (8, 60, true), (23, 300, false), (24, 300, true), (0, 60, false)])
    func `the promise is broken only when the interval lies above 5 %`(failures: Int, draws: Int, isBroken: Bool) {
        let record = PromiseTrial.Record(draws: draws, failures: failures, empty: 0, captures: [0], meanAccuracies: [])
        #expect(record.isBroken(delta: 0.05) == isBroken)
    }

    /// Each with a plan, pool and draws of its own.
    @Test(arguments: [(CertificateMode.fixedSequence, 1200), (.fixedSequence, 500), (.strict, 700)])
    func `certified thresholds keep the promise where naive ones break it`(mode: CertificateMode, documents: Int) throws {
        var stream = SyntheticStream(seed: 2026 + UInt64(documents))
        var request = try Examples.request(mode: mode)
        request.gridStep = 0.04
        let plan = try Plan.freeze(request, tune: stream.documents(1000), aboveFloor: documents)
        let trial = try #require(PromiseTrial(plan: plan, pool: stream.documents(3000), draws: Self.draws, seed: 1))
        #expect(trial.documents == documents && trial.certified.draws == Self.draws)
        #expect(trial.certified.failures < Self.failuresMax, "\(trial.certified)")
        #expect(trial.naive.failures >= Self.failuresMax && trial.naive.share > 0.2, "\(trial.naive)")
        #expect(trial.certified.meanCapture < trial.naive.meanCapture)
        // It is kept by certifying, not by refusing.
        if documents > 1000, mode == .fixedSequence {
            #expect(trial.certified.empty < 180 && trial.certified.meanCapture > 0.1, "\(trial.certified)")
        }
    }

    /// Every threshold lets too much through, and tune does not know: what a test at 5 % passes all the same is what it may.
    @Test(arguments: [1, 2, 3]) func `the promise is kept where no threshold is good enough`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func documents(_ count: Int, errorRate: Double) -> [ScoredDocument] {
            (0..<count).map { _ in
                let codes = generator.unit() < 0.2 ? 2 : 1
                return ScoredDocument(
                    score: generator.unit(), counts: [CodeCount(codes: codes, wrong: generator.unit() < errorRate ? codes : 0)])
            }
        }
        var request = PlanRequest(
            targets: [try Examples.required(TargetRequest(name: "procedure", accuracy: 0.95))], risk: try Examples.risk())
        request.gridStep = 0.04
        let plan = try Plan.freeze(request, tune: documents(600, errorRate: 0.03), aboveFloor: 300)
        // A hair above 5 % at every threshold: any that is certified breaks the promise.
        let trial = try #require(PromiseTrial(plan: plan, pool: documents(3000, errorRate: 0.056), draws: Self.draws, seed: seed))
        #expect(trial.certified.failures == Self.draws - trial.certified.empty)
        #expect(trial.certified.failures < Self.failuresMax, "\(trial.certified)")
    }

    @Test func `several tune sets share the draws, and their captures tell how far a mean can be trusted`() throws {
        var stream = SyntheticStream(seed: 2028)
        let plans = try (0..<3).map { _ in try Plan.freeze(try Examples.request(), tune: stream.documents(800), aboveFloor: 900) }
        let pool = stream.documents(3000)
        let trial = try #require(PromiseTrial(plans: plans, pool: pool, draws: 31, seed: 1) { _ in })
        #expect(trial.certified.draws == 31 && trial.certified.captures.count == 3)
        #expect(try #require(trial.certified.captureInterval).contains(trial.certified.meanCapture))
        #expect(PromiseTrial(plans: plans, pool: pool, draws: 31, seed: 1) { _ in } == trial)
        let record = PromiseTrial.Record(draws: 6, failures: 0, empty: 0, captures: [0.4, 0.5, 0.6], meanAccuracies: [])
        // ± t(.975; 2)·.1/√3.
        #expect(abs(try #require(record.captureInterval).upperBound - (0.5 + 4.302652729911275 * 0.1 / 3.0.squareRoot())) < 1e-9)
        #expect(PromiseTrial(plans: [], pool: pool, draws: 31, seed: 1) { _ in } == nil)
        #expect(PromiseTrial(plans: plans, pool: pool, draws: 2, seed: 1) { _ in } == nil)
        let other = try Plan.freeze(try Examples.request(), tune: stream.documents(800), aboveFloor: 901)
        #expect(PromiseTrial(plans: plans + [other], pool: pool, draws: 31, seed: 1) { _ in } == nil)
    }

    @Test func `a draw is judged as the plan itself would be`() throws {
        var stream = SyntheticStream(seed: 5)
        let (tune, unranked) = (stream.documents(1500), stream.documents(4000))
        let plan = try Plan.freeze(try Examples.request(), tune: tune, for: unranked)
        let pool = RankedPool(unranked, targetCount: 2)
        let documents = (0..<4000).map { index in
            ScoredDocument(score: pool.scores[index], counts: [pool.counts(target: 0)[index], pool.counts(target: 1)[index]])
        }
        let sequence = plan.sequence
        let passes = PoolTests(plan.targets, level: plan.level, pool: pool, grid: Array(sequence.tested))
            .passing(places: Array(0..<4000), counts: [pool.counts(target: 0), pool.counts(target: 1)])
        let certificate = try plan.certify(documents, validity: CertificateTests.validity)
        #expect(certificate.threshold != nil && sequence.lastAccepted(passing: passes) == certificate.outcome.accepted)
    }

    @Test func `the naive threshold is the loosest that meets every target`() throws {
        let documents = [(0.9, 0), (0.8, 0), (0.8, 1), (0.7, 0), (0.6, 0), (0.5, 1), (0.4, 0)].map {
            ScoredDocument(score: $0.0, counts: [CodeCount(codes: 1, wrong: $0.1)])
        }
        #expect(NaiveThreshold.choose(documents, accuracies: [0.8]) == 0.6)
        #expect(NaiveThreshold.choose(documents, accuracies: [0.9]) == 0.9)
        #expect(NaiveThreshold.choose(documents, accuracies: [0.1]) == 0.4)
        #expect(NaiveThreshold.choose([], accuracies: [0.8]) == nil)
        // Scores that were not drawn are none to choose.
        let pool = RankedPool(documents, targetCount: 1)
        #expect(NaiveThreshold.choose(pool, errorRates: [0.2], multiplicities: [1, 1, 0, 1, 0, 0, 0]) == 0.7)
    }
}
