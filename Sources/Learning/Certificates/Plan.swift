/// All that a certificate will do, decided before a certify label is read.
///
/// 1. A plan is made by `freeze` alone (or read back from a file): from the request, the tune documents and the *number* of certify
///    documents. No certify document can be passed to it, so none can have shaped it.
/// 2. Everything that a test needs but the certify documents is in it; `certify` and `verify` read nothing else.
/// 3. Thresholds of a sequence strictly descend, and are tested in that order from `start` on.
package struct Plan: Sendable, Hashable, Codable {
    /// Of this encoding; others are refused.
    package static let formatCurrent = 1
    package let format: Int
    package let request: PlanRequest
    package let targets: [TargetPlan]
    /// δ′: what every test is compared with.
    package let level: Double
    /// One; or with `Stratification.each` one a stratum, in order of their names.
    package let sequences: [SequencePlan]
}

/// A target with the test that serves it.
package struct TargetPlan: Sendable, Hashable, Codable {
    package let name: String
    package let test: TestKind
    /// α′ = (1 − accuracy)·(1 − m): the error rate that is tested against.
    package let errorRate: Double
    /// K_max of the request.
    package let codesMax: Int
    /// Whether Korn–Graubard is corrected for small samples whatever n is: at a level under .03, for fields and for strata.
    package let isAlwaysCorrected: Bool
    /// Whether the plan chooses one stake to bet with (strict mode), in place of several at once.
    package let isStakePlanned: Bool
}

package enum TestKind: String, Sendable, Hashable, Codable {
    case exactBinomial
    case kornGraubard
    case betting
    /// The same on the share of each document's codes that are wrong.
    case bettingOnShares
}

/// A fixed order of tests.
package struct SequencePlan: Sendable, Hashable, Codable {
    /// Nil for all documents.
    package let stratum: String?
    package let tuneCount: Int
    /// The number of certify documents that were counted when the plan was frozen.
    package let certifyCount: Int
    package let grid: [GridPoint]
    /// j0: the index in `grid` of the first test. Nil when no document of tune can be accepted: nothing will be tested.
    package let start: Int?
    /// What betting stakes, chosen on tune, as a share of the most that may be; nil for several at once, or where nobody bets.
    package let stake: Double?
    /// How many certify documents the rule `leastDocuments` wants accepted at the start.
    package let startDocumentsMin: Int
    /// What tune says of every target at every point, in the order of points, then targets: for the start and the failure report.
    package let tuneRows: [TestRow]
}

/// A threshold and the share of tune documents at or above it.
package struct GridPoint: Sendable, Hashable, Codable {
    package let threshold: Double
    package let coverage: Double
}
