import Routing

/// How far an evaluation is.
package struct EvaluationProgress: Sendable {
    package enum Work: Sendable {
        case training(Technique, LabelKind, trainCount: Int, TrainingProgress)
        case promise(drawsDone: Int, draws: Int)
    }
    package var work: Work
    /// Of all trainings, by the documents that each learns from: those before this one, in [0, 1].
    package var shareDone: Double
    /// What this training is of all.
    package var shareOfThis: Double
}

/// Trains every technique on train and tune, sets thresholds on certify, and judges them on test.
///
/// 1. Naive and certified thresholds are chosen on the same certify documents.
/// 2. A plan is frozen before certify documents are scored; no threshold sees a test document.
package struct Evaluator {
    private let request: EvaluationRequest
    private let parts: EvaluationParts
    private let targets: [Target]
    private let observe: (EvaluationProgress) throws -> Void
    private var documentsLearned = 0
    private var evaluation = Evaluation()

    private init(
        _ request: EvaluationRequest, _ parts: EvaluationParts, observe: @escaping (EvaluationProgress) throws -> Void
    ) throws(EvaluationError) {
        self.request = request
        self.parts = parts
        self.observe = observe
        var targets: [Target] = []
        for named in request.targets {
            guard let target = Target(rawValue: named.name) else { throw .unknownTarget(named.name) }
            guard parts.test.contains(where: { $0.count(of: target).codes > 0 }) else { throw .noCodes(target: named.name) }
            targets.append(target)
        }
        self.targets = targets
    }

    /// - Parameter observe: called now and then; what it throws ends the evaluation and is thrown.
    /// - Throws: `EvaluationError`, `TrainingError`, `PlanError`, or what `observe` throws.
    package static func evaluate(
        _ parts: EvaluationParts, _ request: EvaluationRequest, observe: @escaping (EvaluationProgress) throws -> Void = { _ in }
    ) throws -> Evaluation {
        var evaluator = try Evaluator(request, parts, observe: observe)
        try evaluator.run()
        return evaluator.evaluation
    }

    private mutating func run() throws {
        if let crosswalk = request.crosswalk {
            let scored = scored(.crosswalk(crosswalk))
            evaluation.results.append(result(.table, threshold: 1, scored))
            evaluation.results.append(try certified(plan(scored), scored))
        }
        let engine = scored(.engine)
        evaluation.results += try thresholds(engine, plan(engine))
        evaluation.figures.append(ConfidenceFigures(engine.scorer, label: nil, parts.test))
        for technique in Technique.allCases where technique.training != nil {
            let (scored, figures) = try trained(technique, parts.train)
            evaluation.figures += figures
            let plan = try plan(scored)
            let results = try thresholds(scored, plan)
            evaluation.results += results
            if technique == .situatedBoosted { try finish(scored, plan, results) }
        }
        for size in parts.curveSizes(request.curveSizes) { evaluation.curve.append(try curvePoint(size)) }
    }

    /// What is made for the best technique alone.
    private mutating func finish(_ scored: Scored, _ plan: Plan, _ results: [TechniqueResult]) throws {
        evaluation.importances = try scored.model?.importances() ?? []
        if let model = scored.model { evaluation.unassessed = UnassessedCounts(parts.test, by: model) }
        if let shown = results.last(where: { $0.threshold != nil }), let threshold = shown.threshold {
            let test = shown.rule == .certified ? scored.test.map(plan.admitted) : scored.test
            evaluation.procedures = procedures(test, threshold: threshold)
        }
        guard request.promiseDraws > 0 else { return }
        let draws = request.promiseDraws * (1 + request.promiseDocuments.count)
        func trial(_ plans: [Plan], doneBefore: Int) throws -> PromiseTrial? {
            try PromiseTrial(plans: plans, pool: scored.test, draws: request.promiseDraws, seed: request.seed) { done in
                try tell(.promise(drawsDone: doneBefore + done, draws: draws))
            }
        }
        evaluation.promise = try trial([plan], doneBefore: 0)
        for (index, count) in request.promiseDocuments.enumerated() {
            let plans = try promisePlans(scored, aboveFloor: count)
            if let trial = try trial(plans, doneBefore: request.promiseDraws * (index + 1)) { evaluation.promiseSizes.append(trial) }
        }
    }

    /// Plans for so many certify documents above the floor, each by a tune set of its own: the certify documents, which no model has learned
    /// from, cut into `EvaluationRequest.promiseTuneSets` parts by the seed.
    private func promisePlans(_ scored: Scored, aboveFloor count: Int) throws(PlanError) -> [Plan] {
        var generator = SeededGenerator(seed: request.seed)
        let order = generator.permutation(scored.certify.count)
        let sets = min(EvaluationRequest.promiseTuneSets, order.count, request.promiseDraws)
        var plans: [Plan] = []
        for set in 0..<sets {
            let tune = stride(from: set, to: order.count, by: sets).map { scored.certify[order[$0]] }
            plans.append(try Plan.freeze(planRequest, tune: tune, aboveFloor: count))
        }
        return plans
    }

    private mutating func curvePoint(_ size: Int) throws -> CurvePoint {
        if size == parts.train.count {
            return CurvePoint(
                trainCount: size, isThresholdOfTune: false,
                results: evaluation.results.filter { $0.technique == .situatedBoosted },
                figures: evaluation.figures.filter { $0.technique == .situatedBoosted })
        }
        let own = min(size, parts.train.count)
        let train = sample(parts.train, own) + sample(parts.certify, size - own)
        let (scored, figures) = try trained(.situatedBoosted, train)
        let isThresholdOfTune = size > own
        let results =
            isThresholdOfTune ? [result(.naive, threshold: naive(scored.tune), scored)] : try thresholds(scored, plan(scored))
        return CurvePoint(trainCount: size, isThresholdOfTune: isThresholdOfTune, results: results, figures: figures)
    }

    /// So many of the documents, in their order; a smaller sample is part of a larger one.
    private func sample(_ cases: [Case], _ count: Int) -> [Case] {
        var generator = SeededGenerator(seed: request.seed)
        return generator.permutation(cases.count).prefix(count).sorted().map { cases[$0] }
    }
}

