import Glibc

/// A test by betting (Waudby-Smith, Ramdas 2024; method page §5.4): the p-value of "the error rate of the codes is at least α", valid at
/// every sample size for independent clusters.
///
/// Capital K_t = mean over λ of Π(1 − λ(E − αK)) is a martingale, or falls, when ΣE ≥ αΣK in expectation; by Ville's inequality it ever
/// reaches 1/p with a probability of at most p.
package enum BettingTest {
    /// λ as shares of 1/(K_max(1 − α)), which no bet may reach: a lost bet would leave less than nothing.
    package static let stakes = [0.0625, 0.125, 0.25, 0.5, 0.75, 0.95]

    /// p = 1/max K_t, in (0, 1]; 1 when a cluster has more than `codesMax` codes, since the bets were not sized for it.
    /// - Parameter counts: in the fixed order.
    package static func pValue(_ counts: some Sequence<CodeCount>, errorRate: Double, codesMax: Int) -> Double {
        let lambdas = stakes.map { $0 / (Double(codesMax) * (1 - errorRate)) }
        var logCapitals = [Double](repeating: 0, count: lambdas.count)
        var logBest = 0.0
        for count in counts where count.codes > 0 {
            guard count.codes <= codesMax else { return 1 }
            let excess = Double(count.wrong) - errorRate * Double(count.codes)
            for index in lambdas.indices { logCapitals[index] += log1p(-lambdas[index] * excess) }
            logBest = max(logBest, logMean(logCapitals))
        }
        return exp(-logBest)
    }

    private static func logMean(_ logarithms: [Double]) -> Double {
        let greatest = logarithms.max() ?? 0
        return greatest + log(logarithms.reduce(0) { $0 + exp($1 - greatest) } / Double(logarithms.count))
    }
}
