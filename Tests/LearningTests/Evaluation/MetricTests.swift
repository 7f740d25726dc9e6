import Learning
import Testing

@Suite struct MetricTests {
    @Test func `metrics are those of scikit-learn and numpy`() throws {
        let rows = try ReferenceTable("metrics").rows
        #expect(rows.count == 30)
        for row in rows {
            let scores = row.numbers("scores")
            let labels = row.numbers("labels").map { $0 == 1 }
            let auc = try #require(ProbabilityMetrics.areaUnderROC(scores, labels))
            #expect(relativeError(auc, row.number("auc")) < 1e-12)
            #expect(relativeError(ProbabilityMetrics.logLoss(scores, labels), row.number("logLoss")) < 1e-12)
            #expect(relativeError(ProbabilityMetrics.brier(scores, labels), row.number("brier")) < 1e-12)
            #expect(relativeError(RiskCoverageCurve(scores: scores, labels: labels).area, row.number("aurc")) < 1e-12)
            let reliability = Reliability(scores, labels, bins: 5)
            #expect(abs(reliability.calibrationError - row.number("calibrationError")) < 1e-12)
            #expect(reliability.bins.reduce(0) { $0 + $1.count } == labels.count)
        }
    }

    @Test func `the Zipf fit is the maximum of the likelihood, and the line that scipy draws`() throws {
        let rows = try ReferenceTable("zipf").rows
        #expect(rows.count >= 8)
        for row in rows {
            let fit = try #require(ZipfFit(counts: row.numbers("counts").map { Int($0) }))
            #expect(relativeError(fit.exponent, row.number("exponent")) < 1e-9)
            #expect(relativeError(fit.leastSquaresExponent, row.number("leastSquaresExponent")) < 1e-10)
            #expect(relativeError(fit.leastSquaresIntercept, row.number("intercept")) < 1e-10)
            #expect(relativeError(fit.rSquared, row.number("rSquared")) < 1e-10)
        }
        #expect(ZipfFit(counts: [3]) == nil && ZipfFit(counts: [4, 4, 0]) == nil)
    }

    @Test func `a curve has a point a score, and its risk counts codes`() {
        let curve = RiskCoverageCurve(
            scores: [0.9, 0.5, 0.9, 0.1],
            counts: [
                CodeCount(codes: 2, wrong: 0), CodeCount(codes: 1, wrong: 1), CodeCount(codes: 2, wrong: 1), CodeCount(codes: 5, wrong: 3),
            ])
        #expect(curve.points.map(\.threshold) == [0.9, 0.5, 0.1])
        #expect(curve.points.map(\.coverage) == [0.5, 0.75, 1])
        #expect(curve.points.map(\.risk) == [0.25, 0.4, 0.5])
        #expect(curve.area == (0.25 * 2 + 0.4 + 0.5) / 4)
    }

    @Test func `ranking needs both classes`() {
        #expect(ProbabilityMetrics.areaUnderROC([0.1, 0.2], [true, true]) == nil)
        #expect(ProbabilityMetrics.areaUnderROC([0.5, 0.5], [true, false]) == 0.5)
    }
}
