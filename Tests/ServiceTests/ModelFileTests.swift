import API
import Foundation
import Routing
import TestSupport
import Testing

@testable import Learning
@testable import Service

/// Training, assessing and explaining on files.
struct ModelFileTests {
    private let directory: TemporaryDirectory
    private let settings = Settings()

    init() throws { directory = try TemporaryDirectory() }

    private static func line(_ number: Int, _ generator: inout Learning.SeededGenerator) -> String {
        let margin = Double(generator.below(100)) / 100
        let pair = #"{"procedure":"7104\#(generator.below(5))","diagnosis":"J18.\#(generator.below(4))","primary":true"#
        let wrong = #"{"procedure":"99999","diagnosis":"Z00","primary":true}"#
        let isRight = generator.unit() < 0.3 + 0.6 * margin
        let review = isRight ? #"{"verdict":"approved","corrected":[\#(pair)}]}"# : #"{"verdict":"modified","corrected":[\#(wrong)]}"#
        return
            #"{"documentType":"report","documentId":"s-\#(number)","pairs":[\#(pair),"confidence":0.5,"evidence":{"margin":\#(margin)}}],"review":\#(review)}"#
    }

    /// Files of made-up reviewed results, one of them gzip.
    private func parts() throws -> (train: String, tune: String) {
        var generator = Learning.SeededGenerator(seed: 4)
        let lines = (0..<400).map { Self.line($0, &generator) }
        return (
            try directory.file("train.jsonl.gz", gzip(Array(lines[..<300].joined(separator: "\n").utf8))),
            try directory.file("tune.jsonl", lines[300...].joined(separator: "\n") + "\n")
        )
    }

    private func job(_ out: String) throws -> TrainModel {
        let (train, tune) = try parts()
        var job = TrainModel(train: [train], tune: [tune], out: "\(directory.path)/\(out)", settings: settings)
        job.request.learner = .boosted
        return job
    }

    @Test func `a model is trained from files, read, and assesses the same lines`() throws {
        let job = try job("model.json")
        let summary = try job.run { _ in }
        let model = try ModelInput.read(job.out)
        #expect(summary.contains("sha256 \(model.hash)"))
        #expect(summary.contains { $0.hasPrefix("train: 300 documents") })
        let assessed = "\(directory.path)/assessed.jsonl"
        let descriptor = unsafe open(assessed, O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        let told = try AssessFiles.run(
            model: job.out, files: job.tune, settings: settings, strict: true, output: Output(descriptor: descriptor), report: { _ in })
        #expect(told == "100 assessed, 0 refused")
        let text = try String(contentsOfFile: assessed, encoding: .utf8)
        #expect(text.split(separator: "\n").count == 100)
        #expect(text.contains(#""reported":0.5"#) && text.contains(model.hash))
    }

    @Test func `the same files give the same bytes`() throws {
        let (one, two) = (try job("one.json"), try job("two.json"))
        _ = try one.run { _ in }
        _ = try two.run { _ in }
        #expect(try Data(contentsOf: URL(filePath: one.out)) == Data(contentsOf: URL(filePath: two.out)))
    }

    @Test func `nothing is written by a training that fails`() throws {
        var job = try job("model.json")
        job.request.population = "nowhere"
        #expect(throws: TrainingError.noReviewedDocuments(part: "train")) { try job.run { _ in } }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["train.jsonl.gz", "tune.jsonl"])
    }

    @Test func `a file that cannot be written leaves nothing and says so`() throws {
        do throws(Failure) {
            try NewFile.write([1, 2, 3], to: "\(directory.path)/none/model.json", overwrites: false)
            Issue.record("it was written")
        } catch {
            #expect(error.status == .cannotCreate)
            #expect(error.message.contains("none/model.json"))
        }
        try NewFile.write([1], to: "\(directory.path)/model.json", overwrites: false)
        #expect(throws: Failure.self) { try NewFile.write([9], to: "\(directory.path)/model.json", overwrites: false) }
        try NewFile.write([2, 3], to: "\(directory.path)/model.json", overwrites: true)
        #expect(try Array(Data(contentsOf: URL(filePath: "\(directory.path)/model.json"))) == [2, 3])
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["model.json"])
    }

