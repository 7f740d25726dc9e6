import Glibc

/// A map from a raw score in [0, 1] to a probability, non-decreasing, fitted on the tune part (STATISTICS: isotonic from about 1,000
/// documents, else beta or Platt). The result is clipped to [1e-6, 1 − 1e-6], so that its logarithm and logit are finite.
package enum Calibrator: Sendable, Hashable, Codable {
    /// The score itself.
    case identity
    /// Pool-adjacent-violators, linear between its knots (`IsotonicFit`).
    case isotonic(IsotonicFit)
    /// logit p = a·ln s − b·ln(1 − s) + c with a, b ≥ 0 (Kull, Silva Filho, Flach 2017).
    case beta(a: Double, b: Double, c: Double)
    /// logit p = a·logit(s) + b with a ≥ 0 (Platt 1999; regularised targets of Lin, Lin, Weng 2007).
    case platt(a: Double, b: Double)

    /// What probabilities and scores are clipped to.
    package static let clip = 1e-6

    /// The calibrated probability of a score. NaN gives `clip`: nothing odd is trusted.
    package func callAsFunction(_ score: Double) -> Double {
        guard !score.isNaN else { return Calibrator.clip }
        let held = Calibrator.clipped(score)
        switch self {
        case .identity: return held
        case .isotonic(let fit): return Calibrator.clipped(fit.value(at: score))
        case .beta(let a, let b, let c): return Calibrator.clipped(logistic(a * log(held) - b * log1p(-held) + c))
        case .platt(let a, let b): return Calibrator.clipped(logistic(a * logit(held) + b))
        }
    }

    /// The weight of the score in `ranked`.
    static let tieWeight = 1e-4

    /// The calibrated probability with its ties broken by the score, of which it takes a ten-thousandth: isotonic plateaus are wide (half of
    /// all fields can share a value), and a threshold on what is shown could not divide them. Strictly increasing, and no further from the
    /// calibrated one than `tieWeight`.
    func ranked(_ score: Double) -> Double {
        let probability = self(score)
        return score.isNaN ? probability : probability + Calibrator.tieWeight * (Calibrator.clipped(score) - probability)
    }

    static func clipped(_ value: Double) -> Double { min(max(value, clip), 1 - clip) }
}
