@testable import Learning
import Routing
import Testing

@Suite struct CertificateTests {
    static let validity = Validity(issued: CivilDate(days: 20_500), codeSets: [.icd10CM, .cpt])

    /// 1,000 fields, one a document, 2 % steps; 99 % needs 299 without an error.
    @Test func `tests run in order from the start until one fails, and the last accepted is deployed`() throws {
        let plan = try Self.fieldPlan(certifyCount: 2000)
        // The start is at 4·299 = 1,196 of 2,000: the point of 60 %. Errors begin to gather behind 76 %.
        let documents = Examples.fields(2000, wrong: Set(1520..<1560))
        let certificate = try plan.certify(documents, validity: Self.validity)
        let outcome = certificate.outcomes[0]
        #expect(outcome.rows.map(\.point) == Array(29...38))
        #expect(outcome.rows.first.map { [$0.clusters, $0.wrong] } == [1200, 0])
        #expect(outcome.rows.dropLast().allSatisfy { $0.pValue <= 0.05 })
        for row in outcome.rows {
            #expect(row.pValue == Binomial.lower(row.wrong, trials: row.clusters, probability: plan.targets[0].errorRate))
        }
        #expect(outcome.accepted == 37)
        #expect(certificate.threshold == plan.sequences[0].grid[37].threshold)
        #expect(outcome.stop?.point == 38 && outcome.stop?.labelsNeeded == nil)
        #expect(outcome.estimates[0].capture == 0.76 && outcome.estimates[0].accuracies[0].accuracy == 1)
    }

    @Test func `documents are accepted at the threshold itself`() throws {
        let plan = try Self.fieldPlan(certifyCount: 2000)
        let threshold = plan.sequences[0].grid[29].threshold
        var documents = Examples.fields(2000).filter { ($0.score ?? 0) != threshold }
        while documents.count < 2000 { documents.append(ScoredDocument(score: threshold, counts: [CodeCount(codes: 1, wrong: 1)])) }
        let row = try #require(try plan.certify(documents, validity: Self.validity).outcomes[0].rows.first)
        #expect(row.wrong == 1 && row.clusters == 1200)
    }

    @Test func `a certificate that fails says which test stopped it, and how many labels are needed`() throws {
        var stream = SyntheticStream(seed: 3)
        let plan = try Plan.freeze(try Examples.request(), tune: stream.documents(3000), certifyCount: 300)
        let certificate = try plan.certify(stream.documents(300), validity: Self.validity)
        #expect(certificate.threshold == nil && certificate.outcomes[0].estimates.isEmpty)
        let stop = try #require(certificate.outcomes[0].stop)
        #expect(stop.point == plan.sequences[0].start && stop.pValue > stop.level && stop.target != nil)
        let needed = try #require(stop.labelsNeeded)
        #expect(needed > 600 && needed < 10_000)
    }

    @Test func `with the number of labels said to be needed, most plans certify`() throws {
        var certified = 0
        for seed in 0..<24 {
            var stream = SyntheticStream(seed: UInt64(seed))
            let few = try Plan.freeze(try Examples.request(), tune: stream.documents(3000), certifyCount: 300)
            let needed = try #require(LabelsNeeded.count(few.sequences[0], few.targets, level: few.level))
            let best = try #require(few.sequences[0].bestPower(few.targets, level: few.level, certifyCount: needed))
            #expect(best.power >= LabelsNeeded.power)
            let threshold = few.sequences[0].grid[best.point].threshold
            for _ in 0..<5 {
                let scan = SequenceScan(stream.documents(needed), thresholds: [threshold], targetCount: 2, isClustered: false)
                let passes = (0..<2).allSatisfy { few.targets[$0].pValue(scan.sums[0][$0].summary, level: few.level) <= few.level }
                if passes { certified += 1 }
            }
        }
        // Four of five, were tune the truth; it is a sample, and its best point flatters.
        #expect((72...115).contains(certified), "\(certified) of 120")
    }