/// A technique, and the documents of each part as it scores them.
private struct Scored {
    let scorer: TechniqueScorer
    /// What it learned, if anything.
    let model: Model?
    let tune: [ScoredDocument]
    let certify: [ScoredDocument]
    let test: [ScoredDocument]
}

extension Evaluator {
    private func scored(_ scorer: TechniqueScorer, _ model: Model? = nil) -> Scored {
        Scored(
            scorer: scorer, model: model, tune: scorer.scored(parts.tune, targets: targets),
            certify: scorer.scored(parts.certify, targets: targets), test: scorer.scored(parts.test, targets: targets))
    }

    /// By the model that thresholds are set on; and the figures of those of both label kinds.
    private mutating func trained(_ technique: Technique, _ train: [Case]) throws -> (Scored, [ConfidenceFigures]) {
        var chosen: Scored?
        var figures: [ConfidenceFigures] = []
        for label in LabelKind.allCases {
            let model = try model(technique, label, train)
            let scorer = TechniqueScorer.model(model, technique)
            figures.append(ConfidenceFigures(scorer, label: label, parts.test))
            if label == request.label { chosen = scored(scorer, model) }
            documentsLearned += train.count
        }
        guard let chosen else { preconditionFailure("every label kind was trained") }
        return (chosen, figures)
    }

    private func model(_ technique: Technique, _ label: LabelKind, _ train: [Case]) throws -> Model {
        guard let training = technique.training else { preconditionFailure("only techniques with a model are trained") }
        var request = TrainingRequest()
        request.kind = training.kind
        request.learner = training.learner
        request.label = label
        request.seed = self.request.seed
        request.boosting = self.request.boosting
        for (target, asked) in zip(targets, self.request.targets) { request.accuracies[target] = asked.accuracy }
        return try Trainer(request).train(train: train, tune: parts.tune) { progress in
            try tell(.training(technique, label, trainCount: train.count, progress), learning: train.count)
        }
    }

    private func tell(_ work: EvaluationProgress.Work, learning count: Int = 0) throws {
        let techniques = Technique.allCases.count { $0.training != nil }
        let curve = parts.curveSizes(request.curveSizes).filter { $0 != parts.train.count }.reduce(0, +)
        let whole = Double(LabelKind.allCases.count * (techniques * parts.train.count + curve))
        try observe(
            EvaluationProgress(work: work, shareDone: Double(documentsLearned) / whole, shareOfThis: Double(count) / whole))
    }

    private var planRequest: PlanRequest {
        var plan = PlanRequest(targets: request.targets, risk: request.risk)
        plan.seed = request.seed
        return plan
    }

    private func plan(_ scored: Scored) throws(PlanError) -> Plan {
        try Plan.freeze(planRequest, tune: scored.tune, certify: scored.certify.map(UnreadDocument.init))
    }

    private func thresholds(_ scored: Scored, _ plan: Plan) throws(CertifyError) -> [TechniqueResult] {
        [result(.naive, threshold: naive(scored.certify), scored), try certified(plan, scored)]
    }

    private func naive(_ documents: [ScoredDocument]) -> Double? {
        NaiveThreshold.choose(documents, accuracies: request.targets.map(\.accuracy))
    }

    private func certified(_ plan: Plan, _ scored: Scored) throws(CertifyError) -> TechniqueResult {
        // The dates are of no account here: nothing is deployed.
        let certificate = try plan.certify(scored.certify, validity: Validity(issued: CivilDate(days: 0), codeSets: []))
        return result(.certified, threshold: certificate.threshold, stop: certificate.outcome.stop, scored, of: plan)
    }

    /// - Parameter plan: of a certified threshold, whose rule also says how many codes a document may have.
    private func result(
        _ rule: ThresholdRule, threshold: Double?, stop: Stop? = nil, _ scored: Scored, of plan: Plan? = nil
    ) -> TechniqueResult {
        let test = plan.map { scored.test.map($0.admitted) } ?? scored.test
        let estimates = SetEstimate.byPopulation(
            test, threshold: threshold ?? .infinity, targetCount: targets.count, isClustered: false)
        let added = zip(test, parts.test).reduce(0) { sum, pair in
            guard let threshold, let score = pair.0.score, score >= threshold else { return sum }
            return sum + (pair.1.outcome?.addedCount ?? 0)
        }
        return TechniqueResult(
            technique: scored.scorer.technique, rule: rule, threshold: rule == .table ? nil : threshold,
            estimate: estimates[0], populations: Array(estimates.dropFirst()), addedCount: added, stop: stop)
    }

    private func procedures(_ test: [ScoredDocument], threshold: Double) -> [CodeFrequency] {
        var counts: [String: Int] = [:]
        for (document, scored) in zip(parts.test, test) {
            guard let score = scored.score, score >= threshold else { continue }
            for item in document.items where item.isCounted(for: .procedure) { counts[document.string(item.first), default: 0] += 1 }
        }
        return counts.map { CodeFrequency(code: $0.key, count: $0.value) }
            .sorted { $0.count > $1.count || ($0.count == $1.count && $0.code < $1.code) }
    }
}
