import Glibc

/// What the rows of tune let one expect at each grid point, smoothed.
///
/// The few errors at the strict end say little point by point, and the best of fifty noisy points is better than the truth. So the share of
/// documents with an error between neighbouring points is fitted as a logistic function of ln u and −ln(1−u), u the share of documents
/// below, and summed up again; codes a document and the design effect are those of the widest point.
struct TunePrediction {
    struct Rates {
        /// Of codes, in (0, 1).
        var errorRate: Double
        /// Documents with an error of all.
        var wrongShare: Double
        var codesPerDocument: Double
        /// Wrong codes of a document that has one.
        var codesPerError: Double
        var designEffect: Double
        var wholeEffect: Double
        /// Documents with a code of the target, of those accepted.
        var documentShare: Double
    }

    /// First index: grid point; second: target.
    private(set) var rates: [[Rates]]

    init(_ sequence: SequencePlan, targetCount: Int) {
        rates = Array(repeating: [], count: sequence.grid.count)
        for target in 0..<targetCount {
            let rows = sequence.grid.indices.map { sequence.tuneRows[$0 * targetCount + target] }
            for (point, rate) in TunePrediction.smoothed(rows, sequence).enumerated() { rates[point].append(rate) }
        }
    }

    private static func smoothed(_ rows: [TestRow], _ sequence: SequencePlan) -> [Rates] {
        guard let widest = rows.last, widest.clusters > 0 else {
            let nothing = Rates(
                errorRate: 1, wrongShare: 1, codesPerDocument: 1, codesPerError: 1, designEffect: 1, wholeEffect: 1, documentShare: 0)
            return rows.map { _ in nothing }
        }
        var first: [Double] = []
        var second: [Double] = []
        var shares: [Double] = []
        var steps: [Double] = []
        for (point, row) in rows.enumerated() {
            let before = point > 0 ? rows[point - 1] : nil
            let coverageBefore = point > 0 ? sequence.grid[point - 1].coverage : 0
            let below = min(max(1 - (coverageBefore + sequence.grid[point].coverage) / 2, 1e-9), 1 - 1e-9)
            let clusters = Double(row.clusters - (before?.clusters ?? 0))
            let wrong = Double(row.wrongClusters - (before?.wrongClusters ?? 0))
            first.append(log(below))
            second.append(-log1p(-below))
            // Clusters can grow instead of beginning: shares are held in [0, 1].
            shares.append(clusters > 0 ? min(max(wrong / clusters, 0), 1) : 0)
            steps.append(sequence.grid[point].coverage - coverageBefore)
        }
        let fit = LogisticFit(columns: [first, second], targets: shares).coefficients
        let codesPerError = widest.wrongClusters > 0 ? Double(widest.wrong) / Double(widest.wrongClusters) : 1
        let codesPerDocument = Double(widest.codes) / Double(widest.clusters)
        var sum = 0.0
        return rows.indices.map { point in
            sum += steps[point] * logistic(fit[0] * first[point] + fit[1] * second[point] + fit[2])
            let wrongShare = sum / sequence.grid[point].coverage
            let documents = sequence.grid[point].coverage * Double(max(sequence.tuneCount, 1))
            return Rates(
                errorRate: min(max(wrongShare * codesPerError / codesPerDocument, 1e-12), 1), wrongShare: wrongShare,
                codesPerDocument: codesPerDocument, codesPerError: codesPerError, designEffect: widest.designEffect,
                wholeEffect: widest.summary.wholeEffect,
                documentShare: min(Double(rows[point].clusters) / documents, 1))
        }
    }
}
