/// The threshold as the 2006 paper picks it: the loosest at which the accuracy seen on held-out documents still meets every target. It is
/// certified by nothing, and breaks its promise in some 40 % of repetitions.
package enum NaiveThreshold {
    /// The lowest distinct score at or above which every target has its accuracy; nil when there is none. Documents without a score are
    /// never accepted.
    package static func choose(_ documents: [ScoredDocument], accuracies: [Double]) -> Double? {
        let pool = RankedPool(documents, targetCount: accuracies.count)
        return choose(pool, errorRates: accuracies.map { 1 - $0 }, multiplicities: nil)
    }

    /// - Parameter multiplicities: how often each document of the pool counts; nil for once.
    static func choose(_ pool: RankedPool, errorRates: [Double], multiplicities: [Int32]?) -> Double? {
        var codes = [Int](repeating: 0, count: errorRates.count)
        var wrong = codes
        var found: Double?
        // Whether a document of the current score was drawn: else no draw could have chosen that score.
        var isSeen = false
        let counts = errorRates.indices.map { pool.counts(target: $0) }
        for index in 0..<pool.count {
            guard let score = pool.scores[index] else { break }
            let times = multiplicities.map { Int($0[index]) } ?? 1
            for target in errorRates.indices {
                codes[target] += times * counts[target][index].codes
                wrong[target] += times * counts[target][index].wrong
            }
            let isLast = index + 1 == pool.count || pool.scores[index + 1] != score
            if times > 0 { isSeen = true }
            guard isLast, isSeen else { continue }
            isSeen = false
            // 1 − 0.8 is a hair less than 0.2: 1 of 5 is no more than that.
            if errorRates.indices.allSatisfy({ codes[$0] > 0 && Double(wrong[$0]) <= errorRates[$0] * Double(codes[$0]) + 1e-9 }) {
                found = score
            }
        }
        return found
    }
}
