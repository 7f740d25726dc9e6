import Glibc

/// What differs between a certificate and what its own numbers give.
package enum Discrepancy: Error, Sendable, Hashable {
    case format(Int)
    /// δ′, as it should be.
    case level(Double)
    /// A target's error rate, test or most codes are not what the request gives; its name.
    case target(String)
    /// The grid does not descend, or floor or start lie outside of it.
    case grid
    /// The rows of tune give another floor.
    case floor(recomputed: Int?)
    /// Tests are missing, twice there, out of order or go on after one failed.
    case order
    /// The p-value of a row, recomputed from its own sums.
    case pValue(row: Int, recomputed: Double)
    /// The threshold, or the point it is from.
    case threshold(recomputed: Double?)
    /// The tune documents give another plan.
    case plan
    /// The certify documents don't fit the plan.
    case documents(CertifyError)
    /// The certify documents give another row, estimate or answer.
    case outcome
}

/// What a verification found, and how far it could look.
package struct Verification: Sendable, Hashable {
    package var discrepancies: [Discrepancy] = []
    /// Whether every p-value was computed again: bets need the certify documents for it.
    package var pValuesRecomputed = true
    /// Whether sums, estimates and answers were counted again from the certify documents.
    package var documentsCounted = false
    /// Whether the plan was made again from the tune documents.
    package var planRemade = false

    package var isSound: Bool { discrepancies.isEmpty }
}

extension Certificate {
    /// Computes everything again that can be: level, tests, floor, p-values, order and threshold from the plan and the rows alone; the plan
    /// too (and with it the start) where the tune documents are given, and all sums where the certify documents are.
    package func verify(tune: [ScoredDocument]? = nil, certify: [ScoredDocument]? = nil) -> Verification {
        var found = Verification()
        found.discrepancies = planDiscrepancies
        if let tune {
            found.planRemade = true
            if (try? plan.remade(tune: tune)) != plan { found.discrepancies.append(.plan) }
        }
        guard found.discrepancies.isEmpty else {
            found.pValuesRecomputed = false
            return found
        }
        found.discrepancies += outcomeDiscrepancies
        if plan.targets.contains(where: \.test.isBetting) { found.pValuesRecomputed = certify != nil }
        guard let certify else { return found }
        found.documentsCounted = true
        do {
            if try plan.certify(certify, validity: validity).outcome != outcome { found.discrepancies.append(.outcome) }
        } catch {
            found.discrepancies.append(.documents(error))
        }
        return found
    }

    private var planDiscrepancies: [Discrepancy] {
        var found: [Discrepancy] = []
        if plan.format != Plan.formatCurrent { found.append(.format(plan.format)) }
        if plan.request.risk.level != plan.level { found.append(.level(plan.request.risk.level)) }
        for (index, request) in plan.request.targets.enumerated() {
            let written = plan.targets.indices.contains(index) ? plan.targets[index] : nil
            // Where the request leaves it open, how many codes a document may have is tune's to say.
            let target = TargetPlan(request, plan: plan.request, codesMax: request.codesMax ?? written?.codesMax ?? 1)
            if target != written { found.append(.target(request.name)) }
        }
        for target in plan.targets.dropFirst(plan.request.targets.count) { found.append(.target(target.name)) }
        guard plan.sequence.isWellFormed(targetCount: plan.targets.count) else { return found + [.grid] }
        let floor = plan.sequence.floorPoint(plan.targets)
        if floor != plan.sequence.floor { found.append(.floor(recomputed: floor)) }
        return found
    }

    /// Of rows, order and threshold; the plan is sound.
    private var outcomeDiscrepancies: [Discrepancy] {
        let sequence = plan.sequence
        let width = plan.targets.count
        guard outcome.rows.count.isMultiple(of: width) else { return [.order] }
        var found: [Discrepancy] = []
        var accepted: Int?
        var isStopped = sequence.start == nil
        for (place, row) in outcome.rows.enumerated() {
            guard !isStopped || place % width != 0, row.target == place % width, row.point == (sequence.start ?? 0) + place / width,
                sequence.tested.indices.contains(row.point)
            else { return found + [.order] }
            if !plan.targets[row.target].test.isBetting {
                let again = plan.targets[row.target].pValue(row.summary, level: plan.level)
                if !(again == row.pValue) { found.append(.pValue(row: place, recomputed: again)) }
            }
            if row.target == width - 1 {
                let worst = TestRow.worst(Array(outcome.rows[(place + 1 - width)...place]))
                if worst.pValue <= plan.level { accepted = row.point } else { isStopped = true }
            }
        }
        if !isStopped, accepted != sequence.floor { found.append(.order) }
        let threshold = accepted.map { sequence.grid[$0].threshold }
        if accepted != outcome.accepted || threshold != outcome.threshold { found.append(.threshold(recomputed: threshold)) }
        return found
    }
}

extension SequencePlan {
    /// Whether its parts fit each other, as they do in every plan that was frozen; a file may say anything.
    func isWellFormed(targetCount: Int) -> Bool {
        let descends = zip(grid, grid.dropFirst()).allSatisfy { $0.threshold > $1.threshold && $0.coverage <= $1.coverage }
        let rowsFit =
            tuneRows.count == grid.count * targetCount
            && tuneRows.indices.allSatisfy {
                tuneRows[$0].point == $0 / targetCount && tuneRows[$0].target == $0 % targetCount && tuneRows[$0].isWellFormed
            }
        let placesFit =
            floor.map { floor in grid.indices.contains(floor) && (start.map { (0...floor).contains($0) } ?? false) } ?? (start == nil)
        let stakeFits = stake.map { $0 > 0 && $0 < 1 } ?? true
        return descends && rowsFit && placesFit && stakeFits && tuneCount >= 0 && certifyCount <= Int(Int32.max)
            && (0...max(certifyCount, 0)).contains(certifyAboveFloor) && certifyCount >= 0
    }
}

extension TestRow {
    /// Whether such a set exists.
    var isWellFormed: Bool {
        clusters >= 0 && clusters <= codes && codes <= Int(Int32.max) && (0...codes).contains(wrong)
            && (0...min(clusters, wrong)).contains(wrongClusters) && codesMax >= 0 && codesSquared >= codes && designEffect >= 1
            && designEffect.isFinite
            && pValue >= 0 && pValue <= 1
    }
}
