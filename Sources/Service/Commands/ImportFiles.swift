package import API
import Crypto
import JSON
package import Ledger
package import Routing

/// The command `import`: past results, with what reviewers said of them, into the log. Each line is decided by the policies in force,
/// now, as if it had just been posted.
///
/// 1. A document is known by its type, its id and all that its line says: what was imported before, in whatever file, is counted and not logged
///    again. The same document with other content (a review that came later, another reading) is a new decision.
/// 2. What makes a document known is written in the transaction that logs it: an import that was cut short is begun again and goes on where it
///    stopped.
/// 3. Nothing is imported of a file whose gzip data is cut off or damaged: half an export is noticed before its first line is logged.
package struct ImportFiles {
    /// Lines committed together: one fsync for each batch.
    package static let batchLines = 500

    /// What became of the lines of one file: each but a blank one is read, and one of the others.
    package struct Account: Sendable, Equatable {
        package var file: String
        package var read = 0
        package var imported = 0
        /// Documents that were there before, with the same content.
        package var known = 0
        /// Documents that this run had imported from an earlier line, with the same content.
        package var repeated = 0
        package var refused = 0

        package var isBalanced: Bool { read == imported + known + repeated + refused }
    }

    package struct Summary: Sendable, Equatable {
        /// Decisions logged, by document type and then by route.
        package var routes: [String: [Route: Int]] = [:]
        package var reviews = 0
        /// One a file, in the order of the runs.
        package var accounts: [Account] = []
        package init() {}

        package var imported: Int { accounts.reduce(0) { $0 + $1.imported } }
        package var known: Int { accounts.reduce(0) { $0 + $1.known } }
        package var repeated: Int { accounts.reduce(0) { $0 + $1.repeated } }
        package var refused: Int { accounts.reduce(0) { $0 + $1.refused } }
    }

    private let ledger: Ledger
    private let router: OfflineRouter
    private let digest = ContentDigest()
    private let lineBytesMax: Int
    private let now: () -> Instant
    private var failures: LineFailures
    /// Of the first decision that this run logged: what stands from there on was repeated, not known before.
    private var firstSequence = Int64.max
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

    /// Imports one file, or standard input (`-`). Lines that are refused are reported and skipped.
    package mutating func run(_ path: String, progress: Progress) throws {
        let isFile = path != InputFile.standardInputName
        if isFile { try ImportFiles.checkWhole(path) }
        // Before documents were known by themselves, a file was known by its content and the lines of it that were done.
        let done = isFile ? try ledger.importedLines(source: ImportFiles.digest(of: path)) : 0
        let reader = ByteReader(try InputFile(path))
        let lines = LineReader(reader, bytesMax: lineBytesMax)
        summary.accounts.append(Account(file: reader.file.name))
        var batch: [Ledger.ImportEntry] = []
        while let line = try lines.next() {
            if case .bytes(let bytes) = line, bytes.isBlankLine { continue }
            count(\.read)
            if lines.number <= done {
                count(\.known)
                continue
            }
            if let entry = decide(line, input: reader.file.name, number: lines.number) { batch.append(entry) }
            if batch.count == ImportFiles.batchLines {
                try save(&batch)
                progress.update(share: reader.share, count: summary.imported, of: "documents")
            }
        }
        try save(&batch)
        precondition(summary.accounts.last?.isBalanced == true, "every line is accounted for")
    }

    /// Throws when every line was refused, or any with `strict`.
    package func check(strict: Bool) throws(Failure) {
        try failures.check(accepted: summary.imported + summary.known + summary.repeated, strict: strict)
    }

    private mutating func count(_ what: WritableKeyPath<Account, Int>) { summary.accounts[summary.accounts.count - 1][keyPath: what] += 1 }

    private mutating func decide(_ line: LineReader.Line, input: String, number: Int) -> Ledger.ImportEntry? {
        do throws(Faults) {
            switch line {
            case .tooLong(let bytes): throw LineReader.Line.tooLongFaults(bytes, bytesMax: lineBytesMax)
            case .bytes(let bytes):
                let entry = try router.decide(line: bytes, review: .kept, at: now())
                return Ledger.ImportEntry(entry, digest: try digest.of(line: bytes))
            }
        } catch {
            failures.add(input: input, line: number, faults: error)
            count(\.refused)
            return nil
        }
    }

    /// Commits a batch and counts it: what is counted is durable.
    private mutating func save(_ batch: inout [Ledger.ImportEntry]) throws {
        if batch.isEmpty { return }
        let outcomes = try ledger.importBatch(batch)
        for (item, outcome) in zip(batch, outcomes) {
            switch outcome {
            case .known(let sequence): count(sequence >= firstSequence ? \.repeated : \.known)
            case .logged(let sequence):
                firstSequence = min(firstSequence, sequence)
                count(\.imported)
                let entry = item.entry
                if entry.review != nil { summary.reviews += 1 }
                summary.routes[entry.result.string(entry.result.documentType), default: [:]][entry.decision.route, default: 0] += 1
            }
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
    /// Tables for people: a row for each document type, a column for each route; a row for each file.
    package var lines: [String] {
        var lines: [String] = []
        if !routes.isEmpty {
            let rows = routes.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { type, counts in
                [type] + Route.allCases.map { String(counts[$0] ?? 0) }
            }
            lines += TextTable.lines(head: ["document type"] + Route.allCases.map(\.name), rows: rows, numbersFrom: 1)
        }
        lines += TextTable.lines(
            head: ["file", "read", "imported", "known", "repeated", "refused"],
            rows: accounts.map { [$0.file, "\($0.read)", "\($0.imported)", "\($0.known)", "\($0.repeated)", "\($0.refused)"] },
            numbersFrom: 1)
        return lines
    }

    /// The same for programs.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("files")
        writer.beginArray()
        for account in accounts {
            writer.beginObject()
            writer.key("file")
            writer.string(account.file)
            for (name, count) in [
                ("read", account.read), ("imported", account.imported), ("known", account.known), ("repeated", account.repeated),
                ("refused", account.refused),
            ] {
                writer.key(name)
                writer.int(Int64(count))
            }
            writer.endObject()
        }
        writer.endArray()
        writer.key("reviews")
        writer.int(Int64(reviews))
        writer.key("routes")
        writer.beginObject()
        for (type, counts) in routes.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            writer.key(type)
            writer.beginObject()
            for route in Route.allCases {
                writer.key(route.name)
                writer.int(Int64(counts[route] ?? 0))
            }
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
        return Array("\(PrettyJSON.text(writer.bytes))\n".utf8)
    }
}
