/// What Korn–Graubard needs of a set of clusters, for one target; additive, so that prefixes of a ranked set cost nothing more.
///
/// 1. All are whole numbers: sums of sets in any order, with any multiplicities, are the same to the last bit.
/// 2. Clusters without a code of the target (K = 0) are not counted.
package struct ClusterSums: Sendable, Hashable {
    /// n.
    package private(set) var clusters = 0
    /// m: clusters with a wrong code.
    package private(set) var wrongClusters = 0
    /// N = ΣK.
    package private(set) var codes = 0
    /// ΣE.
    package private(set) var wrong = 0
    /// K_max: of all that was ever added.
    package private(set) var codesMax = 0
    /// ΣK².
    package private(set) var codesSquared = 0
    private var codesTimesWrong = 0
    private var wrongSquared = 0

    package init() {}

    /// Adds a cluster `times` over; a negative number takes it away again (`codesMax` stays).
    package mutating func add(_ count: CodeCount, times: Int = 1) {
        guard count.codes > 0, times != 0 else { return }
        clusters += times
        if count.wrong > 0 { wrongClusters += times }
        codes += times * count.codes
        wrong += times * count.wrong
        codesMax = max(codesMax, count.codes)
        codesSquared += times * count.codes * count.codes
        codesTimesWrong += times * count.codes * count.wrong
        wrongSquared += times * count.wrong * count.wrong
    }

    /// Adds another set, which shares no cluster with this one.
    package mutating func add(_ other: ClusterSums) {
        clusters += other.clusters
        wrongClusters += other.wrongClusters
        codes += other.codes
        wrong += other.wrong
        codesMax = max(codesMax, other.codesMax)
        codesSquared += other.codesSquared
        codesTimesWrong += other.codesTimesWrong
        wrongSquared += other.wrongSquared
    }

    /// p̂ = ΣE/N; 0 without codes.
    package var errorRate: Double { codes > 0 ? Double(wrong) / Double(codes) : 0 }

    /// deff = max(1, v/(p̂(1−p̂)/N)) with v = n/(n−1)·ΣD²/N², D = E − p̂K, the linearised variance of a ratio (Korn, Graubard 1998).
    /// 1 where p̂ is 0 or 1 or n < 2.
    package var designEffect: Double {
        guard clusters >= 2, wrong > 0, wrong < codes else { return 1 }
        let rate = errorRate
        let total = Double(codes)
        let squares = Double(wrongSquared) - 2 * rate * Double(codesTimesWrong) + rate * rate * Double(codesSquared)
        let count = Double(clusters)
        let variance = count / (count - 1) * max(squares, 0) / (total * total)
        return max(1, variance / (rate * (1 - rate) / total))
    }
}