    @Test func `over the life of a stream the next plan needs more labels than this one did`() throws {
        var stream = SyntheticStream(seed: 3)
        let tune = stream.documents(3000)
        let certify = stream.documents(300)
        func needed(_ scope: Risk.Scope) throws -> Int {
            let request = PlanRequest(targets: try Examples.targets(), risk: try Examples.risk(scope: scope))
            let certificate = try Plan.freeze(request, tune: tune, certifyCount: 300).certify(certify, validity: Self.validity)
            return try #require(certificate.outcomes[0].stop?.labelsNeeded)
        }
        let once = try needed(.certificate)
        let second = try needed(.life(opening: 1))
        #expect(second > once)
        #expect(try needed(.life(opening: 2)) > second)
    }

    @Test func `no number of labels helps where tune misses the target everywhere`() throws {
        let tune = Examples.fields(500, wrong: Set(stride(from: 0, to: 500, by: 10)))
        let request = PlanRequest(targets: [try Examples.field()], risk: try Examples.risk())
        let plan = try Plan.freeze(request, tune: tune, certifyCount: 500)
        let stop = try plan.certify(Examples.fields(500, wrong: Set(stride(from: 0, to: 500, by: 10))), validity: Self.validity).outcomes[0]
            .stop
        #expect(stop != nil && stop?.labelsNeeded == nil)
    }

    @Test(arguments: [ReviewState.rejected, .unreviewed])
    func `what nobody approved counts as wrong`(state: ReviewState) throws {
        let plan = try Self.fieldPlan(certifyCount: 2000)
        var documents = Examples.fields(2000)
        for index in 0..<30 {
            documents[index] = ScoredDocument(score: documents[index].score, counts: [CodeCount(codes: 1, wrong: 0)], review: state)
        }
        let outcome = try plan.certify(documents, validity: Self.validity).outcomes[0]
        #expect(outcome.rows[0].wrong == 30 && outcome.threshold == nil)
    }

