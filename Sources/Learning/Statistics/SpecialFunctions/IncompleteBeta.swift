import Glibc

/// The regularised incomplete beta function I_x(a, b) (DLMF 8.17), both of its tails on a log scale, and its inverse.
///
/// 1. A tail is never computed as 1 − the other where that would lose more than one digit.
/// 2. The density factor comes from Loader's saddle-point form, so that a, b up to 1e9 cost no digits; the rest is the continued fraction
///    of DiDonato and Morris (1992, eq. 9; DLMF 8.17.22), which needs about √max(a, b) terms.
/// 3. NaN outside of a > 0, b > 0, 0 ≤ x ≤ 1.
package enum IncompleteBeta {
    /// I_x(a, b) = P(Beta(a, b) ≤ x).
    package static func lower(_ x: Double, _ a: Double, _ b: Double) -> Double { exp(logLower(x, a, b)) }

    /// 1 − I_x(a, b) = I_{1−x}(b, a).
    package static func upper(_ x: Double, _ a: Double, _ b: Double) -> Double { exp(logUpper(x, a, b)) }

    /// ln I_x(a, b), also where I_x underflows.
    package static func logLower(_ x: Double, _ a: Double, _ b: Double) -> Double { logLower(x: x, y: 1 - x, a, b) }

    /// ln(1 − I_x(a, b)).
    package static func logUpper(_ x: Double, _ a: Double, _ b: Double) -> Double { logLower(x: 1 - x, y: x, b, a) }

    /// The x with I_x(a, b) = p.
    package static func quantile(_ p: Double, _ a: Double, _ b: Double) -> Double { quantileParts(lower: p, upper: 1 - p, a, b).x }

    /// The x with 1 − I_x(a, b) = q.
    package static func quantile(upper q: Double, _ a: Double, _ b: Double) -> Double { quantileParts(lower: 1 - q, upper: q, a, b).x }

    /// As `logLower(x, a, b)`, with y = 1 − x given to full precision.
    static func logLower(x: Double, y: Double, _ a: Double, _ b: Double) -> Double {
        guard a > 0, b > 0, x >= 0, y >= 0 else { return .nan }
        if x == 0 { return -.infinity }
        if y == 0 { return 0 }
        if isLeft(x, a, b) { return logTail(x: x, y: y, a, b) }
        let other = logTail(x: y, y: x, b, a)
        // The other tail is the small one here but for very skewed shapes: where it is nearly all, this one is computed for itself.
        return other < mostlyAll ? log1p(-exp(other)) : logTail(x: x, y: y, a, b)
    }

    /// ln of the density of Beta(a, b) at x, times x·y.
    static func logKernel(x: Double, y: Double, _ a: Double, _ b: Double) -> Double {
        let n = a + b
        let deviance = SaddlePoint.deviance(a, mean: n * x) + SaddlePoint.deviance(b, mean: n * y)
        let stirling = SaddlePoint.stirlingError(n) - SaddlePoint.stirlingError(a) - SaddlePoint.stirlingError(b)
        return 0.5 * log(a / n * b) - SaddlePoint.logRootTwoPi + stirling - deviance
    }

    /// −0.05: the logarithm of what counts as nearly all.
    private static let mostlyAll = -0.05

    private static func isLeft(_ x: Double, _ a: Double, _ b: Double) -> Bool { x <= (a + 1) / (a + b + 2) }

    /// ln I_x(a, b) by the continued fraction, best for x up to about the mean.
    private static func logTail(x: Double, y: Double, _ a: Double, _ b: Double) -> Double {
        logKernel(x: x, y: y, a, b) - log(fraction(x: x, y: y, a, b))
    }

    /// b₀ + a₁/(b₁ + a₂/(b₂ + …)) by Lentz's method as modified by Thompson and Barnett.
    private static func fraction(x: Double, y: Double, _ a: Double, _ b: Double) -> Double {
        let distance = x > 0.5 ? (a + b) * y - b : a - (a + b) * x
        func partialDenominator(_ m: Double) -> Double {
            m + m * (b - m) * x / (a + 2 * m - 1) + (a + m) * (distance + 1 + m * (1 + y)) / (a + 2 * m + 1)
        }
        func partialNumerator(_ m: Double) -> Double {
            (a + m - 1) / (a + 2 * m - 1) * ((a + b + m - 1) / (a + 2 * m - 1)) * m * (b - m) * x * x
        }
        // b₀, where the first term is 0, also for a = 1.
        var value = a * (distance + 1) / (a + 1)
        if value == 0 { value = tiny }
        var c = value
        var d = 0.0
        for step in 1...stepsMax {
            let m = Double(step)
            let numerator = partialNumerator(m)
            let denominator = partialDenominator(m)
            d = denominator + numerator * d
            if d == 0 { d = tiny }
            c = denominator + numerator / c
            if c == 0 { c = tiny }
            d = 1 / d
            let change = c * d
            value *= change
            if abs(change - 1) < 1e-16 { break }
        }
        return value
    }

    private static let tiny = 1e-300
    private static let stepsMax = 1_000_000
}
