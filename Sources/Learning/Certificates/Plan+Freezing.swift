/// Why no plan could be made.
package enum PlanError: Error, Sendable, Hashable {
    case noTargets
    /// Outside of [0.001, 0.5].
    case gridStep(Double)
    /// A tune document has another number of counts than there are targets; its index.
    case countsDiffer(document: Int)
    /// The same of a certify document.
    case unreadCountsDiffer(document: Int)
}

extension Plan {
    /// So many times what a target allows may tune's smoothed error be at the floor: tune is a sample, and certify may be better.
    static let floorSlack = 1.25

    /// Makes the plan.
    /// - Parameters:
    ///   - tune: scored by the model that was chosen with them.
    ///   - certify: what may be known of the certify documents: all that were drawn, or only those at or above the floor.
    package static func freeze(
        _ request: PlanRequest, tune: [ScoredDocument], certify: [UnreadDocument]
    ) throws(PlanError) -> Plan {
        if let odd = certify.firstIndex(where: { $0.codes.count != request.targets.count }) { throw .unreadCountsDiffer(document: odd) }
        return try made(request, tune: tune, certifyCount: certify.count) { certify.count(atOrAbove: $0, $1) }
    }

    /// As above, for so many certify documents that will be drawn at or above the floor.
    package static func freeze(_ request: PlanRequest, tune: [ScoredDocument], aboveFloor count: Int) throws(PlanError) -> Plan {
        try made(request, tune: tune, certifyCount: count) { _, _ in count }
    }

    /// The plan as it was frozen, from other tune documents: only numbers are known of certify.
    func remade(tune: [ScoredDocument]) throws(PlanError) -> Plan {
        try Plan.made(request, tune: tune, certifyCount: sequence.certifyCount) { _, _ in sequence.certifyAboveFloor }
    }

    /// - Parameter countAboveFloor: of the certify documents, given the floor's threshold.
    private static func made(
        _ request: PlanRequest, tune: [ScoredDocument], certifyCount: Int, countAboveFloor: (Double, [TargetPlan]) -> Int
    ) throws(PlanError) -> Plan {
        guard !request.targets.isEmpty else { throw .noTargets }
        guard request.gridStep >= 0.001, request.gridStep <= 0.5 else { throw .gridStep(request.gridStep) }
        if let odd = tune.firstIndex(where: { $0.counts.count != request.targets.count }) { throw .countsDiffer(document: odd) }
        let targets = request.targets.enumerated().map { index, target in
            TargetPlan(target, plan: request, codesMax: target.codesMax ?? codesMax(tune, target: index, isClustered: request.isClustered))
        }
        let level = request.risk.level
        let inside = request.isClustered ? tune : tune.map { targets.admits($0) ? $0 : $0.outside }
        var sequence = SequencePlan(inside, targets, request, level: level, certifyCount: certifyCount)
        sequence = sequence.stopping(targets, countAboveFloor: countAboveFloor)
        if sequence.floor != nil {
            if request.isClustered || targets.contains(where: \.test.isBetting) {
                let best = ClusterCapturePrediction(targets, level: level, sequence: sequence, tune: inside).best
                sequence = sequence.starting(at: best?.start, stake: best?.stake)
            } else {
                sequence = sequence.starting(at: CapturePrediction(targets, level: level, sequence: sequence, tune: inside).best)
            }
        }
        return Plan(format: formatCurrent, request: request, targets: targets, level: level, sequence: sequence)
    }

    /// The most codes of a target that a document (or cluster) of tune has, at least 1.
    private static func codesMax(_ tune: [ScoredDocument], target: Int, isClustered: Bool) -> Int {
        var most = 1
        var clusters: [String: Int] = [:]
        for document in tune {
            let codes = document.counts[target].codes
            most = max(most, codes)
            if isClustered, let cluster = document.cluster {
                clusters[cluster, default: 0] += codes
                most = max(most, clusters[cluster] ?? 0)
            }
        }
        return most
    }

    /// A document as the certified rule takes it: one with more codes of a target than the plan knows is never accepted. Of clusters the
    /// codes count together, which no rule for single documents can see: there the tests refuse them.
    package func admitted(_ document: ScoredDocument) -> ScoredDocument {
        request.isClustered || targets.admits(document) ? document : document.outside
    }
}

extension [TargetPlan] {
    /// Whether a document has no more codes of any target than the plan knows.
    func admits(_ document: ScoredDocument) -> Bool { zip(document.counts, self).allSatisfy { $0.codes <= $1.codesMax } }
}

