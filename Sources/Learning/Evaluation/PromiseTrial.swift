/// The promise, tried: calibration sets drawn with replacement from a fixed pool of scored documents, a threshold chosen on each, and how
/// often its true accuracy (the pool's) is below a target.
///
/// 1. The plan was frozen from tune documents that are not in the pool; only the draws differ.
/// 2. The pool is ranked once; a draw is a row of multiplicities, so it costs O(pool + size).
package struct PromiseTrial: Sendable, Hashable {
    /// What a rule for choosing thresholds did over all draws.
    package struct Record: Sendable, Hashable {
        package let draws: Int
        /// Draws whose threshold lets through work below a target. A draw without a threshold is none.
        package let failures: Int
        /// Draws that gave no threshold.
        package let empty: Int
        /// Of the pool, in the mean over draws; 0 for draws without a threshold.
        package let meanCapture: Double
        /// Of each target, on the pool, in the mean over draws with a threshold; NaN without any.
        package let meanAccuracies: [Double]

        package var share: Double { Double(failures) / Double(draws) }
        /// Of the share: Clopper–Pearson, 95 %.
        package var interval: ClosedRange<Double> { ClopperPearson.interval(successes: failures, trials: draws) }

        /// The promise is broken only when the interval lies above δ: at δ = .05 with 8 of 60, or 24 of 300.
        package func isBroken(delta: Double) -> Bool { interval.lowerBound > delta }
    }

    package let naive: Record
    package let certified: Record

    /// - Parameters:
    ///   - plan: one sequence, documents not clustered; its certify count is the size of a draw.
    ///   - pool: disjoint from what the plan was frozen from.
    ///   - observe: called after each draw with the number that is done; what it throws ends the trial and is thrown.
    /// - Returns: nil for another kind of plan, or an empty pool.
    package init?(
        plan: Plan, pool documents: [ScoredDocument], draws: Int, seed: UInt64, observe: (Int) throws -> Void
    ) rethrows {
        guard plan.sequences.count == 1, plan.request.stratification != .each, !plan.request.isClustered, !documents.isEmpty, draws >= 1
        else { return nil }
        let pool = RankedPool(documents, targetCount: plan.targets.count)
        let accuracies = plan.request.targets.map(\.accuracy)
        let sequence = plan.sequences[0]
        let tests = PoolTests(plan.targets, level: plan.level, pool: pool, grid: sequence.grid, stake: sequence.stake)
        var naive = Tally(accuracies, pool)
        var certified = Tally(accuracies, pool)
        var generator = SeededGenerator(seed: seed)
        for done in 1...draws {
            let draw = pool.draw(sequence.certifyCount, &generator)
            naive.take(NaiveThreshold.choose(pool, errorRates: accuracies.map { 1 - $0 }, multiplicities: draw.multiplicities))
            let passes = tests.passing(
                places: draw.places, counts: accuracies.indices.map { target in draw.places.map { pool.counts(target: target)[$0] } })
            certified.take(sequence.lastAccepted(passing: passes).map { sequence.grid[$0].threshold })
            try observe(done)
        }
        self.naive = naive.record
        self.certified = certified.record
    }

    /// As above, not observed.
    package init?(plan: Plan, pool documents: [ScoredDocument], draws: Int, seed: UInt64) {
        self.init(plan: plan, pool: documents, draws: draws, seed: seed) { _ in }
    }
}

/// What was seen of a rule so far.
private struct Tally {
    private let accuracies: [Double]
    private let pool: RankedPool
    private var draws = 0
    private var failures = 0
    private var empty = 0
    private var captured = 0
    private var accuracySums: [Double]

    init(_ accuracies: [Double], _ pool: RankedPool) {
        self.accuracies = accuracies
        self.pool = pool
        accuracySums = Array(repeating: 0, count: accuracies.count)
    }

    mutating func take(_ threshold: Double?) {
        draws += 1
        guard let threshold else {
            empty += 1
            return
        }
        let end = pool.end(threshold: threshold)
        let sums = pool.sums(ends: [end])[0]
        captured += end
        var isBelow = false
        for (target, accuracy) in accuracies.enumerated() {
            accuracySums[target] += 1 - sums[target].errorRate
            if Double(sums[target].wrong) > (1 - accuracy) * Double(sums[target].codes) + 1e-9 { isBelow = true }
        }
        if isBelow { failures += 1 }
    }

    var record: PromiseTrial.Record {
        PromiseTrial.Record(
            draws: draws, failures: failures, empty: empty, meanCapture: Double(captured) / Double(draws) / Double(pool.count),
            meanAccuracies: accuracySums.map { $0 / Double(draws - empty) })
    }
}
