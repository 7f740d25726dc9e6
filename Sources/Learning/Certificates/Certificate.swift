/// A frozen plan, every test that was run in its order, and the threshold they leave.
package struct Certificate: Sendable, Hashable, Codable {
    package let plan: Plan
    package let outcome: SequenceOutcome
    package let validity: Validity

    /// Documents with a score at or above it, and no more codes than the plan knows, are confident; nil when none may be.
    package var threshold: Double? { outcome.threshold }
}

/// What became of the sequence.
package struct SequenceOutcome: Sendable, Hashable, Codable {
    /// One for each target of each test, in the order of testing; ends with the test that stopped it, if one did.
    package let rows: [TestRow]
    /// Index in the grid of the last accepted test.
    package let accepted: Int?
    /// Documents with a score at or above it are confident. Nil: none.
    package let threshold: Double?
    /// What certify says of the accepted documents; empty without a threshold. Where a document names its population, each population
    /// follows the whole, by name: a promise about all of them can hide a site.
    package let estimates: [SetEstimate]
    /// Why it went no further; nil when every point down to the floor was accepted.
    package let stop: Stop?
}

/// Share and accuracy of accepted documents, of all or of one population.
package struct SetEstimate: Sendable, Hashable, Codable {
    package let population: Population
    /// All documents, and those accepted.
    package let documents: Int
    package let accepted: Int
    /// For each target, in the plan's order.
    package let accuracies: [AccuracyEstimate]

    package enum Population: Sendable, Hashable, Codable {
        case all
        case named(String)
        /// Those that name none, where others do.
        case unnamed
    }

    package var capture: Double { documents > 0 ? Double(accepted) / Double(documents) : 0 }
}

/// The test that ended a sequence, and what it would take to go further.
package struct Stop: Sendable, Hashable, Codable {
    package let point: Int?
    /// The target whose p was the greatest; nil when there was nothing to test.
    package let target: Int?
    package let pValue: Double
    package let level: Double
    /// How many fresh certify documents at or above the floor are likely (in four of five cases) to certify something, by the next plan, if
    /// documents are like those of tune.
    /// Nil when no number up to `LabelsNeeded.countMax` is, as where tune itself misses the targets at every threshold. Only computed
    /// when nothing was certified.
    package let labelsNeeded: Int?
}
