import Routing

/// Why no model could be trained.
package enum TrainingError: Error, Sendable, Equatable {
    /// A part has no document that a reviewer has seen (of the population, where one was named).
    case noReviewedDocuments(part: String)
    /// All labels of a part are the same: nothing can be learned from it.
    case oneOutcome(part: String, head: Head)
    case library(XGBoostError)
}

/// What is asked of a training.
package struct TrainingRequest: Sendable, Hashable {
    package var kind: ModelKind = .situated
    package var label: LabelKind = .item
    /// Nil for the better on tune.
    package var learner: LearnerKind?
    /// Nil for all.
    package var population: String?
    package var seed: UInt64 = 1
    package var features = FeatureSettings()
    /// How values should look; the cases must have been read with them.
    package var schemas: [FieldSchema] = []
    /// Whether values that violate their schema get no confidence at all.
    package var refusesViolations = false
    /// Nil for what serves the label best.
    package var boosting: BoostingSettings?
    /// The accuracies that the document's score is weighed for, by target. A target that no item counts for is left aside.
    package var accuracies: [Target: Double] = [.procedure: 0.98, .primaryDiagnosis: 0.95]

    package init() {}
}

/// How far a training is.
package struct TrainingProgress: Sendable, Equatable {
    package var learner: LearnerKind
    package var head: Head
    /// Of all that is to be fitted, what is done: fits, each of a learner and a head.
    package var fitsDone: Int
    package var fitCount: Int
    /// Rounds of trees, or penalties tried.
    package var round: Int
    package var roundsMax: Int
    package var tuneLoss: Double
    package var bestLoss: Double
}

/// Trains a model: finds features in train, fits, calibrates and weighs on tune. Neither part is looked at for anything else, and the
/// same parts and request give the same model, byte by byte.
package struct Trainer {
    private let request: TrainingRequest
    private let boosting: BoostingSettings

    package init(_ request: TrainingRequest) {
        self.request = request
        boosting = request.boosting ?? BoostingSettings(for: request.label)
    }

    /// - Parameter observe: called after each round; what it throws ends the training and is thrown.
    /// - Throws: `TrainingError`, or what `observe` throws.
    package func train(train: [Case], tune: [Case], observe: (TrainingProgress) throws -> Void = { _ in }) throws -> Model {
        let parts = try prepared(train: train, tune: tune)
        let (heads, rows, tuneRows) = (parts.heads, parts.rows, parts.tuneRows)
        let learners = request.learner.map { [$0] } ?? LearnerKind.allCases
        var fits: [LearnerKind: [HeadFit]] = [:]
        for (index, learner) in learners.enumerated() {
            let observeLearner = { (progress: TrainingProgress) in
                var progress = progress
                progress.fitsDone += index * heads.count
                progress.fitCount = learners.count * heads.count
                try observe(progress)
            }
            do {
                fits[learner] = try fit(learner, heads, rows, tuneRows, observe: observeLearner)
            } catch let error as XGBoostError {
                throw TrainingError.library(error)
            }
        }
        let losses = fits.mapValues { $0.reduce(0) { $0 + $1.loss } }
        let best = learners.min { (losses[$0] ?? .infinity, $0.rawValue) < (losses[$1] ?? .infinity, $1.rawValue) } ?? .boosted
        let about = Model.About(
            kind: request.kind, label: request.label, learner: best, population: request.population, seed: request.seed,
            train: Model.Part(parts.train), tune: Model.Part(parts.tune),
            tuneLosses: Dictionary(uniqueKeysWithValues: losses.map { ($0.key.rawValue, $0.value) }), features: request.features,
            boosting: boosting, schemas: request.schemas.isEmpty ? nil : request.schemas,
            refusesViolations: request.refusesViolations ? true : nil, libraryVersion: Booster.libraryVersion)
        return try assembled(about, parts.features.schema, fits[best] ?? [], heads, tune: parts.tune)
    }

    /// Both parts as the learners take them.
    struct Prepared {
        var train: [Case]
        var tune: [Case]
        var heads: [Head]
        var features: FeatureTraining
        var rows: TrainingRows
        var tuneRows: TrainingRows
    }

    func prepared(train: [Case], tune: [Case]) throws(TrainingError) -> Prepared {
        let train = try chosen(train, part: "train")
        let tune = try chosen(tune, part: "tune")
        let heads = Trainer.heads(request.label, train)
        let features = FeatureTraining(train, heads: heads, kind: request.kind, settings: request.features, seed: request.seed)
        let prepared = Prepared(
            train: train, tune: tune, heads: heads, features: features, rows: features.trainRows(), tuneRows: features.rows(tune))
        try check(prepared.rows, prepared.tuneRows, heads)
        return prepared
    }

    /// Reviewed documents with items, of the population.
    private func chosen(_ cases: [Case], part: String) throws(TrainingError) -> [Case] {
        let chosen = cases.filter { document in
            guard document.outcome != nil, !document.items.isEmpty else { return false }
            guard let population = request.population else { return true }
            return document.population.map { document.string($0) } == population
        }
        if chosen.isEmpty { throw .noReviewedDocuments(part: part) }
        return chosen
    }

    private static func heads(_ label: LabelKind, _ train: [Case]) -> [Head] {
        switch label {
        case .document: [.unchanged]
        case .item: train.contains { $0.items.contains { $0.kind != .field } } ? [.first, .second] : [.first]
        }
    }

    private func check(_ train: TrainingRows, _ tune: TrainingRows, _ heads: [Head]) throws(TrainingError) {
        for (part, rows) in [("train", train), ("tune", tune)] {
            for (index, head) in heads.enumerated() {
                let labels = rows.rows(of: head, at: index).labels
                guard labels.contains(0), labels.contains(1) else { throw .oneOutcome(part: part, head: head) }
            }
        }
    }
}

