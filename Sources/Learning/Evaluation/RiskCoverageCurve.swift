/// The error rate of what is accepted over the share that is, as the threshold falls (El-Yaniv, Wiener 2010).
package struct RiskCoverageCurve: Sendable, Hashable {
    package struct Point: Sendable, Hashable {
        package let threshold: Double
        /// Accepted / all, in (0, 1].
        package let coverage: Double
        /// Wrong / all, of the accepted; 0 while nothing is counted.
        package let risk: Double
    }

    /// One a distinct score, coverage ascending.
    package let points: [Point]
    /// The area under it: the mean over ranks of the risk of all at or above that rank (Geifman, El-Yaniv 2018); documents of equal score
    /// share the risk of the whole tie. NaN without documents.
    package let area: Double

    /// - Parameters:
    ///   - counts: codes and wrong ones of each document; one code, wrong or not, for plain labels.
    package init(scores: [Double], counts: [CodeCount]) {
        precondition(scores.count == counts.count, "one count a score")
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        var points: [Point] = []
        var codes = 0
        var wrong = 0
        var area = 0.0
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, scores[order[end]] == scores[order[start]] {
                codes += counts[order[end]].codes
                wrong += counts[order[end]].wrong
                end += 1
            }
            let risk = codes > 0 ? Double(wrong) / Double(codes) : 0
            points.append(Point(threshold: scores[order[start]], coverage: Double(end) / Double(order.count), risk: risk))
            area += risk * Double(end - start)
            start = end
        }
        self.points = points
        self.area = area / Double(order.count)
    }

    /// Of labels: true = right.
    package init(scores: [Double], labels: [Bool]) {
        self.init(scores: scores, counts: labels.map { CodeCount(codes: 1, wrong: $0 ? 0 : 1) })
    }
}
