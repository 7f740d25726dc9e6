import API
import Foundation
import Ledger
import Routing
import TestSupport
import Testing

@testable import Learning
@testable import Service

/// The command `thresholds suggest`.
struct ThresholdTests {
    private let directory: TemporaryDirectory
    private let settings = Settings()
    private static let root = (0..<3).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        .path(percentEncoded: false)
    private static let examples = "\(root)examples/ocr.jsonl"

    init() throws { directory = try TemporaryDirectory() }

    private func job(_ file: String, target: Double, type: String? = nil, _ change: (inout SuggestThresholds) throws -> Void = { _ in })
        throws
        -> SuggestThresholds
    {
        var job = SuggestThresholds(
            FieldThresholdRequest(accuracy: target, risk: try #require(Risk(delta: 0.05))), settings: settings)
        job.files = [file]
        job.documentTypes = type.map { [$0] } ?? []
        try change(&job)
        return job
    }

    /// `good` is right where the engine is sure of it, `bad` half of the time however sure it is; `note` is empty.
    private static func lines(_ range: Range<Int>, withReview: Bool = true) -> String {
        range.map { number in
            let confidence = Double(number * 37 % 100) / 100
            var corrected: [String] = []
            if confidence < 0.2, number % 2 == 0 { corrected.append(#""good":"y""#) }
            if number * 7 % 10 < 5 { corrected.append(#""bad":"y""#) }
            if number % 50 == 0 { corrected.append(#""note":"y""#) }
            let verdict = corrected.isEmpty ? "approved" : "modified"
            let review = #","review":{"verdict":"\#(verdict)","corrected":{\#(corrected.joined(separator: ","))}}"#
            return #"{"documentType":"form","documentId":"f-\#(number)","receivedAt":"2026-02-01T08:00:00Z","fields":["#
                + #"{"name":"good","value":"x","confidence":\#(confidence)},{"name":"bad","value":"x","confidence":\#(1 - confidence)},"#
                + #"{"name":"note","value":"","confidence":0}]\#(withReview ? review : "")}"#
        }.joined(separator: "\n")
    }

    private static let schema =
        #"{"documentType":"form","fields":[{"name":"good","type":"text","required":true,"pattern":"^x$"},"#
        + #"{"name":"bad","type":"text","required":false},{"name":"note","type":"text","required":false}]}"#

    // MARK: The table

    @Test func `each field has its n, accuracy, naive threshold and what is missing for a certified one`() throws {
        let lines = try job(Self.examples, target: 0.99, type: "cms-1500").run { Issue.record("\($0)") }
        let head = try #require(lines.first { $0.hasPrefix("field ") })
        #expect(head.split(separator: " ").count == 13)
        let rows = lines.filter { $0.contains("299 without an error are needed, there are ") }
        #expect(rows.count == 16)
        #expect(lines.contains { $0.hasPrefix("0 of 16 fields opened") })
        #expect(lines.contains { $0.hasPrefix("naive: ") && $0.contains("carries no promise") })
        #expect(lines.first { $0.hasPrefix("together") }?.contains("0.00 %") == true)
    }

    @Test func `a field is certified that is right where it is sure, and one that is not is not`() throws {
        let json = "\(directory.path)/figures.json"
        let job = try job(directory.file("form.jsonl", Self.lines(0..<900)), target: 0.95) {
            $0.schemas = [try directory.file("form.json", Self.schema)]
            $0.json = json
            $0.outputs = OutputFiles(overwrites: true)
        }
        let lines = try job.run { Issue.record("\($0)") }
        #expect(lines.contains { $0.hasPrefix("1 of 2 fields opened, tested at the whole 0.0500") })
        #expect(lines.contains { $0.hasPrefix("empty: ") && $0.contains("no promise covers them") })
        let first = try InputFile.bytes(of: json, bytesMax: 16 << 20)
        let figures = try #require(try JSONSerialization.jsonObject(with: Data(first)) as? [String: Any])
        let thresholds = try #require(figures["thresholds"] as? [String: Any])
        let pools = try #require(thresholds["pools"] as? [[String: Any]])
        #expect(pools.count == 2)
        let good = try #require(pools.last)
        // Of the fifth below 0.2 half is wrong: some of it may pass at 95 %.
        #expect(0.1...0.25 ~= (good["threshold"] as? Double ?? -1))
        #expect(pools[0]["threshold"] == nil && good["certificate"] != nil)
        // The same files and flags give the same bytes.
        _ = try job.run { _ in }
        #expect(try InputFile.bytes(of: json, bytesMax: 16 << 20) == first)
    }

    @Test func `what a threshold lets through on other documents is shown beside it`() throws {
        let lines = try job(directory.file("form.jsonl", Self.lines(0..<900)), target: 0.95) {
            $0.schemas = [try directory.file("form.json", Self.schema)]
            $0.test = [try directory.file("test.jsonl", Self.lines(1_000..<1_300))]
        }.run { _ in }
        let row = try #require(lines.last { $0.hasPrefix("form/good") })
        #expect(row.contains(" 300 "))
    }

    @Test(arguments: [FieldPooling.kind, .type, .all])
    func `a pool names its worst member`(pooling: FieldPooling) throws {
        let lines = try job(Self.examples, target: 0.6, type: "cms-1500") {
            $0.schemas = [try directory.file("cms.json", Self.claimSchema)]
            $0.request.pooling = pooling
        }.run { _ in }
        #expect(lines.contains { $0.contains("is the worst, ") && $0.contains("nothing is promised of a single field") })
    }

    /// Of the claims among the examples: two dates, two amounts.
    private static let claimSchema =
        #"{"documentType":"cms-1500","fields":["#
        + ["patient.dateOfBirth", "service.date"].map { #"{"name":"\#($0)","type":"date","required":true}"# }.joined(separator: ",") + ","
        + ["service.charge", "totalCharge"].map { #"{"name":"\#($0)","type":"amount","required":true}"# }.joined(separator: ",") + "]}"

    // MARK: The policy

    private let now = Instant(milliseconds: 1_772_440_258_000)

    /// Decides by a policy that was put into a database of its own.
    private func router(_ policy: String) throws -> OfflineRouter {
        var settings = settings
        settings.database = "\(directory.path)/sluice.sqlite"
        #expect(try PolicyCommands.put(settings, file: policy, ifMatch: nil, reason: "certified").notes == ["form: version 1"])
        return try Store.with(settings, for: .read, now: now) { ledger in
            OfflineRouter(policies: try PolicyCodec.policySet(of: ledger), salt: [])
        }
    }

    @Test func `the policy is put in force and routed by: what has no certified threshold is accepted at no confidence`() throws {
        let policy = "\(directory.path)/policy.json"
        let lines = try job(directory.file("form.jsonl", Self.lines(0..<900)), target: 0.95) {
            $0.schemas = [try directory.file("form.json", Self.schema)]
            $0.policy = policy
        }.run { _ in }
        #expect(lines.contains("policy: \(policy), 1 fields with a certified threshold, 1 without: a human looks at those"))
        let router = try router(policy)
        func decided(_ fields: String) throws -> Decision {
            let line = #"{"documentType":"form","documentId":"n","fields":[\#(fields)]}"#
            return try router.decide(line: Array(line.utf8), review: .refused, at: now).decision
        }
        // Sure of both: the good one is accepted, the bad one is not, and nothing flows on. Not even at a confidence of 1.
        for sure in ["0.99", "1"] {
            let both = try decided(
                #"{"name":"good","value":"x","confidence":\#(sure)},{"name":"bad","value":"x","confidence":\#(sure)}"#)
            #expect(both.route == .review)
            #expect(both.items[0].accepted)
            #expect(!both.items[1].accepted)
            #expect(both.items[1].threshold == .never)
            #expect(both.reasons.isEmpty)
        }
        #expect(try decided(#"{"name":"good","value":"x","confidence":0.05}"#).items[0].accepted == false)
    }

    @Test func `a policy of fields that are all certified lets sure documents through`() throws {
        let policy = "\(directory.path)/policy.json"
        // Without `bad`.
        let text = Self.lines(0..<900).replacing(#/\{"name":"bad"[^}]*\},/#, with: "").replacing(#/"bad":"y",?/#, with: "")
            .replacing(#/"verdict":"modified","corrected":\{\}/#, with: #""verdict":"approved","corrected":{}"#)
            .replacing(#/,\}/#, with: "}")
        _ = try job(directory.file("form.jsonl", text), target: 0.95) {
            $0.schemas = [try directory.file("form.json", Self.schema)]
            $0.policy = policy
        }.run { Issue.record("\($0)") }
        let read = try PolicyText.read(path: policy)
        #expect(read.targets?.field == 0.95 && read.targets?.risk == 0.05)
        #expect(read.threshold == .never && read.requiredFields.map(\.string) == ["good"])
        let router = try router(policy)
        for (confidence, route) in [(0.9, Routing.Route.confident), (0.05, .review)] {
            let line =
                #"{"documentType":"form","documentId":"n","fields":[{"name":"good","value":"x","confidence":\#(confidence)},"#
                + #"{"name":"note","value":""}]}"#
            #expect(try router.decide(line: Array(line.utf8), review: .refused, at: now).decision.route == route)
        }
    }

    // MARK: Models and formats

    @Test
    func `a model knows which values violate their form, does without groups of features, and its thresholds are on what it assesses`()
        throws
    {
        let schema = try directory.file(
            "referral.json",
            #"{"documentType":"referral-letter","fields":[{"name":"diagnosis.code","type":"code","required":true,"#
                + #""pattern":"^[A-TV-Z]\\d[0-9AB](\\.[0-9A-Z]{1,4})?$"}]}"#)
        let halves = try directory.parts(of: Self.examples, 2)
        let parts = [halves[1]] + (try directory.parts(of: halves[0], 3))
        func model(_ name: String, _ change: (inout TrainModel) -> Void) throws -> Model {
            var job = TrainModel(train: [parts[0]], tune: [parts[1]], out: "\(directory.path)/\(name)", settings: settings)
            job.request.learner = .logistic
            job.schemas = [schema]
            change(&job)
            _ = try job.run { _ in }
            return try ModelInput.read(job.out)
        }
        let whole = try model("whole.json") { $0.request.refusesViolations = true }
        #expect(whole.columnNames.contains("isMalformed") && whole.columnNames.contains("value.length"))
        #expect(whole.columnNames.contains("minWordConfidence"))
        let bare = try model("bare.json") { $0.request.features.leftOut = [.evidence, .format] }
        #expect(!bare.columnNames.contains { $0.contains("alformed") || $0.contains("value.") || $0.contains("WordConfidence") })
        #expect(bare.about.features.leftOut == [.evidence, .format] && bare.about.schemas == whole.about.schemas)

        let assessed = AssessedLines(whole)
        let line =
            #"{"documentType":"referral-letter","documentId":"n","fields":[{"name":"diagnosis.code","value":"125.10","confidence":0.99}]}"#
        let refused = String(decoding: try assessed.assessed(Array(line.utf8)), as: UTF8.self)
        #expect(
            refused.contains(#""confidence":0.000001"#) || refused.contains(#""confidence":1e-06"#)
                || refused.contains(#""confidence":1e-6"#))
        let kept = try assessed.assessed(Array(line.replacing("125.10", with: "I25.10").utf8))
        #expect(!String(decoding: kept, as: UTF8.self).contains("e-"))

        let lines = try job(parts[2], target: 0.9, type: "referral-letter") { $0.model = "\(directory.path)/whole.json" }.run { _ in }
        #expect(lines[0].hasSuffix("by the model's assessed confidence"))
    }

    @Test func `a policy for a model's confidences routes what the model assessed, as the thresholds say`() throws {
        let parts = try [(0..<200), (200..<400), (400..<900)].enumerated().map { number, range in
            try directory.file("part-\(number).jsonl", Self.lines(range))
        }
        let schema = try directory.file("form.json", Self.schema)
        var training = TrainModel(train: [parts[0]], tune: [parts[1]], out: "\(directory.path)/model.json", settings: settings)
        training.request.learner = .logistic
        training.schemas = [schema]
        _ = try training.run { _ in }
        let policy = "\(directory.path)/policy.json"
        _ = try job(parts[0], target: 0.95) {
            ($0.files, $0.tune, $0.certify, $0.model, $0.policy) = ([], [parts[1]], [parts[2]], training.out, policy)
        }.run { _ in }
        let threshold = try #require(try PolicyText.read(path: policy).rules.last?.threshold.value)
        #expect(threshold < 1)

        let model = try ModelInput.read(training.out)
        let (router, assessed, reader) = (
            try router(policy), AssessedLines(model, isPlain: true), CaseReader(schemas: model.about.schemas ?? [])
        )
        var accepted = 0
        for line in Self.lines(900..<1_000, withReview: false).split(separator: "\n").map({ Array($0.utf8) }) {
            let decision = try router.decide(line: assessed.assessed(line), review: .refused, at: now).decision
            let confidence = model.assess(try reader.read(line: line)).items[0].confidence
            #expect(decision.items[0].accepted == (try #require(confidence) >= threshold))
            if decision.items[0].accepted { accepted += 1 }
        }
        #expect(50...95 ~= accepted)
        // What the engine gave no confidence for is for a human, whatever a model makes of it.
        let silent = #"{"documentType":"form","documentId":"n","fields":[{"name":"good","value":"x","confidence":null}]}"#
        let decision = try router.decide(line: assessed.assessed(Array(silent.utf8)), review: .refused, at: now).decision
        #expect(!decision.items[0].accepted && decision.items[0].reasons.contains(.noConfidence))
    }

    // MARK: Refusals

    @Test func `an unknown document type is refused with those that there are`() throws {
        #expect {
            try job(Self.examples, target: 0.9, type: "invoice").run { _ in }
        } throws: {
            Failure($0).status == .badData
                && Failure($0).message.contains("There are: cms-1500, explanation-of-benefits, lab-report, referral-letter.")
        }
    }

    @Test func `files without reviews, and results of code pairs, are refused`() throws {
        let open = try directory.file("open.jsonl", Self.lines(0..<50, withReview: false))
        for (file, words) in [(open, "was reviewed"), ("\(Self.root)examples/coding.jsonl", "no fields")] {
            #expect {
                try job(file, target: 0.9).run { _ in }
            } throws: {
                Failure($0).status == .badData && Failure($0).message.contains(words)
            }
        }
    }

    @Test func `kinds and forms that nobody has said are refused, and another schema than the model's`() throws {
        for change in [
            { $0.request.pooling = .kind }, { $0.refusesViolations = true },
        ] as [(inout SuggestThresholds) throws -> Void] {
            #expect {
                try job(Self.examples, target: 0.9, change).run { _ in }
            } throws: {
                Failure($0).status == .usage && Failure($0).message.contains("--schema")
            }
        }
    }

    @Test func `a model is not certified by the documents that it was made from`() throws {
        let (train, tune) = (try directory.file("a.jsonl", Self.lines(0..<100)), try directory.file("b.jsonl", Self.lines(100..<200)))
        let fresh = try directory.file("c.jsonl", Self.lines(200..<300))
        var training = TrainModel(train: [train], tune: [tune], out: "\(directory.path)/model.json", settings: settings)
        training.request.learner = .logistic
        _ = try training.run { _ in }
        for certify in [train, tune] {
            #expect {
                try job(train, target: 0.9) {
                    ($0.files, $0.tune, $0.certify, $0.model) = ([], [fresh], [certify], training.out)
                }.run { _ in }
            } throws: {
                Failure($0).status == .badData && Failure($0).message.contains("of the 100 certify documents 100")
            }
        }
    }

    // MARK: The corpus

    private static let corpus: String? = {
        let path = URL(filePath: root).resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "shared/data/ocr").path
        return FileManager.default.fileExists(atPath: "\(path)/A-train.jsonl.gz") ? path : nil
    }()

    @Test(.enabled("the corpora are not beside the repository") { ThresholdTests.corpus != nil })
    func `on the corpus no single field has labels enough for 99 %, and what is certified at 95 % holds on other documents`() throws {
        let corpus = try #require(Self.corpus)
        let strict = try job("\(corpus)/A-train.jsonl.gz", target: 0.99, type: "cms-1500") {
            $0.schemas = ["\(corpus)/schema-cms-1500.json"]
        }.run { _ in }
        #expect(strict.contains { $0.hasPrefix("0 of 16 fields opened") })
        let json = "\(directory.path)/figures.json"
        _ = try job("\(corpus)/A-train.jsonl.gz", target: 0.95, type: "explanation-of-benefits") {
            $0.schemas = ["\(corpus)/schema-explanation-of-benefits.json"]
            $0.test = ["\(corpus)/A-test.jsonl.gz"]
            $0.rules.skipsRefused = true
            $0.json = json
        }.run { _ in }
        let figures = try JSONSerialization.jsonObject(with: Data(InputFile.bytes(of: json, bytesMax: 64 << 20))) as? [String: Any]
        let certified = (figures?["test"] as? [String: Any])?["certified"] as? [String: Any]
        let accuracy = try #require(certified?["accuracy"] as? [String: Any])
        let (right, codes) = (try #require(accuracy["right"] as? Int), try #require(accuracy["codes"] as? Int))
        #expect(codes >= 300)
        #expect(Double(right) >= 0.95 * Double(codes))
    }
}
