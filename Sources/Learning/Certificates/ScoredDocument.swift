/// A document with its score and what the review made of its codes: a line of the tune or certify set.
package struct ScoredDocument: Sendable, Hashable, Codable {
    /// The raw score by which documents are ranked (not the isotonic one, which has ties); higher is surer. A document is accepted when
    /// `score >= threshold`. Nil: a hard rule keeps it from ever being confident (a missing section, no confidence, an invalid value); it
    /// counts as a document of the window, and is never accepted.
    package let score: Double?
    /// One for each target of the plan, in its order, as the review left them. Of a document that nobody approved all codes are wrong.
    package let counts: [CodeCount]
    /// Documents of one cluster (a patient-day, a batch) are not independent; nil makes the document a cluster of its own.
    package let cluster: String?
    /// The site or unit it comes from; nil where none is named. Plans do not look at it: certificates show each population's accuracy.
    package let population: String?

    /// A score that is not finite is taken as none: such a document is never accepted.
    package init(score: Double?, counts: [CodeCount], cluster: String? = nil, population: String? = nil) {
        self.score = score.flatMap { $0.isFinite ? $0 : nil }
        self.counts = counts
        self.cluster = cluster
        self.population = population
    }

    /// The counts of a target; no codes when there is no such target.
    package func count(target: Int) -> CodeCount { counts.indices.contains(target) ? counts[target] : CodeCount(codes: 0, wrong: 0) }

    /// The same document, never accepted.
    var outside: ScoredDocument { ScoredDocument(score: nil, counts: counts, cluster: cluster, population: population) }
}

/// A certify document as plans may see it: nothing of its review.
package struct UnreadDocument: Sendable, Hashable {
    package let score: Double?
    /// How many codes of each target the engine read.
    package let codes: [Int]

    package init(_ document: ScoredDocument) {
        score = document.score
        codes = document.counts.map(\.codes)
    }

    package init(score: Double?, codes: [Int]) {
        self.score = score
        self.codes = codes
    }
}
