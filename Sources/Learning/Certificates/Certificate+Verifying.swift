import Glibc

/// What differs between a certificate and what its own numbers give.
package enum Discrepancy: Error, Sendable, Hashable {
    case format(Int)
    /// δ′, as it should be.
    case level(Double)
    /// A target's error rate, test or correction is not what the request gives; its name.
    case target(String)
    /// The grid does not descend, or the start lies outside of it; index of the sequence.
    case grid(sequence: Int)
    /// The start rule gives another point.
    case start(sequence: Int, recomputed: Int?)
    /// Tests are missing, twice there, out of order or go on after one failed.
    case order(sequence: Int)
    /// The p-value of a row, recomputed from its own sums.
    case pValue(sequence: Int, row: Int, recomputed: Double)
    /// The threshold, or the point it is from.
    case threshold(sequence: Int, recomputed: Double?)
    /// The tune documents give another plan.
    case plan
    /// The certify documents don't fit the plan.
    case documents(CertifyError)
    /// The certify documents give another row, estimate or answer.
    case outcome(sequence: Int)
}

/// What a verification found, and how far it could look.
package struct Verification: Sendable, Hashable {
    package var discrepancies: [Discrepancy] = []
    /// Whether every p-value was computed again: strict mode needs the certify documents for it.
    package var pValuesRecomputed = true
    /// Whether sums, estimates and answers were counted again from the certify documents.
    package var documentsCounted = false
    /// Whether the plan was made again from the tune documents.
    package var planRemade = false

    package var isSound: Bool { discrepancies.isEmpty }
}

extension Certificate {
    /// Computes everything again that can be: levels, tests, starts, p-values, order and thresholds from the plan and the rows alone; the
    /// plan too where the tune documents are given, and all sums where the certify documents are.
    package func verify(tune: [ScoredDocument]? = nil, certify: [ScoredDocument]? = nil) -> Verification {
        var found = Verification()
        found.discrepancies = planDiscrepancies
        if let tune {
            found.planRemade = true
            let counts = Dictionary(plan.sequences.map { ($0.stratum ?? "", $0.certifyCount) }, uniquingKeysWith: +)
            if (try? Plan.freeze(plan.request, tune: tune, certifyCounts: counts)) != plan { found.discrepancies.append(.plan) }
        }
        guard found.discrepancies.isEmpty, outcomes.count == plan.sequences.count else {
            found.pValuesRecomputed = false
            if outcomes.count != plan.sequences.count {
                found.discrepancies.append(.order(sequence: min(outcomes.count, plan.sequences.count)))
            }
            return found
        }
        for index in outcomes.indices { found.discrepancies += discrepancies(sequence: index) }
        if case .strict = plan.request.mode { found.pValuesRecomputed = certify != nil }
        guard let certify else { return found }
        found.documentsCounted = true
        do {
            let again = try plan.certify(certify, validity: validity)
            for index in outcomes.indices where again.outcomes[index] != outcomes[index] {
                found.discrepancies.append(.outcome(sequence: index))
            }
        } catch {
            found.discrepancies.append(.documents(error))
        }
        return found
    }

    private var planDiscrepancies: [Discrepancy] {
        var found: [Discrepancy] = []
        if plan.format != Plan.formatCurrent { found.append(.format(plan.format)) }
        let level = plan.request.risk.level(sequences: plan.sequences.count)
        if level != plan.level { found.append(.level(level)) }
        let targets = plan.request.targets.map { TargetPlan($0, plan: plan.request, level: level) }
        for (index, target) in targets.enumerated() where !plan.targets.indices.contains(index) || plan.targets[index] != target {
            found.append(.target(target.name))
        }
        for index in plan.targets.indices.dropFirst(targets.count) { found.append(.target(plan.targets[index].name)) }
        for (index, sequence) in plan.sequences.enumerated() {
            guard sequence.isWellFormed(targetCount: targets.count) else {
                found.append(.grid(sequence: index))
                continue
            }
            if sequence.startDocumentsMin != Plan.startDocumentsMin(targets, level: level) {
                found.append(.start(sequence: index, recomputed: sequence.start))
            } else if plan.request.startRule == .leastDocuments {
                let start = sequence.leastDocumentsStart(targets, level: level)
                if start != sequence.start { found.append(.start(sequence: index, recomputed: start)) }
            }
        }
        return found
    }

    /// Of rows, order and threshold; the plan is sound.
    private func discrepancies(sequence index: Int) -> [Discrepancy] {
        let sequence = plan.sequences[index]
        let outcome = outcomes[index]
        let width = plan.targets.count
        guard outcome.stratum == sequence.stratum, outcome.rows.count.isMultiple(of: width) else { return [.order(sequence: index)] }
        var found: [Discrepancy] = []
        var accepted: Int?
        var isStopped = sequence.start == nil
        for (place, row) in outcome.rows.enumerated() {
            guard !isStopped || place % width != 0, row.target == place % width, row.point == (sequence.start ?? 0) + place / width,
                sequence.grid.indices.contains(row.point)
            else { return found + [.order(sequence: index)] }
            if !plan.targets[row.target].test.isBetting {
                let again = plan.targets[row.target].pValue(row.summary, level: plan.level)
                if !(again == row.pValue) { found.append(.pValue(sequence: index, row: place, recomputed: again)) }
            }
            if row.target == width - 1 {
                let worst = TestRow.worst(Array(outcome.rows[(place + 1 - width)...place]))
                if worst.pValue <= plan.level { accepted = row.point } else { isStopped = true }
            }
        }
        if !isStopped, accepted != sequence.grid.count - 1 { found.append(.order(sequence: index)) }
        if accepted != outcome.accepted || accepted.map({ sequence.grid[$0].threshold }) != outcome.threshold {
            found.append(.threshold(sequence: index, recomputed: accepted.map { sequence.grid[$0].threshold }))
        }
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
        return descends && rowsFit && (start.map { grid.indices.contains($0) } ?? grid.isEmpty) && certifyCount >= 0 && tuneCount >= 0
            && certifyCount <= Int(Int32.max)
    }
}

extension TestRow {
    /// Whether such a set exists.
    var isWellFormed: Bool {
        clusters >= 0 && clusters <= codes && codes <= Int(Int32.max) && (0...codes).contains(wrong)
            && (0...min(clusters, wrong)).contains(wrongClusters) && codesMax >= 0 && designEffect >= 1 && designEffect.isFinite
            && pValue >= 0 && pValue <= 1
    }
}
