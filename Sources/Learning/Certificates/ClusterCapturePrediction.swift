/// As `CapturePrediction`, for documents that come in clusters (the fields of one document) and for betting, whose stake it chooses: whole
/// clusters are drawn, so that codes that stand together in tune stand together in the simulated certify sets, and the tests are those of
/// clusters.
///
/// Errors are drawn code by code from a probability that is smooth over the rank: disasters that take a whole cluster are not foretold. The
/// order of the tests is fixed before a label is read all the same, so the guarantee does not depend on it.
struct ClusterCapturePrediction {
    /// By stake that could be planned, then grid point.
    private(set) var captures: [[Double]]
    private let stakes: [Double?]

    /// The start and the stake of the greatest capture; the strictest start, then the smallest stake, of equals. Nil without a floor.
    var best: (start: Int, stake: Double?)? {
        var best: (start: Int, stake: Double?, capture: Double)?
        for (stake, captures) in zip(stakes, captures) {
            for (point, capture) in captures.enumerated()
            where capture > best?.capture ?? -1 || (capture == best?.capture && point < best?.start ?? 0) {
                best = (point, stake, capture)
            }
        }
        return best.map { ($0.start, $0.stake) }
    }

    static let worlds = 40
    static let drawsPerWorld = 2
    static let seed: UInt64 = 0x51C0_11CE

    /// - Parameter sequence: with its floor.
    init(_ targets: [TargetPlan], level: Double, sequence: SequencePlan, tune: [ScoredDocument]) {
        let grid = Array(sequence.tested)
        stakes = targets.contains(where: \.test.isBetting) ? BettingTest.plannable : [nil]
        captures = stakes.map { _ in Array(repeating: 0, count: grid.count) }
        guard !grid.isEmpty, sequence.certifyAboveFloor > 0 else { return }
        let places = Places(tune, grid: grid, targetCount: targets.count)
        var generator = SeededGenerator(seed: ClusterCapturePrediction.seed)
        for _ in 0..<ClusterCapturePrediction.worlds {
            let world = (0..<places.clusters.count).map { _ in generator.below(places.clusters.count) }
            guard world.contains(where: { places.countAboveFloor(cluster: $0) > 0 }) else { continue }
            let risks = targets.indices.map { places.risks(target: $0, world: world) }
            for _ in 0..<ClusterCapturePrediction.drawsPerWorld {
                let draw = places.draw(from: world, count: sequence.certifyAboveFloor, risks: risks, &generator)
                let passing = passing(draw, targets, level: level, points: grid.count)
                for stake in stakes.indices { add(grid, passing[stake], stake: stake) }
            }
        }
    }

    /// Adds what each start captures in one draw.
    private mutating func add(_ grid: [GridPoint], _ passing: [Bool], stake: Int) {
        var reach = 0.0
        for point in grid.indices.reversed() {
            reach = passing[point] ? max(reach, grid[point].coverage) : 0
            captures[stake][point] += reach / Double(ClusterCapturePrediction.worlds * ClusterCapturePrediction.drawsPerWorld)
        }
    }

    /// A code of a drawn cluster: where it is first accepted, and whether it is wrong.
    struct Drawn {
        var cluster: Int
        var counts: [CodeCount]
    }

    /// By stake, then grid point: whether every target passes.
    private func passing(
        _ draw: (byPoint: [[Drawn]], clusters: Int), _ targets: [TargetPlan], level: Double, points: Int
    ) -> [[Bool]] {
        var counts = targets.map { _ in [CodeCount](repeating: CodeCount(codes: 0, wrong: 0), count: draw.clusters) }
        var passing = stakes.map { _ in [Bool](repeating: false, count: points) }
        for point in 0..<points {
            for drawn in draw.byPoint[point] {
                for target in targets.indices {
                    let before = counts[target][drawn.cluster]
                    let more = drawn.counts[target]
                    counts[target][drawn.cluster] = CodeCount(codes: before.codes + more.codes, wrong: before.wrong + more.wrong)
                }
            }
            for (index, stake) in stakes.enumerated() {
                passing[index][point] = targets.indices.allSatisfy { target in
                    if let stake, targets[target].test.isBetting {
                        return targets[target].betting(counts[target], stake: stake) <= level
                    }
                    var sums = ClusterSums()
                    for count in counts[target] { sums.add(count) }
                    return targets[target].pValue(sums.summary, level: level) <= level
                }
            }
        }
        return passing
    }
}

/// Tune by cluster, each document with its place in the ranks.
private struct Places {
    struct Member {
        /// The first grid point that accepts it; the number of points where none does.
        var point: Int
        var counts: [CodeCount]
        var rank: Int
    }

    let clusters: [[Member]]
    let count: Int
    let points: Int

    init(_ tune: [ScoredDocument], grid: [GridPoint], targetCount: Int) {
        let order = tune.indices.sorted { first, second in
            let (a, b) = (tune[first].score ?? -.infinity, tune[second].score ?? -.infinity)
            return a > b || (a == b && first < second)
        }
        var clusters: [[Member]] = []
        var clusterOf: [String: Int] = [:]
        var point = 0
        for (rank, document) in order.enumerated() {
            while point < grid.count, (tune[document].score ?? -.infinity) < grid[point].threshold { point += 1 }
            let member = Member(point: point, counts: (0..<targetCount).map { tune[document].count(target: $0) }, rank: rank)
            if let name = tune[document].cluster, let cluster = clusterOf[name] {
                clusters[cluster].append(member)
            } else {
                tune[document].cluster.map { clusterOf[$0] = clusters.count }
                clusters.append([member])
            }
        }
        self.clusters = clusters
        count = tune.count
        points = grid.count
    }

    /// Its documents that some point accepts.
    func countAboveFloor(cluster: Int) -> Int { clusters[cluster].count { $0.point < points } }

    /// By rank: the probability that the document has a wrong code of the target.
    func risks(target: Int, world: [Int]) -> [Double] {
        var risk = RankedRisk(count: count)
        for cluster in world {
            for member in clusters[cluster] where member.counts[target].codes > 0 {
                risk.add(rank: member.rank, isWrong: member.counts[target].wrong > 0)
            }
        }
        return risk.risks
    }

    /// Clusters with replacement until there are as many documents above the floor as certify has, with errors by their risks. Some cluster
    /// of the world has one.
    func draw(
        from world: [Int], count: Int, risks: [[Double]], _ generator: inout SeededGenerator
    ) -> (byPoint: [[ClusterCapturePrediction.Drawn]], clusters: Int) {
        var byPoint = [[ClusterCapturePrediction.Drawn]](repeating: [], count: points)
        var drawn = 0
        var number = 0
        while drawn < count {
            let index = world[generator.below(world.count)]
            for member in clusters[index] {
                let counts = member.counts.indices.map { target in
                    let count = member.counts[target]
                    let isWrong = generator.unit() < risks[target][member.rank]
                    return CodeCount(codes: count.codes, wrong: isWrong ? max(count.wrong, 1) : 0)
                }
                if member.point < points { byPoint[member.point].append(ClusterCapturePrediction.Drawn(cluster: number, counts: counts)) }
            }
            drawn += countAboveFloor(cluster: index)
            number += 1
        }
        return (byPoint, number)
    }
}
