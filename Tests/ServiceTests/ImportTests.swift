import API
import Foundation
import Routing
import TestSupport
import Testing

@testable import Ledger
@testable import Service

/// The command `import`: what is new is added, what is known is counted.
struct ImportTests {
    private let directory: TemporaryDirectory
    private var settings = Settings()
    private let now = Instant(milliseconds: 1_772_440_258_000)

    init() throws {
        directory = try TemporaryDirectory()
        settings.database = "\(directory.path)/sluice.sqlite"
        _ = try PolicyCommands.put(settings, file: directory.file("policy.json", Results.policy), ifMatch: nil, reason: nil)
    }

    /// Imports files as one run of the command does; what became of each, as read, imported, known, repeated, refused.
    private func run(_ files: [String]...) throws -> [[Int]] {
        try Store.with(settings, for: .change, now: now) { ledger in
            let router = OfflineRouter(policies: try PolicyCodec.policySet(of: ledger), salt: try Store.auditSalt(settings, ledger))
            var job = ImportFiles(ledger, router: router, lineBytesMax: settings.lineBytesMax, now: { now }, report: { _ in })
            for (number, lines) in files.enumerated() {
                let path = try directory.file("export-\(number).jsonl", lines.joined(separator: "\n"))
                try job.run(path, progress: Progress(title: "", isTerminal: false, clock: { 0 }) { _ in })
            }
            return job.summary.accounts.map { [$0.read, $0.imported, $0.known, $0.repeated, $0.refused] }
        }
    }

    private func documentIds() throws -> [String] {
        try Store.with(settings, for: .read, now: now) { ledger in
            var all: [String] = []
            try ledger.forEachDecision(after: 0) { all.append($0.result.string($0.result.documentId)) }
            return all
        }
    }

    private static func lines(_ range: Range<Int>) -> [String] { range.map { Results.line("d-\($0)", review: Results.approved) } }

    @Test(arguments: [0, 1, 499, 500, 700]) func `a longer export of what is there adds what is new`(before: Int) throws {
        #expect(try run(Self.lines(0..<before)) == [[before, before, 0, 0, 0]])
        #expect(try run(Self.lines(0..<1_100)) == [[1_100, 1_100 - before, before, 0, 0]])
        #expect(try documentIds() == (0..<1_100).map { "d-\($0)" })
        #expect(try run(Self.lines(0..<1_100)) == [[1_100, 0, 1_100, 0, 0]])
    }

    @Test func `an export in another order, or that begins later, is known too`() throws {
        _ = try run(Self.lines(0..<60))
        #expect(try run(Self.lines(0..<60).reversed()) == [[60, 0, 60, 0, 0]])
        #expect(try run(Array(Self.lines(40..<80).reversed())) == [[40, 20, 20, 0, 0]])
        #expect(try run(["", Self.lines(70..<71)[0].replacing(",\"", with: ", \"")]) == [[1, 0, 1, 0, 0]])
    }

    @Test(arguments: [
        Results.line("d-1", confidence: 0.94, review: Results.approved), Results.line("d-1", review: Results.modified), Results.line("d-1"),
        Results.line("d-1", type: "other", review: Results.approved), Results.line("d-2", review: Results.approved),
        Results.line("d-1", review: Results.approved).replacing("\"value\":\"x\"", with: "\"value\":\"z\""),
    ]) func `the same document with other content is a new decision`(line: String) throws {
        #expect(try run([Results.line("d-1", review: Results.approved)]) == [[1, 1, 0, 0, 0]])
        #expect(try run([line]) == [[1, 1, 0, 0, 0]])
        #expect(try run([line, Results.line("d-1", review: Results.approved)]) == [[2, 0, 2, 0, 0]])
        #expect(try documentIds().count == 2)
    }

    @Test func `what a run has from an earlier line or file is repeated, and what is refused is counted each time`() throws {
        let lines = Self.lines(0..<10)
        #expect(try run(lines + lines[..<4] + ["{}"], Array(lines[5...]) + ["", "no"]) == [[15, 10, 0, 4, 1], [6, 0, 0, 5, 1]])
        #expect(try run(lines + lines[..<4] + ["{}"]) == [[15, 0, 14, 0, 1]])
        #expect(try documentIds().count == 10)
    }

    @Test func `an import that was cut short goes on where it stopped`() throws {
        let lines = (0..<1_700).map { Results.line("d-\($0)") }
        // What an earlier run had committed when it ended: two batches.
        _ = try run(Array(lines[..<1_000]))
        #expect(try run(lines) == [[1_700, 700, 1_000, 0, 0]])
        #expect(try documentIds() == (0..<1_700).map { "d-\($0)" })
    }

    @Test func `a file that was imported before documents were known by themselves is not imported again`() throws {
        let lines = Self.lines(0..<30)
        let path = try directory.file("export-0.jsonl", lines.joined(separator: "\n"))
        let connection = try Connection(path: settings.database, busyTimeoutMilliseconds: 1_000)
        try connection.execute("INSERT INTO imports (source, lines) VALUES ('\(ImportFiles.digest(of: path))', 20)")
        connection.close()
        #expect(try run(lines) == [[30, 10, 20, 0, 0]])
    }

    @Test func `the figures say of each file what became of its lines`() throws {
        let path = try directory.file("a.jsonl", (Self.lines(0..<3) + ["{}"]).joined(separator: "\n"))
        let shown = try directory.file("shown", "")
        let descriptor = unsafe open(shown, O_WRONLY)
        defer { close(descriptor) }
        try ImportFiles.run(
            files: [path, path], loaded: LoadedSettings(settings: settings, origins: [:], file: nil), strict: false, json: "-",
            output: Output(descriptor: descriptor), report: { _ in })
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: shown))) as? [String: Any]
        let files = try #require(json?["files"] as? [[String: Any]])
        let counts = files.map { file in ["read", "imported", "known", "repeated", "refused"].map { file[$0] as? Int } }
        #expect(counts == [[4, 3, 0, 0, 1], [4, 0, 0, 3, 1]])
        #expect(json?["reviews"] as? Int == 3)
    }
}
