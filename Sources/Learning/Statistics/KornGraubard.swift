import Glibc

/// Tests and intervals of an error rate of codes that come in clusters (Korn, Graubard 1998, "Confidence intervals for proportions with
/// small expected number of positive counts estimated from survey data"): Clopper–Pearson at the effective sample size.
///
/// It is approximate. With the small-sample correction it keeps its level where errors are spread evenly over the documents that have any. It
/// does not where few documents are wrong throughout and many have a single error: a sample without one of the former looks too good
/// (`LevelTests`: 21 % instead of 5 % at 300 documents of 14 fields). Betting is valid there as well.
package enum KornGraubard {
    /// Below this many clusters the correction is always made; it is also made at a level under `levelMin`.
    package static let clustersMin = 600
    package static let levelMin = 0.03

    /// P(so few errors | error rate = `errorRate`), the p-value of "the error rate is at least `errorRate`".
    ///
    /// 1 where all is wrong or n < 2. Where nothing is wrong (1 − αN/(n·K_max))^n: each cluster has an error with a probability of at least
    /// its share of α over K_max.
    /// - Parameters:
    ///   - level: what p will be compared with; the correction depends on it.
    ///   - isCorrected: correct for small samples whatever n and the level are.
    package static func pValue(_ set: Summary, errorRate: Double, level: Double, isCorrected: Bool) -> Double {
        guard set.clusters >= 2, set.wrong < set.codes else { return 1 }
        let clusters = Double(set.clusters)
        if set.wrong == 0 {
            let share = errorRate * Double(set.codes) / (clusters * Double(max(set.codesMax, 1)))
            return exp(clusters * log1p(-share))
        }
        let size = effectiveSize(set, level: level, isCorrected: isCorrected)
        let events = size * set.errorRate
        return IncompleteBeta.upper(errorRate, events + 1, size - events)
    }

    /// Two-sided interval of the error rate, at the confidence 1 − 2·tail, always with the correction.
    package static func interval(_ set: Summary, tail: Double = 0.025) -> ClosedRange<Double> {
        guard set.codes > 0, set.clusters >= 2 else { return 0...1 }
        let clusters = Double(set.clusters)
        if set.wrong == 0 || set.wrong == set.codes {
            let share = -expm1(log(tail) / clusters) * clusters * Double(max(set.codesMax, 1)) / Double(set.codes)
            return set.wrong == 0 ? 0...min(share, 1) : max(1 - share, 0)...1
        }
        let size = effectiveSize(set, level: tail, isCorrected: true)
        let events = size * set.errorRate
        let lower = IncompleteBeta.quantile(tail, events, size - events + 1)
        return lower...max(lower, IncompleteBeta.quantile(upper: tail, events + 1, size - events))
    }

    /// n_e = N/deff, times (z_{1−level}/t_{1−level, m−1})² where the correction is made; m ≤ 2 has one degree of freedom.
    static func effectiveSize(_ set: Summary, level: Double, isCorrected: Bool) -> Double {
        let size = Double(set.codes) / set.designEffect
        guard isCorrected || set.clusters < clustersMin || level < levelMin else { return size }
        return size * correction(wrongClusters: set.wrongClusters, level: level)
    }

    /// (z/t)² of the upper quantiles at the level; in (0, 1].
    static func correction(wrongClusters: Int, level: Double) -> Double {
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
        package var designEffect: Double

        package var errorRate: Double { codes > 0 ? Double(wrong) / Double(codes) : 0 }
    }
}

extension ClusterSums {
    package var summary: KornGraubard.Summary {
        KornGraubard.Summary(
            clusters: clusters, wrongClusters: wrongClusters, codes: codes, wrong: wrong, codesMax: codesMax, designEffect: designEffect)
    }
}
