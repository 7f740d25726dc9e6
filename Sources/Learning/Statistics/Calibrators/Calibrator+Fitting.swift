import Glibc

extension Calibrator {
    /// From this many documents on, isotonic calibration is preferred (STATISTICS: about 1,000).
    package static let isotonicDocumentsMin = 1000

    /// Isotonic from `isotonicDocumentsMin` labels, else beta; identity when that can't be fitted (one class only, no labels).
    package static func fitted(scores: [Double], labels: [Bool]) -> Calibrator {
        guard labels.contains(true), labels.contains(false) else { return .identity }
        let best = scores.count >= isotonicDocumentsMin ? isotonic(scores: scores, labels: labels) : beta(scores: scores, labels: labels)
        return best ?? .identity
    }

    /// Nil without labels or with a score that is not finite.
    package static func isotonic(scores: [Double], labels: [Bool], weights: [Double]? = nil) -> Calibrator? {
        IsotonicFit(scores: scores, labels: labels.map { $0 ? 1 : 0 }, weights: weights).map(Calibrator.isotonic)
    }

    /// Beta calibration by maximum likelihood; a coefficient that comes out negative is held at 0 (Kull, Silva Filho, Flach 2017, §4).
    /// - Returns: nil unless both classes are there and the scores are finite.
    package static func beta(scores: [Double], labels: [Bool]) -> Calibrator? {
        guard isFittable(scores, labels) else { return nil }
        let targets: [Double] = labels.map { $0 ? 1 : 0 }
        let clippedScores = scores.map(clipped)
        let first = clippedScores.map { log($0) }
        let second = clippedScores.map { -log1p(-$0) }
        let both = LogisticFit(columns: [first, second], targets: targets).coefficients
        if both[0] >= 0, both[1] >= 0 { return .beta(a: both[0], b: both[1], c: both[2]) }
        if both[0] < 0 {
            let one = LogisticFit(columns: [second], targets: targets).coefficients
            if one[0] >= 0 { return .beta(a: 0, b: one[0], c: one[1]) }
        } else {
            let one = LogisticFit(columns: [first], targets: targets).coefficients
            if one[0] >= 0 { return .beta(a: one[0], b: 0, c: one[1]) }
        }
        return .beta(a: 0, b: 0, c: logit(mean(targets)))
    }

    /// Platt scaling of the score's logit. The targets are (N₊+1)/(N₊+2) and 1/(N₋+2), so that separable scores have a fit
    /// (Lin, Lin, Weng 2007, "A note on Platt's probabilistic outputs", eq. 5).
    /// - Returns: nil unless both classes are there and the scores are finite.
    package static func platt(scores: [Double], labels: [Bool]) -> Calibrator? {
        guard isFittable(scores, labels) else { return nil }
        let positives = Double(labels.count { $0 })
        let high = (positives + 1) / (positives + 2)
        let low = 1 / (Double(labels.count) - positives + 2)
        let targets = labels.map { $0 ? high : low }
        let fit = LogisticFit(columns: [scores.map { logit(clipped($0)) }], targets: targets).coefficients
        return fit[0] >= 0 ? .platt(a: fit[0], b: fit[1]) : .platt(a: 0, b: logit(mean(targets)))
    }

    private static func isFittable(_ scores: [Double], _ labels: [Bool]) -> Bool {
        precondition(scores.count == labels.count, "one label a score")
        return scores.allSatisfy(\.isFinite) && labels.contains(true) && labels.contains(false)
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}
