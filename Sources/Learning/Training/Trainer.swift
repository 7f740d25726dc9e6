import Routing
package import Validation

/// Why no model could be trained.
package enum TrainingError: Error, Sendable, Equatable {
    /// A part has no document that a reviewer has seen (of the population, where one was named).
    case noReviewedDocuments(part: String)
    case xgboost(XGBoostError)
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
    /// What became of the lines that train and tune were read from, for the model to say; nil where they were not read from files.
    package var trainAccounting: Accounting?
    package var tuneAccounting: Accounting?

    package init() {}

    /// Whether a document can teach once it is reviewed: it has items, and is of the population.
    package func takes(_ document: Case) -> Bool {
        guard !document.items.isEmpty else { return false }
        guard let population else { return true }
        return document.population.map { document.string($0) } == population
    }
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
    /// How many this fit is likely to take: as many as the one before it, and no fewer than end it if the loss falls no more. It grows
    /// while the loss falls.
    package var roundsExpected: Int
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
                throw TrainingError.xgboost(error)
            }
        }
        let losses = fits.mapValues { $0.reduce(0) { $0 + $1.loss } }
        let best = learners.min { (losses[$0] ?? .infinity, $0.rawValue) < (losses[$1] ?? .infinity, $1.rawValue) } ?? .boosted
        let about = Model.About(
            kind: request.kind, label: request.label, learner: best, population: request.population, seed: request.seed,
            train: Model.Part(parts.train, remembersDocuments: true, accounting: request.trainAccounting),
            tune: Model.Part(parts.tune, remembersDocuments: true, accounting: request.tuneAccounting),
            tuneLosses: Dictionary(uniqueKeysWithValues: losses.map { ($0.key.rawValue, $0.value) }), features: request.features,
            boosting: boosting, schemas: request.schemas.isEmpty ? nil : request.schemas,
            refusesViolations: request.refusesViolations ? true : nil, xgboostVersion: Booster.xgboostVersion)
        return try assembled(
            about, parts.features.schema, Vocabulary(parts.train), fits[best] ?? [], heads, tune: parts.tune)
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
        return Prepared(
            train: train, tune: tune, heads: heads, features: features, rows: features.trainRows(), tuneRows: features.rows(tune))
    }

    /// Reviewed documents that can teach.
    private func chosen(_ cases: [Case], part: String) throws(TrainingError) -> [Case] {
        let chosen = cases.filter { $0.outcome != nil && request.takes($0) }
        if chosen.isEmpty { throw .noReviewedDocuments(part: part) }
        return chosen
    }

    private static func heads(_ label: LabelKind, _ train: [Case]) -> [Head] {
        switch label {
        case .document: [.unchanged]
        case .item: train.contains { $0.items.contains { $0.kind != .field } } ? [.first, .second] : [.first]
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

extension HeadFit {
    /// A constant is one already: nothing in tune would rank it.
    var calibrator: Calibrator {
        if case .constant = scorer { .identity } else { Calibrator.fitted(scores: probabilities, labels: labels) }
    }

    /// Where train knows one outcome only, or no feature, nothing tells the items apart: a constant, by the rule of succession
    /// (right + 1) / (n + 2). The plain rate could be 0 or 1, which no number of items shows.
    init(constantFor train: [Float], tune: [Bool]) {
        let right = train.reduce(0.0) { $0 + Double($1) }
        let rate = (right + 1) / (Double(train.count) + 2)
        scorer = .constant(logit(rate))
        probabilities = tune.map { _ in rate }
        labels = tune
        loss = tune.isEmpty ? 0 : ProbabilityMetrics.logLoss(probabilities, tune)
    }
}

extension Trainer {
    private func fit(
        _ learner: LearnerKind, _ heads: [Head], _ rows: TrainingRows, _ tuneRows: TrainingRows,
        observe: (TrainingProgress) throws -> Void
    ) throws -> [HeadFit] {
        var matrices: (train: DataMatrix, tune: DataMatrix, rowCount: Int)?
        var fits: [HeadFit] = []
        var roundsBefore: Int?
        for (index, head) in heads.enumerated() {
            let train = rows.rows(of: head, at: index)
            let tune = tuneRows.rows(of: head, at: index)
            let labels = tune.labels.map { $0 > 0.5 }
            var roundsDone = 0
            func watch(round: Int, loss: Double, best: (round: Int, loss: Double)) throws {
                roundsDone = round
                try observe(
                    TrainingProgress(
                        learner: learner, head: head, fitsDone: index, fitCount: heads.count, round: round,
                        roundsExpected: rounds(learner, before: roundsBefore, best: best.round), tuneLoss: loss, bestLoss: best.loss))
            }
            // No feature: as with few codes and a model that sees nothing else.
            guard rows.width > 0, train.labels.contains(0), train.labels.contains(1), !labels.isEmpty else {
                fits.append(HeadFit(constantFor: train.labels, tune: labels))
                continue
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
                let fit = try LogisticLearner.fit(train: train, tune: tune, width: rows.width) { round, loss, best in
                    try watch(round: round, loss: loss, best: (round, best))
                }
                fits.append(
                    HeadFit(
                        scorer: .logistic(fit.scorer), probabilities: fit.tuneMargins.map(logistic), labels: labels, loss: fit.tuneLoss))
            }
            roundsBefore = roundsDone
        }
        return fits
    }

    /// Rounds that a fit is likely to take.
    /// - Parameters:
    ///   - before: what the fit before it took.
    ///   - best: the round with the lowest loss so far: the loss may have stopped falling there.
    private func rounds(_ learner: LearnerKind, before: Int?, best: Int) -> Int {
        switch learner {
        case .logistic: LogisticLearner.penalties.count
        case .boosted: min(boosting.roundsMax, max(before ?? boosting.roundsUsual, best + boosting.patience))
        }
    }

    /// Calibrates and weighs on tune.
    private func assembled(
        _ about: Model.About, _ schema: FeatureSchema, _ vocabulary: Vocabulary, _ fits: [HeadFit], _ heads: [Head], tune: [Case]
    ) throws -> Model {
        let trained = zip(heads, fits).map { head, fit in
            Model.TrainedHead(head: head, scorer: fit.scorer, calibrator: fit.calibrator, tuneLoss: fit.loss)
        }
        let draft = Model(
            about: about, schema: schema, vocabulary: vocabulary, heads: trained,
            scoring: DocumentScoring(firstWeight: 0.5, calibrator: .identity), hash: "")
        let assessor = Assessor(draft)
        let raw = tune.map { assessor.probabilities($0) }
        let weighing = ScoreWeighing(
            tune, raw: raw, heads: heads, calibrators: trained.map(\.calibrator), accuracies: request.accuracies)
        var scoring = DocumentScoring(firstWeight: about.label == .item ? weighing.bestWeight : 1, calibrator: .identity)
        let scores = weighing.scores(scoring)
        scoring.calibrator = Calibrator.fitted(scores: scores, labels: tune.map { $0.outcome?.isUnchanged == true })
        return try ModelFile.sealed(about: about, schema: schema, vocabulary: vocabulary, heads: trained, scoring: scoring)
    }
}
