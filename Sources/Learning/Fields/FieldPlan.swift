/// What is asked of thresholds for fields.
package struct FieldThresholdRequest: Sendable, Hashable, Codable {
    /// The least accuracy of what a threshold accepts, in (0, 1).
    package var accuracy: Double
    /// Of the family: that any of the thresholds lets work below the accuracy through.
    package var risk: Risk
    package var pooling = FieldPooling.field
    /// What the order begins with in which bets take documents.
    package var seed: UInt64 = 1
    package var weight = FieldWeight.fields
    package var provenance = Provenance()

    package init(accuracy: Double, risk: Risk) {
        self.accuracy = accuracy
        self.risk = risk
    }
}

/// What counts once in the accuracy of a pool.
package enum FieldWeight: String, Sendable, Hashable, Codable, CaseIterable {
    /// Each accepted field: right fields / fields.
    case fields
    /// Each document with an accepted field: the mean share of its fields that are right.
    case documents
}

/// The plans of a family of pools, frozen before a certify label is read.
///
/// 1. Made from the request, the tune readings and the scores of the certify readings; what a review made of a certify reading cannot be
///    passed to it.
/// 2. The family's risk is shared out evenly among the pools that are opened (Bonferroni), each by a fixed sequence at its share: the chance
///    that any certified threshold breaks its promise is at most the risk, however the pools depend on each other.
/// 3. One field for itself has the exact test, a pool of several a document bets.
/// 4. Which pools are opened is chosen on tune: those that most likely certify something, so many that most can be expected to be captured.
///    A pool that is not opened is not tested, has no threshold, and takes nothing of the risk.
package struct FieldPlan: Sendable, Hashable, Codable {
    package let request: FieldThresholdRequest
    /// In order of their names.
    package let pools: [PoolPlan]
    /// δ′ of each opened pool; the family's own where none is.
    package let level: Double

    package struct PoolPlan: Sendable, Hashable, Codable {
        package let pool: FieldPool
        package let tuneReadings: Int
        package let certifyReadings: Int
        /// The most likely of its single tests, at δ′, as tune lets one expect: the probability that it passes.
        package let power: Double
        /// Accepted readings (of one field) or documents (of a pool) without an error that the test passes with at δ′, whether it was opened or
        /// not; nil where no number does.
        package let errorless: Int?
        /// Nil for a pool that is not opened.
        package let plan: Plan?
    }

    package var openedCount: Int { pools.count { $0.plan != nil } }
}

extension FieldPlan {
    /// The least power for which a pool is opened.
    static let powerMin = 0.01

    /// - Parameters:
    ///   - pools: no field in two of them.
    package static func freeze(
        _ request: FieldThresholdRequest, pools: [FieldPool], tune: [FieldReading], certify: [UnreadReading]
    ) throws(PlanError) -> FieldPlan {
        var drafts: [PoolDraft] = []
        for pool in pools {
            drafts.append(try PoolDraft(request, pool, tune: pool.documents(tune), certify: pool.documents(certify)))
        }
        let opened = openedPools(drafts, risk: request.risk)
        let level = request.risk.shared(by: max(opened.count, 1)).level
        var plans: [PoolPlan] = []
        for (index, draft) in drafts.enumerated() {
            let plan: Plan? = opened.contains(index) ? try draft.plan(risk: request.risk.shared(by: opened.count)) : nil
            plans.append(
                PoolPlan(
                    pool: draft.pool, tuneReadings: draft.tune.count, certifyReadings: draft.certify.count,
                    power: draft.power(level: level),
                    errorless: draft.errorlessCount(level: level), plan: plan))
        }
        return FieldPlan(request: request, pools: plans, level: level)
    }

