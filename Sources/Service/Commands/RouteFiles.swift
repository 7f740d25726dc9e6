package import API
package import Ledger
package import Routing

/// The command `route`: results, one a line, to decisions, one a line, in order; a problem object in place of a refused one. The same
/// code decides as behind `POST /v1/decisions`. With a ledger, a decision is written out only when it is durable in the log.
package struct RouteFiles {
    /// Lines committed together at most; fewer when input comes slowly, so that nobody waits for the rest of a batch.
    static let batchLines = 500

    private let router: OfflineRouter
    private let ledger: Ledger?
    private let lineBytesMax: Int
    private let now: () -> Instant
    private let output: Output
    private var failures: LineFailures
    /// The number of the next line over all inputs, as if they were one.
    private var lineNumber = 0
    package private(set) var decided = 0
    package var refused: Int { failures.count }

    /// - Parameter ledger: where decisions are logged; nil for not at all.
    package init(
        router: OfflineRouter, ledger: Ledger?, lineBytesMax: Int, now: @escaping () -> Instant, output: Output,
        report: @escaping (String) -> Void
    ) {
        self.router = router
        self.ledger = ledger
        self.lineBytesMax = lineBytesMax
        self.now = now
        self.output = output
        failures = LineFailures(report: report)
    }

    package mutating func run(_ path: String) throws {
        let reader = ByteReader(try InputFile(path))
        let lines = LineReader(reader, bytesMax: lineBytesMax)
        var entries: [LogEntry] = []
        var answers: [UInt8] = []
        var answered = 0
        while let line = try lines.next() {
            lineNumber += 1
            answer(line, input: reader.file.name, number: lines.number, &entries, &answers)
            answered += 1
            if answered == RouteFiles.batchLines || !lines.hasLine {
                try commit(&entries, &answers)
                answered = 0
            }
        }
        try commit(&entries, &answers)
    }

    /// Throws when every line was refused, or any with `strict`.
    package func check(strict: Bool) throws(Failure) { try failures.check(accepted: decided, strict: strict) }

    private mutating func answer(_ line: LineReader.Line, input: String, number: Int, _ entries: inout [LogEntry], _ answers: inout [UInt8])
    {
        do throws(Faults) {
            switch line {
            case .tooLong(let bytes): throw LineReader.Line.tooLongFaults(bytes, bytesMax: lineBytesMax)
            case .bytes(let bytes):
                if bytes.isBlankLine { return }
                // A `review` beside the result, as past results have, is left aside: only `import` keeps reviews.
                let entry = try router.decide(line: bytes, review: .ignored, at: now())
                answers += router.render(entry)
                decided += 1
                if ledger != nil { entries.append(entry) }
            }
        } catch {
            failures.add(input: input, line: number, faults: error)
            answers += router.renderProblem(error, line: lineNumber)
        }
        if answers.last != UInt8(ascii: "\n") { answers.append(UInt8(ascii: "\n")) }
    }

    private func commit(_ entries: inout [LogEntry], _ answers: inout [UInt8]) throws {
        if let ledger, !entries.isEmpty { try ledger.logBatch(entries) }
        try output.write(answers)
        try output.flush()
        entries.removeAll(keepingCapacity: true)
        answers.removeAll(keepingCapacity: true)
    }
}
