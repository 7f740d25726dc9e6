/// What a feature contributes to the trees of a head.
package struct FeatureImportance: Sendable, Hashable {
    package let feature: String
    package let head: Head
    /// Its part of the gains of all splits of the head, in (0, 1]: by how much its splits lower the loss on train (XGBoost's `total_gain`).
    package let gainShare: Double
    /// Splits by it.
    package let splits: Int
}

extension Model {
    /// By head, then gain descending; features that no tree splits by are left out, as are heads without trees.
    package func importances() throws(XGBoostError) -> [FeatureImportance] {
        let names = columnNames
        var all: [FeatureImportance] = []
        for head in heads {
            guard case .boosted(_, let json) = head.scorer else { continue }
            let booster = try Booster(json: json)
            let gains = try booster.featureScores("total_gain")
            let splits = try booster.featureScores("weight")
            // In an order of its own: the library's may change, and sums with it.
            let sum = gains.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value }
            guard sum > 0 else { continue }
            all += gains.filter { names.indices.contains($0.key) }
                .sorted { $0.value > $1.value || ($0.value == $1.value && $0.key < $1.key) }
                .map { column, gain in
                    FeatureImportance(
                        feature: names[column], head: head.head, gainShare: gain / sum, splits: Int((splits[column] ?? 0).rounded()))
                }
        }
        return all
    }
}
