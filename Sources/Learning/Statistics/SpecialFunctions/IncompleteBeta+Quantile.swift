import Glibc

extension IncompleteBeta {
    /// x and 1 − x, each to full precision, at which the tails are as given; the smaller of them is solved for.
    ///
    /// Newton's method on the logarithm of the tail over t = logit x, kept within a bracket.
    static func quantileParts(lower p: Double, upper q: Double, _ a: Double, _ b: Double) -> (x: Double, y: Double) {
        guard a > 0, b > 0, p >= 0, q >= 0 else { return (.nan, .nan) }
        if p == 0 { return (0, 1) }
        if q == 0 { return (1, 0) }
        if p > q {
            let (y, x) = quantileParts(lower: q, upper: p, b, a)
            return (x, y)
        }
        let goal = log(p)
        var t = log(a / b)
        var low = -Double.infinity
        var high = Double.infinity
        var stride = 1.0
        for _ in 0..<200 {
            let x = logistic(t)
            let y = logistic(-t)
            if x == 0 { return (0, 1) }
            if y == 0 { return (1, 0) }
            let value = logLower(x: x, y: y, a, b)
            let excess = value - goal
            if excess == 0 { return (x, y) }
            if excess > 0 { high = t } else { low = t }
            let slope = exp(logKernel(x: x, y: y, a, b) - value)
            var next = t - excess / slope
            if !(next > low && next < high) || !next.isFinite || abs(next - t) > 4 * stride {
                // Out of the bracket: walk towards the root by doubling strides, then halve.
                next = low.isInfinite ? t - stride : high.isInfinite ? t + stride : (low + high) / 2
                stride *= 2
            }
            if abs(next - t) <= 1e-15 * max(1, abs(t)) || high - low <= 1e-15 * max(1, abs(t)) { return (logistic(next), logistic(-next)) }
            t = next
        }
        return (logistic(t), logistic(-t))
    }
}
