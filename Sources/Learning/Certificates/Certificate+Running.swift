/// Why a plan can't be run on documents.
package enum CertifyError: Error, Sendable, Hashable {
    /// Another number of documents than the plan counted: certify sets are neither topped up nor cut.
    case countDiffers(planned: Int, given: Int)
    /// The same of those at or above the floor.
    case countAboveFloorDiffers(planned: Int, given: Int)
    /// A document has another number of counts than there are targets; its index.
    case countsDiffer(document: Int)
}

extension Plan {
    /// Runs the plan, once, on the certify documents.
    /// - Parameters:
    ///   - documents: all of the window, accepted or not, in an order that says nothing of their labels (by time): bets permute it.
    ///   - validity: from when until when the answer holds.
    package func certify(_ documents: [ScoredDocument], validity: Validity) throws(CertifyError) -> Certificate {
        if let odd = documents.firstIndex(where: { $0.counts.count != targets.count }) { throw .countsDiffer(document: odd) }
        guard documents.count == sequence.certifyCount else {
            throw .countDiffers(planned: sequence.certifyCount, given: documents.count)
        }
        let admitted = documents.map(admitted)
        let floor = sequence.floor.map { sequence.grid[$0].threshold } ?? .infinity
        let above = admitted.count { $0.score.map { $0 >= floor } ?? false }
        guard above == sequence.certifyAboveFloor else {
            throw .countAboveFloorDiffers(planned: sequence.certifyAboveFloor, given: above)
        }
        return Certificate(plan: self, outcome: run(admitted), validity: validity)
    }

    private func run(_ documents: [ScoredDocument]) -> SequenceOutcome {
        let thresholds = sequence.tested.map(\.threshold)
        let scan = SequenceScan(
            documents, thresholds: thresholds, targetCount: targets.count, isClustered: request.isClustered)
        let order = SeededGenerator.permutation(documents.count, seed: request.seed)
        var rows: [TestRow] = []
        var accepted: Int?
        var failed: (point: Int, target: Int, pValue: Double)?
        for point in (sequence.start ?? thresholds.count)..<thresholds.count where failed == nil {
            let tests = targets.indices.map { target in
                let summary = scan.sums[point][target].summary
                let pValue =
                    if let stake = sequence.stake, targets[target].test.isBetting {
                        targets[target].betting(bets(documents, order, threshold: thresholds[point], target: target), stake: stake)
                    } else {
                        targets[target].pValue(summary, level: level)
                    }
                return TestRow(point: point, target: target, summary: summary, pValue: pValue)
            }
            rows += tests
            let worst = TestRow.worst(tests)
            if worst.pValue <= level { accepted = point } else { failed = (point, worst.target, worst.pValue) }
        }
        let stop =
            sequence.start == nil
            ? Stop(point: nil, target: nil, pValue: 1, level: level, labelsNeeded: nil)
            : failed.map { failed in
                // Fresh labels are for the next plan.
                Stop(
                    point: failed.point, target: failed.target, pValue: failed.pValue, level: level,
                    labelsNeeded: accepted == nil ? LabelsNeeded.count(sequence, targets, level: request.risk.next.level) : nil)
            }
        return SequenceOutcome(
            rows: rows, accepted: accepted, threshold: accepted.map { thresholds[$0] },
            estimates: accepted.map { point in
                SetEstimate.byPopulation(
                    documents, threshold: thresholds[point], targetCount: targets.count, isClustered: request.isClustered)
            } ?? [], stop: stop)
    }

    /// The counts of the accepted clusters in the order; a cluster stands where the first of its documents does.
    private func bets(_ documents: [ScoredDocument], _ order: [Int], threshold: Double, target: Int) -> [CodeCount] {
        var counts: [CodeCount] = []
        var places: [String: Int] = [:]
        for index in order {
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
}

extension TestRow {
    /// The one with the greatest p, the first of equals.
    static func worst(_ rows: [TestRow]) -> TestRow {
        rows.dropFirst().reduce(rows[0]) { $1.pValue > $0.pValue ? $1 : $0 }
    }
}
