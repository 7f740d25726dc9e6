/// Why a plan can't be run on documents.
package enum CertifyError: Error, Sendable, Hashable {
    /// Another number of documents than the plan counted: certify sets are neither topped up nor cut.
    case countDiffers(stratum: String?, planned: Int, given: Int)
    /// A document has another number of counts than there are targets; its index.
    case countsDiffer(document: Int)
}

extension Plan {
    /// Runs the plan, once, on the certify documents.
    /// - Parameters:
    ///   - documents: all of the window, accepted or not, in an order that says nothing of their labels (by time): strict mode permutes it.
    ///   - validity: from when until when the answer holds.
    package func certify(_ documents: [ScoredDocument], validity: Validity) throws(CertifyError) -> Certificate {
        if let odd = documents.firstIndex(where: { $0.reviewedCounts.count != targets.count }) { throw .countsDiffer(document: odd) }
        var outcomes: [SequenceOutcome] = []
        var rest = documents.count
        for sequence in sequences {
            let own = sequence.stratum.map { stratum in documents.filter { $0.stratum == stratum } } ?? documents
            rest -= own.count
            guard own.count == sequence.certifyCount else {
                throw .countDiffers(stratum: sequence.stratum, planned: sequence.certifyCount, given: own.count)
            }
            outcomes.append(run(sequence, own))
        }
        guard rest == 0 else { throw .countDiffers(stratum: nil, planned: documents.count - rest, given: documents.count) }
        return Certificate(plan: self, outcomes: outcomes, validity: validity)
    }

    private func run(_ sequence: SequencePlan, _ documents: [ScoredDocument]) -> SequenceOutcome {
        let thresholds = sequence.grid.map(\.threshold)
        let scan = SequenceScan(
            documents, thresholds: thresholds, targetCount: targets.count, isClustered: request.isClustered)
        var rows: [TestRow] = []
        var accepted: Int?
        var failed: (point: Int, target: Int, pValue: Double)?
        for point in (sequence.start ?? thresholds.count)..<thresholds.count where failed == nil {
            let tests = targets.indices.map { target in
                let summary = scan.sums[point][target].summary
                return TestRow(
                    point: point, target: target, summary: summary,
                    pValue: pValue(target, summary, thresholds[point], documents, stake: sequence.stake))
            }
            rows += tests
            let worst = TestRow.worst(tests)
            if worst.pValue <= level { accepted = point } else { failed = (point, worst.target, worst.pValue) }
        }
        let stop =
            sequence.start == nil
            ? Stop(point: nil, target: nil, pValue: 1, level: level, labelsNeeded: nil)
            : failed.map { failed in
                Stop(
                    point: failed.point, target: failed.target, pValue: failed.pValue, level: level,
                    labelsNeeded: accepted == nil ? labelsNeeded(sequence) : nil)
            }
        return SequenceOutcome(
            stratum: sequence.stratum, rows: rows, accepted: accepted, threshold: accepted.map { thresholds[$0] },
            estimates: accepted.map { estimates(documents, threshold: thresholds[$0]) } ?? [], stop: stop)
    }

    /// Fresh labels are for the next plan.
    private func labelsNeeded(_ sequence: SequencePlan) -> Int? {
        guard let next = request.risk.next else { return nil }
        return LabelsNeeded.count(sequence, targets, level: next.level(sequences: sequences.count))
    }

    private func pValue(
        _ target: Int, _ summary: KornGraubard.Summary, _ threshold: Double, _ documents: [ScoredDocument], stake: Double?
    ) -> Double {
        guard case .strict(let seed) = request.mode else { return targets[target].pValue(summary, level: level) }
        let counts = bets(documents, threshold: threshold, target: target, seed: seed)
        return targets[target].betting(counts, stake: stake)
    }

    /// The counts of the accepted clusters in the order of the seed; a cluster stands where the first of its documents does.
    private func bets(_ documents: [ScoredDocument], threshold: Double, target: Int, seed: UInt64) -> [CodeCount] {
        var generator = SeededGenerator(seed: seed)
        var counts: [CodeCount] = []
        var places: [String: Int] = [:]
        for index in generator.permutation(documents.count) {
            guard let score = documents[index].score, score >= threshold else { continue }
            let count = documents[index].count(target: target)
            if request.isClustered, let cluster = documents[index].cluster {
                if let place = places[cluster] {
                    counts[place] = CodeCount(codes: counts[place].codes + count.codes, wrong: counts[place].wrong + count.wrong)
                    continue
                }
                places[cluster] = counts.count
            }
            counts.append(count)
        }
        return counts
    }

    /// All documents; with marginal strata then each stratum's.
    private func estimates(_ documents: [ScoredDocument], threshold: Double) -> [SetEstimate] {
        let all = estimate(documents, threshold: threshold, stratum: nil)
        guard request.stratification == .marginal else { return [all] }
        let byStratum = Dictionary(grouping: documents, by: \.stratum)
        return [all] + byStratum.keys.sorted().map { estimate(byStratum[$0] ?? [], threshold: threshold, stratum: $0) }
    }

    private func estimate(_ documents: [ScoredDocument], threshold: Double, stratum: String?) -> SetEstimate {
        let scan = SequenceScan(documents, thresholds: [threshold], targetCount: targets.count, isClustered: request.isClustered)
        return SetEstimate(
            stratum: stratum, documents: documents.count, accepted: scan.accepted[0], accuracies: scan.sums[0].map(AccuracyEstimate.init))
    }
}

extension TestRow {
    /// The one with the greatest p, the first of equals.
    static func worst(_ rows: [TestRow]) -> TestRow {
        rows.dropFirst().reduce(rows[0]) { $1.pValue > $0.pValue ? $1 : $0 }
    }
}
