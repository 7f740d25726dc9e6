/// The tests of a sequence, on samples from a ranked pool.
struct PoolTests {
    private let targets: [TargetPlan]
    private let level: Double
    private let stake: Double?
    /// By grid point: the documents of the pool that it accepts are the first so many.
    private let ends: [Int]
    /// By place in the pool: the first grid point that accepts it; `ends.count` where none does.
    private let firstPoints: [Int]

    init(_ targets: [TargetPlan], level: Double, pool: RankedPool, grid: [GridPoint], stake: Double? = nil) {
        self.targets = targets
        self.level = level
        self.stake = stake
        let ends = grid.map { pool.end(threshold: $0.threshold) }
        var firstPoints = [Int](repeating: grid.count, count: pool.count)
        var place = 0
        for (point, end) in ends.enumerated() {
            while place < end {
                firstPoints[place] = point
                place += 1
            }
        }
        self.ends = ends
        self.firstPoints = firstPoints
    }

    /// Whether every target passes at a grid point, for a sample.
    /// - Parameters:
    ///   - places: of the sampled documents in the pool, in the order of drawing.
    ///   - counts: for each target, of the documents in that order.
    func passing(places: [Int], counts: [[CodeCount]]) -> (Int) -> Bool {
        var sums = [[ClusterSums]](repeating: Array(repeating: ClusterSums(), count: targets.count), count: ends.count)
        for target in targets.indices where !targets[target].test.isBetting {
            for (index, place) in places.enumerated() where firstPoints[place] < ends.count {
                sums[firstPoints[place]][target].add(counts[target][index])
            }
            for point in ends.indices.dropFirst() { sums[point][target].add(sums[point - 1][target]) }
        }
        return { point in
            targets.indices.allSatisfy { target in
                let plan = targets[target]
                guard let stake, plan.test.isBetting else { return plan.pValue(sums[point][target].summary, level: level) <= level }
                let bets = places.indices.lazy.filter { places[$0] < ends[point] }.map { counts[target][$0] }
                return plan.betting(bets, stake: stake) <= level
            }
        }
    }
}
