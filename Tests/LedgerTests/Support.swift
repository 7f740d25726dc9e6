import Dispatch
import Foundation
import Routing
import Synchronization
import TestSupport
import Testing

@testable import Ledger

typealias TemporaryFolder = TemporaryDirectory

extension TemporaryDirectory {
    var database: String { self + "sluice.sqlite" }

    func open(_ change: (inout Ledger.Options) -> Void = { _ in }) throws -> Ledger {
        var options = Ledger.Options()
        change(&options)
        return try Ledger(path: database, options: options)
    }

    /// A connection beside the ledger's, to look at and to damage what it stores.
    func connection() throws -> Connection {
        let connection = try Connection(path: database, busyTimeoutMilliseconds: 5_000)
        // A connection that has read nothing knows of no log, and checkpoints nothing.
        try connection.execute("SELECT count(*) FROM sqlite_schema")
        return connection
    }
}

/// A submission that remembers what became of it.
final class Recorder: LogSubmission {
    enum Answer: Equatable {
        case committed([AppendOutcome])
        case failed(LedgerError)
    }

    let entries: [LogEntry]
    private let answers = Mutex<[Answer]>([])
    private let semaphore = DispatchSemaphore(value: 0)

    init(_ entries: [LogEntry]) { self.entries = entries }

    func committed(_ outcomes: [AppendOutcome]) { answer(.committed(outcomes)) }
    func failed(_ error: LedgerError) { answer(.failed(error)) }

    private func answer(_ answer: Answer) {
        answers.withLock { $0.append(answer) }
        semaphore.signal()
    }

    var answersSoFar: [Answer] { answers.withLock { $0 } }

    func wait() -> Answer? {
        semaphore.wait()
        return answersSoFar.last
    }
}

extension Ledger {
    /// Appends and waits for the answer.
    func log(_ entries: [LogEntry]) throws -> Recorder.Answer? {
        let recorder = Recorder(entries)
        try #require(append(recorder))
        return recorder.wait()
    }

    /// Appends, expecting that all are logged anew; their sequences.
    @discardableResult func logAll(_ entries: [LogEntry]) throws -> [Int64] {
        guard case .committed(let outcomes)? = try log(entries) else {
            Issue.record("not committed")
            return []
        }
        return outcomes.compactMap {
            guard case .logged(let sequence) = $0 else { return nil }
            return sequence
        }
    }

    /// Keeps the writer busy until the answered function is called, so that what is appended meanwhile waits.
    func holdWriter() throws -> () -> Void {
        let (held, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try writer().queue.async {
            held.signal()
            release.wait()
        }
        held.wait()
        return { release.signal() }
    }
}

/// A clock that goes on when it is told to.
final class SteadyClock: Sendable {
    private let now = Mutex<UInt64>(1_000_000_000_000_000)

    var nanoseconds: @Sendable () -> UInt64 { { [self] in now.withLock { $0 } } }
    func advance(milliseconds: Int64) { now.withLock { $0 = UInt64(Int64($0) + milliseconds * 1_000_000) } }
}

/// A plain decision, told apart by its number.
func entry(
    _ number: UInt64, documentType: String = "cms-1500", documentId: String? = nil, population: String? = "northside",
    route: Route = .review, decidedAt: Int64? = nil, caller: Int64 = 0, key: String? = nil, body: UInt8 = 0, review: ImportedReview? = nil
) throws -> LogEntry {
    var text: [UInt8] = []
    func add(_ string: String) -> TextRange {
        defer { text += Array(string.utf8) }
        return TextRange(start: text.count, count: string.utf8.count)
    }
    var result = EngineResult(documentType: add(documentType), documentId: add(documentId ?? "claim-\(number)"))
    result.population = population.map(add)
    result.items = [
        EngineResult.Item(
            kind: .field, first: add("patient.name"), second: TextRange(start: 0, count: 0), confidence: Confidence(0.93), isEmpty: false),
        EngineResult.Item(kind: .primaryPair, first: add("71045"), second: add("J18.9"), confidence: nil, isEmpty: false),
    ]
    result.text = text
    let decision = Decision(
        route: route, qualityAssurance: false, confidence: nil, weakestItem: 1,
        policy: PolicyReference(documentType: try #require(Name(documentType)), version: PolicyVersion(1)), reasons: [],
        items: [
            ItemVerdict(threshold: Threshold(0.9), source: .default, ruleIndex: -1, accepted: true, reasons: []),
            ItemVerdict(threshold: Threshold(0.92), source: .rule, ruleIndex: 4, accepted: false, reasons: .noConfidence),
        ], audit: AuditDraw(hash: number, sampleRate: 0.05, saltId: 7))
    return LogEntry(
        id: DecisionID(high: 0x0197_0000_0000_7000, low: number), decidedAt: Instant(milliseconds: decidedAt ?? Int64(number)),
        callerId: caller, result: result, decision: decision,
        idempotency: key.map { Idempotency(key: $0, bodyDigest: [UInt8](repeating: body, count: 32)) }, review: review)
}

/// A result as its strings say it, whatever the layout of its text.
func described(_ result: EngineResult) -> [String] {
    var words = [result.string(result.documentType), result.string(result.documentId)]
    for range in [result.population, result.payer, result.engineName, result.engineVersion] {
        words.append(range.map { "some " + result.string($0) } ?? "none")
    }
    words.append("\(result.serviceDate.debugDescription) \(result.receivedAt.debugDescription)")
    words.append(result.sections.map { "\($0.map { result.string($0) })" } ?? "none")
    for item in result.items {
        words.append(
            "\(item.kind) \(result.string(item.first)) \(result.string(item.second)) \((item.confidence?.value).debugDescription) \(item.isEmpty) "
                + "\((0..<item.modifiers.count).map { item.modifiers[$0] }) \((item.line?.number).debugDescription)"
        )
    }
    return words
}