    @Test func `another number of documents than planned is refused`() throws {
        let plan = try Self.fieldPlan(certifyCount: 2000)
        #expect(throws: CertifyError.countDiffers(stratum: nil, planned: 2000, given: 2001)) {
            try plan.certify(Examples.fields(2001), validity: Self.validity)
        }
        #expect(throws: CertifyError.countsDiffer(document: 0)) {
            try plan.certify([ScoredDocument(score: 1, counts: [])], validity: Self.validity)
        }
    }

    @Test func `each stratum has its own threshold at its share of the risk`() throws {
        var request = PlanRequest(targets: [try Examples.field(accuracy: 0.95)], risk: try Examples.risk())
        request.stratification = .each
        let tune = Self.strata(north: 500, south: 500)
        let plan = try Plan.freeze(request, tune: tune, certifyCounts: ["north": 1000, "south": 1000])
        #expect(plan.level == 0.025)
        let certificate = try plan.certify(Self.strata(north: 1000, south: 1000), validity: Self.validity)
        // The south errs in every tenth document.
        #expect(certificate.threshold(stratum: "north") != nil)
        #expect(certificate.threshold(stratum: "south") == nil && certificate.threshold(stratum: "west") == nil)
        #expect(certificate.threshold == nil)
    }

    @Test func `a marginal certificate shows what each stratum hides`() throws {
        var request = PlanRequest(targets: [try Examples.field(accuracy: 0.95)], risk: try Examples.risk())
        request.stratification = .marginal
        let plan = try Plan.freeze(request, tune: Self.strata(north: 900, south: 100), certifyCount: 2000)
        let certificate = try plan.certify(Self.strata(north: 1800, south: 200), validity: Self.validity)
        let estimates = certificate.outcomes[0].estimates
        #expect(certificate.threshold != nil && certificate.threshold(stratum: "south") == certificate.threshold)
        #expect(estimates.map(\.stratum) == [nil, "north", "south"])
        #expect(estimates[0].accepted == estimates[1].accepted + estimates[2].accepted)
        let south = estimates[2].accuracies[0]
        #expect(abs(try #require(south.accuracy) - 0.9) < 0.01 && south.lower < 0.9 && south.upper < 0.95)
    }

    @Test func `documents of a cluster count as one`() throws {
        var request = PlanRequest(targets: [try Examples.targets()[0]], risk: try Examples.risk())
        request.isClustered = true
        func days(_ count: Int) -> [ScoredDocument] {
            Examples.fields(count).enumerated().map { index, document in
                ScoredDocument(score: document.score, counts: [CodeCount(codes: 1, wrong: 0)], cluster: "day \(index / 4)")
            }
        }
        let plan = try Plan.freeze(request, tune: days(800), certifyCount: 800)
        let row = try #require(try plan.certify(days(800), validity: Self.validity).outcomes[0].rows.last)
        #expect(row.clusters == 200 && row.codes == 800 && row.codesMax == 4)
    }

    @Test func `strict mode certifies, by an order that the seed fixes`() throws {
        var request = PlanRequest(targets: [try Examples.field(accuracy: 0.95)], risk: try Examples.risk())
        request.mode = .strict(seed: 17)
        let documents = Examples.fields(2000, wrong: Set(stride(from: 7, to: 2000, by: 101)))
        let plan = try Plan.freeze(request, tune: documents, certifyCount: 2000)
        let certificate = try plan.certify(documents, validity: Self.validity)
        #expect(certificate.threshold != nil)
        #expect(try plan.certify(documents, validity: Self.validity) == certificate)
        request.mode = .strict(seed: 18)
        let other = try Plan.freeze(request, tune: documents, certifyCount: 2000).certify(documents, validity: Self.validity)
        #expect(other.outcomes[0].rows.map(\.pValue) != certificate.outcomes[0].rows.map(\.pValue))
    }

    @Test func `bets are refused for a document with more codes than planned`() {
        let good = (0..<500).map { _ in CodeCount(codes: 1, wrong: 0) }
        #expect(BettingTest.pValue(good, errorRate: 0.02, codesMax: 1) < 0.001)
        #expect(BettingTest.pValue(good + [CodeCount(codes: 2, wrong: 0)], errorRate: 0.02, codesMax: 1) == 1)
        #expect(BettingTest.pValue([], errorRate: 0.02, codesMax: 1) == 1)
        // As many errors as allowed win nothing that lasts.
        let even = (0..<500).map { CodeCount(codes: 1, wrong: $0 % 50 == 0 ? 1 : 0) }
        #expect(BettingTest.pValue(even, errorRate: 0.02, codesMax: 1) > 0.05)
    }

    @Test func `validity ends with the code set`() throws {
        func day(_ year: Int, _ month: Int, _ day: Int) throws -> CivilDate { try #require(CivilDate(year: year, month: month, day: day)) }
        #expect(try CodeSet.icd10CM.year(on: day(2025, 9, 30)) == 2025)
        #expect(try CodeSet.icd10CM.year(on: day(2025, 10, 1)) == 2026)
        #expect(try CodeSet.cpt.year(on: day(2025, 12, 31)) == 2025)
        #expect(try CodeSet.cpt.year(on: day(2026, 1, 1)) == 2026)
        let summer = Validity(issued: try day(2026, 7, 4), codeSets: [.icd10CM, .cpt])
        #expect(try summer.through == day(2026, 9, 30))
        let autumn = Validity(issued: try day(2026, 10, 1), codeSets: [.icd10CM, .cpt])
        #expect(try autumn.through == day(2026, 12, 31))
        #expect(try autumn.contains(day(2026, 12, 31)))
        #expect(try !autumn.contains(day(2027, 1, 1)))
        let short = Validity(issued: try day(2026, 2, 1), daysMax: 90, codeSets: [.cpt])
        #expect(try short.through == day(2026, 5, 1))
    }

    static func fieldPlan(certifyCount: Int) throws -> Plan {
        let request = PlanRequest(targets: [try Examples.field()], risk: try Examples.risk())
        return try Plan.freeze(request, tune: Examples.fields(2000), certifyCount: certifyCount)
    }

    private static func strata(north: Int, south: Int) -> [ScoredDocument] {
        func part(_ name: String, _ count: Int, wrongEvery: Int) -> [ScoredDocument] {
            (0..<count).map { index in
                ScoredDocument(
                    score: 1 - Double(index) / Double(count), counts: [CodeCount(codes: 1, wrong: index % wrongEvery == 5 ? 1 : 0)],
                    stratum: name)
            }
        }
        return part("north", north, wrongEvery: 100) + part("south", south, wrongEvery: 10)
    }
}
