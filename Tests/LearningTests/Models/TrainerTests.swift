import Routing
import Testing

@testable import Learning

/// From cases to a model, to its file, and back.
struct TrainerTests {
    private struct Enough: Error {}

    private let train: [Case]
    private let tune: [Case]

    init() {
        var synthetic = SyntheticCases(seed: 8)
        train = synthetic.documents(500)
        tune = synthetic.documents(200)
    }

    private func request(_ change: (inout TrainingRequest) -> Void = { _ in }) -> TrainingRequest {
        var request = TrainingRequest()
        var boosting = BoostingSettings()
        boosting.roundsMax = 25
        request.boosting = boosting
        change(&request)
        return request
    }

    @Test(arguments: LabelKind.allCases, LearnerKind.allCases)
    func `the same data gives the same bytes`(label: LabelKind, learner: LearnerKind) throws {
        let request = request {
            $0.label = label
            $0.learner = learner
        }
        let bytes = try ModelFile.bytes(of: try Trainer(request).train(train: train, tune: tune))
        #expect(try ModelFile.bytes(of: try Trainer(request).train(train: train, tune: tune)) == bytes)
    }

    @Test(arguments: LearnerKind.allCases, ModelKind.allCases)
    func `a model that was read again is the same one`(learner: LearnerKind, kind: ModelKind) throws {
        let request = request {
            $0.learner = learner
            $0.kind = kind
        }
        let model = try Trainer(request).train(train: train, tune: tune)
        let bytes = try ModelFile.bytes(of: model)
        let read = try ModelFile.read(bytes)
        #expect(read.hash == model.hash)
        #expect(read.about == model.about)
        #expect(read.schema == model.schema)
        #expect(try ModelFile.bytes(of: read) == bytes)
        for document in tune.prefix(50) {
            #expect(read.assess(document) == model.assess(document))
            #expect(try read.explain(document) == model.explain(document))
        }
    }

    @Test func `better documents get better scores`() throws {
        for learner in LearnerKind.allCases {
            let model = try Trainer(request { $0.learner = learner }).train(train: train, tune: tune)
            var synthetic = SyntheticCases(seed: 77)
            let fresh = synthetic.documents(600)
            let scores = fresh.map { model.assess($0).score ?? .nan }
            let right = fresh.map { $0.outcome?.isUnchanged == true }
            let area = try #require(ProbabilityMetrics.areaUnderROC(scores, right))
            let reported = fresh.map { document in document.items.reduce(1) { min($0, $1.confidence?.value ?? 0) } }
            let chance = try #require(ProbabilityMetrics.areaUnderROC(reported, right))
            #expect(area > chance + 0.05, "\(learner): \(area), \(chance)")
            #expect(scores.allSatisfy { (0...1).contains($0) })
        }
    }

    @Test func `best is the learner with the lower loss on tune, and both are told`() throws {
        let model = try Trainer(request { $0.learner = nil }).train(train: train, tune: tune)
        #expect(model.about.tuneLosses.count == 2)
        #expect(model.about.tuneLosses.min { $0.value < $1.value }?.key == model.about.learner.rawValue)
    }

    @Test func `a model of one population learns from its documents only`() throws {
        let model = try Trainer(request { $0.population = "south" }).train(train: train, tune: tune)
        #expect(model.about.train.documents == train.count { $0.population.map($0.string) == "south" })
        #expect(model.about.population == "south")
    }

    @Test func `fields are learned, by their shape too`() throws {
        var synthetic = SyntheticCases(seed: 12)
        let model = try Trainer(request()).train(train: synthetic.forms(400), tune: synthetic.forms(150))
        #expect(model.heads.map(\.head) == [.first])
        var good = CaseMaker(id: "good")
        var odd = CaseMaker(id: "odd")
        good.field("field.1", confidence: 0.6, [("value.shape", .string("99-99"))])
        odd.field("field.1", confidence: 0.6, [("value.shape", .string("99-9A"))])
        #expect(try #require(model.assess(good.document).score) > #require(model.assess(odd.document).score) + 0.2)
    }

    @Test func `a document without items is not trusted`() throws {
        let model = try Trainer(request()).train(train: train, tune: tune)
        #expect(model.assess(CaseMaker(id: "empty").document).score == 0)
    }

