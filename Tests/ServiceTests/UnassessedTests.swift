import API
import Foundation
import Ledger
import Routing
import TestSupport
import Testing

@testable import Learning
@testable import Service

/// A model says nothing of what it never saw, and the commands count it.
struct UnassessedTests {
    private let directory: TemporaryDirectory
    private let settings = Settings()
    private let model: String

    init() throws {
        directory = try TemporaryDirectory()
        model = "\(directory.path)/model.json"
        func file(_ name: String, _ range: Range<Int>) throws -> String {
            // Notes of pairs and forms of fields, one of each in turn.
            try directory.file(name, range.map { EvidenceTests.line($0, isForm: $0 % 2 == 0) }.joined(separator: "\n"))
        }
        var job = TrainModel(
            train: [try file("train.jsonl", 0..<400)], tune: [try file("tune.jsonl", 400..<600)], out: model, settings: settings)
        job.request.learner = .logistic
        _ = try job.run { _ in }
    }

    private static let known =
        #"{"documentType":"note","documentId":"a","pairs":[{"procedure":"71045","diagnosis":"J18.1","confidence":0.9}]}"#

    /// Results that are unlike the training, and why.
    static let strange: [(String, Unassessed)] = [
        (known.replacing("note", with: "letter"), .documentType), (known.replacing("71045", with: "99213"), .procedure),
        (known.replacing("J18.1", with: "Z99.9"), .diagnosis), (known.replacing("note", with: "form"), .pair),
        (#"{"documentType":"form","documentId":"b","fields":[{"name":"totals","value":"1","confidence":0.57}]}"#, .field),
        (#"{"documentType":"note","documentId":"c","fields":[{"name":"total","value":"1","confidence":0.64}]}"#, .field),
        (#"{"documentType":"invoice","documentId":"d","fields":[{"name":"total","value":"1","confidence":0.46}]}"#, .documentType),
    ]

    @Test(arguments: strange) func `an item unlike the training is written without confidence, and goes to a human`(
        line: String, reason: Unassessed
    ) throws {
        let model = try ModelInput.read(model)
        let lines = AssessedLines(model)
        let text = String(decoding: try lines.assessed(Array(line.utf8)), as: UTF8.self)
        #expect(text.contains(#""confidence":null,"unassessed":"\#(reason.rawValue)"}"#))
        #expect(text.contains(#""assessment":{"score":null,"confidence":null"#))
        #expect(lines.unassessed.items == [reason.rawValue: 1])
        let plain = try AssessedLines(model, isPlain: true).assessed(Array(line.utf8))
        let type = try #require(line.split(separator: "\"").dropFirst(3).first)
        let policy = try directory.file("policy.json", #"{"documentType":"\#(type)","threshold":0}"#)
        var settings = settings
        settings.database = "\(directory.path)/sluice.sqlite"
        _ = try PolicyCommands.put(settings, file: policy, ifMatch: nil, reason: nil)
        let router = try Store.with(settings, for: .read, now: Instant(milliseconds: 0)) { ledger in
            OfflineRouter(policies: try PolicyCodec.policySet(of: ledger), salt: [])
        }
        let decision = try router.decide(line: plain, review: .refused, at: Instant(milliseconds: 0)).decision
        #expect(decision.route == .review && decision.items[0].reasons.contains(.noConfidence))
    }

    @Test(arguments: strange) func `explain says what was never seen`(line: String, reason: Unassessed) throws {
        let model = try ModelInput.read(model)
        let document = try CaseReader().read(line: Array(line.utf8))
        let explanation = ExplainDocument(model, shownMax: 3)
        let text = try explanation.text(document)
        #expect(text[0].hasSuffix("score none, confidence none"))
        #expect(text.contains { $0.hasPrefix("  left unassessed: the model was trained on no ") })
        let json = String(decoding: try explanation.json(document), as: UTF8.self)
        #expect(json.contains(#""confidence":null,"unassessed":"\#(reason.rawValue)","heads":[]"#))
    }

    @Test func `what the model knows is assessed as ever`() throws {
        let text = String(decoding: try AssessedLines(ModelInput.read(model)).assessed(Array(Self.known.utf8)), as: UTF8.self)
        #expect(!text.contains("unassessed") && !text.contains("null"))
    }

    @Test func `assess tells how much it left unassessed`() throws {
        let file = try directory.file("strange.jsonl", ([Self.known] + Self.strange.map(\.0)).joined(separator: "\n"))
        let descriptor = unsafe open("/dev/null", O_WRONLY)
        defer { close(descriptor) }
        let told = try AssessFiles.run(
            model: model, files: [file], settings: settings, strict: true, output: Output(descriptor: descriptor), report: { _ in })
        #expect(told.hasPrefix("8 assessed, 0 refused; unlike the model's training: 7 items of 7 assessed documents"))
        #expect(told.contains("document type 2, field 2, having pairs 1, procedure 1, diagnosis 1"))
    }

    @Test func `certify counts such documents, and none of them is captured`() throws {
        let tune = try directory.file("plan.jsonl", (1_000..<1_400).map { EvidenceTests.line($0) }.joined(separator: "\n"))
        let certify = (2_000..<2_600).map { number in
            EvidenceTests.line(number).replacing("\"71045\"", with: number % 3 == 0 ? "\"99213\"" : "\"71045\"")
        }
        var job = CertifyFiles(
            model: model, tune: [tune], certify: [try directory.file("certify.jsonl", certify.joined(separator: "\n"))],
            targets: try TargetAccuracy.list("procedure=0.7"), risk: try #require(Risk(delta: 0.05)),
            out: "\(directory.path)/certificate.json",
            today: .max, settings: settings)
        job.json = "\(directory.path)/figures.json"
        let lines = try job.run { _ in }.lines
        #expect(
            lines.contains {
                $0.hasPrefix("unlike the model's training: 200 items of 200 certify documents") && $0.contains("procedure 200")
            })
        #expect(lines.contains { $0.hasPrefix("expired: ") })
        let figures = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: try #require(job.json)))) as? [String: Any]
        #expect((figures?["unassessed"] as? [String: Any])?["documents"] as? Int == 200)
        #expect(figures?["expired"] as? Bool == true)
        let estimate = try CertificateChecks.read(job.out).outcome.estimates.first
        #expect((estimate?.accepted ?? 0) <= 400)
    }
}
