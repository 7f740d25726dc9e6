import API
import JSON
import Routing
import TestSupport
import Testing

@testable import Learning
@testable import Service

/// Models from files: trained, read again, assessed by our own walk of the trees, explained.
struct ModelTests {
    private let directory: TemporaryDirectory
    private static let examples = Array(#filePath.components().dropLast(3)).joined(separator: "/") + "/examples/"

    init() throws { directory = try TemporaryDirectory() }

    private static func cases(_ name: String) throws -> [Case] {
        var files = CaseFiles(lineBytesMax: 1 << 20, rules: LineRules()) { _ in }
        return try files.read([examples + name], as: "all", progress: Progress(title: "", isTerminal: false, clock: { 0 }) { _ in })
    }

    /// Every fourth example tunes; the others train.
    private static func trained(_ name: String, _ change: (inout TrainingRequest) -> Void = { _ in }) throws -> (Model, [Case]) {
        let all = try cases(name)
        var request = TrainingRequest()
        change(&request)
        var boosting = BoostingSettings(for: request.label)
        boosting.roundsMax = 40
        request.boosting = boosting
        let model = try Trainer(request).train(
            train: all.enumerated().filter { $0.offset % 4 != 0 }.map(\.element),
            tune: all.enumerated().filter { $0.offset % 4 == 0 }.map(\.element))
        return (model, all)
    }

    @Test(arguments: ["coding.jsonl", "ocr.jsonl"], [LabelKind.document, .item])
    func `the trees that are walked foretell what XGBoost does`(file: String, label: LabelKind) throws {
        let (model, cases) = try Self.trained(file) {
            $0.label = label
            $0.learner = .boosted
        }
        let builder = FeatureBuilder(model.plan)
        var compared = 0
        for head in model.heads {
            guard case .boosted(let forest, let json) = head.scorer else {
                Issue.record("\(head.head) has no trees")
                continue
            }
            let booster = try Booster(json: json)
            for document in cases {
                builder.build(document)
                let rows = Array(builder.rows[..<(builder.rowCount * builder.width)])
                let theirs = try booster.predict(try DataMatrix(rows, width: builder.width), .probability)
                for row in 0..<builder.rowCount {
                    var laidOut = [Float](repeating: 0, count: 2 * builder.width)
                    var span = laidOut.mutableSpan
                    Forest.layOut(rows.span.extracting((row * builder.width)..<((row + 1) * builder.width)), into: &span)
                    let ours = logistic(Double(forest.margin(laidOut.span)))
                    #expect(abs(ours - Double(theirs[row])) < 1e-6)
                    compared += 1
                }
            }
        }
        #expect(compared >= 200)
    }

    @Test(arguments: [LearnerKind.boosted, .logistic])
    func `the same data gives the same bytes, and a model read again is the same`(learner: LearnerKind) throws {
        let (model, cases) = try Self.trained("coding.jsonl") { $0.learner = learner }
        let bytes = try ModelFile.bytes(of: model)
        #expect(try ModelFile.bytes(of: Self.trained("coding.jsonl") { $0.learner = learner }.0) == bytes)
        let read = try ModelFile.read(bytes)
        #expect(read.hash == model.hash)
        #expect(try ModelFile.bytes(of: read) == bytes)
        for document in cases { #expect(read.assess(document) == model.assess(document)) }
    }

    @Test func `a file that was changed, cut or is of another kind is refused with the reason`() throws {
        let bytes = try ModelFile.bytes(of: Self.trained("ocr.jsonl") { $0.learner = .boosted }.0)
        var changed = bytes
        changed[bytes.count / 2] ^= 1
        #expect(throws: ModelFileError.damaged) { try ModelFile.read(changed) }
        #expect(throws: ModelFileError.damaged) { try ModelFile.read(Array(bytes.dropLast(bytes.count / 3))) }
        for foreign in ["", "{}", "a,b\n1,2\n"] {
            #expect {
                try ModelFile.read(Array(foreign.utf8))
            } throws: {
                if case .notAModel(let reason)? = $0 as? ModelFileError { !reason.isEmpty } else { false }
            }
        }
    }

    @Test(arguments: [LearnerKind.boosted, .logistic])
    func `what pushed an item's confidence adds up to its log-odds`(learner: LearnerKind) throws {
        let (model, cases) = try Self.trained("coding.jsonl") { $0.learner = learner }
        let assessor = Assessor(try ModelFile.read(ModelFile.bytes(of: model)))
        for document in cases.prefix(40) {
            let explained = try assessor.model.explain(document)
            let probabilities = assessor.probabilities(document)
            #expect(explained.count == document.items.count)
            for (row, heads) in explained.enumerated() {
                #expect(heads.count == model.heads.count)
                for (index, explanation) in heads.enumerated() {
                    let sum = explanation.contributions.reduce(explanation.bias) { $0 + $1.amount }
                    #expect(abs(logistic(sum) - probabilities[row * model.heads.count + index]) < 1e-5)
                }
            }
        }
    }

    @Test func `evidence and engines that were never seen are assessed, and no error`() throws {
        let (model, cases) = try Self.trained("coding.jsonl")
        let vocabulary = model.vocabulary
        let pair = try #require(
            cases.first {
                vocabulary.procedures.contains($0.string($0.items[0].first)) && vocabulary.diagnoses.contains($0.string($0.items[0].second))
            })
        let codes = (pair.string(pair.items[0].first), pair.string(pair.items[0].second))
        let lines = [
            #"{"documentType":"radiology-report","documentId":"n","pairs":[{"procedure":"\#(codes.0)","diagnosis":"\#(codes.1)"}]}"#,
            #"{"documentType":"radiology-report","documentId":"n","engine":{"name":"new"},"context":{"age":"old","new":[1]},"#
                + #""pairs":[{"procedure":"\#(codes.0)","diagnosis":"\#(codes.1)","confidence":1,"evidence":{"margin":"wide","more":{"a":1}}}]}"#,
            #"{"documentType":"radiology-report","documentId":"n","population":"new","payer":"new","#
                + #""pairs":[{"procedure":"\#(codes.0)","diagnosis":"\#(codes.1)","confidence":0}]}"#,
        ]
        for line in lines {
            let assessment = model.assess(try CaseReader().read(line: Array(line.utf8)))
            #expect(assessment.items.count == 1)
            let confidence = try #require(assessment.items[0].confidence)
            #expect(confidence > 0 && confidence < 1)
            #expect(0...1 ~= (try #require(assessment.score)))
        }
    }

    @Test func `nothing of the review is a feature`() throws {
        let (model, cases) = try Self.trained("coding.jsonl")
        for document in cases {
            var blind = document
            blind.outcome = nil
            #expect(model.assess(blind) == model.assess(document))
        }
    }

    @Test func `files without reviews, or that say one thing only, are refused`() throws {
        let unreviewed = try directory.file("unreviewed.jsonl", Results.line("d-1"))
        let examples = Self.examples + "coding.jsonl"
        let out = "\(directory.path)/model.json"
        for (train, tune) in [(unreviewed, examples), (examples, unreviewed)] {
            let job = TrainModel(train: [train], tune: [tune], out: out, settings: Settings())
            #expect {
                try job.run { _ in }
            } throws: {
                if case .noReviewedDocuments? = $0 as? TrainingError { true } else { false }
            }
        }
        #expect(throws: (any Error).self) { try InputFile(out) }
    }
}

extension String {
    fileprivate func components() -> [String] { split(separator: "/", omittingEmptySubsequences: false).map(String.init) }
}
