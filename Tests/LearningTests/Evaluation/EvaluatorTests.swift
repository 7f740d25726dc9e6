import Routing
import Testing

@testable import Learning

/// Techniques compared on made-up documents; what is counted is counted a second time here, by hand.
struct EvaluatorTests {
    private let train: [Case]
    private let tune: [Case]
    private let certify: [Case]
    private let test: [Case]

    init() {
        var synthetic = SyntheticCases(seed: 31)
        train = synthetic.documents(300)
        tune = synthetic.documents(120)
        certify = synthetic.documents(240)
        test = synthetic.documents(200)
    }

    private func request(_ change: (inout EvaluationRequest) -> Void = { _ in }) throws -> EvaluationRequest {
        let targets = [("procedure", 0.8), ("primaryDiagnosis", 0.8)].compactMap { TargetRequest(name: $0.0, accuracy: $0.1) }
        var request = EvaluationRequest(targets: targets, risk: try #require(Risk(delta: 0.05)))
        // Little of everything that takes time.
        var boosting = BoostingSettings()
        boosting.roundsMax = 12
        boosting.depthMax = 4
        request.boosting = boosting
        change(&request)
        return request
    }

    private func parts(certify isGiven: Bool = true) throws -> EvaluationParts {
        try EvaluationParts(train: train, tune: tune, certify: isGiven ? certify : nil, test: test, seed: 1)
    }

    /// A table that allows every pair of the documents whose procedure ends in an even digit.
    private static func crosswalk(_ cases: [Case]) throws -> Crosswalk {
        var lines: Set<String> = []
        for document in cases {
            for item in document.items where document.string(item.first).last?.wholeNumberValue.map({ $0 % 2 == 0 }) == true {
                lines.insert("\(document.string(item.first)),\(document.string(item.second))")
            }
        }
        return try Crosswalk(csv: Array(("procedure,diagnosis\n" + lines.sorted().joined(separator: "\n") + "\n").utf8))
    }

    @Test func `every technique has its lines, and each counts what a count by hand counts`() throws {
        let crosswalk = try Self.crosswalk(test)
        let evaluation = try Evaluator.evaluate(
            try parts(),
            request {
                $0.crosswalk = crosswalk
                $0.curveSizes = [150, 9_000]
                $0.promiseDraws = 20
                $0.promiseDocuments = [40, 90]
            })
        #expect(
            evaluation.results.map { "\($0.technique.rawValue) \($0.rule.rawValue)" } == [
                "crosswalk table", "crosswalk certified", "engine naive", "engine certified", "nonsituated naive", "nonsituated certified",
                "situated-logistic naive", "situated-logistic certified", "situated-boosted naive", "situated-boosted certified",
            ])
        // The crosswalk and the engine need no model.
        func isAllowed(_ document: Case) -> Bool {
            document.items.allSatisfy { document.string($0.first).last?.wholeNumberValue.map { $0 % 2 == 0 } == true }
        }
        let table = try #require(evaluation.results.first)
        try Self.expect(table, captured: test.filter(isAllowed), of: test)
        #expect(table.threshold == nil)
        let naive = evaluation.results[2]
        let threshold = try #require(naive.threshold)
        func least(_ document: Case) -> Double { document.items.compactMap { $0.confidence?.value }.min() ?? 0 }
        try Self.expect(naive, captured: test.filter { least($0) >= threshold }, of: test)
        // No looser threshold among the scores of certify meets both targets; this one does.
        for (candidate, meets) in [(threshold, true)] + certify.map(least).filter({ $0 < threshold }).map({ ($0, false) }) {
            let accepted = certify.filter { least($0) >= candidate }
            #expect(Self.accuracies(accepted).allSatisfy { $0 >= 0.8 - 1e-9 } == meets)
        }
        let area = ProbabilityMetrics.areaUnderROC(test.map(least), test.map { $0.outcome?.isUnchanged == true })
        #expect(evaluation.figures[0].documentAreaUnderROC == area)
        // Sizes beyond train are train itself, as it was trained before.
        #expect(evaluation.curve.map(\.trainCount) == [150, 300])
        #expect(evaluation.curve[1].results == evaluation.results.suffix(2))
        #expect(evaluation.curve.allSatisfy { !$0.isThresholdOfTune && $0.results.count == 2 && $0.figures.count == 2 })
        let promise = try #require(evaluation.promise)
        #expect(promise.certified.draws == 20)
        #expect(evaluation.promiseSizes.map(\.documents) == [40, 90])
        #expect(evaluation.promiseSizes.allSatisfy { $0.certified.draws == 20 && $0.certified.captures.count == 6 })
        // Populations are parts of the whole.
        for result in evaluation.results where result.estimate.accepted > 0 {
            #expect(result.populations.map(\.population) == [.named("north"), .named("south")])
            #expect(result.populations.reduce(0) { $0 + $1.accepted } == result.estimate.accepted)
            #expect(result.populations.reduce(0) { $0 + $1.accuracies[0].right } == result.estimate.accuracies[0].right)
        }
        // Frequencies are of the captured documents' procedures, in descending order.
        let counts = evaluation.procedures.map(\.count)
        #expect(counts == counts.sorted(by: >))
        let shown = try #require(evaluation.results.last { $0.threshold != nil })
        #expect(counts.reduce(0, +) == shown.estimate.accuracies[0].codes)
    }

