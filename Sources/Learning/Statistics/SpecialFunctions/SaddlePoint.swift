import Glibc

/// The pieces of which binomial, Poisson and beta densities are made without cancellation, for arguments up to 1e9
/// (C. Loader 2000, "Fast and accurate computation of binomial probabilities").
enum SaddlePoint {
    /// δ(z) = ln Γ(z+1) − (z+½)·ln z + z − ½·ln 2π, for z > 0: the error of Stirling's formula.
    static func stirlingError(_ z: Double) -> Double {
        guard z >= 16 else { return logGamma(z + 1) - (z + 0.5) * log(z) + z - logRootTwoPi }
        // DLMF 5.11.1; the first term left out is below 1e-18 from z = 16 on.
        let square = 1 / (z * z)
        return stirlingTerms.reversed().reduce(0) { $0 * square + $1 } / z
    }

    private static let stirlingTerms: [Double] = [
        1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360_360, 1.0 / 156, -3617.0 / 122_400,
    ]

    /// x·ln(x/m) + m − x for x ≥ 0, m > 0: Loader's deviance D₀, with a relative error of a few units in the last place.
    static func deviance(_ x: Double, mean m: Double) -> Double {
        guard x > 0 else { return m }
        let u = (x - m) / m
        if abs(u) > 0.1 { return m * ((1 + u) * log(x / m) - u) }
        // (1+u)·ln(1+u) − u, by s = u/(2+u): ln(1+u) = 2·(s + s³/3 + s⁵/5 + …).
        let s = (x - m) / (x + m)
        let square = s * s
        var sum = (x - m) * s
        var power = 2 * x * s
        var k = 1.0
        while true {
            power *= square
            let next = sum + power / (2 * k + 1)
            if next == sum { return sum }
            sum = next
            k += 1
        }
    }

    static let logRootTwoPi = 0.918_938_533_204_672_741_780_329_736_406
}

/// ln |Γ(x)|, by the C library's `lgamma_r`: its error is below 5e-16 relative for x > 0, also near the zeros at 1 and 2.
package func logGamma(_ x: Double) -> Double { lgamma(x).0 }
