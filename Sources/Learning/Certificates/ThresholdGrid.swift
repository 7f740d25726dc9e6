enum ThresholdGrid {
    /// The scores at every `step` of coverage on tune, descending, equal ones merged. Coverage is of all documents; those that a hard rule
    /// keeps out (no score) are never covered.
    static func points(_ documents: [ScoredDocument], step: Double) -> [GridPoint] {
        let scores = documents.compactMap(\.score).sorted(by: >)
        guard !scores.isEmpty else { return [] }
        let count = Double(documents.count)
        var points: [GridPoint] = []
        for index in 1...Int((1 / step).rounded()) {
            // A hair less, so that 0.14 · 1,000 is 140 and not 141.
            let rank = min(max(Int((Double(index) * step * count - 1e-6).rounded(.up)), 1), scores.count)
            let threshold = scores[rank - 1]
            if threshold != points.last?.threshold {
                points.append(GridPoint(threshold: threshold, coverage: Double(covered(scores, threshold)) / count))
            }
            if rank == scores.count { break }
        }
        return points
    }

    /// How many of the descending scores are ≥ the threshold.
    private static func covered(_ scores: [Double], _ threshold: Double) -> Int {
        var low = 0
        var high = scores.count
        while low < high {
            let middle = (low + high) / 2
            if scores[middle] >= threshold { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
