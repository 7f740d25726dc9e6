/// Probabilities beside what happened, in bins of equal mass.
package struct Reliability: Sendable, Hashable {
    package struct Bin: Sendable, Hashable {
        package let count: Int
        package let right: Int
        package let meanProbability: Double
        package let least: Double
        package let greatest: Double
        /// Clopper–Pearson, 95 %.
        package let lower: Double
        package let upper: Double

        package var shareRight: Double { Double(right) / Double(count) }
    }

    package let bins: [Bin]

    /// Bins of the ranked probabilities with ⌊i·n/bins⌋ as bounds, so that they differ by one at most; equal probabilities stay in one bin, the
    /// one in which the first of them falls. Empty bins are left out.
    package init(_ probabilities: [Double], _ labels: [Bool], bins: Int = 15) {
        precondition(probabilities.count == labels.count && bins >= 1, "one label a probability")
        let order = probabilities.indices.sorted { probabilities[$0] < probabilities[$1] }
        var found: [Bin] = []
        var start = 0
        for index in 1...bins {
            var end = max(index * order.count / bins, start)
            while end > start, end < order.count, probabilities[order[end]] == probabilities[order[end - 1]] { end += 1 }
            if end > start { found.append(Reliability.bin(order[start..<end], probabilities, labels)) }
            start = end
        }
        self.bins = found
    }

    /// Mean over bins, by their mass, of |share right − mean probability|: the expected calibration error. NaN without labels.
    package var calibrationError: Double {
        let count = bins.reduce(0) { $0 + $1.count }
        return bins.reduce(0) { $0 + Double($1.count) * abs($1.shareRight - $1.meanProbability) } / Double(count)
    }

    private static func bin(_ members: ArraySlice<Int>, _ probabilities: [Double], _ labels: [Bool]) -> Bin {
        let values = members.map { probabilities[$0] }
        let right = members.count { labels[$0] }
        let interval = ClopperPearson.interval(successes: right, trials: members.count)
        return Bin(
            count: members.count, right: right, meanProbability: values.reduce(0, +) / Double(values.count), least: values.first ?? 0,
            greatest: values.last ?? 0, lower: interval.lowerBound, upper: interval.upperBound)
    }
}
