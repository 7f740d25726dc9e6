import Glibc

/// f(r) ≈ C·r^−s: frequencies by rank (Zipf 1949), fitted in two ways.
package struct ZipfFit: Sendable, Hashable {
    /// s by maximum likelihood of the truncated zeta distribution over the ranks 1…n (Clauset, Shalizi, Newman 2009, for known bounds):
    /// each occurrence counts, so the frequent codes decide.
    package let exponent: Double
    /// s, ln C and R² of the least-squares line of ln f over ln r: each rank counts, so the tail decides. R² is the share of the variance of
    /// ln f that the line explains.
    package let leastSquaresExponent: Double
    package let leastSquaresIntercept: Double
    package let rSquared: Double

    /// - Parameter counts: how often each code occurs, in any order; those at 0 are left out.
    /// - Returns: nil with fewer than two codes, or when all occur equally often (there is no rank then, and no variance to explain).
    package init?(counts: [Int]) {
        let ranked = counts.filter { $0 > 0 }.sorted(by: >).map { Double($0) }
        guard ranked.count >= 2, ranked.first != ranked.last else { return nil }
        let logRanks = ranked.indices.map { log(Double($0 + 1)) }
        exponent = ZipfFit.maximumLikelihood(ranked, logRanks)
        let logCounts = ranked.map { log($0) }
        let size = Double(ranked.count)
        let meanX = logRanks.reduce(0, +) / size
        let meanY = logCounts.reduce(0, +) / size
        var xx = 0.0
        var xy = 0.0
        var yy = 0.0
        for (x, y) in zip(logRanks, logCounts) {
            xx += (x - meanX) * (x - meanX)
            xy += (x - meanX) * (y - meanY)
            yy += (y - meanY) * (y - meanY)
        }
        leastSquaresExponent = -xy / xx
        leastSquaresIntercept = meanY - xy / xx * meanX
        rSquared = xy * xy / (xx * yy)
    }

    /// Where the mean of ln r under the model is that of the data: the likelihood is concave in s, so Newton's steps, held to at most 1, end
    /// there.
    private static func maximumLikelihood(_ counts: [Double], _ logRanks: [Double]) -> Double {
        let total = counts.reduce(0, +)
        let goal = zip(counts, logRanks).reduce(0) { $0 + $1.0 * $1.1 } / total
        var exponent = 1.0
        for _ in 0..<200 {
            var mass = 0.0
            var first = 0.0
            var second = 0.0
            for logRank in logRanks {
                let weight = exp(-exponent * logRank)
                mass += weight
                first += weight * logRank
                second += weight * logRank * logRank
            }
            let mean = first / mass
            let step = min(max((mean - goal) / (second / mass - mean * mean), -1), 1)
            exponent += step
            if abs(step) < 1e-14 { break }
        }
        return exponent
    }
}
