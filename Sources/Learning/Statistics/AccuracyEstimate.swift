/// The accuracy of a set of codes: right / all, with a two-sided interval of 95 %.
package struct AccuracyEstimate: Sendable, Hashable, Codable {
    package let right: Int
    package let codes: Int
    /// Documents (clusters) with a code.
    package let clusters: Int
    /// Bounds in [0, 1]; [0, 1] without codes.
    package let lower: Double
    package let upper: Double
    /// With a confidence of 95 %, one-sided, at least this share is wrong: at most as 1 − accuracy, 0 without codes.
    package let wrongLeast: Double

    /// Nil without codes.
    package var accuracy: Double? { codes > 0 ? Double(right) / Double(codes) : nil }

    /// Clopper–Pearson where each cluster has one code, else Korn–Graubard.
    package init(_ sums: ClusterSums) {
        right = sums.codes - sums.wrong
        codes = sums.codes
        clusters = sums.clusters
        if sums.codesMax <= 1 {
            let interval = ClopperPearson.interval(successes: right, trials: codes)
            lower = interval.lowerBound
            upper = interval.upperBound
            wrongLeast = ClopperPearson.lower(successes: sums.wrong, trials: codes, tail: 0.05)
        } else {
            let interval = KornGraubard.interval(sums.summary)
            lower = 1 - interval.upperBound
            upper = 1 - interval.lowerBound
            wrongLeast = KornGraubard.interval(sums.summary, tail: 0.05).lowerBound
        }
    }
}
