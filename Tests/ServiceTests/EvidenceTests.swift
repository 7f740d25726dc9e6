import Foundation
import Routing
import TestSupport
import Testing

@testable import Learning
@testable import Service

/// No evidence disappears, and none counts twice: what the commands that learn, set and promise make of every line.
struct EvidenceTests {
    private let directory: TemporaryDirectory
    private let settings = Settings()
    private static let today = CivilDate(year: 2026, month: 3, day: 1) ?? .max

    init() throws { directory = try TemporaryDirectory() }

    // MARK: Lines and commands

    /// A coded note and a form at once would be no document: each number is one of either. Three of four are right.
    static func line(_ number: Int, isForm: Bool = false, isReviewed: Bool = true, type: String? = nil) -> String {
        let confidence = Double(number * 37 % 100) / 100
        let isRight = confidence >= 0.25 || number % 2 == 0
        let (items, corrections) =
            isForm
            ? (#""fields":[{"name":"total","value":"1","confidence":\#(confidence)}]"#, #"{"fields":{"total":"2"}}"#)
            : (
                #""pairs":[{"procedure":"71045","diagnosis":"J18.\#(number % 5)","primary":true,"confidence":\#(confidence)}]"#,
                #"{"pairs":[{"procedure":"71045","diagnosis":"R91.8","primary":true}]}"#
            )
        let review = isRight ? #"{"verdict":"approved"}"# : #"{"verdict":"modified","corrections":\#(corrections)}"#
        return
            #"{"documentType":"\#(type ?? (isForm ? "form" : "note"))","documentId":"n-\#(number)","receivedAt":"2026-02-01T08:00:00Z",\#(items)"#
            + (isReviewed ? #","review":\#(review)}"# : "}")
    }

    static func lines(_ range: Range<Int>, isForm: Bool = false) -> [String] { range.map { line($0, isForm: isForm) } }

    private func file(_ name: String, _ lines: [String]) throws -> String { try directory.file(name, lines.joined(separator: "\n") + "\n") }

    /// A command over parts of lines, in order of its parts.
    enum Command: String, CaseIterable, CustomTestStringConvertible {
        case train, certify, suggest, evaluate
        var testDescription: String { rawValue }
        var parts: [String] {
            switch self {
            case .train: ["train", "tune"]
            case .certify: ["tune", "certify"]
            case .suggest: ["tune", "certify", "test"]
            case .evaluate: ["train", "tune", "certify", "test"]
            }
        }
        var isForm: Bool { self == .suggest }
        /// What it makes, by name.
        var made: [String] {
            switch self {
            case .train: ["model.json", "figures.json"]
            case .certify: ["certificate.json", "certificate.json.plan", "figures.json"]
            case .suggest: ["policy.json", "figures.json"]
            case .evaluate: ["page.html", "figures.json"]
            }
        }
        /// Lines of a part that no other part has: 120 each.
        func lines(_ part: Int) -> [String] { EvidenceTests.lines((10_000 + 120 * part)..<(10_120 + 120 * part), isForm: isForm) }
    }

    /// Runs a command on its parts, each the path of a file; figures are in `figures.json`.
    private func run(
        _ command: Command, _ files: [String], _ rules: LineRules = LineRules(), overwrites: Bool = false,
        report: @escaping (String) -> Void = { _ in }
    ) throws -> [String] {
        let (path, outputs, figures) = (directory.path, OutputFiles(overwrites: overwrites), "\(directory.path)/figures.json")
        let risk = try #require(Risk(delta: 0.05))
        switch command {
        case .train:
            var job = TrainModel(train: [files[0]], tune: [files[1]], out: "\(path)/model.json", settings: settings)
            job.request.learner = .logistic
            (job.rules, job.outputs, job.json) = (rules, outputs, figures)
            return try job.run(report: report)
        case .certify:
            var job = CertifyFiles(
                model: try model(), tune: [files[0]], certify: [files[1]], targets: try TargetAccuracy.list("procedure=0.9"), risk: risk,
                out: "\(path)/certificate.json", today: Self.today, settings: settings)
            (job.rules, job.outputs, job.json) = (rules, outputs, figures)
            return try job.run(report: report).lines
        case .suggest:
            var job = SuggestThresholds(FieldThresholdRequest(accuracy: 0.8, risk: risk), settings: settings)
            (job.tune, job.certify, job.test, job.policy) = ([files[0]], [files[1]], [files[2]], "\(path)/policy.json")
            (job.rules, job.outputs, job.json) = (rules, outputs, figures)
            return try job.run(report: report)
        case .evaluate:
            var job = EvaluateFiles(
                train: [files[0]], tune: [files[1]], test: [files[3]], targets: try TargetAccuracy.list("procedure=0.9"), risk: risk,
                now: Instant(milliseconds: 0), settings: settings)
            (job.certify, job.reportPath, job.boosting) = ([files[2]], "\(path)/page.html", BoostingSettings(for: .item))
            job.boosting?.roundsMax = 5
            (job.rules, job.outputs, job.jsonPath) = (rules, outputs, figures)
            return try job.run(report: report)
        }
    }

    /// The model of notes 0 to 500; made once.
    private func model() throws -> String {
        let path = "\(directory.path)/made.model"
        if (try? InputFile(path)) != nil { return path }
        var job = TrainModel(
            train: [try file("made.train", Self.lines(0..<350))], tune: [try file("made.tune", Self.lines(350..<500))], out: path,
            settings: settings)
        job.request.learner = .logistic
        _ = try job.run { _ in }
        return path
    }

    private func files(_ command: Command, _ change: (inout [[String]]) -> Void = { _ in }) throws -> [String] {
        var parts = command.parts.indices.map(command.lines)
        change(&parts)
        return try zip(command.parts, parts).map { try file("\($0).jsonl", $1) }
    }

    private func madeNothing(_ command: Command) -> Bool { command.made.allSatisfy { (try? InputFile("\(directory.path)/\($0)")) == nil } }

    private func json(_ name: String) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: Data(InputFile.bytes(of: "\(directory.path)/\(name)", bytesMax: 64 << 20)))
                as? [String: Any])
    }

    /// The counts of each part, from the figures: read, used, unreviewed, refused, repeated.
    private func counts() throws -> [[Int]] {
        let lines = try #require(try json("figures.json")["lines"] as? [[String: Any]])
        return lines.map { line in ["read", "used", "unreviewed", "refused", "repeated"].map { line[$0] as? Int ?? -1 } }
    }

    // MARK: Refused lines

    /// Of different kinds; all but the first two have a review.
    static let refused = [
        "not JSON", #"{"documentType":"note","documentId":"x""#,
        #"{"documentType":"note","documentId":"x","pairs":[],"review":{"verdict":"fine"}}"#,
        #"{"documentType":"note","documentId":"x","pairs":[],"review":{"verdict":"modified","correct":[]}}"#,
        #"{"documentType":"form","documentId":"x","fields":[{"name":"a","value":"1","confidence":9}],"review":{"verdict":"approved"}}"#,
        #"{"documentType":"form","documentId":"x","fields":[{"name":"a","value":"1"}],"review":{"verdict":"approved","corrections":{"fields":{"a":"2"}}}}"#,
    ]

    @Test(arguments: Command.allCases) func `a refused line of any part ends the command, and nothing is made`(command: Command) throws {
        for (part, name) in command.parts.enumerated() {
            let bad = Self.refused[part...(part + 2)]
            let files = try files(command) { $0[part].insert(contentsOf: bad, at: 7) }
            var heard: [String] = []
            let failure = try #require(throws: Failure.self) { _ = try run(command, files) { heard.append($0) } }
            #expect(failure.status == .badData)
            #expect(failure.message.contains("3 lines were refused") && failure.message.contains("\(name).jsonl 3 of 123"))
            #expect(failure.message.contains("--skip-refused"))
            #expect(heard.count == 3 && heard.allSatisfy { $0.contains("\(name).jsonl:") })
            #expect(madeNothing(command))
        }
    }

    @Test(arguments: Command.allCases)
    func `what was asked to be skipped is counted in words, in figures and in what is made`(command: Command) throws {
        let files = try files(command) { parts in
            for part in parts.indices { parts[part].append(contentsOf: Self.refused[0...part]) }
        }
        let lines = try run(command, files, LineRules(skipsRefused: true))
        #expect(try counts() == command.parts.indices.map { [121 + $0, 120, 0, 1 + $0, 0] })
        let total = command.parts.indices.reduce(0) { $0 + $1 + 1 }
        #expect(lines.contains { $0.hasPrefix("\(total) refused lines were left out, as --skip-refused asks") })
        for name in command.made where name != "figures.json" {
            let text = String(decoding: try InputFile.bytes(of: "\(directory.path)/\(name)", bytesMax: 64 << 20), as: UTF8.self)
            switch command {
            case .train: #expect(text.contains(#""refused":2"#) && text.contains(#""skipRefused":true"#))
            case .certify: #expect(text.contains(#""refused" : 2"#) && text.contains(#""skipRefused" : true"#))
            case .suggest: #expect(text.contains("\(total) refused + 0 repeated") && text.contains("--skip-refused"))
            case .evaluate: #expect(text.contains("refused lines were left out (--skip-refused)"))
            }
        }
    }

    @Test(arguments: Command.allCases) func `a part of which every line is refused is no part`(command: Command) throws {
        let files = try files(command) { $0[1] = Self.refused }
        let failure = try #require(throws: Failure.self) { _ = try run(command, files, LineRules(skipsRefused: true)) }
        #expect(failure.message.contains("every line of \(command.parts[1]) was refused"))
        #expect(madeNothing(command))
    }

    @Test func `lines that nobody reviewed, and documents that were not asked for, are counted apart`() throws {
        func north(_ line: String) -> String { line.replacing("\"receivedAt\"", with: "\"population\":\"north\",\"receivedAt\"") }
        let train =
            Self.lines(0..<200).map(north) + Self.lines(200..<240) + ["", "  "]
            + (240..<270).map { north(Self.line($0, isReviewed: false)) }
        let tune = Self.lines(300..<400).map(north) + [Self.line(400, isReviewed: false), Self.line(401)]
        var job = TrainModel(
            train: [try file("train.jsonl", train)], tune: [try file("tune.jsonl", tune)], out: "\(directory.path)/model.json",
            settings: settings)
        (job.request.learner, job.request.population, job.json) = (.logistic, "north", "\(directory.path)/figures.json")
        let lines = try job.run { _ in }
        #expect(try counts() == [[270, 200, 30, 0, 0], [102, 100, 0, 0, 0]])
        #expect(try (json("figures.json")["lines"] as? [[String: Any]])?.map { $0["leftOut"] as? Int } == [40, 2])
        #expect(lines.contains { $0.hasSuffix("left out") })
        let model = try ModelInput.read(job.out)
        #expect(model.about.train.accounting?.lines.isBalanced == true && model.about.train.accounting?.lines.unreviewed == 30)
    }

    // MARK: Documents that are there twice

    @Test(arguments: Command.allCases) func `a document that is there again in a part ends the command, and nothing is made`(
        command: Command
    ) throws {
        for (part, name) in command.parts.enumerated() {
            let files = try files(command) { $0[part] += $0[part].prefix(10 + part).map { $0.replacing("2026-02-01", with: "2026-02-02") } }
            var heard: [String] = []
            let failure = try #require(throws: Failure.self) { _ = try run(command, files) { heard.append($0) } }
            #expect(failure.status == .badData && failure.message.contains("\(name).jsonl \(10 + part) of \(130 + part)"))
            #expect(failure.message.contains("--repeats first"))
            #expect(heard.first?.hasSuffix("\(name).jsonl:121: holds the document of \(directory.path)/\(name).jsonl:1 again") == true)
            #expect(madeNothing(command))
        }
    }

    @Test(arguments: zip(Command.allCases, [2, 12, 20, 3]))
    func `counted once, documents that are there many times are as if they were there once`(command: Command, times: Int) throws {
        let once = try run(command, try files(command), LineRules(repeats: .first))
        let figures = try json("figures.json")
        let many = try files(command) { parts in
            for part in parts.indices { parts[part] = (0..<times).flatMap { _ in parts[part] } }
        }
        let lines = try run(command, many, LineRules(repeats: .first), overwrites: true)
        #expect(try counts() == command.parts.map { _ in [120 * times, 120, 0, 0, 120 * (times - 1)] })
        #expect(lines.contains { $0.hasPrefix("\(120 * (times - 1) * command.parts.count) lines repeat a document") })
        // All but the counts of lines is the same.
        for key in ["threshold", "techniques", "documentFlow"] {
            #expect((figures[key] as? NSObject) == (try json("figures.json")[key] as? NSObject), "\(key)")
        }
        #expect(once.filter { $0.hasPrefix("certified: ") } == lines.filter { $0.hasPrefix("certified: ") })
    }

    @Test(arguments: Command.allCases) func `a document in two parts is refused, however few they share`(command: Command) throws {
        for first in command.parts.indices {
            for second in command.parts.indices where second > first {
                let files = try files(command) { $0[second].append($0[first][second].replacing("2026-02-01", with: "2026-02-02")) }
                let failure = try #require(throws: Failure.self) { _ = try run(command, files, LineRules(repeats: .first)) }
                #expect(failure.message.contains("\(command.parts[first]) and \(command.parts[second]) share 1 document"))
                #expect(madeNothing(command))
            }
        }
    }

    // MARK: Documents that made the model

    @Test(arguments: [
        ("all of train", Array(0..<350)), ("some of train", Array(100..<180)),
        ("train and new ones", Array(330..<350) + Array(2_000..<2_300)),
        ("one of tune among new ones", [360] + Array(2_000..<2_200)), ("reordered", Array((50..<250).reversed())),
    ])
    func `certify refuses what the model has seen, whatever file it is in`(name: String, numbers: [Int]) throws {
        let tune = try file("tune.jsonl", Self.lines(5_000..<5_200))
        let text = numbers.map { Self.line($0) }.joined(separator: "\n")
        for (path, bytes) in [("plain.jsonl", Array(text.utf8)), ("packed.gz", gzip(Array(text.utf8)))] {
            let certify = try directory.file(path, bytes)
            let failure = try #require(throws: Failure.self) { _ = try run(.certify, [tune, certify]) }
            let seen = numbers.count { $0 < 500 }
            #expect(failure.status == .badData && failure.message.contains("documents \(seen) "))
            #expect(madeNothing(.certify))
        }
    }

    @Test func `what tuned the model may plan, what taught it may not`() throws {
        let certify = try file("certify.jsonl", Self.lines(5_000..<5_300))
        _ = try run(.certify, [try file("tune.jsonl", Self.lines(350..<500)), certify])
        let failure = try #require(throws: Failure.self) {
            _ = try run(.certify, [try file("taught.jsonl", Self.lines(340..<500)), certify], overwrites: true)
        }
        #expect(failure.message.contains("of the 160 tune documents 10 taught the model"))
    }

    @Test func `verify takes the files as certify did, and refuses others`() throws {
        let tune = try file("tune.jsonl", Self.lines(5_000..<5_200))
        let lines = Self.lines(6_000..<6_300)
        let certify = try file("certify.jsonl", lines + lines[..<20] + Self.refused[..<2])
        _ = try run(.certify, [tune, certify], LineRules(skipsRefused: true, repeats: .first))
        func verify(_ certify: String, today: CivilDate = Self.today) throws -> (lines: [String], isExpired: Bool) {
            var job = VerifyCertificate("\(directory.path)/certificate.json", today: today, settings: settings)
            (job.model, job.tune, job.certify) = (try model(), [tune], [certify])
            return try job.run { _ in }
        }
        #expect(try verify(certify).lines.first?.hasSuffix("is sound") == true)
        for (name, other) in [
            ("fewer refused", lines + lines[..<20] + Self.refused[..<1]), ("fewer repeated", lines + lines[..<19] + Self.refused[..<2]),
            ("clean", lines), ("others", Self.lines(6_001..<6_301)),
        ] {
            let failure = try #require(throws: Failure.self, "\(name)") { _ = try verify(try file("other.jsonl", other)) }
            #expect(failure.status == .badData)
        }
        // The day it ends is still of it.
        let through = try CertificateChecks.read("\(directory.path)/certificate.json").validity.through
        for (days, isExpired) in [(0, false), (1, true), (400, true)] as [(Int32, Bool)] {
            let (lines, found) = try verify(certify, today: CivilDate(days: through.days + days))
            #expect(found == isExpired && lines.contains { $0.hasPrefix("expired: it was valid to \(through.iso8601)") } == isExpired)
        }
    }
}
