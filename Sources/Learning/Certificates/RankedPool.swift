/// Scored documents in descending order of score, from which samples with replacement are drawn: only how often each was drawn is kept, so
/// a sample is ranked as soon as it is drawn.
///
/// 1. Documents without a score are kept last: they are drawn, and never accepted.
package struct RankedPool: Sendable {
    /// Descending; nil last.
    package let scores: [Double?]
    package let targetCount: Int
    /// First index: target; second: document.
    private let counts: [[CodeCount]]

    package init(_ documents: [ScoredDocument], targetCount: Int) {
        let ranked = documents.sorted { ($0.score ?? -.infinity) > ($1.score ?? -.infinity) }
        scores = ranked.map(\.score)
        counts = (0..<targetCount).map { target in ranked.map { $0.count(target: target) } }
        self.targetCount = targetCount
    }

    package var count: Int { scores.count }

    /// How many documents have a score at or above the threshold: they are the first ones.
    package func end(threshold: Double) -> Int {
        var low = 0
        var high = scores.count
        while low < high {
            let middle = (low + high) / 2
            if let score = scores[middle], score >= threshold { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// A sample with replacement.
    package struct Draw: Sendable {
        /// Places in the pool that were asked for, in the order of drawing.
        package let places: [Int]
        /// How often each document was drawn, asked for or not.
        package let multiplicities: [Int32]
    }

    package func draw(_ size: Int, _ generator: inout SeededGenerator) -> Draw { draw(size, before: count, &generator) }

    /// Draws until there are so many documents of the first `end` ones: `places` are those alone. None where there are no such documents.
    package func draw(_ size: Int, before end: Int, _ generator: inout SeededGenerator) -> Draw {
        var places: [Int] = []
        var multiplicities = [Int32](repeating: 0, count: count)
        guard end > 0 else { return Draw(places: [], multiplicities: multiplicities) }
        places.reserveCapacity(size)
        while places.count < size {
            let place = generator.below(count)
            multiplicities[place] += 1
            if place < end { places.append(place) }
        }
        return Draw(places: places, multiplicities: multiplicities)
    }

    /// The sums over the first `ends[i]` documents for each i and target; `ends` does not descend.
    /// - Parameter multiplicities: nil takes each document once.
    package func sums(ends: [Int], multiplicities: [Int32]? = nil) -> [[ClusterSums]] {
        var running = [ClusterSums](repeating: ClusterSums(), count: targetCount)
        var all: [[ClusterSums]] = []
        var next = 0
        for end in ends {
            for target in 0..<targetCount {
                for index in next..<max(end, next) {
                    running[target].add(counts[target][index], times: multiplicities.map { Int($0[index]) } ?? 1)
                }
            }
            next = max(end, next)
            all.append(running)
        }
        return all
    }

    /// The counts of a target, in the order of the pool.
    func counts(target: Int) -> [CodeCount] { counts[target] }
}
