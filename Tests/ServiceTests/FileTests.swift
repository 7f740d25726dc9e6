import API
import Glibc
import JSON
import Ledger
import Routing
import Synchronization
import TestSupport
import Testing

@testable import Service

/// The commands on files: import, route, replay, backup, verify.
struct FileTests {
    private final class Heard: Sendable {
        private let all = Mutex<[String]>([])
        func hear(_ line: String) { all.withLock { $0.append(line) } }
        var lines: [String] { all.withLock { $0 } }
    }

    private let directory: TemporaryDirectory
    private var settings = Settings()
    private let now = Instant(milliseconds: 1_772_440_258_000)
    private let heard = Heard()

    init() throws {
        directory = try TemporaryDirectory()
        settings.database = "\(directory.path)/sluice.sqlite"
        _ = try PolicyCommands.put(settings, file: directory.file("policy.json", Results.policy), ifMatch: nil, reason: nil)
    }

    private func quiet() -> Progress { Progress(title: "", isTerminal: false, clock: { 0 }) { _ in } }

    /// Imports a file as one run of the command does.
    private func run(_ path: String) throws -> ImportFiles {
        try Store.with(settings, for: .change, now: now) { ledger in
            let router = OfflineRouter(policies: try PolicyCodec.policySet(of: ledger), salt: try Store.auditSalt(settings, ledger))
            var job = ImportFiles(
                ledger, router: router, lineBytesMax: settings.lineBytesMax, now: { now }, report: heard.hear)
            try job.run(path, progress: quiet())
            return job
        }
    }

    private func logged() throws -> [LoggedDecision] {
        try Store.with(settings, for: .read, now: now) { ledger in
            var all: [LoggedDecision] = []
            try ledger.forEachDecision(after: 0) { all.append($0) }
            return all
        }
    }

    private func documentIds() throws -> [String] { try logged().map { $0.result.string($0.result.documentId) } }

    // MARK: Import

    @Test func `past results are logged in order with their reviews, from gzip too`() throws {
        let text = [
            Results.line("d-1", review: Results.approved), Results.line("d-2", confidence: 0.1, review: Results.modified),
            Results.line("d-3"), "",
        ].joined(separator: "\n")
        let job = try run(try directory.file("past.jsonl.gz", gzip(Array(text.utf8))))
        #expect(job.summary.imported == 3)
        #expect(job.summary.reviews == 2)
        #expect(job.summary.routes == ["sample": [.confident: 2, .review: 1]])
        let decisions = try logged()
        #expect(try documentIds() == ["d-1", "d-2", "d-3"])
        #expect(decisions.map { $0.review?.verdict } == [.approved, .modified, nil])
        #expect(decisions[1].review?.items == [.changed])
        #expect(decisions.allSatisfy { $0.decidedAt == now && $0.callerId == 0 })
    }

    @Test func `nothing is imported of gzip that is cut off`() throws {
        let whole = gzip(Array((0..<3_000).map { Results.line("d-\($0)-\($0 &* 2_654_435_761 % 1_000_003)") }.joined(separator: "\n").utf8))
        let cut = try directory.file("cut.jsonl.gz", Array(whole[..<(whole.count / 2)]))
        #expect { try run(cut) } throws: { Failure($0).status == .badData }
        #expect(try logged().isEmpty)
        #expect(try run(try directory.file("whole.jsonl.gz", whole)).summary.imported == 3_000)
    }

    @Test func `bad lines are named with number and reason, the first in full, and the others are imported`() throws {
        var lines = (0..<40).map { Results.line("d-\($0)") }
        for index in stride(from: 0, to: 40, by: 10) { lines[index] = "{\"documentType\":7}" }
        lines.append("not JSON")
        lines.append("")
        lines.append(Results.line("last"))
        let file = try directory.file("mixed.jsonl", lines.joined(separator: "\n"))
        let job = try run(file)
        #expect(job.summary.imported == 37)
        #expect(job.summary.refused == 5)
        #expect(heard.lines.map { $0.split(separator: ": ")[0] } == [1, 11, 21, 31, 41].map { "\(file):\($0)" })
        #expect(heard.lines[0].contains("/documentType"))
        try job.check(strict: false)
        #expect { try job.check(strict: true) } throws: { Failure($0).status == .badData }
        #expect(try documentIds().last == "last")
    }

    @Test func `many bad lines are counted after the first twenty, and only bad lines are a failure`() throws {
        let file = try directory.file("bad.jsonl", String(repeating: "{}\n", count: 700))
        let job = try run(file)
        #expect(job.summary.refused == 700)
        #expect(heard.lines.count == LineFailures.shownMax + 1)
        #expect { try job.check(strict: false) } throws: { Failure($0).status == .badData }
    }

    @Test func `a line over the limit is refused without being kept`() throws {
        var settings = settings
        settings.lineBytesMax = 1_024
        let text = [Results.line("d-1"), Results.line(String(repeating: "x", count: 2_000)), Results.line("d-2")].joined(separator: "\n")
        let file = try directory.file("long.jsonl", text)
        let output = try captured {
            try ImportFiles.run(files: [file], loaded: loaded(settings), strict: false, output: $0, report: heard.hear)
        }
        #expect(output.contains("2 imported, 0 of them with a review, 0 known, 0 repeated, 1 refused"))
        #expect(heard.lines.contains { $0.hasPrefix("\(file):2: the document: the line has") })
    }

    // MARK: Route

    private func loaded(_ settings: Settings) -> LoadedSettings {
        LoadedSettings(settings: settings, origins: ["database": .flag(name: "--database")], file: nil)
    }

