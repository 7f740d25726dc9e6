import Glibc

extension SequencePlan {
    /// The error rate of a target's codes at or above each point, as tune lets one expect it.
    ///
    /// The errors between two neighbouring points are few, and where they happen to be none or several says little. So their share of the
    /// codes there is fitted as a logistic function of ln u and −ln(1−u), u the share of documents below, and summed up again over the codes.
    func smoothedErrors(target: Int, targetCount: Int) -> [Double] {
        var columns: [[Double]] = [[], []]
        var shares: [Double] = []
        var codes: [Double] = []
        var before = (codes: 0, wrong: 0, coverage: 0.0)
        for (point, place) in grid.enumerated() {
            let row = tuneRows[point * targetCount + target]
            let below = min(max(1 - (before.coverage + place.coverage) / 2, 1e-9), 1 - 1e-9)
            let more = Double(row.codes - before.codes)
            columns[0].append(log(below))
            columns[1].append(-log1p(-below))
            shares.append(more > 0 ? min(max(Double(row.wrong - before.wrong) / more, 0), 1) : 0)
            codes.append(max(more, 0))
            before = (row.codes, row.wrong, place.coverage)
        }
        guard !grid.isEmpty, before.codes > 0 else { return grid.map { _ in 1 } }
        let fit = LogisticFit(columns: columns, targets: shares).coefficients
        var sum = (codes: 0.0, wrong: 0.0)
        return grid.indices.map { point in
            sum.codes += codes[point]
            sum.wrong += codes[point] * logistic(fit[0] * columns[0][point] + fit[1] * columns[1][point] + fit[2])
            return sum.codes > 0 ? sum.wrong / sum.codes : 1
        }
    }
}