    private static func accuracies(_ cases: [Case]) -> [Double] {
        [Target.procedure, .primaryDiagnosis].map { target in
            let counts = cases.map { $0.count(of: target) }
            let codes = counts.reduce(0) { $0 + $1.codes }
            return codes == 0 ? 0 : 1 - Double(counts.reduce(0) { $0 + $1.wrong }) / Double(codes)
        }
    }

    private static func expect(_ result: TechniqueResult, captured: [Case], of test: [Case]) throws {
        #expect(result.estimate.documents == test.count)
        #expect(result.estimate.accepted == captured.count)
        #expect(result.estimate.capture == Double(captured.count) / Double(test.count))
        for (estimate, accuracy) in zip(result.estimate.accuracies, accuracies(captured)) {
            let found = try #require(estimate.accuracy)
            #expect(abs(found - accuracy) < 1e-12)
            #expect((estimate.lower...estimate.upper).contains(accuracy))
        }
        #expect(result.captureInterval.contains(result.estimate.capture))
        #expect(result.addedCount == captured.reduce(0) { $0 + ($1.outcome?.addedCount ?? 0) })
    }

    @Test func `without certify documents a fifth of train is set aside, and a curve that needs them sets its threshold on tune`() throws {
        let parts = try parts(certify: false)
        #expect(parts.isCertifySetAside && parts.certify.count == 60 && parts.train.count == 240 && parts.tune == tune)
        func ids(_ cases: [Case]) -> Set<String> { Set(cases.map { $0.string($0.documentId) }) }
        #expect(ids(parts.certify).isDisjoint(with: ids(parts.train)))
        #expect(ids(parts.certify).union(ids(parts.train)) == ids(train))
        let evaluation = try Evaluator.evaluate(parts, request { $0.curveSizes = [100, 240, 700] })
        #expect(evaluation.curve.map(\.trainCount) == [100, 240, 300])
        #expect(evaluation.curve.map(\.isThresholdOfTune) == [false, false, true])
        #expect(evaluation.curve.map { $0.results.map(\.rule) } == [[.naive, .certified], [.naive, .certified], [.naive]])
    }

