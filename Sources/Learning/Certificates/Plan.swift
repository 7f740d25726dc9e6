/// All that a certificate will do, decided before a certify label is read.
///
/// 1. A plan is made by `freeze` alone (or read back from a file): from the request, the tune documents, and the scores and numbers of
///    codes of the certify documents. What a review made of a certify document cannot be passed to it, so none can have shaped it.
/// 2. Everything that a test needs but the certify documents is in it; `certify` and `verify` read nothing else.
/// 3. Thresholds strictly descend, and are tested in that order from `start` to `floor`.
package struct Plan: Sendable, Hashable, Codable {
    /// Of this encoding; others are refused. 1 had no floor, and tests that are no longer made.
    package static let formatCurrent = 2
    package let format: Int
    package let request: PlanRequest
    package let targets: [TargetPlan]
    /// δ′: what every test is compared with.
    package let level: Double
    package let sequence: SequencePlan
}

/// A target with the test that serves it.
package struct TargetPlan: Sendable, Hashable, Codable {
    package let name: String
    package let test: TestKind
    /// α = 1 − accuracy: the error rate that is tested against.
    package let errorRate: Double
    /// K_max: documents with more codes of the target are outside, never confident. At least 1.
    package let codesMax: Int
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
    package let tuneCount: Int
    /// The certify documents that there were when the plan was frozen.
    package let certifyCount: Int
    /// n: those of them at or above the floor and not outside. 0 without a floor.
    package let certifyAboveFloor: Int
    package let grid: [GridPoint]
    /// The index in `grid` of the last threshold that may be tested: the loosest at which tune's smoothed error is within
    /// `Plan.floorSlack` of what every target allows. Nil when no threshold's is: nothing will be tested.
    package let floor: Int?
    /// j0: the index in `grid` of the first test, at most `floor`; nil without a floor.
    package let start: Int?
    /// What betting stakes, chosen on tune, as a share of the most that may be; nil where nobody bets.
    package let stake: Double?
    /// What tune says of every target at every point, in the order of points, then targets: for the floor and the failure report.
    package let tuneRows: [TestRow]
}

/// A threshold and the share of tune documents at or above it.
package struct GridPoint: Sendable, Hashable, Codable {
    package let threshold: Double
    package let coverage: Double
}
