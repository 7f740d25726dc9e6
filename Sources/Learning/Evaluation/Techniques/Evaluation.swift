/// What is asked of an evaluation.
package struct EvaluationRequest: Sendable {
    /// Named as `Target` is.
    package var targets: [TargetRequest]
    package var risk: Risk
    /// What the models learn whose scores thresholds are set on. Figures of confidences are made for both kinds.
    package var label: LabelKind = .item
    /// Of trees, draws, documents set aside and samples of the learning curve.
    package var seed: UInt64 = 1
    /// Nil for what serves each label best.
    package var boosting: BoostingSettings?
    /// Nil to leave the technique out.
    package var crosswalk: Crosswalk?
    /// 0 for no trial of the promise.
    package var promiseDraws = 0
    /// Try it as well with so many certify documents above the floor, each number with as many draws.
    package var promiseDocuments: [Int] = []
    /// Tune sets that plan for such a number.
    static let promiseTuneSets = 6
    /// Documents to train on, for the learning curve; none for no curve. Sizes above the number there are become that number.
    package var curveSizes: [Int] = []

    package init(targets: [TargetRequest], risk: Risk) {
        self.targets = targets
        self.risk = risk
    }
}

/// Every figure of an evaluation.
package struct Evaluation: Sendable {
    /// In the order of `Technique`, then naive before certified.
    package internal(set) var results: [TechniqueResult] = []
    package internal(set) var figures: [ConfidenceFigures] = []
    package internal(set) var promise: PromiseTrial?
    /// In the order of `EvaluationRequest.promiseDocuments`.
    package internal(set) var promiseSizes: [PromiseTrial] = []
    package internal(set) var curve: [CurvePoint] = []
    /// Of the `situatedBoosted` model that thresholds are set on.
    package internal(set) var importances: [FeatureImportance] = []
    /// How often each procedure occurs among the test documents that `situatedBoosted` captures, certified or, where nothing is,
    /// naively; most frequent first.
    package internal(set) var procedures: [CodeFrequency] = []
    /// What of the test documents is unlike the training of that model: it says nothing of it.
    package internal(set) var unassessed = UnassessedCounts()
    /// Of XGBoost, which grew the trees.
    package var xgboostVersion: String { Booster.xgboostVersion }
    /// Nil with fewer than two procedures, or all as frequent.
    package var zipf: ZipfFit? { ZipfFit(counts: procedures.map(\.count)) }
}

/// A line of the table.
package struct TechniqueResult: Sendable, Hashable {
    package let technique: Technique
    package let rule: ThresholdRule
    /// Documents with a score at or above it are captured; nil when none is.
    package let threshold: Double?
    /// Of the test documents, the targets in the order of the request.
    package let estimate: SetEstimate
    /// The same of each population that a test document names.
    package let populations: [SetEstimate]
    /// Codes that reviewers added to captured documents: no accuracy sees them.
    package let addedCount: Int
    /// The test that ended a certified sequence.
    package let stop: Stop?

    /// Of the capture: Clopper–Pearson, 95 %.
    package var captureInterval: ClosedRange<Double> {
        ClopperPearson.interval(successes: estimate.accepted, trials: estimate.documents)
    }
}

/// A size of the learning curve.
package struct CurvePoint: Sendable, Hashable {
    /// Documents trained on.
    package let trainCount: Int
    /// Whether the model learned from documents that were set aside to certify by: its threshold is set on tune then, and certifies nothing.
    package let isThresholdOfTune: Bool
    /// Of `situatedBoosted`: naive and, unless the threshold is of tune, certified.
    package let results: [TechniqueResult]
    /// By label kind.
    package let figures: [ConfidenceFigures]
}

package struct CodeFrequency: Sendable, Hashable {
    package let code: String
    package let count: Int
}