    @Test func `nothing of test or certify reaches a model or a plan`() throws {
        // Test documents turned over: figures change, thresholds do not.
        func turned(_ cases: [Case]) -> [Case] {
            cases.map { document in
                var document = document
                document.outcome = document.outcome(fates: document.items.map { _ in .removed }, added: [])
                return document
            }
        }
        let as1 = try Evaluator.evaluate(try parts(), request())
        let as2 = try Evaluator.evaluate(
            try EvaluationParts(train: train, tune: tune, certify: certify, test: turned(test), seed: 1), request())
        #expect(as1.results.map(\.threshold) == as2.results.map(\.threshold))
        #expect(as2.results.allSatisfy { result in result.estimate.accuracies.allSatisfy { $0.right == 0 } })
        let as3 = try Evaluator.evaluate(
            try EvaluationParts(train: train, tune: tune, certify: turned(certify), test: test, seed: 1), request())
        #expect(as3.results.allSatisfy { $0.threshold == nil && $0.estimate.accepted == 0 })
        #expect(as3.figures == as1.figures)
    }

    @Test func `parts that share documents, or say nothing, are refused`() throws {
        #expect(throws: EvaluationError.shared(first: "train", second: "test", count: 3)) {
            try EvaluationParts(train: train, tune: tune, certify: certify, test: test + train.prefix(3), seed: 1)
        }
        let open = test.map { document in
            var document = document
            document.outcome = nil
            return document
        }
        #expect(throws: EvaluationError.noReviewedDocuments(part: "test")) {
            try EvaluationParts(train: train, tune: tune, certify: certify, test: open, seed: 1)
        }
        #expect(throws: EvaluationError.tooFewDocuments) {
            try EvaluationParts(train: Array(train.prefix(4)), tune: tune, certify: nil, test: test, seed: 1)
        }
        let mixed = try EvaluationParts(train: train, tune: tune, certify: certify, test: test.dropLast(9) + open.suffix(9), seed: 1)
        #expect(mixed.test.count == 191 && mixed.unreviewedTestCount == 9)
        let field = try #require(TargetRequest(name: "field", accuracy: 0.9))
        #expect(throws: EvaluationError.noCodes(target: "field")) { try Evaluator.evaluate(try parts(), request { $0.targets = [field] }) }
    }

    @Test(
        arguments: [
            ("procedure,diagnosis\n71045,J18.9\n", nil), ("\"procedure\",\"diagnosis\"\r\n\"71045\",\"J18.9\"\r\n\r\n", nil),
            ("71045,J18.9\n", CrosswalkError.header), ("procedure,diagnosis\n71045\n", .cells(line: 2)),
            ("procedure,diagnosis\na,b\n71045,\n", .cells(line: 3)), ("procedure,diagnosis\n", .empty), ("", .header),
        ] as [(String, CrosswalkError?)])
    func `a crosswalk is read, or refused with the line`(text: String, expected: CrosswalkError?) throws {
        var found: CrosswalkError?
        do throws(CrosswalkError) {
            let table = try Crosswalk(csv: Array(text.utf8))
            var maker = CaseMaker(id: "d")
            maker.pair("71045", "J18.9")
            maker.pair("71046", "J18.9")
            #expect(table.count == 1)
            #expect(maker.document.items.map { table.allows($0, of: maker.document) } == [true, false])
        } catch { found = error }
        #expect(found == expected)
    }

    @Test func `importances are the gains that stand in the trees themselves`() throws {
        var training = TrainingRequest()
        training.learner = .boosted
        let model = try Trainer(training).train(train: train, tune: tune)
        let importances = try model.importances()
        for head in model.heads {
            guard case .boosted(_, let json) = head.scorer else { continue }
            let own = importances.filter { $0.head == head.head }
            let sums = try TreeGains(json)
            #expect(abs(own.reduce(0) { $0 + $1.gainShare } - 1) < 1e-6)
            #expect(own.reduce(0) { $0 + $1.splits } == sums.splits.values.reduce(0, +))
            let names = model.columnNames
            let total = sums.gains.values.reduce(0, +)
            let expected = sums.gains.max { $0.value < $1.value }
            #expect(own.first?.feature == expected.map { names[$0.key] })
            #expect(abs((own.first?.gainShare ?? 0) - (expected?.value ?? 0) / total) < 1e-5)
        }
    }
}
