/// How a document of the audit sample came back from its review.
package enum ReviewState: String, Sendable, Hashable, Codable {
    case reviewed
    /// The reviewer could not code it: every code counts as wrong.
    case rejected
    /// Not reviewed when the window was closed. The hard ones wait longest, so every code counts as wrong.
    case unreviewed
}

/// A document with its score and what the review made of its codes: a line of the tune or certify set.
package struct ScoredDocument: Sendable, Hashable, Codable {
    /// The raw score by which documents are ranked (not the isotonic one, which has ties); higher is surer. A document is accepted when
    /// `score >= threshold`. Nil: a hard rule keeps it from ever being confident (a missing section, no confidence, an invalid value); it
    /// counts as a document of the window, and is never accepted.
    package let score: Double?
    /// One for each target of the plan, in its order, as the review left them; `count(target:)` is what a certificate takes.
    package let reviewedCounts: [CodeCount]
    package let review: ReviewState
    /// Documents of one cluster (a patient-day, a batch) are not independent; nil makes the document a cluster of its own.
    package let cluster: String?
    /// The population, site or type whose certificate it belongs to; ignored by plans without strata.
    package let stratum: String

    /// A score that is not finite is taken as none: such a document is never accepted.
    package init(
        score: Double?, counts: [CodeCount], review: ReviewState = .reviewed, cluster: String? = nil, stratum: String = ""
    ) {
        self.score = score.flatMap { $0.isFinite ? $0 : nil }
        self.reviewedCounts = counts
        self.review = review
        self.cluster = cluster
        self.stratum = stratum
    }

    /// The counts of a target as a certificate takes them: all codes wrong unless the document was reviewed. No codes when there is no such target.
    package func count(target: Int) -> CodeCount {
        guard reviewedCounts.indices.contains(target) else { return CodeCount(codes: 0, wrong: 0) }
        let count = reviewedCounts[target]
        return review == .reviewed ? count : CodeCount(codes: count.codes, wrong: count.codes)
    }
}
