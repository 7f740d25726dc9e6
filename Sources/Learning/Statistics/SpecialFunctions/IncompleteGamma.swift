import Glibc

/// The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 − P (DLMF 8.2), on a log scale, and their inverse.
///
/// NaN outside of a > 0, x ≥ 0.
package enum IncompleteGamma {
    /// P(a, x).
    package static func lower(_ a: Double, _ x: Double) -> Double { exp(logLower(a, x)) }

    /// Q(a, x).
    package static func upper(_ a: Double, _ x: Double) -> Double { exp(logUpper(a, x)) }

    package static func logLower(_ a: Double, _ x: Double) -> Double {
        guard a > 0, x >= 0 else { return .nan }
        if x == 0 { return -.infinity }
        if x == .infinity { return 0 }
        if x < a + 1 { return logSeries(a, x) }
        let other = logFraction(a, x)
        return other < mostlyAll ? log1p(-exp(other)) : logSeries(a, x)
    }

    package static func logUpper(_ a: Double, _ x: Double) -> Double {
        guard a > 0, x >= 0 else { return .nan }
        if x == 0 { return 0 }
        if x == .infinity { return -.infinity }
        if x >= a + 1 { return logFraction(a, x) }
        let other = logSeries(a, x)
        return other < mostlyAll ? log1p(-exp(other)) : logFraction(a, x)
    }

    /// The x at which P is `p` and Q is `q` = 1 − p; the smaller of them is solved for. Newton's method on its logarithm over ln x.
    static func quantile(_ a: Double, lower p: Double, upper q: Double) -> Double {
        guard a > 0, p >= 0, q >= 0 else { return .nan }
        if p == 0 { return 0 }
        if q == 0 { return .infinity }
        let isLower = p <= q
        let goal = isLower ? log(p) : log(q)
        var t = log(a)
        var low = -Double.infinity
        var high = Double.infinity
        var stride = 0.5
        for _ in 0..<200 {
            let x = exp(t)
            if x == 0 { return 0 }
            let value = isLower ? logLower(a, x) : logUpper(a, x)
            let excess = isLower ? value - goal : goal - value
            if excess == 0 { return x }
            if excess > 0 { high = t } else { low = t }
            let slope = exp(logKernel(a, x) - value)
            var next = t - excess / slope
            if !(next > low && next < high) || !next.isFinite || abs(next - t) > 4 * stride {
                next = low.isInfinite ? t - stride : high.isInfinite ? t + stride : (low + high) / 2
                stride *= 2
            }
            if abs(next - t) <= 1e-15 * max(1, abs(t)) || high - low <= 1e-15 * max(1, abs(t)) { return exp(next) }
            t = next
        }
        return exp(t)
    }

    private static let mostlyAll = -0.05

    /// ln of x^a·e^−x/Γ(a).
    private static func logKernel(_ a: Double, _ x: Double) -> Double {
        0.5 * log(a) - SaddlePoint.logRootTwoPi - SaddlePoint.stirlingError(a) - SaddlePoint.deviance(a, mean: x)
    }

    /// ln P by its power series (DLMF 8.7.1).
    private static func logSeries(_ a: Double, _ x: Double) -> Double {
        var term = 1 / a
        var sum = term
        var n = a
        for _ in 0..<10_000_000 {
            n += 1
            term *= x / n
            let next = sum + term
            if next == sum { break }
            sum = next
        }
        return logKernel(a, x) + log(sum)
    }

    /// ln Q by its continued fraction (DLMF 8.9.2), by Lentz's method.
    private static func logFraction(_ a: Double, _ x: Double) -> Double {
        var b = x + 1 - a
        var c = 1 / 1e-300
        var d = 1 / (b == 0 ? 1e-300 : b)
        var value = d
        for step in 1...1_000_000 {
            let m = Double(step)
            let numerator = -m * (m - a)
            b += 2
            d = numerator * d + b
            if d == 0 { d = 1e-300 }
            c = b + numerator / c
            if c == 0 { c = 1e-300 }
            d = 1 / d
            let change = c * d
            value *= change
            if abs(change - 1) < 1e-16 { break }
        }
        return logKernel(a, x) + log(value)
    }
}
