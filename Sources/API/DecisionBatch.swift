import HTTPServer
import Ledger
import Routing

/// Where an answer goes once its decision is on disk.
enum AnswerDestination {
    case exchange(Exchange, RequestScope)
    /// The answer of that number in a stream.
    case line(ResultStream, Int)
}

/// Decisions that one loop hands to the log together, each with its rendered answer.
///
/// Sendable by proof: the entries never change, and the answers are touched on the loop alone.
final class DecisionBatch: LogSubmission, @unchecked Sendable {
    struct Content {
        private(set) var entries: [LogEntry] = []
        private(set) var answers: [(destination: AnswerDestination, body: [UInt8])] = []

        var isEmpty: Bool { entries.isEmpty }

        mutating func add(_ entry: LogEntry, _ destination: consuming AnswerDestination, _ body: consuming [UInt8]) {
            entries.append(entry)
            answers.append((destination, body))
        }
    }

    let entries: [LogEntry]
    let content: Content
    private let handler: LoopHandler

    init(_ content: Content, for handler: LoopHandler) {
        entries = content.entries
        self.content = content
        self.handler = handler
    }

    func committed(_ outcomes: [AppendOutcome]) {
        handler.loop.execute { [self] in handler.committed(self, outcomes) }
    }

    func failed(_ error: LedgerError) {
        handler.loop.execute { [self] in handler.failed(self, error) }
    }
}
