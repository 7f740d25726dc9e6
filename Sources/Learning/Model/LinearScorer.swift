/// Logistic regression's way to a score: the bias and a weight for each standardised feature, which is (value − mean) / scale; a missing one
/// adds nothing.
package struct LinearScorer: Sendable, Hashable, Codable {
    var bias: Double
    var weights: [Double]
    var means: [Double]
    /// Positive.
    var scales: [Double]
    /// Standardised values are held within this, so that a value far from all of train does not decide alone.
    static let mostDeviations = 8.0

    /// The log-odds for a row of features.
    func margin(_ row: Span<Float>) -> Double {
        var sum = bias
        for column in weights.indices { sum += contribution(row[column], column) }
        return sum
    }

    /// What each feature adds to the log-odds, and the bias last.
    func contributions(_ rows: [Float], start: Int) -> [Double] {
        weights.indices.map { contribution(rows[start + $0], $0) } + [bias]
    }

    @inline(__always)
    private func contribution(_ value: Float, _ column: Int) -> Double {
        if value.isNaN || weights[column] == 0 { return 0 }
        return weights[column] * LinearScorer.standardised(value, mean: means[column], scale: scales[column])
    }

    @inline(__always)
    static func standardised(_ value: Float, mean: Double, scale: Double) -> Double {
        max(-mostDeviations, min(mostDeviations, (Double(value) - mean) / scale))
    }

    func isWellFormed(width: Int) -> Bool {
        weights.count == width && means.count == width && scales.count == width && scales.allSatisfy { $0 > 0 }
            && (weights + means + scales + [bias]).allSatisfy(\.isFinite)
    }
}
