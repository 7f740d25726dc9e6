import Glibc

/// Tests and intervals of an error rate of codes that come in clusters (Korn, Graubard 1998, "Confidence intervals for proportions with
/// small expected number of positive counts estimated from survey data"): Clopper–Pearson at the effective sample size.
///
/// The test is approximate. Guarded, no sample may look less clustered than if the codes of each document were right or wrong together, so
/// that a sample in which the worst documents happen to be missing does not look better than the stream is. What sizes that leaves is
/// measured by scripts/test-sizes.py (docs/evaluation.md). Many fields a document are beyond it (`LevelTests`): they are bet on.
package enum KornGraubard {
    /// With at most so many codes a document, so many errors expected at the error rate that is refused, and such a level, the design
    /// effect of the sample is near enough and the test is not guarded.
    static let plainCodesMax = 2
    static let plainErrorsMin = 12.0
    static let plainLevelMin = 0.03

    /// Whether the test is guarded.
    /// - Parameters:
    ///   - codesMax: the most codes that a document may have, known beforehand.
    ///   - level: what p will be compared with.
    package static func isGuarded(clusters: Int, errorRate: Double, codesMax: Int, level: Double) -> Bool {
        codesMax > plainCodesMax || Double(clusters) * errorRate < plainErrorsMin || level < plainLevelMin
    }

    /// P(so few errors | error rate = `errorRate`), the p-value of "the error rate is at least `errorRate`".
    ///
    /// 1 where all is wrong or n < 2. Where nothing is wrong (1 − αN/(n·K_max))^n: each cluster has an error with a probability of at least
    /// its share of α over K_max.
    /// - Parameter codesMax: the most codes that a document may have, known beforehand; p is 1 when one has more.
    package static func pValue(_ set: Summary, errorRate: Double, codesMax: Int, isGuarded: Bool) -> Double {
        guard set.clusters >= 2, set.wrong < set.codes, set.codesMax <= codesMax else { return 1 }
        let clusters = Double(set.clusters)
        if set.wrong == 0 {
            let share = errorRate * Double(set.codes) / (clusters * Double(codesMax))
            return exp(clusters * log1p(-share))
        }
        let size = Double(set.codes) / (isGuarded ? set.guardedEffect : set.designEffect)
        let events = size * set.errorRate
        return IncompleteBeta.upper(errorRate, events + 1, size - events)
    }

    /// Two-sided interval of the error rate, at the confidence 1 − 2·tail, with the authors' correction for small samples.
    package static func interval(_ set: Summary, tail: Double = 0.025) -> ClosedRange<Double> {
        guard set.codes > 0, set.clusters >= 2 else { return 0...1 }
        let clusters = Double(set.clusters)
        if set.wrong == 0 || set.wrong == set.codes {
            let share = -expm1(log(tail) / clusters) * clusters * Double(max(set.codesMax, 1)) / Double(set.codes)
            return set.wrong == 0 ? 0...min(share, 1) : max(1 - share, 0)...1
        }
        let size = Double(set.codes) / set.designEffect * correction(wrongClusters: set.wrongClusters, level: tail)
        let events = size * set.errorRate
        let lower = IncompleteBeta.quantile(tail, events, size - events + 1)
        return lower...max(lower, IncompleteBeta.quantile(upper: tail, events + 1, size - events))
    }

    /// (z_{1−level}/t_{1−level, m−1})², in (0, 1], by which the interval's effective size is taken to be smaller; m ≤ 2 has one degree of
    /// freedom.
    private static func correction(wrongClusters: Int, level: Double) -> Double {
        guard level < 0.5 else { return 1 }
        let ratio = Normal.quantile(upper: level) / StudentT.quantile(upper: level, degrees: Double(max(wrongClusters - 1, 1)))
        return ratio * ratio
    }

    /// A set as the ledger keeps it.
    package struct Summary: Sendable, Hashable {
        package var clusters: Int
        package var wrongClusters: Int
        package var codes: Int
        package var wrong: Int
        package var codesMax: Int
        package var codesSquared: Int
        package var designEffect: Double

        package var errorRate: Double { codes > 0 ? Double(wrong) / Double(codes) : 0 }

        /// ΣK²/ΣK: what the design effect would be, were the codes of each cluster right or wrong together. 1 without codes.
        package var wholeEffect: Double { codes > 0 ? Double(codesSquared) / Double(codes) : 1 }

        /// The design effect of a guarded test.
        package var guardedEffect: Double { max(designEffect, wholeEffect) }
    }
}

extension ClusterSums {
    package var summary: KornGraubard.Summary {
        KornGraubard.Summary(
            clusters: clusters, wrongClusters: wrongClusters, codes: codes, wrong: wrong, codesMax: codesMax, codesSquared: codesSquared,
            designEffect: designEffect)
    }
}