    /// What a command writes to its output.
    private func captured(_ body: (Output) throws -> Void) throws -> String {
        let path = try directory.file("output-\(heard.lines.count)", "")
        let descriptor = unsafe open(path, O_WRONLY | O_APPEND)
        defer { close(descriptor) }
        try body(Output(descriptor: descriptor))
        return try InputFile.text(of: path, bytesMax: 1 << 30)
    }

    private func route(_ files: [String], log: Bool, strict: Bool = false) throws -> [String] {
        try captured { output in
            let summary = try RouteFiles.run(
                files: files, loaded: loaded(settings), policiesDirectory: nil, log: log, strict: strict, output: output, report: heard.hear
            )
            heard.hear(summary)
        }.split(separator: "\n").map(String.init)
    }

    @Test func `each line gets a decision or a problem in its place, numbered over all files`() throws {
        let a = try directory.file("a.jsonl", [Results.line("d-1"), "{", "", Results.line("d-2", confidence: 0.2)].joined(separator: "\n"))
        let b = try directory.file("b.jsonl.gz", gzip(Array("[]\n\(Results.line("d-3", review: Results.approved))\n".utf8)))
        let answers = try route([a, b], log: false)
        var seen: [String] = []
        for answer in answers {
            try JSONParser().parse(Array(answer.utf8)) { value in
                seen.append(
                    value["route"]?.string.map { "\(value["documentId"]?.string ?? "") \($0)" } ?? "line \(value["line"]?.int ?? 0)")
            }
        }
        #expect(seen == ["d-1 confident", "line 2", "d-2 review", "line 5", "d-3 confident"])
        #expect(heard.lines.last == "3 decided, 2 refused")
        #expect(try logged().isEmpty)
        #expect { try route([a], log: false, strict: true) } throws: { Failure($0).status == .badData }
    }

    @Test func `what is written out with --log is in the log under the same id, without the reviews beside it`() throws {
        let file = try directory.file(
            "a.jsonl", (0..<700).map { Results.line("d-\($0)", review: Results.approved) }.joined(separator: "\n"))
        let answers = try route([file], log: true)
        var ids: [String] = []
        for answer in answers { try JSONParser().parse(Array(answer.utf8)) { ids.append($0["id"]?.string ?? "") } }
        let decisions = try logged()
        #expect(ids.count == 700)
        #expect(Set(ids).count == 700)
        #expect(ids == decisions.map { uuid($0.id) })
        #expect(decisions.allSatisfy { $0.review == nil })
    }

    private func uuid(_ id: DecisionID) -> String {
        let digits = [id.high, id.low].map { half in
            let text = String(half, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text += "-" }
            text.append(digit)
        }
        return text
    }

    @Test func `an output whose reader has gone ends the command quietly`() throws {
        var ends: [Int32] = [0, 0]
        #expect(unsafe pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        Process.ignoreBrokenPipes()
        let file = try directory.file("a.jsonl", Results.line("d-1"))
        #expect {
            try RouteFiles.run(
                files: [file], loaded: loaded(settings), policiesDirectory: nil, log: false, strict: false,
                output: Output(descriptor: ends[1]),
                report: heard.hear)
        } throws: { Failure($0) == Failure(.outputClosed, "") }
    }

    // MARK: Replay, backup, verify

    @Test func `logged decisions replay equal, also after the policy has changed`() throws {
        _ = try run(
            try directory.file("a.jsonl", (0..<300).map { Results.line("d-\($0)", confidence: Double($0) / 300) }.joined(separator: "\n")))
        _ = try PolicyCommands.put(
            settings, file: directory.file("new.yaml", "documentType: sample\nthreshold: 0.1\n"), ifMatch: nil, reason: nil)
        #expect(try captured { try Maintenance.replay(settings, output: $0, report: heard.hear) } == "300 equal, 0 different\n")
    }

    @Test func `decisions that replay otherwise are named, and the command fails`() throws {
        try Store.with(settings, for: .change, now: now) { ledger in
            let router = OfflineRouter(policies: try PolicyCodec.policySet(of: ledger), salt: try Store.auditSalt(settings, ledger))
            let good = try router.decide(line: Array(Results.line("d-0").utf8), review: .kept, at: now)
            // Logged as confident, which its policy does not allow.
            let right = try router.decide(line: Array(Results.line("d-1", confidence: 0.1).utf8), review: .kept, at: now)
            var decision = right.decision
            decision.route = .confident
            let bad = LogEntry(
                id: right.id, decidedAt: right.decidedAt, callerId: right.callerId, result: right.result, decision: decision)
            try ledger.logBatch([good, bad])
        }
        #expect { try captured { try Maintenance.replay(settings, output: $0, report: heard.hear) } } throws: {
            Failure($0).status == .badData
        }
        #expect(heard.lines == ["decision 2: route"])
    }

    @Test func `a backup holds what was logged, is its owner's alone, and overwrites nothing`() throws {
        _ = try run(try directory.file("a.jsonl", Results.line("d-1")))
        let copy = "\(directory.path)/copy.sqlite"
        _ = try Maintenance.backup(settings, to: copy)
        #expect(InputFile.mode(of: copy) == 0o600)
        #expect { try Maintenance.backup(settings, to: copy) } throws: { Failure($0).status == .cannotCreate }
        var restored = settings
        restored.database = copy
        #expect(try captured { _ = try Maintenance.verify(restored, output: $0) }.isEmpty)
        #expect(try Store.with(restored, for: .read, now: now) { try $0.decisionCount() } == 1)
    }
}
