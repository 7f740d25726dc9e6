import Glibc

/// 1/(1 + e^−x), without overflow.
package func logistic(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let power = exp(x)
    return power / (1 + power)
}

/// ln(p/(1 − p)); −∞ at 0 and ∞ at 1.
package func logit(_ p: Double) -> Double { log(p) - log1p(-p) }

/// ln(1 + e^x), without overflow.
func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
