import Glibc

/// The probability of an error over the rank, fitted to a sample of documents: logistic in ln u and −ln(1−u), u the share of documents below.
///
/// The sample is taken by fiftieths of the ranks, so that a fit costs the same however many documents there are.
struct RankedRisk {
    private static let bins = 50
    private let count: Int
    private var documents = [Int](repeating: 0, count: bins)
    private var wrong = [Int](repeating: 0, count: bins)

    /// - Parameter count: of all documents that are ranked.
    init(count: Int) { self.count = count }

    /// Adds a document with a code of the target.
    mutating func add(rank: Int, isWrong: Bool) {
        let bin = rank * RankedRisk.bins / count
        documents[bin] += 1
        if isWrong { wrong[bin] += 1 }
    }

    /// By rank; 0 where the sample had no document.
    var risks: [Double] {
        let used = documents.indices.filter { documents[$0] > 0 }
        guard !used.isEmpty else { return Array(repeating: 0, count: count) }
        let columns = used.map { RankedRisk.columns(below: 1 - (Double($0) + 0.5) / Double(RankedRisk.bins)) }
        let fit = LogisticFit(
            columns: [columns.map(\.0), columns.map(\.1)], targets: used.map { Double(wrong[$0]) / Double(documents[$0]) }
        ).coefficients
        return (0..<count).map { rank in
            let columns = RankedRisk.columns(below: 1 - (Double(rank) + 0.5) / Double(count))
            return logistic(fit[0] * columns.0 + fit[1] * columns.1 + fit[2])
        }
    }

    private static func columns(below share: Double) -> (Double, Double) { (log(share), -log1p(-share)) }
}
