package import Routing

/// What is asked to be certified, before any data is looked at.
package struct PlanRequest: Sendable, Hashable, Codable {
    package var targets: [TargetRequest]
    package var risk: Risk
    package var mode: CertificateMode = .fixedSequence
    package var stratification: Stratification = .none
    package var startRule: StartRule = .leastDocuments
    /// The steps of the grid, in coverage on tune; in [0.001, 0.5]. Finer steps cost no level, since the order is fixed.
    package var gridStep = 0.02
    /// Whether documents that share a `cluster` are taken together; else each stands for itself, whatever its cluster says.
    package var isClustered = false
    /// m: an upper bound of the share of wrong codes that reviewers approve, in [0, 1), measured on accepted documents by blind double
    /// review; its confidence is 1 − `risk.reviewerMissShare`. Targets are certified against α(1 − m).
    package var reviewerMissBound: Double = 0
    package var provenance = Provenance()
    package var window = Window()

    package init(targets: [TargetRequest], risk: Risk) {
        self.targets = targets
        self.risk = risk
    }
}

/// A target: an accuracy to keep, and what its codes are like.
package struct TargetRequest: Sendable, Hashable, Codable {
    /// For example `procedure`, `primaryDiagnosis`, `field`.
    package let name: String
    /// The least accuracy, in (0, 1): 0.98 allows α = 0.02.
    package let accuracy: Double
    package let unit: Unit
    /// The most codes a document (or cluster) can have, known beforehand, ≥ 1. Strict mode needs it: a document with more makes p = 1.
    package let codesMax: Int

    package enum Unit: String, Sendable, Hashable, Codable {
        /// At most one code a document, for certain: exact binomial test.
        case oneCode
        /// Several are possible: Korn–Graubard.
        case severalCodes
        /// Many fields a document: Korn–Graubard, always with the small-sample correction. Where whole documents fail now and then (a page
        /// shifted), only `CertificateMode.strict` keeps the promise.
        case fields
        /// Many fields a document, of which each document counts once: what is promised is the mean, over documents, of the share of a
        /// document's fields that are right. Another claim than that of `fields`: a document wrong throughout weighs no more than one with a
        /// single field. Only `CertificateMode.strict` serves it.
        case shares
    }

    /// Nil unless the accuracy is in (0, 1), codesMax ≥ 1, and it is 1 for `oneCode`.
    package init?(name: String, accuracy: Double, unit: Unit = .severalCodes, codesMax: Int = 64) {
        let codesMax = unit == .oneCode ? 1 : codesMax
        guard accuracy > 0, accuracy < 1, codesMax >= 1 else { return nil }
        self.name = name
        self.accuracy = accuracy
        self.unit = unit
        self.codesMax = codesMax
    }
}

package enum CertificateMode: Sendable, Hashable, Codable {
    /// Exact binomial or Korn–Graubard p-values; the latter are approximate.
    case fixedSequence
    /// Betting, valid at every size; documents are taken in an order drawn from the seed.
    case strict(seed: UInt64)
}

package enum Stratification: String, Sendable, Hashable, Codable {
    /// One sequence over all documents, strata not looked at.
    case none
    /// A sequence, a threshold and a certificate for each stratum, at δ/S.
    case each
    /// One sequence over all; each stratum's own n, estimate and interval are shown beside it and promise nothing.
    case marginal
}

/// How the first test of a sequence is chosen: always from tune documents and the number of certify documents alone.
package enum StartRule: String, Sendable, Hashable, Codable {
    /// The strictest threshold with at least 4·⌈ln δ′ / ln(1 − α_min)⌉ certify documents expected to be accepted; where certify is smaller
    /// than that, the threshold of best power as predicted on tune.
    case leastDocuments
    /// The start from which the capture at the end of the sequence is greatest in the mean over certify sets drawn from tune
    /// (`CapturePrediction`). The order is fixed before a certify label is read, so the guarantee is the same.
    case greatestCapture
}

/// What was certified: hashes of all that a live rule is made of, as text of the caller's making. Any other rule is not certified.
package struct Provenance: Sendable, Hashable, Codable {
    package var model: String?
    package var calibrator: String?
    /// Rules, floors and hard rules of the policy.
    package var rules: String?
    package var tune: String?
    package var certify: String?
    /// What became of the lines that the parts were read from; nil where they were not read from files.
    package var tuneAccounting: Accounting?
    package var certifyAccounting: Accounting?
    package init(model: String? = nil, calibrator: String? = nil, rules: String? = nil, tune: String? = nil, certify: String? = nil) {
        self.model = model
        self.calibrator = calibrator
        self.rules = rules
        self.tune = tune
        self.certify = certify
    }
}

/// The times of the certify documents: from, inclusive, to its end, exclusive. Nil where files say nothing of it.
package struct Window: Sendable, Hashable {
    package var from: Instant?
    package var end: Instant?
    package init(from: Instant? = nil, end: Instant? = nil) {
        self.from = from
        self.end = end
    }
}
