package import API
import Crypto
package import Ledger
package import Routing

/// The command `import`: past results, with what reviewers said of them, into the log. Each line is decided by the policies in force,
/// now, as if it had just been posted.
///
/// A file is known by the SHA-256 of its content. The log keeps, in the transaction that logs a batch, how many of its lines are
/// done, so that an import that was cut short goes on where it stopped and a file is never imported twice, whatever its name. Nothing is
/// imported of a file whose gzip data is cut off or damaged: the whole file would be another one, and its first lines would count twice.
package struct ImportFiles {
    /// Lines committed together: one fsync for each batch.
    package static let batchLines = 500

    package struct Summary: Sendable, Equatable {
        /// Decisions logged, by document type and then by route.
        package var routes: [String: [Route: Int]] = [:]
        package var reviews = 0
        package var imported = 0
        package var refused = 0
        /// Lines that an earlier run had done.
        package var linesDoneBefore = 0
        package init() {}
    }

    private let ledger: Ledger
    private let router: OfflineRouter
    private let lineBytesMax: Int
    private let now: () -> Instant
    private var failures: LineFailures
    package private(set) var summary = Summary()

    package init(
        _ ledger: Ledger, router: OfflineRouter, lineBytesMax: Int, now: @escaping () -> Instant, report: @escaping (String) -> Void
    ) {
        self.ledger = ledger
        self.router = router
        self.lineBytesMax = lineBytesMax
        self.now = now
        failures = LineFailures(report: report)
    }

    /// What became of one file.
    package enum Outcome: Sendable, Equatable {
        case imported
        /// All of its lines had been done by earlier runs.
        case alreadyImported
    }

    /// Imports one file, or standard input (`-`), which is not known again. Lines that are refused are reported and skipped.
    package mutating func run(_ path: String, progress: Progress) throws -> Outcome {
        let source = path == InputFile.standardInputName ? nil : try ImportFiles.digest(of: path)
        if source != nil { try ImportFiles.checkWhole(path) }
        let done = try source.map { try ledger.importedLines(source: $0) } ?? 0
        let reader = ByteReader(try InputFile(path))
        let lines = LineReader(reader, bytesMax: lineBytesMax)
        var batch: [LogEntry] = []
        var unsavedLines = 0
        var takenLines = 0
        while let line = try lines.next() {
            if lines.number <= done { continue }
            takenLines += 1
            unsavedLines += 1
            if let entry = decide(line, input: reader.file.name, number: lines.number) { batch.append(entry) }
            if unsavedLines == ImportFiles.batchLines {
                try save(&batch, source: source, linesDone: lines.number)
                unsavedLines = 0
                progress.update(share: reader.share, count: summary.imported, of: "documents")
            }
        }
        if unsavedLines > 0 { try save(&batch, source: source, linesDone: lines.number) }
        summary.linesDoneBefore += min(Int(done), lines.number)
        return takenLines == 0 && done > 0 ? .alreadyImported : .imported
    }

    /// Throws when every line was refused, or any with `strict`.
    package func check(strict: Bool) throws(Failure) {
        try failures.check(accepted: summary.imported + summary.linesDoneBefore, strict: strict)
    }

    private mutating func decide(_ line: LineReader.Line, input: String, number: Int) -> LogEntry? {
        do throws(Faults) {
            switch line {
            case .tooLong(let bytes): throw LineReader.Line.tooLongFaults(bytes, bytesMax: lineBytesMax)
            case .bytes(let bytes):
                if bytes.isBlankLine { return nil }
                return try router.decide(line: bytes, review: .kept, at: now())
            }
        } catch {
            failures.add(input: input, line: number, faults: error)
            summary.refused += 1
            return nil
        }
    }

    /// Commits a batch and counts it: what is counted is durable.
    private mutating func save(_ batch: inout [LogEntry], source: String?, linesDone: Int) throws {
        try ledger.importBatch(batch, source: source, linesDone: Int64(linesDone))
        for entry in batch {
            summary.imported += 1
            if entry.review != nil { summary.reviews += 1 }
            summary.routes[entry.result.string(entry.result.documentType), default: [:]][entry.decision.route, default: 0] += 1
        }
        batch.removeAll(keepingCapacity: true)
    }

    /// Throws when a file cannot be read to its end.
    private static func checkWhole(_ path: String) throws(InputError) {
        let reader = ByteReader(try InputFile(path))
        var chunk: [UInt8] = []
        repeat { try reader.read(into: &chunk) } while !chunk.isEmpty
    }

    /// SHA-256 of a file's content as it stands, in hexadecimal.
    static func digest(of path: String) throws -> String {
        let file = try InputFile(path)
        var hash = SHA256()
        var chunk = [UInt8](repeating: 0, count: ByteReader.chunkBytes)
        while true {
            // The buffer is the array's own storage, valid during the call.
            let count = try unsafe chunk.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
            if count == 0 { break }
            unsafe chunk.withUnsafeBytes { unsafe hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension ImportFiles.Summary {
    /// A table for people: a row for each document type, a column for each route.
    package var table: [String] {
        guard !routes.isEmpty else { return [] }
        let head = ["document type"] + Route.allCases.map(\.name)
        let rows = routes.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { type, counts in
            [type] + Route.allCases.map { String(counts[$0] ?? 0) }
        }
        return TextTable.lines(head: head, rows: rows, numbersFrom: 1)
    }
}