/// A head's scorer as it was fitted.
private struct HeadFit {
    var scorer: Model.Scorer
    /// Probabilities of the head's rows of tune, and their labels.
    var probabilities: [Double]
    var labels: [Bool]
    var loss: Double
}

extension Trainer {
    private func fit(
        _ learner: LearnerKind, _ heads: [Head], _ rows: TrainingRows, _ tuneRows: TrainingRows,
        observe: (TrainingProgress) throws -> Void
    ) throws -> [HeadFit] {
        var matrices: (train: DataMatrix, tune: DataMatrix, rowCount: Int)?
        var fits: [HeadFit] = []
        for (index, head) in heads.enumerated() {
            let train = rows.rows(of: head, at: index)
            let tune = tuneRows.rows(of: head, at: index)
            let labels = tune.labels.map { $0 > 0.5 }
            let roundsMax = learner == .boosted ? boosting.roundsMax : LogisticLearner.penalties.count
            let watch = { (round: Int, loss: Double, best: Double) in
                try observe(
                    TrainingProgress(
                        learner: learner, head: head, fitsDone: index, fitCount: heads.count, round: round, roundsMax: roundsMax,
                        tuneLoss: loss, bestLoss: best))
            }
            switch learner {
            case .boosted:
                // The same rows are the same matrix: XGBoost keeps the bins it has sorted them into.
                if matrices?.rowCount != train.labels.count {
                    matrices = (
                        try DataMatrix(train.values, width: rows.width), try DataMatrix(tune.values, width: rows.width), train.labels.count
                    )
                }
                guard let matrices else { continue }
                try matrices.train.setLabels(train.labels)
                try matrices.tune.setLabels(tune.labels)
                let fit = try BoostedLearner.fit(
                    train: matrices.train, tune: matrices.tune, width: rows.width, settings: boosting, seed: request.seed,
                    observe: watch)
                fits.append(
                    HeadFit(
                        scorer: fit.scorer, probabilities: fit.tuneMargins.map { logistic(Double($0)) }, labels: labels,
                        loss: fit.tuneLoss))
            case .logistic:
                let fit = try LogisticLearner.fit(train: train, tune: tune, width: rows.width, observe: watch)
                fits.append(
                    HeadFit(
                        scorer: .logistic(fit.scorer), probabilities: fit.tuneMargins.map(logistic), labels: labels, loss: fit.tuneLoss))
            }
        }
        return fits
    }

    /// Calibrates and weighs on tune.
    private func assembled(
        _ about: Model.About, _ schema: FeatureSchema, _ fits: [HeadFit], _ heads: [Head], tune: [Case]
    ) throws -> Model {
        let trained = zip(heads, fits).map { head, fit in
            Model.TrainedHead(
                head: head, scorer: fit.scorer, calibrator: Calibrator.fitted(scores: fit.probabilities, labels: fit.labels),
                tuneLoss: fit.loss)
        }
        let draft = Model(
            about: about, schema: schema, heads: trained, scoring: DocumentScoring(firstWeight: 0.5, calibrator: .identity), hash: "")
        let assessor = Assessor(draft)
        let raw = tune.map { assessor.probabilities($0) }
        let weighing = ScoreWeighing(tune, raw: raw, heads: heads, accuracies: request.accuracies)
        var scoring = DocumentScoring(firstWeight: about.label == .item ? weighing.bestWeight : 1, calibrator: .identity)
        let scores = weighing.scores(scoring)
        scoring.calibrator = Calibrator.fitted(scores: scores, labels: tune.map { $0.outcome?.isUnchanged == true })
        return try ModelFile.sealed(about: about, schema: schema, heads: trained, scoring: scoring)
    }
}
