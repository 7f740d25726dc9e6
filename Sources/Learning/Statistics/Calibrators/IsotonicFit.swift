/// A least-squares non-decreasing fit by pool-adjacent-violators (Barlow, Bartholomew, Bremner, Brunk 1972), linear between its knots and
/// constant outside of them: the same as scikit-learn's `IsotonicRegression(out_of_bounds="clip")`.
///
/// 1. `scores` strictly ascend; `values` do not descend; both have the same number of elements, at least one.
package struct IsotonicFit: Sendable, Hashable, Codable {
    package let scores: [Double]
    package let values: [Double]

    /// Fits by O(n log n). Equal scores are one point, of the mean of their labels.
    /// - Parameters:
    ///   - labels: what the scores should say, usually 0 or 1.
    ///   - weights: positive; 1 for each when nil.
    /// - Returns: nil without points, or with a score or label that is not finite.
    package init?(scores: [Double], labels: [Double], weights: [Double]? = nil) {
        precondition(scores.count == labels.count && weights.map { $0.count == labels.count } != false, "one label and weight a score")
        guard !scores.isEmpty, scores.allSatisfy(\.isFinite), labels.allSatisfy(\.isFinite) else { return nil }
        let blocks = IsotonicFit.pooled(IsotonicFit.points(scores, labels, weights))
        var knots: [Double] = []
        var heights: [Double] = []
        for block in blocks {
            knots.append(block.first)
            heights.append(block.mean)
            if block.last > block.first {
                knots.append(block.last)
                heights.append(block.mean)
            }
        }
        self.scores = knots
        self.values = heights
    }

    /// Linear between knots, constant beyond the outer ones.
    package func value(at score: Double) -> Double {
        var low = 0
        var high = scores.count
        while low < high {
            let middle = (low + high) / 2
            if scores[middle] < score { low = middle + 1 } else { high = middle }
        }
        if low == 0 { return values[0] }
        if low == scores.count { return values[scores.count - 1] }
        let share = (score - scores[low - 1]) / (scores[low] - scores[low - 1])
        return values[low - 1] + share * (values[low] - values[low - 1])
    }

    private struct Block {
        var first: Double
        var last: Double
        var mean: Double
        var weight: Double
    }

    /// Points in ascending order of score, equal scores as one.
    private static func points(_ scores: [Double], _ labels: [Double], _ weights: [Double]?) -> [Block] {
        var points: [Block] = []
        for index in scores.indices.sorted(by: { scores[$0] < scores[$1] }) {
            let point = Block(first: scores[index], last: scores[index], mean: labels[index], weight: weights?[index] ?? 1)
            if let last = points.last, last.last == point.first {
                points[points.count - 1] = merged(last, point)
            } else {
                points.append(point)
            }
        }
        return points
    }

    private static func pooled(_ points: [Block]) -> [Block] {
        var blocks: [Block] = []
        for point in points {
            var block = point
            while let last = blocks.last, last.mean >= block.mean {
                block = merged(last, block)
                blocks.removeLast()
            }
            blocks.append(block)
        }
        return blocks
    }

    private static func merged(_ a: Block, _ b: Block) -> Block {
        let weight = a.weight + b.weight
        return Block(first: a.first, last: b.last, mean: (a.mean * a.weight + b.mean * b.weight) / weight, weight: weight)
    }
}
