/// The promise, tried: calibration sets drawn with replacement from a fixed pool of scored documents, a threshold chosen on each, and how
/// often its true accuracy (the pool's) is below a target.
///
/// 1. The plans were frozen from tune documents that are not in the pool; beside them only the draws differ.
/// 2. A draw ends when it has as many documents at or above the plan's floor as the plan was made for: those are what a certificate takes.
///    The naive rule, which knows of no floor, takes all that were drawn.
/// 3. The pool is ranked once; a draw is a row of multiplicities, so it costs O(pool + size).
package struct PromiseTrial: Sendable, Hashable {
    /// What a rule for choosing thresholds did over all draws.
    package struct Record: Sendable, Hashable {
        package let draws: Int
        /// Draws whose threshold lets through work below a target. A draw without a threshold is not one of them.
        package let failures: Int
        /// Draws that gave no threshold.
        package let empty: Int
        /// Of the pool, in the mean over the draws of each plan; a draw without a threshold captures 0.
        package let captures: [Double]
        /// Of each target, on the pool, in the mean over draws with a threshold; NaN without any.
        package let meanAccuracies: [Double]

        package var share: Double { Double(failures) / Double(draws) }
        /// Of the share: Clopper–Pearson, 95 %.
        package var interval: ClosedRange<Double> { ClopperPearson.interval(successes: failures, trials: draws) }

        package var meanCapture: Double { captures.reduce(0, +) / Double(captures.count) }
        /// Of the mean capture, over the plans: Student's t, 95 %. Nil for fewer than two plans.
        package var captureInterval: ClosedRange<Double>? {
            guard captures.count >= 2 else { return nil }
            let count = Double(captures.count)
            let variance = captures.reduce(0) { $0 + ($1 - meanCapture) * ($1 - meanCapture) } / (count - 1)
            let half = StudentT.quantile(upper: 0.025, degrees: count - 1) * (variance / count).squareRoot()
            return max(meanCapture - half, 0)...min(meanCapture + half, 1)
        }

        /// The promise is broken only when the interval lies above δ: at δ = .05 with 8 of 60, or 24 of 300.
        package func isBroken(delta: Double) -> Bool { interval.lowerBound > delta }
    }

    /// Documents at or above the floor in each draw.
    package let documents: Int
    package let naive: Record
    package let certified: Record

    /// - Parameters:
    ///   - plans: of the same targets, their documents not clustered, each for as many certify documents above its floor. The draws are shared
    ///     out among them evenly.
    ///   - pool: disjoint from what the plans were frozen from.
    ///   - observe: called after each draw with the number that is done; what it throws ends the trial and is thrown.
    /// - Returns: nil for other plans, fewer draws than plans, or a pool without a document that could be drawn for a plan.
    package init?(
        plans: [Plan], pool documents: [ScoredDocument], draws: Int, seed: UInt64, observe: (Int) throws -> Void
    ) rethrows {
        guard let first = plans.first, draws >= plans.count, !documents.isEmpty,
            plans.allSatisfy({
                !$0.request.isClustered && $0.targets.map(\.errorRate) == first.targets.map(\.errorRate)
                    && $0.sequence.certifyAboveFloor == first.sequence.certifyAboveFloor
            })
        else { return nil }
        let accuracies = first.request.targets.map(\.accuracy)
        var naive = Tally(accuracies)
        var certified = Tally(accuracies)
        var generator = SeededGenerator(seed: seed)
        var done = 0
        for (index, plan) in plans.enumerated() {
            let pool = RankedPool(documents.map(plan.admitted), targetCount: plan.targets.count)
            let sequence = plan.sequence
            let tests = PoolTests(plan.targets, level: plan.level, pool: pool, grid: Array(sequence.tested), stake: sequence.stake)
            let end = sequence.floor.map { pool.end(threshold: sequence.grid[$0].threshold) } ?? 0
            naive.begin(pool)
            certified.begin(pool)
            for _ in 0..<(draws / plans.count + (index < draws % plans.count ? 1 : 0)) {
                let draw = pool.draw(sequence.certifyAboveFloor, before: end, &generator)
                naive.take(NaiveThreshold.choose(pool, errorRates: accuracies.map { 1 - $0 }, multiplicities: draw.multiplicities))
                let passes = tests.passing(
                    places: draw.places, counts: accuracies.indices.map { target in draw.places.map { pool.counts(target: target)[$0] } })
                certified.take(sequence.lastAccepted(passing: passes).map { sequence.grid[$0].threshold })
                done += 1
                try observe(done)
            }
        }
        self.documents = first.sequence.certifyAboveFloor
        self.naive = naive.record
        self.certified = certified.record
    }

    /// One plan, not observed.
    package init?(plan: Plan, pool documents: [ScoredDocument], draws: Int, seed: UInt64) {
        self.init(plans: [plan], pool: documents, draws: draws, seed: seed) { _ in }
    }
}

/// What was seen of a rule so far.
private struct Tally {
    private let accuracies: [Double]
    private var pool: RankedPool?
    private var draws = 0
    private var failures = 0
    private var empty = 0
    /// By plan: the documents that its draws captured, and could have.
    private var captured: [(documents: Int, of: Int)] = []
    private var accuracySums: [Double]

    init(_ accuracies: [Double]) {
        self.accuracies = accuracies
        accuracySums = Array(repeating: 0, count: accuracies.count)
    }

    /// The draws that follow are of another plan.
    mutating func begin(_ pool: RankedPool) {
        self.pool = pool
        captured.append((0, 0))
    }

    mutating func take(_ threshold: Double?) {
        guard let pool, let plan = captured.indices.last else { return }
        draws += 1
        captured[plan].of += pool.count
        guard let threshold else {
            empty += 1
            return
        }
        let end = pool.end(threshold: threshold)
        let sums = pool.sums(ends: [end])[0]
        captured[plan].documents += end
        var isBelow = false
        for (target, accuracy) in accuracies.enumerated() {
            accuracySums[target] += 1 - sums[target].errorRate
            if Double(sums[target].wrong) > (1 - accuracy) * Double(sums[target].codes) + 1e-9 { isBelow = true }
        }
        if isBelow { failures += 1 }
    }

    var record: PromiseTrial.Record {
        PromiseTrial.Record(
            draws: draws, failures: failures, empty: empty, captures: captured.map { Double($0.documents) / Double($0.of) },
            meanAccuracies: accuracySums.map { $0 / Double(draws - empty) })
    }
}
