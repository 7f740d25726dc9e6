@testable import Learning
import Routing
import Testing

@Suite struct CertificateTests {
    static let validity = Validity(issued: CivilDate(days: 20_500), codeSets: [.icd10CM, .cpt])

    /// 2,000 fields, one a document, 2 % steps; 99 % needs 299 without an error.
    @Test func `tests run in order from the start until one fails, and the last accepted is deployed`() throws {
        // Errors begin to gather behind 76 %.
        let documents = Examples.fields(2000, wrong: Set(1520..<1560))
        let plan = try Self.fieldPlan(certify: documents)
        let start = try #require(plan.sequence.start)
        #expect(start >= 7 && start < 30 && plan.sequence.floor == 49)
        let certificate = try plan.certify(documents, validity: Self.validity)
        let outcome = certificate.outcome
        #expect(outcome.rows.map(\.point) == Array(start...38))
        #expect(outcome.rows.first.map { [$0.clusters, $0.wrong] } == [(start + 1) * 40, 0])
        #expect(outcome.rows.dropLast().allSatisfy { $0.pValue <= 0.05 })
        for row in outcome.rows {
            #expect(row.pValue == Binomial.lower(row.wrong, trials: row.clusters, probability: plan.targets[0].errorRate))
        }
        #expect(outcome.accepted == 37)
        #expect(certificate.threshold == plan.sequence.grid[37].threshold)
        #expect(outcome.stop?.point == 38 && outcome.stop?.labelsNeeded == nil)
        #expect(outcome.estimates[0].capture == 0.76 && outcome.estimates[0].accuracies[0].accuracy == 1)
    }

    @Test func `documents are accepted at the threshold itself`() throws {
        let start = try #require(try Self.fieldPlan(certify: Examples.fields(2000)).sequence.start)
        let threshold = try Self.fieldPlan(certify: Examples.fields(2000)).sequence.grid[start].threshold
        var documents = Examples.fields(2000).filter { ($0.score ?? 0) != threshold }
        while documents.count < 2000 { documents.append(ScoredDocument(score: threshold, counts: [CodeCount(codes: 1, wrong: 1)])) }
        let row = try #require(try Self.fieldPlan(certify: documents).certify(documents, validity: Self.validity).outcome.rows.first)
        #expect(row.wrong == 1 && row.clusters == (start + 1) * 40)
    }

    @Test func `nothing is tested below the floor, however good it is there`() throws {
        // Tune is wrong below 60 %; certify is not.
        let tune = Examples.fields(1000, wrong: Set(600..<1000))
        let request = PlanRequest(targets: [try Examples.field(accuracy: 0.95)], risk: try Examples.risk())
        let documents = Examples.fields(2000)
        let plan = try Plan.freeze(request, tune: tune, for: documents)
        let floor = try #require(plan.sequence.floor)
        #expect((28...33).contains(floor))
        let certificate = try plan.certify(documents, validity: Self.validity)
        #expect(certificate.threshold == plan.sequence.grid[floor].threshold && certificate.outcome.stop == nil)
        #expect(certificate.outcome.rows.last?.point == floor)
    }

    @Test func `certify documents may be all that were drawn, or those above the floor alone`() throws {
        var stream = SyntheticStream(seed: 8)
        let (tune, documents) = (stream.documents(2000), stream.documents(6000))
        let whole = try Plan.freeze(try Examples.request(), tune: tune, for: documents)
        let floor = try #require(whole.sequence.floor.map { whole.sequence.grid[$0].threshold })
        let above = documents.filter { $0.score ?? 0 >= floor }
        #expect(whole.sequence.certifyAboveFloor == above.count && above.count < 6000)
        let part = try Plan.freeze(try Examples.request(), tune: tune, for: above)
        let certificates = (
            try whole.certify(documents, validity: Self.validity), try part.certify(above, validity: Self.validity)
        )
        #expect(certificates.0.threshold != nil && certificates.0.threshold == certificates.1.threshold)
        #expect(certificates.0.outcome.rows == certificates.1.outcome.rows)
    }