extension [UnreadDocument] {
    /// Those at or above a threshold and not outside.
    fileprivate func count(atOrAbove threshold: Double, _ targets: [TargetPlan]) -> Int {
        count { document in
            guard let score = document.score, score >= threshold else { return false }
            return zip(document.codes, targets).allSatisfy { $0 <= $1.codesMax }
        }
    }
}

extension SequencePlan {
    /// With its floor, and no start yet.
    static func toFloor(
        _ tune: [ScoredDocument], _ targets: [TargetPlan], _ request: PlanRequest, certify: [UnreadDocument]
    ) -> SequencePlan {
        SequencePlan(tune, targets, request, level: request.risk.level, certifyCount: certify.count)
            .stopping(targets) { certify.count(atOrAbove: $0, $1) }
    }

    /// Without a floor.
    fileprivate init(_ tune: [ScoredDocument], _ targets: [TargetPlan], _ request: PlanRequest, level: Double, certifyCount: Int) {
        let grid = ThresholdGrid.points(tune, step: request.gridStep)
        let scan = SequenceScan(
            tune, thresholds: grid.map(\.threshold), targetCount: targets.count, isClustered: request.isClustered)
        self.init(
            tuneCount: tune.count, certifyCount: certifyCount, certifyAboveFloor: 0, grid: grid, floor: nil, start: nil, stake: nil,
            tuneRows: grid.indices.flatMap { point in
                targets.indices.map { target in
                    let summary = scan.sums[point][target].summary
                    return TestRow(point: point, target: target, summary: summary, pValue: targets[target].pValue(summary, level: level))
                }
            })
    }

    /// The floor, from nothing but what is in the plan.
    func floorPoint(_ targets: [TargetPlan]) -> Int? {
        let errors = targets.indices.map { smoothedErrors(target: $0, targetCount: targets.count) }
        return grid.indices.last { point in
            targets.indices.allSatisfy { errors[$0][point] <= Plan.floorSlack * targets[$0].errorRate }
        }
    }

    /// The points that may be tested: down to the floor.
    var tested: ArraySlice<GridPoint> { grid.prefix((floor ?? -1) + 1) }

    /// Certify documents (or readings) to be expected at or above a point, by the coverage of tune.
    func documentsExpected(at point: Int, aboveFloor: Int) -> Double {
        floor.map { Double(aboveFloor) * grid[point].coverage / grid[$0].coverage } ?? 0
    }

    /// The point that most likely passes, as tune predicts it, with so many certify documents above the floor; the strictest of equals.
    /// Targets are taken as independent, which is careful: errors come together.
    func bestPower(
        _ targets: [TargetPlan], level: Double, aboveFloor: Int, prediction: TunePrediction? = nil
    ) -> (point: Int, power: Double)? {
        let prediction = prediction ?? TunePrediction(self, targetCount: targets.count)
        var best: (point: Int, power: Double)?
        for point in tested.indices {
            var power = 1.0
            for (target, plan) in targets.enumerated() where power > best?.power ?? -1 {
                let rates = prediction.rates[point][target]
                let documents = documentsExpected(at: point, aboveFloor: aboveFloor) * rates.documentShare
                power *= plan.power(rates, documents: documents, level: level)
            }
            if power > best?.power ?? -1 { best = (point, power) }
        }
        return best
    }

    /// Runs the fixed sequence: from the start on, until a point does not pass or the floor is reached; the last that did.
    func lastAccepted(passing passes: (Int) -> Bool) -> Int? {
        guard let start else { return nil }
        let failed = (start..<tested.endIndex).first { !passes($0) } ?? tested.endIndex
        return failed > start ? failed - 1 : nil
    }

    fileprivate func stopping(_ targets: [TargetPlan], countAboveFloor: (Double, [TargetPlan]) -> Int) -> SequencePlan {
        guard let floor = floorPoint(targets) else { return self }
        return SequencePlan(
            tuneCount: tuneCount, certifyCount: certifyCount, certifyAboveFloor: countAboveFloor(grid[floor].threshold, targets),
            grid: grid, floor: floor, start: nil, stake: nil, tuneRows: tuneRows)
    }

    func starting(at start: Int?, stake: Double? = nil) -> SequencePlan {
        SequencePlan(
            tuneCount: tuneCount, certifyCount: certifyCount, certifyAboveFloor: certifyAboveFloor, grid: grid, floor: floor, start: start,
            stake: stake, tuneRows: tuneRows)
    }
}
