import Learning
import Testing

@Suite struct IntervalTests {
    @Test func `Clopper–Pearson is scipy's exact interval`() throws {
        let rows = try ReferenceTable("clopper_pearson").rows
        #expect(rows.count > 100)
        for row in rows {
            let interval = ClopperPearson.interval(
                successes: row.integer("successes"), trials: row.integer("trials"), confidence: row.number("confidence"))
            #expect(relativeError(interval.lowerBound, row.number("lower")) < 1e-10, "\(row.cells)")
            #expect(relativeError(interval.upperBound, row.number("upper")) < 1e-10, "\(row.cells)")
        }
        #expect(ClopperPearson.interval(successes: 0, trials: 0) == 0...1)
    }

    @Test func `Korn–Graubard is what numpy and scipy make of the same clusters`() throws {
        let rows = try ReferenceTable("korn_graubard").rows
        #expect(rows.count > 100)
        for row in rows {
            var sums = ClusterSums()
            for (codes, wrong) in zip(row.numbers("codes"), row.numbers("wrong")) {
                sums.add(CodeCount(codes: Int(codes), wrong: Int(wrong)))
            }
            #expect(relativeError(sums.designEffect, row.number("designEffect")) < 1e-10, "\(row.cells)")
            let p = KornGraubard.pValue(
                sums.summary, errorRate: row.number("alpha"), codesMax: row.integer("codesMax"), isGuarded: row["guarded"] == "1")
            #expect(relativeError(p, row.number("pValue")) < 1e-9, "\(row.cells): \(p)")
            guard sums.wrong > 0, sums.wrong < sums.codes else { continue }
            let interval = KornGraubard.interval(sums.summary)
            #expect(relativeError(interval.lowerBound, row.number("lower")) < 1e-9, "\(row.cells)")
            #expect(relativeError(interval.upperBound, row.number("upper")) < 1e-9, "\(row.cells)")
        }
    }

    @Test func `one code a document without an error is the binomial test`() {
        var sums = ClusterSums()
        sums.add(CodeCount(codes: 1, wrong: 0), times: 149)
        let p = KornGraubard.pValue(sums.summary, errorRate: 0.02, codesMax: 1, isGuarded: true)
        #expect(relativeError(p, Binomial.lower(0, trials: 149, probability: 0.02)) < 1e-12)
    }

    @Test func `all wrong, or a single document, proves nothing`() {
        var wrong = ClusterSums()
        wrong.add(CodeCount(codes: 2, wrong: 2), times: 900)
        #expect(KornGraubard.pValue(wrong.summary, errorRate: 0.02, codesMax: 300, isGuarded: false) == 1)
        var single = ClusterSums()
        single.add(CodeCount(codes: 300, wrong: 0))
        #expect(KornGraubard.pValue(single.summary, errorRate: 0.02, codesMax: 300, isGuarded: false) == 1)
    }

    @Test func `a document with more codes than are known of passes no test`() {
        var sums = ClusterSums()
        sums.add(CodeCount(codes: 1, wrong: 0), times: 900)
        sums.add(CodeCount(codes: 3, wrong: 0))
        #expect(KornGraubard.pValue(sums.summary, errorRate: 0.02, codesMax: 2, isGuarded: true) == 1)
        #expect(KornGraubard.pValue(sums.summary, errorRate: 0.02, codesMax: 3, isGuarded: true) < 0.01)
    }

    @Test(arguments: [
        (600, 0.02, 2, 0.05, false), (599, 0.02, 2, 0.05, true), (600, 0.02, 3, 0.05, true), (240, 0.05, 2, 0.0304, false),
        (9000, 0.05, 2, 0.025, true),
    ])
    func `a test is guarded but for few codes, enough errors and an ordinary level`(
        clusters: Int, errorRate: Double, codesMax: Int, level: Double, isGuarded: Bool
    ) {
        #expect(KornGraubard.isGuarded(clusters: clusters, errorRate: errorRate, codesMax: codesMax, level: level) == isGuarded)
    }

    @Test func `sums do not depend on order or on what came and went`() {
        let counts = (0..<200).map { CodeCount(codes: $0 % 4, wrong: $0 % 7 == 0 ? 1 : 0) }
        var forward = ClusterSums()
        for count in counts { forward.add(count) }
        var backward = ClusterSums()
        for count in counts.reversed() {
            backward.add(CodeCount(codes: 3, wrong: 3))
            backward.add(count)
            backward.add(CodeCount(codes: 3, wrong: 3), times: -1)
        }
        #expect(forward == backward)
        var joined = ClusterSums()
        for part in [counts[..<90], counts[90...]] {
            var sums = ClusterSums()
            for count in part { sums.add(count) }
            joined.add(sums)
        }
        #expect(joined == forward)
    }

    @Test func `accuracies carry the interval of their kind`() {
        var single = ClusterSums()
        single.add(CodeCount(codes: 1, wrong: 0), times: 95)
        single.add(CodeCount(codes: 1, wrong: 1), times: 5)
        let exact = AccuracyEstimate(single)
        let interval = ClopperPearson.interval(successes: 95, trials: 100)
        #expect(exact.lower == interval.lowerBound && exact.upper == interval.upperBound && exact.accuracy == 0.95)
        // Errors that come together are worth fewer codes: the interval is wider.
        var clustered = ClusterSums()
        clustered.add(CodeCount(codes: 2, wrong: 0), times: 190)
        clustered.add(CodeCount(codes: 2, wrong: 2), times: 10)
        var spread = ClusterSums()
        spread.add(CodeCount(codes: 2, wrong: 0), times: 180)
        spread.add(CodeCount(codes: 2, wrong: 1), times: 20)
        let together = AccuracyEstimate(clustered)
        let apart = AccuracyEstimate(spread)
        #expect(together.accuracy == apart.accuracy)
        #expect(together.upper - together.lower > 1.2 * (apart.upper - apart.lower))
        #expect(AccuracyEstimate(ClusterSums()).accuracy == nil)
    }
}
