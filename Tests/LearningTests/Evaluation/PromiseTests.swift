@testable import Learning
import Testing

@Suite struct PromiseTests {
    @Test(arguments: [(7, 60, false), (8, 60, true), (23, 300, false), (24, 300, true), (0, 60, false)])
    func `the promise is broken only when the interval lies above 5 %`(failures: Int, draws: Int, isBroken: Bool) {
        let record = PromiseTrial.Record(draws: draws, failures: failures, empty: 0, meanCapture: 0, meanAccuracies: [])
        #expect(record.isBroken(delta: 0.05) == isBroken)
    }

    @Test func `certified thresholds keep the promise where naive ones break it`() throws {
        var stream = SyntheticStream(seed: 2026)
        let tune = stream.documents(2000)
        let pool = stream.documents(6000)
        let plan = try Plan.freeze(try Examples.request(startRule: .greatestCapture), tune: tune, certifyCount: 3000)
        let trial = try #require(PromiseTrial(plan: plan, pool: pool, draws: 60, seed: 1))
        #expect(!trial.certified.isBroken(delta: 0.05), "\(trial.certified)")
        #expect(trial.naive.isBroken(delta: 0.05) && trial.naive.share > 0.2, "\(trial.naive)")
        // It is kept by certifying, not by refusing.
        #expect(trial.certified.empty < 30 && trial.certified.meanCapture > 0.1, "\(trial.certified)")
        #expect(trial.certified.meanCapture < trial.naive.meanCapture)
        #expect(PromiseTrial(plan: plan, pool: pool, draws: 60, seed: 1) == trial)
    }

    @Test func `strict mode keeps it too`() throws {
        var stream = SyntheticStream(seed: 2027)
        let plan = try Plan.freeze(try Examples.request(mode: .strict(seed: 1)), tune: stream.documents(2000), certifyCount: 3000)
        let trial = try #require(PromiseTrial(plan: plan, pool: stream.documents(6000), draws: 40, seed: 1))
        #expect(!trial.certified.isBroken(delta: 0.05))
    }

    @Test func `a draw is judged as the plan itself would be`() throws {
        var stream = SyntheticStream(seed: 5)
        let plan = try Plan.freeze(try Examples.request(), tune: stream.documents(1500), certifyCount: 4000)
        let pool = RankedPool(stream.documents(4000), targetCount: 2)
        let documents = (0..<4000).map { index in
            ScoredDocument(score: pool.scores[index], counts: [pool.counts(target: 0)[index], pool.counts(target: 1)[index]])
        }
        let sequence = plan.sequences[0]
        let passes = PoolTests(plan.targets, level: plan.level, pool: pool, grid: sequence.grid)
            .passing(places: Array(0..<4000), counts: [pool.counts(target: 0), pool.counts(target: 1)])
        let certificate = try plan.certify(documents, validity: CertificateTests.validity)
        #expect(sequence.lastAccepted(passing: passes) == certificate.outcomes[0].accepted)
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