    @Test(arguments: [1, 2, 3]) func `documents with more codes than any of tune are outside`(most: Int) throws {
        func documents(_ count: Int, long: Int, codes: Int) -> [ScoredDocument] {
            (0..<count).map { index in
                let codes = index % 50 == 0 && index / 50 < long ? codes : 1
                return ScoredDocument(
                    score: 1 - Double(index) / Double(count), counts: [CodeCount(codes: codes, wrong: codes == most + 1 ? 1 : 0)])
            }
        }
        let request = PlanRequest(
            targets: [try Examples.required(TargetRequest(name: "procedure", accuracy: 0.95))], risk: try Examples.risk())
        let tune = documents(1000, long: 20, codes: most)
        let certify = documents(2000, long: 40, codes: most + 1)
        let plan = try Plan.freeze(request, tune: tune, for: certify)
        #expect(plan.targets.map(\.codesMax) == [most] && plan.targets[0].test == (most == 1 ? .exactBinomial : .kornGraubard))
        let certificate = try plan.certify(certify, validity: Self.validity)
        // All that is wrong is outside; the last document is below the least score of tune.
        #expect(certificate.outcome.rows.allSatisfy { $0.wrong == 0 && $0.codesMax == 1 })
        #expect(plan.sequence.certifyAboveFloor == 1959 && certificate.outcome.estimates[0].accepted == 1959)
    }

    @Test func `codes and fields of one plan have the tests that serve them`() throws {
        let request = PlanRequest(
            targets: [
                try Examples.required(TargetRequest(name: "procedure", accuracy: 0.95, codesMax: 2)),
                try Examples.required(TargetRequest(name: "field", accuracy: 0.95, unit: .fields)),
            ], risk: try Examples.risk())
        func documents(_ count: Int) -> [ScoredDocument] {
            (0..<count).map { index in
                ScoredDocument(
                    score: 1 - Double(index) / Double(count),
                    counts: [CodeCount(codes: 1 + index % 2, wrong: 0), CodeCount(codes: 3, wrong: index % 40 == 7 ? 1 : 0)])
            }
        }
        let certify = documents(1500)
        let plan = try Plan.freeze(request, tune: documents(400), for: certify)
        #expect(plan.targets.map(\.test) == [.kornGraubard, .betting] && plan.targets.map(\.codesMax) == [2, 3])
        let certificate = try plan.certify(certify, validity: Self.validity)
        #expect(certificate.threshold != nil)
        #expect(certificate.verify(tune: documents(400), certify: certify).isSound)
    }

    @Test func `a certificate that fails says which test stopped it, and how many labels are needed`() throws {
        var stream = SyntheticStream(seed: 3)
        let (tune, certify) = (stream.documents(3000), stream.documents(300))
        let plan = try Plan.freeze(try Examples.request(), tune: tune, for: certify)
        let certificate = try plan.certify(certify, validity: Self.validity)
        #expect(certificate.threshold == nil && certificate.outcome.estimates.isEmpty)
        let stop = try #require(certificate.outcome.stop)
        #expect(stop.point == plan.sequence.start && stop.pValue > stop.level && stop.target != nil)
        let needed = try #require(stop.labelsNeeded)
        #expect(needed > 300 && needed < 10_000)
    }

