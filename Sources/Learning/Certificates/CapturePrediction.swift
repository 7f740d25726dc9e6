/// For each start, the capture to be expected of the sequence that begins there: mean over draws of certify sets from tune, with
/// replacement, each tested as certify will be.
///
/// Only tune and the number of certify documents are used, so the order of the tests is fixed before a label is read, and the guarantee
/// does not depend on how well this predicts. Strict mode is predicted by Korn–Graubard; clusters are not kept together in the draws.
struct CapturePrediction {
    /// By grid point.
    private(set) var captures: [Double]

    /// The start of the greatest capture; the strictest of equals. Nil for an empty grid.
    var best: Int? { captures.indices.max { captures[$0] < captures[$1] || (captures[$0] == captures[$1] && $0 > $1) } }

    static let draws = 400
    static let seed: UInt64 = 0x51C0_11CE

    init(
        _ request: PlanRequest, _ targets: [TargetPlan], level: Double, grid: [GridPoint], tune: [ScoredDocument], certifyCount: Int
    ) {
        captures = Array(repeating: 0, count: grid.count)
        guard !grid.isEmpty, certifyCount > 0 else { return }
        let pool = RankedPool(tune, targetCount: targets.count)
        let ends = grid.map { pool.end(threshold: $0.threshold) }
        var generator = SeededGenerator(seed: CapturePrediction.seed)
        for _ in 0..<CapturePrediction.draws {
            let multiplicities = pool.draw(certifyCount, &generator)
            let sums = pool.sums(ends: ends, multiplicities: multiplicities)
            var reach = 0.0
            for point in grid.indices.reversed() {
                let passes = targets.indices.allSatisfy { targets[$0].pValue(sums[point][$0].summary, level: level) <= level }
                // From here the sequence goes as far as it goes from the next point, where that passes too.
                reach = passes ? max(reach, grid[point].coverage) : 0
                captures[point] += reach / Double(CapturePrediction.draws)
            }
        }
    }
}
