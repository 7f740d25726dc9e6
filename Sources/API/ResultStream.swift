import Gzip
import HTTPServer
import HTTPWire
import Routing

/// A body of NDJSON on its way through: bytes come in, lines go to the log, answers go out in the order of the lines.
///
/// 1. Memory is bounded: by the piece that just came (compressed or not), one line, and the answers of `linesMax` lines. Answers that the
///    client does not take yet are kept on disk.
/// 2. Every line but a blank one has one answer, at the place that its number among the answers gives it.
/// 3. Touched on its loop alone.
final class ResultStream {
    /// Lines decided and not yet answered.
    static let linesMax = 256
    /// Bytes of answers that wait for an earlier one.
    static let answerBytesMax = 1 << 20

    let exchange: Exchange
    let scope: RequestScope
    /// Takes gzip off the body, where it is compressed.
    let decoder: GzipDecoder?
    /// Keeps answers for a client that does not read yet; nil where there is no space for that.
    let spill: AnswerSpill?

    /// Compressed bytes that came and are not yet taken by the decoder.
    var coded: [UInt8] = []
    /// All compressed bytes came.
    var isCodedComplete = false
    /// The loop will go on decompressing by itself.
    var isDecodingScheduled = false
    /// The body cannot be read on: the stream is cut behind the answer that says so.
    var isBroken = false
    /// Bytes that came and are not yet taken, from the beginning of a line on.
    var backlog: [UInt8] = []
    /// Bytes of the backlog, from its start, that are known to have no newline.
    var scannedCount = 0
    /// What the backlog holds of the shared budget.
    var budgeted = 0
    /// Lines begun so far, blank ones too.
    var lineNumber = 0
    /// The rest of a line that is too long is dropped.
    var isSkipping = false
    var isBodyComplete = false
    /// A long line is being decided off the loop; those behind it wait.
    var isDecidingElsewhere = false
    var isOver = false
    private(set) var hasBegun = false
    private(set) var bytesWritten = 0

    /// Answers from `firstNumber` on; nil where one is still to come.
    private var answers: [[UInt8]?] = []
    private var lines: [Int] = []
    private var firstNumber = 0
    private var waitingBytes = 0

    /// - Parameter scope: of the lines, which are not coded.
    init(_ exchange: Exchange, _ scope: RequestScope, decoder: GzipDecoder?, spill: AnswerSpill?) {
        self.exchange = exchange
        self.scope = scope
        self.decoder = decoder
        self.spill = spill
    }

    /// Whether another line may be taken.
    var hasRoom: Bool {
        !isDecidingElsewhere && !isOver && answers.count < ResultStream.linesMax && waitingBytes < ResultStream.answerBytesMax
            && (isRead || spill?.hasRoom == true)
    }

    /// Whether the client takes its answers as they come.
    private var isRead: Bool { exchange.unsentBytes <= Exchange.unsentBytesMark && spill?.isEmpty != false }

    /// Whether more of the body may come.
    var reading: Exchange.Reading {
        if hasRoom, coded.isEmpty { return .goesOn }
        return !isRead && spill?.waitsForClient != false ? .waitsForClient : .waitsForApplication
    }

    /// Every line that came is answered, and every answer written.
    var isAnswered: Bool { answers.isEmpty && spill?.isEmpty != false }

    /// A place for the answer of the current line.
    func expectAnswer() -> Int {
        answers.append(nil)
        lines.append(lineNumber)
        return firstNumber + answers.count - 1
    }

    func fill(_ number: Int, with answer: LoopHandler.DecisionAnswer) {
        switch answer {
        case .created(_, _, let body), .replayed(_, _, let body): put(number, body)
        case .refused(let problem): put(number, problem.body(line: lines[number - firstNumber]))
        }
    }

    private func put(_ number: Int, _ answer: [UInt8]) {
        answers[number - firstNumber] = answer
        waitingBytes += answer.count
    }

    /// Writes what was kept, as far as the client takes it.
    func pour() {
        guard let spill else { return }
        while exchange.unsentBytes <= Exchange.unsentBytesMark, let bytes = spill.next() { write(bytes) }
        exchange.setWithheldBytes(spill.count)
    }

    /// Writes, or keeps, the answers that have no unanswered line before them.
    func flush() {
        var ready: [UInt8] = []
        var count = 0
        while count < answers.count, let answer = answers[count] {
            ready.append(contentsOf: answer)
            ready.append(UInt8(ascii: "\n"))
            waitingBytes -= answer.count
            count += 1
        }
        if count == 0 { return }
        answers.removeFirst(count)
        lines.removeFirst(count)
        firstNumber += count
        begin()
        bytesWritten += ready.count
        if let spill, spill.isOn { spill.append(ready) } else { write(ready) }
    }

    private func write(_ bytes: [UInt8]) {
        // Safe: the bytes are read during the call.
        unsafe bytes.withUnsafeBufferPointer { unsafe exchange.write($0) }
    }

    func begin() {
        if hasBegun { return }
        hasBegun = true
        exchange.begin(LoopHandler.streamHead(scope))
    }
}
