/// The sums of every target over the documents at or above each of a row of descending thresholds.
///
/// One pass over the documents in descending order of score; with clusters, each is taken out and put back as it grows.
struct SequenceScan {
    /// First index: threshold; second: target.
    private(set) var sums: [[ClusterSums]] = []
    /// Accepted documents at each threshold.
    private(set) var accepted: [Int] = []

    init(_ documents: [ScoredDocument], thresholds: [Double], targetCount: Int, isClustered: Bool) {
        let ranked = documents.filter { $0.score != nil }.sorted { ($0.score ?? 0) > ($1.score ?? 0) }
        var running = [ClusterSums](repeating: ClusterSums(), count: targetCount)
        var open: [String: [CodeCount]] = [:]
        var next = 0
        for threshold in thresholds {
            while next < ranked.count, let score = ranked[next].score, score >= threshold {
                let document = ranked[next]
                next += 1
                guard isClustered, let cluster = document.cluster else {
                    for target in 0..<targetCount { running[target].add(document.count(target: target)) }
                    continue
                }
                var counts = open[cluster] ?? Array(repeating: CodeCount(codes: 0, wrong: 0), count: targetCount)
                for target in 0..<targetCount {
                    running[target].add(counts[target], times: -1)
                    let more = document.count(target: target)
                    counts[target] = CodeCount(codes: counts[target].codes + more.codes, wrong: counts[target].wrong + more.wrong)
                    running[target].add(counts[target])
                }
                open[cluster] = counts
            }
            sums.append(running)
            accepted.append(next)
        }
    }
}