    /// The indices of the pools that are opened: of every size of family, the most promising ones; of all sizes the one with most readings to be
    /// expected in pools that certify.
    private static func openedPools(_ drafts: [PoolDraft], risk: Risk) -> Set<Int> {
        var best: (hope: Double, pools: Set<Int>) = (0, [])
        var size = 1
        while size <= drafts.count {
            let level = risk.shared(by: size).level
            let hopes = drafts.enumerated().map { index, draft in
                let power = draft.power(level: level)
                return (index: index, hope: power < powerMin ? 0 : power * Double(draft.certify.count))
            }
            let chosen = hopes.filter { $0.hope > 0 }.sorted { $0.hope > $1.hope || ($0.hope == $1.hope && $0.index < $1.index) }.prefix(
                size)
            let hope = chosen.reduce(0) { $0 + $1.hope }
            if hope > best.hope { best = (hope, Set(chosen.map(\.index))) }
            // Families of nearly the same size are nearly the same.
            size += max(1, size / 6)
        }
        return best.pools
    }
}

/// A pool as far as it can be planned before the family's size is known.
private struct PoolDraft {
    let pool: FieldPool
    let tune: [ScoredDocument]
    let certify: [UnreadDocument]
    private let request: PlanRequest
    private let targets: [TargetPlan]
    private let sequence: SequencePlan

    init(_ request: FieldThresholdRequest, _ pool: FieldPool, tune: [ScoredDocument], certify: [UnreadDocument]) throws(PlanError) {
        self.pool = pool
        self.tune = tune
        self.certify = certify
        let isAlone = pool.readingsMax == 1
        guard
            let target = TargetRequest(
                name: Target.field.rawValue, accuracy: request.accuracy, unit: request.weight == .documents ? .shares : .fields,
                codesMax: pool.readingsMax)
        else { throw .noTargets }
        var plan = PlanRequest(targets: [target], risk: request.risk)
        plan.seed = request.seed
        plan.isClustered = !isAlone
        plan.provenance = request.provenance
        self.request = plan
        targets = [TargetPlan(target, plan: plan, codesMax: pool.readingsMax)]
        sequence = SequencePlan.toFloor(tune, targets, plan, certify: certify)
    }

    func plan(risk: Risk) throws(PlanError) -> Plan {
        var request = request
        request.risk = risk
        return try Plan.freeze(request, tune: tune, certify: certify)
    }

    func power(level: Double) -> Double {
        sequence.bestPower(targets, level: level, aboveFloor: sequence.certifyAboveFloor)?.power ?? 0
    }

    func errorlessCount(level: Double) -> Int? {
        let widest = sequence.tuneRows.last
        let codes = widest.map { $0.clusters > 0 ? Double($0.codes) / Double($0.clusters) : 1 } ?? 1
        return targets[0].errorlessClusters(level: level, codesPerCluster: codes)
    }

    /// Of all readings, not of those above the floor alone.
    func likelyCount(level: Double) -> Int? {
        guard let floor = sequence.floor, let count = LabelsNeeded.count(sequence, targets, level: level) else { return nil }
        return Int((Double(count) / sequence.grid[floor].coverage).rounded(.up))
    }
}

extension FieldPlan {
    /// Fresh certify readings of a pool with which the next plan is likely (in four of five cases) to certify something, if they are like these,
    /// which then plan. Nil when no number up to `LabelsNeeded.countMax` is.
    func likelyCount(_ pool: FieldPool, like documents: [ScoredDocument]) -> Int? {
        (try? PoolDraft(request, pool, tune: documents, certify: documents.map(UnreadDocument.init)))?.likelyCount(level: level)
    }
}

extension FieldPool {
    /// Its readings as certificates take documents: one code each, clustered by document where there can be several.
    package func documents(_ readings: [FieldReading]) -> [ScoredDocument] {
        let members = Set(members)
        let isAlone = readingsMax == 1
        return readings.filter { members.contains($0.key) }.map { reading in
            ScoredDocument(
                score: reading.score, counts: [CodeCount(codes: 1, wrong: reading.isWrong ? 1 : 0)],
                cluster: isAlone ? nil : String(reading.document))
        }
    }

    fileprivate func documents(_ readings: [UnreadReading]) -> [UnreadDocument] {
        let members = Set(members)
        return readings.filter { members.contains($0.key) }.map { UnreadDocument(score: $0.score, codes: [1]) }
    }
}

extension Risk {
    /// The share of one of so many certificates.
    fileprivate func shared(by count: Int) -> Risk {
        Risk(delta: delta / Double(count), scope: scope) ?? self
    }
}