    @Test func `with the number of labels said to be needed, most plans certify`() throws {
        var certified = 0
        for seed in 0..<24 {
            var stream = SyntheticStream(seed: UInt64(seed))
            let request = try Examples.request()
            let (targets, level) = (request.targets.map { TargetPlan($0, plan: request, codesMax: 2) }, request.risk.level)
            let sequence = SequencePlan.toFloor(stream.documents(3000), targets, request, certify: [])
            let floor = try #require(sequence.floor)
            let needed = try #require(LabelsNeeded.count(sequence, targets, level: level))
            let best = try #require(sequence.bestPower(targets, level: level, aboveFloor: needed))
            #expect(best.power >= LabelsNeeded.power)
            let threshold = sequence.grid[best.point].threshold
            for _ in 0..<5 {
                let documents = stream.documents(Int(Double(needed) / sequence.grid[floor].coverage))
                let scan = SequenceScan(documents, thresholds: [threshold], targetCount: 2, isClustered: false)
                let passes = (0..<2).allSatisfy { targets[$0].pValue(scan.sums[0][$0].summary, level: level) <= level }
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
            let certificate = try Plan.freeze(request, tune: tune, for: certify).certify(certify, validity: Self.validity)
            return try #require(certificate.outcome.stop?.labelsNeeded)
        }
        let once = try needed(.certificate)
        let second = try needed(.life(opening: 1))
        #expect(second > once)
        #expect(try needed(.life(opening: 2)) > second)
    }

    @Test func `nothing is tested where tune misses the target everywhere`() throws {
        let documents = Examples.fields(500, wrong: Set(stride(from: 0, to: 500, by: 10)))
        let request = PlanRequest(targets: [try Examples.field()], risk: try Examples.risk())
        let plan = try Plan.freeze(request, tune: documents, for: documents)
        #expect(plan.sequence.floor == nil && plan.sequence.start == nil && plan.sequence.certifyAboveFloor == 0)
        let certificate = try plan.certify(documents, validity: Self.validity)
        #expect(certificate.threshold == nil && certificate.outcome.rows.isEmpty)
        #expect(certificate.outcome.stop?.point == nil && certificate.outcome.stop?.labelsNeeded == nil)
        #expect(certificate.verify(tune: documents, certify: documents).isSound)
    }

    @Test func `another number of documents than planned is refused`() throws {
        let plan = try Self.fieldPlan(certify: Examples.fields(2000))
        #expect(throws: CertifyError.countDiffers(planned: 2000, given: 2001)) {
            try plan.certify(Examples.fields(2001), validity: Self.validity)
        }
        let lower = Examples.fields(2000).map { ScoredDocument(score: ($0.score ?? 0) - 0.5, counts: $0.counts) }
        let floor = try #require(plan.sequence.grid.last).threshold
        let above = lower.count { $0.score ?? 0 >= floor }
        #expect(throws: CertifyError.countAboveFloorDiffers(planned: plan.sequence.certifyAboveFloor, given: above)) {
            try plan.certify(lower, validity: Self.validity)
        }
        #expect(throws: CertifyError.countsDiffer(document: 0)) {
            try plan.certify([ScoredDocument(score: 1, counts: [])], validity: Self.validity)
        }
    }

    /// A site of 200 documents errs in every tenth, where one in twenty may; the others hide it.
    @Test(arguments: ["south", "St. Mary's", "東京"]) func `a certificate shows what each population hides`(site: String) throws {
        let request = PlanRequest(targets: [try Examples.field(accuracy: 0.95)], risk: try Examples.risk())
        let documents = Self.populations([("north", 1500, 100), ("west", 300, 100), (site, 200, 10)])
        let plan = try Plan.freeze(request, tune: Self.populations([("north", 900, 100), (site, 100, 10)]), for: documents)
        let certificate = try plan.certify(documents, validity: Self.validity)
        let estimates = certificate.outcome.estimates
        #expect(certificate.threshold != nil)
        #expect(Set(estimates.map(\.population)) == [.all, .named("north"), .named("west"), .named(site)])
        #expect(estimates[0].population == .all && estimates[0].accepted == estimates.dropFirst().reduce(0) { $0 + $1.accepted })
        let hidden = try #require(estimates.first { $0.population == .named(site) })
        let accuracy = hidden.accuracies[0]
        #expect(abs(try #require(accuracy.accuracy) - 0.9) < 0.01 && accuracy.lower < 0.9 && accuracy.upper < 0.95)
        #expect(accuracy.wrongLeast == ClopperPearson.lower(successes: accuracy.codes - accuracy.right, trials: accuracy.codes, tail: 0.05))
        #expect(estimates.map { $0.missed(errorRates: [0.05]) } == estimates.map { $0 == hidden ? [0] : [] })
    }

    @Test func `documents that name no population stand beside those that do`() throws {
        let request = PlanRequest(targets: [try Examples.field(accuracy: 0.95)], risk: try Examples.risk())
        let documents = Self.populations([("north", 600, 100), (nil, 400, 100)])
        let certificate = try Plan.freeze(request, tune: documents, for: documents).certify(documents, validity: Self.validity)
        #expect(certificate.outcome.estimates.map(\.population) == [.all, .named("north"), .unnamed])
    }

    @Test func `documents of a cluster count as one`() throws {
        var request = PlanRequest(
            targets: [try Examples.required(TargetRequest(name: "procedure", accuracy: 0.98))], risk: try Examples.risk())
        request.isClustered = true
        func days(_ count: Int) -> [ScoredDocument] {
            Examples.fields(count).enumerated().map { index, document in
                ScoredDocument(score: document.score, counts: [CodeCount(codes: 1, wrong: 0)], cluster: "day \(index / 4)")
            }
        }
        let plan = try Plan.freeze(request, tune: days(3200), for: days(3200))
        #expect(plan.targets.map(\.codesMax) == [4])
        let row = try #require(try plan.certify(days(3200), validity: Self.validity).outcome.rows.last)
        #expect(row.clusters == 800 && row.codes == 3200 && row.codesMax == 4 && row.codesSquared == 12_800)
    }

    @Test func `strict mode certifies, by an order that the seed fixes`() throws {
        var request = PlanRequest(
            targets: [try Examples.required(TargetRequest(name: "procedure", accuracy: 0.95, codesMax: 2))], risk: try Examples.risk())
        request.mode = .strict
        request.seed = 17
        let documents = Examples.fields(2000, wrong: Set(stride(from: 7, to: 2000, by: 101)))
        let plan = try Plan.freeze(request, tune: documents, for: documents)
        let certificate = try plan.certify(documents, validity: Self.validity)
        #expect(plan.targets.map(\.test) == [.betting] && certificate.threshold != nil)
        #expect(try plan.certify(documents, validity: Self.validity) == certificate)
        request.seed = 18
        let other = try Plan.freeze(request, tune: documents, for: documents).certify(documents, validity: Self.validity)
        #expect(other.outcome.rows.map(\.pValue) != certificate.outcome.rows.map(\.pValue))
    }

    @Test func `bets are refused for a document with more codes than planned`() {
        let good = (0..<500).map { _ in CodeCount(codes: 1, wrong: 0) }
        #expect(BettingTest.pValue(good, errorRate: 0.02, codesMax: 1, stake: 0.95) < 0.001)
        #expect(BettingTest.pValue(good + [CodeCount(codes: 2, wrong: 0)], errorRate: 0.02, codesMax: 1, stake: 0.95) == 1)
        #expect(BettingTest.pValue([], errorRate: 0.02, codesMax: 1, stake: 0.95) == 1)
        // As many errors as allowed win nothing that lasts.
        let even = (0..<500).map { CodeCount(codes: 1, wrong: $0 % 50 == 0 ? 1 : 0) }
        #expect(BettingTest.pValue(even, errorRate: 0.02, codesMax: 1, stake: 0.5) > 0.05)
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

    static func fieldPlan(certify: [ScoredDocument]) throws -> Plan {
        let request = PlanRequest(targets: [try Examples.field()], risk: try Examples.risk())
        return try Plan.freeze(request, tune: Examples.fields(2000), for: certify)
    }

    /// Of each population so many documents, of which every so-many-th is wrong.
    private static func populations(_ parts: [(name: String?, count: Int, wrongEvery: Int)]) -> [ScoredDocument] {
        parts.flatMap { part in
            (0..<part.count).map { index in
                ScoredDocument(
                    score: 1 - Double(index) / Double(part.count),
                    counts: [CodeCount(codes: 1, wrong: index % part.wrongEvery == 5 ? 1 : 0)], population: part.name)
            }
        }
    }
}
