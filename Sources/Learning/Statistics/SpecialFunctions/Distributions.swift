import Glibc

/// The normal distribution with mean 0 and variance 1.
package enum Normal {
    /// P(Z ≤ z), to full relative precision in the lower tail.
    package static func lower(_ z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

    /// P(Z > z), to full relative precision in the upper tail.
    package static func upper(_ z: Double) -> Double { lower(-z) }

    /// z_p: P(Z ≤ z) = p, for p in [0, 1].
    package static func quantile(_ p: Double) -> Double {
        p <= 0.5 ? -quantile(upper: p) : quantile(upper: 1 - p)
    }

    /// The z with P(Z > z) = q.
    package static func quantile(upper q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        if q == 0 { return .infinity }
        if q > 0.5 { return -quantile(upper: 1 - q) }
        // Abramowitz and Stegun 26.2.23 is right to 4.5e-4; Newton's steps on ln Q(z) do the rest.
        let t = (-2 * log(q)).squareRoot()
        var z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
        for _ in 0..<20 {
            let tail = upper(z)
            let density = exp(-0.5 * z * z - SaddlePoint.logRootTwoPi)
            let step = tail > 0 && density > 0 ? (log(tail) - log(q)) * tail / density : 0
            z += step
            if abs(step) <= 1e-16 * max(abs(z), 1e-3) { break }
        }
        return z
    }
}

/// χ² with a real number of degrees of freedom > 0.
package enum ChiSquared {
    /// P(X ≤ x).
    package static func lower(_ x: Double, degrees: Double) -> Double { IncompleteGamma.lower(degrees / 2, x / 2) }

    /// P(X > x).
    package static func upper(_ x: Double, degrees: Double) -> Double { IncompleteGamma.upper(degrees / 2, x / 2) }

    /// The x with P(X ≤ x) = p.
    package static func quantile(_ p: Double, degrees: Double) -> Double {
        2 * IncompleteGamma.quantile(degrees / 2, lower: p, upper: 1 - p)
    }

    /// The x with P(X > x) = q.
    package static func quantile(upper q: Double, degrees: Double) -> Double {
        2 * IncompleteGamma.quantile(degrees / 2, lower: 1 - q, upper: q)
    }
}

/// Student's t with a real number of degrees of freedom > 0 (DLMF 8.17; Abramowitz and Stegun 26.7.1).
package enum StudentT {
    /// P(T ≤ t), to full relative precision in the lower tail.
    package static func lower(_ t: Double, degrees: Double) -> Double {
        guard degrees > 0, !t.isNaN else { return .nan }
        if t.isInfinite { return t < 0 ? 0 : 1 }
        let square = t * t
        let x = degrees / (degrees + square)
        let y = square / (degrees + square)
        if t > 0 { return 0.5 + 0.5 * exp(IncompleteBeta.logLower(x: y, y: x, 0.5, degrees / 2)) }
        return 0.5 * exp(IncompleteBeta.logLower(x: x, y: y, degrees / 2, 0.5))
    }

    /// P(T > t).
    package static func upper(_ t: Double, degrees: Double) -> Double { lower(-t, degrees: degrees) }

    /// The t with P(T ≤ t) = p.
    package static func quantile(_ p: Double, degrees: Double) -> Double {
        p <= 0.5 ? -quantile(upper: p, degrees: degrees) : quantile(upper: 1 - p, degrees: degrees)
    }

    /// The t with P(T > t) = q.
    package static func quantile(upper q: Double, degrees: Double) -> Double {
        guard q >= 0, q <= 1, degrees > 0 else { return .nan }
        if q == 0 { return .infinity }
        if q > 0.5 { return -quantile(upper: 1 - q, degrees: degrees) }
        let (x, y) = IncompleteBeta.quantileParts(lower: 2 * q, upper: 1 - 2 * q, degrees / 2, 0.5)
        return (degrees * y / x).squareRoot()
    }
}

/// The number of successes in `trials` independent trials of one probability; exact tails through the incomplete beta function
/// (DLMF 8.17.5).
package enum Binomial {
    /// P(X ≤ k).
    package static func lower(_ k: Int, trials: Int, probability: Double) -> Double {
        if k < 0 { return 0 }
        if k >= trials { return 1 }
        return IncompleteBeta.upper(probability, Double(k) + 1, Double(trials - k))
    }

    /// P(X > k).
    package static func upper(_ k: Int, trials: Int, probability: Double) -> Double {
        if k < 0 { return 1 }
        if k >= trials { return 0 }
        return IncompleteBeta.lower(probability, Double(k) + 1, Double(trials - k))
    }
}