    @Test func `training ends when its observer says so`() throws {
        var rounds = 0
        #expect(throws: Enough.self) {
            try Trainer(request()).train(train: train, tune: tune) { _ in
                rounds += 1
                if rounds == 3 { throw Enough() }
            }
        }
        #expect(rounds == 3)
    }

    @Test func `what cannot be learned from is refused with the reason`() {
        let unreviewed = train.map { document in
            var document = document
            document.outcome = nil
            return document
        }
        #expect(throws: TrainingError.noReviewedDocuments(part: "train")) {
            try Trainer(request()).train(train: unreviewed, tune: tune)
        }
        #expect(throws: TrainingError.noReviewedDocuments(part: "tune")) { try Trainer(request()).train(train: train, tune: []) }
    }

    @Test(arguments: LabelKind.allCases, LearnerKind.allCases)
    func `a head whose train has one outcome is the smoothed rate of it, whatever the item`(label: LabelKind, learner: LearnerKind) throws {
        let good = train.filter { $0.outcome?.isUnchanged == true }
        let model = try Trainer(
            request {
                $0.label = label
                $0.learner = learner
            }
        ).train(train: good, tune: tune)
        let items = good.reduce(0) { $0 + $1.items.count }
        let rate = (Double(items) + 1) / (Double(items) + 2)
        let assessor = Assessor(model)
        for document in tune.prefix(30) {
            #expect(assessor.probabilities(document).allSatisfy { abs($0 - rate) < 1e-12 })
            for explanation in try model.explain(document).joined() {
                #expect(explanation.contributions.isEmpty && abs(logistic(explanation.bias) - rate) < 1e-12)
            }
        }
        let bytes = try ModelFile.bytes(of: model)
        let read = try ModelFile.read(bytes)
        #expect(try ModelFile.bytes(of: read) == bytes)
        #expect(tune.prefix(30).allSatisfy { read.assess($0) == model.assess($0) })
    }

    @Test func `one head can be a constant while the other is learned`() throws {
        // Procedures are always right here, diagnoses are not.
        let halves = [train, tune].map { cases in
            cases.map { document in
                var document = document
                document.outcome = document.outcome.map { outcome in
                    Case.Outcome(
                        isUnchanged: outcome.isUnchanged,
                        items: outcome.items.map { item in
                            Case.ItemOutcome(isKept: item.isKept, isFirstRight: true, isSecondRight: item.isSecondRight)
                        })
                }
                return document
            }
        }
        let model = try Trainer(request { $0.learner = .boosted }).train(train: halves[0], tune: halves[1])
        #expect(model.heads.map(\.head) == [.first, .second])
        guard case .constant = model.heads[0].scorer, case .boosted = model.heads[1].scorer else {
            Issue.record("\(model.heads.map(\.head))")
            return
        }
        let read = try ModelFile.read(try ModelFile.bytes(of: model))
        #expect(tune.allSatisfy { read.assess($0) == model.assess($0) })
        #expect(Set(tune.map { model.assess($0).score }).count > 20)
    }

    @Test(arguments: LearnerKind.allCases)
    func `a model without a feature is a constant`(learner: LearnerKind) throws {
        // One procedure and one diagnosis, and nothing else may be looked at.
        func same(_ count: Int) -> [Case] {
            (0..<count).map { index in
                var maker = CaseMaker(id: "d-\(index)")
                maker.pair("71045", "J18.9")
                maker.document.outcome = maker.document.outcome(fates: [index % 4 == 0 ? .removed : .kept], added: [])
                return maker.document
            }
        }
        let model = try Trainer(
            request {
                $0.kind = .nonsituated
                $0.learner = learner
            }
        ).train(train: same(200), tune: same(80))
        #expect(model.schema.width == 0)
        #expect(model.assess(same(1)[0]).items.allSatisfy { 0.5...0.8 ~= $0.raw ?? .nan })
        #expect(try model.explain(same(1)[0])[0].allSatisfy { $0.contributions.isEmpty })
        #expect(try ModelFile.read(try ModelFile.bytes(of: model)).hash == model.hash)
    }

    @Test func `a tune part with one outcome ends a training all the same, and calibrates nothing`() throws {
        let good = tune.filter { $0.outcome?.isUnchanged == true }
        let model = try Trainer(request()).train(train: train, tune: good)
        #expect(model.heads.allSatisfy { $0.calibrator == .identity })
    }

    @Test(arguments: LearnerKind.allCases)
    func `contributions add up to the item's log-odds`(learner: LearnerKind) throws {
        let model = try Trainer(request { $0.learner = learner }).train(train: train, tune: tune)
        let assessor = Assessor(model)
        for document in tune.prefix(40) {
            let probabilities = assessor.probabilities(document)
            for (item, explanations) in try model.explain(document).enumerated() {
                #expect(explanations.count == model.heads.count)
                for (head, explanation) in explanations.enumerated() {
                    let sum = explanation.contributions.reduce(explanation.bias) { $0 + $1.amount }
                    #expect(abs(sum - explanation.margin) < 1e-9)
                    #expect(abs(logistic(sum) - probabilities[item * model.heads.count + head]) < 1e-5)
                }
            }
        }
    }
}
