/// The exact interval of a binomial share (Clopper, Pearson 1934).
package enum ClopperPearson {
    /// The two-sided interval of successes/trials; [0, 1] without trials.
    /// - Parameter confidence: in (0, 1).
    package static func interval(successes: Int, trials: Int, confidence: Double = 0.95) -> ClosedRange<Double> {
        guard trials > 0 else { return 0...1 }
        let tail = (1 - confidence) / 2
        return lower(successes: successes, trials: trials, tail: tail)...upper(successes: successes, trials: trials, tail: tail)
    }

    /// The greatest share that is refused as too small at the level `tail`.
    package static func lower(successes: Int, trials: Int, tail: Double) -> Double {
        successes <= 0 ? 0 : IncompleteBeta.quantile(tail, Double(successes), Double(trials - successes) + 1)
    }

    /// The least share that is refused as too large at the level `tail`.
    package static func upper(successes: Int, trials: Int, tail: Double) -> Double {
        successes >= trials ? 1 : IncompleteBeta.quantile(upper: tail, Double(successes) + 1, Double(trials - successes))
    }
}
