/// What is asked to be certified, before any data is looked at.
package struct PlanRequest: Sendable, Hashable, Codable {
    package var targets: [TargetRequest]
    package var risk: Risk
    package var mode: CertificateMode = .fixedSequence
    /// What the order begins with in which bets take documents.
    package var seed: UInt64 = 1
    /// The steps of the grid, in coverage on tune; in [0.001, 0.5]. Finer steps cost no level, since the order is fixed.
    package var gridStep = 0.02
    /// Whether documents that share a `cluster` are taken together; else each stands for itself, whatever its cluster says.
    package var isClustered = false
    package var provenance = Provenance()

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
    /// The most codes that a document (or cluster) can have, where that is known beforehand, ≥ 1. Nil for the most that one of tune has.
    package let codesMax: Int?

    package enum Unit: String, Sendable, Hashable, Codable {
        /// Codes, few a document: Korn–Graubard's test, or by betting in strict mode.
        case codes
        /// Fields, many a document: by betting in every mode. Where whole documents fail now and then (a page shifted), no correction that is
        /// computed from a sample sees a disaster that did not happen in it.
        case fields
        /// Fields of which each document counts once: what is promised is the mean, over documents, of the share of a document's fields that
        /// are right. Another claim than that of `fields`: a document wrong throughout weighs no more than one with a single field. By betting.
        case shares
    }

    /// Nil unless the accuracy is in (0, 1) and codesMax, where it is known, ≥ 1.
    package init?(name: String, accuracy: Double, unit: Unit = .codes, codesMax: Int? = nil) {
        guard accuracy > 0, accuracy < 1, codesMax.map({ $0 >= 1 }) ?? true else { return nil }
        self.name = name
        self.accuracy = accuracy
        self.unit = unit
        self.codesMax = codesMax
    }
}

/// How codes are tested. One code a document for certain has the exact test in both modes, and fields are bet on in both.
package enum CertificateMode: String, Sendable, Hashable, Codable {
    /// Korn–Graubard's test, whose level is approximate (docs/evaluation.md says how near).
    case fixedSequence
    /// Betting, valid at every size; needs more labels.
    case strict
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
