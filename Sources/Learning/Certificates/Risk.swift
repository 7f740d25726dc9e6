/// How much may go wrong, and what of it a single test may use.
///
/// The certificate's promise is P(a certified threshold lets through work below its targets) ≤ `delta`.
package struct Risk: Sendable, Hashable, Codable {
    /// δ, in (0, 0.5].
    package let delta: Double
    package let scope: Scope

    package enum Scope: Sendable, Hashable, Codable {
        /// δ is for this certificate alone.
        case certificate
        /// δ is for all certificates of a stream: this is the `opening`-th plan that was opened, from 1, failed ones counted. It gets
        /// 6δ/(π²·opening²), which sums to δ over all of them.
        case life(opening: Int)
    }

    /// Nil unless 0 < delta ≤ 0.5 and opening ≥ 1.
    package init?(delta: Double, scope: Scope = .certificate) {
        guard delta > 0, delta <= 0.5 else { return nil }
        if case .life(let opening) = scope, opening < 1 { return nil }
        self.delta = delta
        self.scope = scope
    }

    /// δ′: the level at which each test of this certificate runs, as all must pass.
    package var level: Double {
        switch scope {
        case .certificate: delta
        case .life(let opening): 6 * delta / (Double.pi * Double.pi * Double(opening) * Double(opening))
        }
    }

    /// Of the plan that follows this one: for the life of a stream it is another opening.
    package var next: Risk {
        guard case .life(let opening) = scope else { return self }
        return Risk(delta: delta, scope: .life(opening: opening + 1)) ?? self
    }
}
