import Glibc

/// How good probabilities are, and how well they rank. Labels: true = right.
package enum ProbabilityMetrics {
    /// Mean −ln of the probability given to what happened, in nats; probabilities are clipped by `Calibrator.clip`. NaN without labels.
    package static func logLoss(_ probabilities: [Double], _ labels: [Bool]) -> Double {
        mean(probabilities, labels) { probability, label in
            let held = Calibrator.clipped(probability)
            return label ? -log(held) : -log1p(-held)
        }
    }

    /// Mean squared difference of probability and outcome (Brier 1950, for two classes: in [0, 1]).
    package static func brier(_ probabilities: [Double], _ labels: [Bool]) -> Double {
        mean(probabilities, labels) { probability, label in
            let error = probability - (label ? 1 : 0)
            return error * error
        }
    }

    /// The probability that a right one has a higher score than a wrong one, ties as a half (Mann–Whitney). Nil with one class only.
    package static func areaUnderROC(_ scores: [Double], _ labels: [Bool]) -> Double? {
        precondition(scores.count == labels.count, "one label a score")
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        let positives = labels.count { $0 }
        let negatives = labels.count - positives
        guard positives > 0, negatives > 0 else { return nil }
        // In halves, so that ties stay whole.
        var halves = 0
        var negativesBelow = 0
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
            let positivesHere = order[start..<end].count { labels[$0] }
            let negativesHere = end - start - positivesHere
            halves += positivesHere * (2 * negativesBelow + negativesHere)
            negativesBelow += negativesHere
            start = end
        }
        return Double(halves) / 2 / (Double(positives) * Double(negatives))
    }

    private static func mean(_ probabilities: [Double], _ labels: [Bool], _ value: (Double, Bool) -> Double) -> Double {
        precondition(probabilities.count == labels.count, "one label a probability")
        return zip(probabilities, labels).reduce(0) { $0 + value($1.0, $1.1) } / Double(labels.count)
    }
}
