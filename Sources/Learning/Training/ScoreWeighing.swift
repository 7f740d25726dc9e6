/// Chooses how a document's score weighs a wrong first code against a wrong second one: by what tune would capture under both promises.
struct ScoreWeighing {
    /// Weights that are tried.
    static let weights: [Double] = stride(from: 3, through: 14, by: 1).map { Double($0) / 20 }

    private let tune: [Case]
    private let raw: [[Double]]
    private let heads: [Head]
    /// Of each target, by document: codes, and how many of them are likely to be wrong.
    private let targets: [(errorRate: Double, counts: [(codes: Double, wrong: Double)])]

    /// Errors are counted as the calibrated heads foretell them, not as they fell: a few hundred documents of tune hold a handful of errors
    /// where it matters, and their chance would choose the weight.
    /// - Parameters:
    ///   - raw: by document, then item, then head.
    ///   - calibrators: by head.
    init(_ tune: [Case], raw: [[Double]], heads: [Head], calibrators: [Calibrator], accuracies: [Target: Double]) {
        self.tune = tune
        self.raw = raw
        self.heads = heads
        targets = Target.allCases.compactMap { target in
            guard let accuracy = accuracies[target], let head = heads.firstIndex(of: target == .primaryDiagnosis ? .second : .first)
            else { return nil }
            let counts = zip(tune, raw).map { document, raw -> (codes: Double, wrong: Double) in
                var (codes, wrong) = (0.0, 0.0)
                for (row, item) in document.items.enumerated() where item.isCounted(for: target) {
                    codes += 1
                    wrong += 1 - calibrators[head](raw[row * heads.count + head])
                }
                return (codes, wrong)
            }
            return counts.contains { $0.codes > 0 } ? (1 - accuracy, counts) : nil
        }
    }

    /// By document.
    func scores(_ scoring: DocumentScoring) -> [Double] {
        zip(tune, raw).map { Assessor.documentScore($0, heads: heads, raw: $1, scoring: scoring) }
    }

    /// The middle of the weights that capture nearly the most; 1 where there is nothing to weigh.
    var bestWeight: Double {
        guard heads.count > 1, targets.count > 1 else { return heads.count > 1 ? 0.5 : 1 }
        let captures = ScoreWeighing.weights.map { weight in
            capture(scores(DocumentScoring(firstWeight: weight, calibrator: .identity)))
        }
        // One weight's capture jumps with a few errors of tune: neighbours are averaged.
        let smooth = captures.indices.map { index in
            let near = captures[max(0, index - 2)...min(captures.count - 1, index + 2)]
            return near.reduce(0, +) / Double(near.count)
        }
        let best = smooth.indices.max { smooth[$0] < smooth[$1] || (smooth[$0] == smooth[$1] && $0 > $1) } ?? 0
        return ScoreWeighing.weights[best]
    }

    /// The largest share of tune, surest first, in which every target is met, in the mean over error rates a little stricter than promised,
    /// as a certificate will ask for.
    private func capture(_ scores: [Double]) -> Double {
        let order = scores.indices.sorted { scores[$0] > scores[$1] || (scores[$0] == scores[$1] && $0 < $1) }
        var sum = 0.0
        let strictness = [1.0, 0.9, 0.8]
        for factor in strictness {
            var codes = [Double](repeating: 0, count: targets.count)
            var wrong = codes
            var last = 0
            for (place, document) in order.enumerated() {
                var isMet = true
                for (index, target) in targets.enumerated() {
                    codes[index] += target.counts[document].codes
                    wrong[index] += target.counts[document].wrong
                    if wrong[index] > factor * target.errorRate * codes[index] { isMet = false }
                }
                if isMet { last = place + 1 }
            }
            sum += Double(last) / Double(max(order.count, 1))
        }
        return sum / Double(strictness.count)
    }
}
