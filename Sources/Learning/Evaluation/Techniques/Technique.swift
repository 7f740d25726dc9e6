/// A way to tell which documents are right, as the table of Jiang, Nossal, Resnik 2006 compares them. The raw value is its name in files.
package enum Technique: String, Sendable, Hashable, CaseIterable {
    /// Every pair stands in a table of combinations that go together.
    case crosswalk
    /// The least confidence that the engine itself reports.
    case engine
    /// A model that sees the codes alone.
    case nonsituated
    /// A model that sees all evidence, by maximum entropy.
    case situatedLogistic = "situated-logistic"
    /// The same, by boosted trees.
    case situatedBoosted = "situated-boosted"

    /// What a model of it may look at and how it learns; nil where nothing is trained.
    var training: (kind: ModelKind, learner: LearnerKind)? {
        switch self {
        case .crosswalk, .engine: nil
        case .nonsituated: (.nonsituated, .boosted)
        case .situatedLogistic: (.situated, .logistic)
        case .situatedBoosted: (.situated, .boosted)
        }
    }
}

/// How the threshold of a technique came about.
package enum ThresholdRule: String, Sendable, Hashable {
    /// There is none: the table says yes or no.
    case table
    /// The loosest at which the certify documents meet the targets, as seen.
    case naive
    /// The last one that a fixed sequence accepted on the same certify documents.
    case certified
}
