/// A frozen plan, every test that was run in its order, and the threshold they leave.
package struct Certificate: Sendable, Hashable, Codable {
    package let plan: Plan
    /// In the order of the plan's sequences.
    package let outcomes: [SequenceOutcome]
    package let validity: Validity

    /// The threshold of a plan without `Stratification.each`; nil when nothing may be routed confident.
    package var threshold: Double? { plan.request.stratification == .each ? nil : outcomes.first?.threshold }

    /// The threshold for documents of a stratum; nil when none of theirs may be routed confident.
    package func threshold(stratum: String) -> Double? {
        plan.request.stratification == .each ? outcomes.first { $0.stratum == stratum }?.threshold : threshold
    }
}

/// What became of one sequence.
package struct SequenceOutcome: Sendable, Hashable, Codable {
    package let stratum: String?
    /// One for each target of each test, in the order of testing; ends with the test that stopped it, if one did.
    package let rows: [TestRow]
    /// Index in the grid of the last accepted test.
    package let accepted: Int?
    /// Documents with a score at or above it are confident. Nil: none.
    package let threshold: Double?
    /// What certify says of the accepted documents; empty without a threshold. With `marginal` the strata follow the whole, by name.
    package let estimates: [SetEstimate]
    /// Why it went no further; nil when every point of the grid was accepted.
    package let stop: Stop?
}

/// Share and accuracy of the accepted certify documents, all or of one stratum.
package struct SetEstimate: Sendable, Hashable, Codable {
    /// Nil for all.
    package let stratum: String?
    /// All documents, and those accepted.
    package let documents: Int
    package let accepted: Int
    /// For each target, in the plan's order.
    package let accuracies: [AccuracyEstimate]

    package var capture: Double { documents > 0 ? Double(accepted) / Double(documents) : 0 }
}

/// The test that ended a sequence, and what it would take to go further.
package struct Stop: Sendable, Hashable, Codable {
    package let point: Int?
    /// The target whose p was the greatest; nil when there was nothing to test.
    package let target: Int?
    package let pValue: Double
    package let level: Double
    /// How many fresh certify documents are likely (in four of five cases) to certify something, by the next
    /// plan, if documents are like those of tune.
    /// Nil when no number up to `LabelsNeeded.countMax` is, as where tune itself misses the targets at every threshold. Only computed
    /// when nothing was certified.
    package let labelsNeeded: Int?
}
