/// How large a certify set must be for its plan to certify something.
package enum LabelsNeeded {
    /// Beyond this no number is given.
    package static let countMax = 1_000_000
    /// The probability wanted.
    package static let power = 0.8

    /// The least number of fresh certify documents at or above the floor at which the best single test passes with the probability `power`, to within 1 %.
    ///
    /// Assumes that they are like those of tune: same scores, same error rates over the rank (smoothed, `TunePrediction`), same design
    /// effects; and that the errors are binomial at the effective size. Tune helped to choose the model, so it flatters: the true number is
    /// rather larger.
    static func count(_ sequence: SequencePlan, _ targets: [TargetPlan], level: Double) -> Int? {
        guard sequence.floor != nil else { return nil }
        let prediction = TunePrediction(sequence, targetCount: targets.count)
        func isEnough(_ count: Int) -> Bool {
            (sequence.bestPower(targets, level: level, aboveFloor: count, prediction: prediction)?.power ?? 0) >= power
        }
        var high = 64
        while !isEnough(high) {
            if high >= countMax { return nil }
            high = min(high * 2, countMax)
        }
        var low = high / 2
        while high - low > max(high / 100, 1) {
            let middle = (low + high) / 2
            if isEnough(middle) { high = middle } else { low = middle }
        }
        return high
    }
}