    @Test func `features are files that numpy reads`() throws {
        var job = try job("model.json")
        job.featuresDirectory = directory.path
        _ = try job.run { _ in }
        let bytes = try Array(Data(contentsOf: URL(filePath: "\(directory.path)/tune-second.npy")))
        #expect(Array(bytes[..<8]) == [0x93] + Array("NUMPY".utf8) + [1, 0])
        let headerEnd = 10 + Int(bytes[8]) + 256 * Int(bytes[9])
        #expect(headerEnd % 64 == 0)
        #expect(String(decoding: bytes[10..<headerEnd], as: UTF8.self).contains("'shape': (100,)"))
        #expect(bytes.count == headerEnd + 400)
    }

    @Test func `a damaged model is refused with the reason`() throws {
        let path = try directory.file("bad.json", "{\"format\":\"sluice-model\",\"formatVersion\":1}")
        do {
            _ = try ModelInput.read(path)
            Issue.record("it was read")
        } catch let failure as Failure {
            #expect(failure.status == .badData)
            #expect(failure.message.contains("damaged"))
        }
    }

    @Test func `an item is explained by its features`() throws {
        let job = try job("model.json")
        _ = try job.run { _ in }
        let model = try ModelInput.read(job.out)
        let document = try ExplainDocument.document(in: job.tune[0], id: "s-350", settings: settings)
        let text = try ExplainDocument(model, shownMax: 3).text(document)
        #expect(text[0].hasPrefix("document s-350: score 0."))
        #expect(text.contains { $0.contains("margin") })
        #expect(throws: Failure.self) { try ExplainDocument.document(in: job.tune[0], id: "s-1", settings: settings) }
    }

    // MARK: The corpus

    static let corpus: String? = {
        let root = (0..<4).reduce(URL(filePath: #filePath).resolvingSymlinksInPath()) { url, _ in url.deletingLastPathComponent() }
        let path = root.appending(path: "shared/data/coding").path
        return FileManager.default.fileExists(atPath: "\(path)/A-train.jsonl.gz") ? path : nil
    }()

    @Test(.enabled("the corpora are not beside the repository") { ModelFileTests.corpus != nil }, arguments: LabelKind.allCases)
    func `over the whole corpus our walks are XGBoost's predictions`(label: LabelKind) throws {
        let corpus = try #require(Self.corpus)
        var files = CaseFiles(lineBytesMax: settings.lineBytesMax, rules: LineRules()) { _ in }
        let quiet = Progress(title: "", isTerminal: false, clock: { 0 }) { _ in }
        let cases = try files.read(["train", "dev", "test"].map { "\(corpus)/A-\($0).jsonl.gz" }, as: "all", progress: quiet)
        try files.check()
        #expect(cases.count == 39_279)
        var request = TrainingRequest()
        request.label = label
        request.learner = .boosted
        let model = try Trainer(request).train(train: Array(cases[..<3_000]), tune: Array(cases[3_000..<4_000]))
        #expect(try model.greatestDifferenceFromXGBoost(cases) <= 1e-6)
    }
}

extension Model {
    /// The greatest difference between our own walks of the trees and XGBoost's predictions, as probabilities, over the items of the cases.
    /// 0 for models without trees.
    func greatestDifferenceFromXGBoost(_ cases: [Case]) throws(XGBoostError) -> Double {
        let assessor = Assessor(self)
        var greatest = 0.0
        for (index, head) in heads.enumerated() {
            guard case .boosted(_, let json) = head.scorer else { continue }
            let booster = try Booster(json: json)
            var start = 0
            while start < cases.count {
                // Some at a time: rows take much more memory than cases.
                let part = cases[start..<min(start + 4_096, cases.count)]
                var rows: [Float] = []
                var ours: [Double] = []
                for document in part {
                    let probabilities = assessor.probabilities(document)
                    rows += assessor.builder.rows[..<(document.items.count * schema.width)]
                    for item in document.items.indices { ours.append(probabilities[item * heads.count + index]) }
                }
                let theirs = try booster.predict(try DataMatrix(rows, width: schema.width), .probability)
                for (own, their) in zip(ours, theirs) { greatest = max(greatest, abs(own - Double(their))) }
                start += part.count
            }
        }
        return greatest
    }
}
