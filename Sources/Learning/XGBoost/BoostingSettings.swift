/// How trees are grown. Part of the model file. Chosen on tune parts of the coding corpus: with two heads, smaller steps and
/// deeper trees capture no more there and cost twice the time at assessment.
package struct BoostingSettings: Sendable, Hashable, Codable {
    /// Step of each tree, in (0, 1].
    package var learningRate = 0.1
    package var depthMax = 6
    /// Least sum of second derivatives in a leaf.
    package var childWeightMin = 3.0
    package var rowShare = 0.8
    package var columnShare = 0.3
    package var l2 = 2.0
    /// Least gain of a split.
    package var gainMin = 0.2
    package var roundsMax = 1_000
    /// Rounds without a lower loss on tune after which training ends.
    package var patience = 30

    /// Rounds that a head of the coding corpus takes, for telling how long a first fit is likely to last.
    var roundsUsual: Int { Int((18 / learningRate).rounded()) }

    package init() {}

    /// What serves a label best: one head leaves time at assessment for more and deeper trees.
    package init(for label: LabelKind) {
        guard label == .document else { return }
        learningRate = 0.06
        depthMax = 7
    }

    /// As XGBoost names them (its "Parameters" page, version 1.7).
    func parameters(seed: UInt64) -> [(name: String, value: String)] {
        [
            ("objective", "binary:logistic"), ("eval_metric", "logloss"), ("tree_method", "hist"), ("base_score", "0.5"),
            // One thread: with more, sums come in another order, and bytes differ.
            ("nthread", "1"), ("seed", String(seed % UInt64(Int32.max))), ("eta", String(learningRate)), ("max_depth", String(depthMax)),
            ("min_child_weight", String(childWeightMin)), ("subsample", String(rowShare)), ("colsample_bytree", String(columnShare)),
            ("lambda", String(l2)), ("gamma", String(gainMin)), ("verbosity", "0"),
        ]
    }
}
