/// For each start, the capture to be expected of the sequence that begins there: the mean over simulated certify sets above the floor, each
/// tested as certify will be.
///
/// Tune is a sample itself, and its few errors at the strict end say little point by point: a start that looks safe by luck would be
/// preferred. So, in each of `worlds`, tune is drawn with replacement and the probability of an error is fitted, for each target, as a
/// smooth function of the rank (`RankedRisk`); certify sets are drawn with errors by it.
///
/// Only tune and the number of certify documents above the floor are used, so the order of the tests is fixed before a label is read, and
/// the guarantee does not depend on how well this predicts. Documents are drawn one by one; plans with clusters, or that bet, have
/// `ClusterCapturePrediction`.
struct CapturePrediction {
    /// By grid point, down to the floor.
    private(set) var captures: [Double]

    /// The start of the greatest capture; the strictest of equals. Nil without a floor.
    var best: Int? { captures.indices.max { captures[$0] < captures[$1] || (captures[$0] == captures[$1] && $0 > $1) } }

    static let worlds = 100
    static let drawsPerWorld = 4
    static let seed: UInt64 = 0x51C0_11CE

    /// - Parameter sequence: with its floor.
    init(_ targets: [TargetPlan], level: Double, sequence: SequencePlan, tune: [ScoredDocument]) {
        let grid = Array(sequence.tested)
        captures = Array(repeating: 0, count: grid.count)
        guard let floor = grid.last, sequence.certifyAboveFloor > 0 else { return }
        let pool = RankedPool(tune, targetCount: targets.count)
        let end = pool.end(threshold: floor.threshold)
        let tests = PoolTests(targets, level: level, pool: pool, grid: grid)
        var generator = SeededGenerator(seed: CapturePrediction.seed)
        for _ in 0..<CapturePrediction.worlds {
            let world = pool.draw(pool.count, &generator).places
            let above = world.filter { $0 < end }
            if above.isEmpty { continue }
            let risks = targets.indices.map { CapturePrediction.risks(pool.counts(target: $0), world: world) }
            for _ in 0..<CapturePrediction.drawsPerWorld {
                let places = (0..<sequence.certifyAboveFloor).map { _ in above[generator.below(above.count)] }
                let counts = targets.indices.map { target in
                    places.map { place in
                        CapturePrediction.simulated(
                            pool.counts(target: target)[place], isWrong: generator.unit() < risks[target][place])
                    }
                }
                add(grid, passes: tests.passing(places: places, counts: counts))
            }
        }
    }

    /// Adds what each start captures in one draw.
    private mutating func add(_ grid: [GridPoint], passes: (Int) -> Bool) {
        var reach = 0.0
        for point in grid.indices.reversed() {
            // From here the sequence goes as far as it goes from the next point, where that passes too.
            reach = passes(point) ? max(reach, grid[point].coverage) : 0
            captures[point] += reach / Double(CapturePrediction.worlds * CapturePrediction.drawsPerWorld)
        }
    }

    /// By place: the probability that the document has a wrong code of the target.
    private static func risks(_ counts: [CodeCount], world: [Int]) -> [Double] {
        var risk = RankedRisk(count: counts.count)
        for place in world where counts[place].codes > 0 { risk.add(rank: place, isWrong: counts[place].wrong > 0) }
        return risk.risks
    }

    /// As many wrong ones as the document has, where it has any, else one.
    private static func simulated(_ count: CodeCount, isWrong: Bool) -> CodeCount {
        CodeCount(codes: count.codes, wrong: isWrong ? max(count.wrong, 1) : 0)
    }
}
