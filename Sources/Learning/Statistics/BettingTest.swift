/// A test by betting (Waudby-Smith, Ramdas 2024; method page §5.4): the p-value of "the error rate of the codes is at least α", valid at
/// every sample size for independent clusters.
///
/// Capital K_t = Π(1 − λ(E − αK)) is a martingale, or falls, when ΣE ≥ αΣK in expectation; by Ville's inequality it ever reaches 1/p with a
/// probability of at most p.
package enum BettingTest {
    /// λ as shares of 1/(K_max(1 − α)), which no bet may reach: a lost bet would leave less than nothing. A plan chooses one of them
    /// beforehand: it then need not be shared with stakes that serve other error rates.
    package static let plannable = [0.25, 0.5, 0.7, 0.85, 0.95, 0.99]

    /// p = 1/max K_t, in (0, 1]; 1 when a cluster has more than `codesMax` codes, since the bets were not sized for it. Below 1e-200 it stops
    /// there: to stop at any time is valid.
    /// - Parameters:
    ///   - counts: in the fixed order.
    ///   - stake: in (0, 1), chosen without any of the counts.
    package static func pValue(_ counts: some Sequence<CodeCount>, errorRate: Double, codesMax: Int, stake: Double) -> Double {
        var capital = Capital(stake, errorRate: errorRate, most: Double(codesMax))
        for count in counts where count.codes > 0 {
            guard count.codes <= codesMax else { return 1 }
            if capital.bet(Double(count.wrong) - errorRate * Double(count.codes)) { break }
        }
        return 1 / capital.best
    }

    /// The p-value of "the share of a cluster's codes that are wrong is at least α in the mean over clusters": E/K in place of E, 1 in place of
    /// K. Another claim, of which each cluster is one unit however many codes it has.
    package static func pValue(shares counts: some Sequence<CodeCount>, errorRate: Double, stake: Double) -> Double {
        var capital = Capital(stake, errorRate: errorRate, most: 1)
        for count in counts where count.codes > 0 {
            if capital.bet(Double(count.wrong) / Double(count.codes) - errorRate) { break }
        }
        return 1 / capital.best
    }

    private struct Capital {
        private let lambda: Double
        private var capital = 1.0
        private(set) var best = 1.0

        init(_ stake: Double, errorRate: Double, most: Double) { lambda = stake / (most * (1 - errorRate)) }

        /// Whether there is nothing more to win.
        mutating func bet(_ excess: Double) -> Bool {
            capital *= 1 - lambda * excess
            best = max(best, capital)
            return best > 1e200
        }
    }
}
