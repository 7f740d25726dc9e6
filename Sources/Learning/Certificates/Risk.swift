/// How much may go wrong, and what of it a single test may use.
///
/// The certificate's promise is P(a certified threshold lets through work below its targets) ≤ `delta`.
package struct Risk: Sendable, Hashable, Codable {
    /// δ, in (0, 0.5].
    package let delta: Double
    package let scope: Scope
    /// The part of δ spent on the bound of the reviewers' misses, in [0, δ); 0 when no such bound is used.
    package let reviewerMissShare: Double

    package enum Scope: Sendable, Hashable, Codable {
        /// δ is for this certificate alone.
        case certificate
        /// δ is for all certificates of a stream: this is the `opening`-th plan that was opened, from 1, failed ones counted. It gets
        /// 6δ/(π²·opening²), which sums to δ over all of them.
        case life(opening: Int)
    }

    /// Nil unless 0 < delta ≤ 0.5, opening ≥ 1 and the share is less than what the scope leaves.
    package init?(delta: Double, scope: Scope = .certificate, reviewerMissShare: Double = 0) {
        guard delta > 0, delta <= 0.5, reviewerMissShare >= 0 else { return nil }
        if case .life(let opening) = scope, opening < 1 { return nil }
        self.delta = delta
        self.scope = scope
        self.reviewerMissShare = reviewerMissShare
        guard reviewerMissShare < scopedDelta else { return nil }
    }

    /// δ of this certificate, before it is shared out.
    package var scopedDelta: Double {
        switch scope {
        case .certificate: delta
        case .life(let opening): 6 * delta / (Double.pi * Double.pi * Double(opening) * Double(opening))
        }
    }

    /// δ′: the level at which each test of a sequence runs.
    /// - Parameter sequences: how many sequences share the risk (one a stratum, else 1).
    package func level(sequences: Int) -> Double { (scopedDelta - reviewerMissShare) / Double(max(sequences, 1)) }

    /// Of the plan that follows this one: for the life of a stream it is another opening. Nil when the share for reviewers' misses leaves
    /// nothing for it.
    package var next: Risk? {
        guard case .life(let opening) = scope else { return self }
        return Risk(delta: delta, scope: .life(opening: opening + 1), reviewerMissShare: reviewerMissShare)
    }
}
