import Glibc

/// Why no plan could be made.
package enum PlanError: Error, Sendable, Hashable {
    case noTargets
    /// A target of shares in another mode than strict; its name.
    case sharesNotStrict(String)
    /// m, outside of [0, 1).
    case reviewerMissBound(Double)
    /// Outside of [0.001, 0.5].
    case gridStep(Double)
    /// A tune document has another number of counts than there are targets; its index.
    case countsDiffer(document: Int)
    /// Certify documents of a stratum that has no tune document: nothing could be planned for it.
    case strataDiffer(String)
}

extension Plan {
    /// Makes the plan. Nothing of the certify documents is taken but how many there are.
    /// - Parameters:
    ///   - tune: scored by the model that was chosen with them.
    ///   - certifyCounts: the number of certify documents by stratum; strata matter with `Stratification.each` alone, else they are summed.
    package static func freeze(_ request: PlanRequest, tune: [ScoredDocument], certifyCounts: [String: Int]) throws(PlanError) -> Plan {
        guard !request.targets.isEmpty else { throw .noTargets }
        if request.mode == .fixedSequence, let shares = request.targets.first(where: { $0.unit == .shares }) {
            throw .sharesNotStrict(shares.name)
        }
        guard request.reviewerMissBound >= 0, request.reviewerMissBound < 1 else { throw .reviewerMissBound(request.reviewerMissBound) }
        guard request.gridStep >= 0.001, request.gridStep <= 0.5 else { throw .gridStep(request.gridStep) }
        if let odd = tune.firstIndex(where: { $0.reviewedCounts.count != request.targets.count }) { throw .countsDiffer(document: odd) }

        var parts: [(stratum: String?, tune: [ScoredDocument], count: Int)]
        if request.stratification == .each {
            let byStratum = Dictionary(grouping: tune, by: \.stratum)
            for stratum in certifyCounts.keys.sorted() where byStratum[stratum] == nil { throw .strataDiffer(stratum) }
            parts = byStratum.keys.sorted().map { ($0, byStratum[$0] ?? [], certifyCounts[$0] ?? 0) }
        } else {
            parts = [(nil, tune, certifyCounts.values.reduce(0, +))]
        }
        let level = request.risk.level(sequences: parts.count)
        let targets = request.targets.map { TargetPlan($0, plan: request, level: level) }
        return Plan(
            format: formatCurrent, request: request, targets: targets, level: level,
            sequences: parts.map { part in
                sequence(request, targets, level: level, stratum: part.stratum, tune: part.tune, certifyCount: part.count)
            })
    }

    /// As above, for plans without strata.
    package static func freeze(_ request: PlanRequest, tune: [ScoredDocument], certifyCount: Int) throws(PlanError) -> Plan {
        try freeze(request, tune: tune, certifyCounts: ["": certifyCount])
    }

    private static func sequence(
        _ request: PlanRequest, _ targets: [TargetPlan], level: Double, stratum: String?, tune: [ScoredDocument], certifyCount: Int
    ) -> SequencePlan {
        let grid = ThresholdGrid.points(tune, step: request.gridStep)
        let scan = SequenceScan(
            tune, thresholds: grid.map(\.threshold), targetCount: targets.count, isClustered: request.isClustered)
        let rows = grid.indices.flatMap { point in
            targets.indices.map { target in
                let summary = scan.sums[point][target].summary
                return TestRow(point: point, target: target, summary: summary, pValue: targets[target].pValue(summary, level: level))
            }
        }
        let bare = SequencePlan(
            stratum: stratum, tuneCount: tune.count, certifyCount: certifyCount, grid: grid, start: nil, stake: nil,
            startDocumentsMin: startDocumentsMin(targets, level: level), tuneRows: rows)
        switch (request.startRule, request.isClustered || request.mode != .fixedSequence) {
        case (.leastDocuments, _):
            let start = bare.leastDocumentsStart(targets, level: level)
            return bare.starting(at: start, stake: start.flatMap { bare.bestStake(targets, at: $0, level: level) })
        case (.greatestCapture, false):
            return bare.starting(
                at: CapturePrediction(request, targets, level: level, grid: grid, tune: tune, certifyCount: certifyCount).best, stake: nil)
        case (.greatestCapture, true):
            let prediction = ClusterCapturePrediction(targets, level: level, grid: grid, tune: tune, certifyCount: certifyCount)
            return bare.starting(at: prediction.best?.start, stake: prediction.best?.stake)
        }
    }

    /// 4·⌈ln δ′/ln(1 − α_min)⌉: four times the documents that must be without an error for the hardest target.
    static func startDocumentsMin(_ targets: [TargetPlan], level: Double) -> Int {
        let hardest = targets.map(\.errorRate).min() ?? 1
        let count = (log(level) / log1p(-hardest)).rounded(.up)
        return count < 1e15 ? 4 * Int(count) : Int.max
    }
}

extension SequencePlan {
    /// The start by `StartRule.leastDocuments`, from nothing but what is in the plan.
    func leastDocumentsStart(_ targets: [TargetPlan], level: Double) -> Int? {
        if let first = grid.firstIndex(where: { $0.coverage * Double(certifyCount) >= Double(startDocumentsMin) }) { return first }
        return bestPower(targets, level: level, certifyCount: certifyCount)?.point
    }

    /// The point that most likely passes, as tune predicts it, at a size of certify; the strictest of equals. Targets are taken as
    /// independent, which is careful: errors come together.
    func bestPower(
        _ targets: [TargetPlan], level: Double, certifyCount: Int, prediction: TunePrediction? = nil
    ) -> (point: Int, power: Double)? {
        let prediction = prediction ?? TunePrediction(self, targetCount: targets.count)
        var best: (point: Int, power: Double)?
        for point in grid.indices {
            var power = 1.0
            for (target, plan) in targets.enumerated() where power > best?.power ?? -1 {
                let rates = prediction.rates[point][target]
                let documents = Double(certifyCount) * grid[point].coverage * rates.documentShare
                power *= plan.power(rates, documents: documents, level: level)
            }
            if power > best?.power ?? -1 { best = (point, power) }
        }
        return best
    }

    /// Runs the fixed sequence: from the start on, until a point does not pass; the last that did.
    func lastAccepted(passing passes: (Int) -> Bool) -> Int? {
        guard let start else { return nil }
        let failed = (start..<grid.count).first { !passes($0) } ?? grid.count
        return failed > start ? failed - 1 : nil
    }

    /// The stake with which betting most likely passes at a point; nil where it is not planned.
    fileprivate func bestStake(_ targets: [TargetPlan], at point: Int, level: Double) -> Double? {
        guard targets.contains(where: \.isStakePlanned) else { return nil }
        let rates = TunePrediction(self, targetCount: targets.count).rates[point]
        func power(_ stake: Double) -> Double {
            targets.indices.reduce(1) { product, target in
                let documents = Double(certifyCount) * grid[point].coverage * rates[target].documentShare
                return product * targets[target].bettingPower(rates[target], documents: documents, level: level, stakes: [stake])
            }
        }
        let powers = BettingTest.plannable.map { (stake: $0, power: power($0)) }
        return powers.max { $0.power < $1.power || ($0.power == $1.power && $0.stake > $1.stake) }?.stake
    }

    func starting(at start: Int?, stake: Double? = nil) -> SequencePlan {
        SequencePlan(
            stratum: stratum, tuneCount: tuneCount, certifyCount: certifyCount, grid: grid, start: start, stake: stake,
            startDocumentsMin: startDocumentsMin, tuneRows: tuneRows)
    }
}
