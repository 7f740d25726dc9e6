import Glibc
import Gzip
import HTTPServer
import HTTPWire
import JSON
import Ledger
import Routing

/// `POST /v1/decisions` with `application/x-ndjson`: many results, one a line.
extension LoopHandler {
    /// Bytes of a line's beginning that a stream may keep without asking the budget.
    private static let freeBacklogBytes = 128 << 10

    func received(_ exchange: Exchange, bytes: UnsafeBufferPointer<UInt8>) {
        guard let stream = stream(of: exchange) else { return }
        if stream.decoder == nil {
            unsafe stream.backlog.append(contentsOf: bytes)
        } else if !stream.isBroken {
            unsafe stream.coded.append(contentsOf: bytes)
        }
        advance(stream)
    }

    func ended(_ exchange: Exchange) {
        guard let stream = stream(of: exchange) else { return }
        if stream.decoder == nil { stream.isBodyComplete = true } else { stream.isCodedComplete = true }
        advance(stream)
    }

    /// Nil when the stream is refused after all: the token was revoked while the body was on its way.
    private func stream(of exchange: Exchange) -> ResultStream? {
        if let stream = exchange.context as? ResultStream { return stream.isOver ? nil : stream }
        var judged = judge(exchange.head, exchange.peer)
        var decoder: GzipDecoder?
        if judged.problem == nil, judged.scope.coding == .gzip {
            do throws(GzipDecoder.Fault) {
                decoder = try GzipDecoder(expansionMax: BodyDecoding.expansionMax)
            } catch {
                judged.problem = Problem(error)
            }
        }
        judged.scope = judged.scope.decoded()
        let stream = ResultStream(exchange, judged.scope, decoder: decoder, spill: spill(for: exchange))
        exchange.context = stream
        guard let problem = judged.problem else { return stream }
        stream.isOver = true
        answer(exchange, judged.scope, problem)
        return nil
    }

    private func spill(for exchange: Exchange) -> AnswerSpill? {
        application.spill.map { file in
            AnswerSpill(exchange, file) { [self, weak exchange] in
                if let stream = exchange?.context as? ResultStream { advance(stream) }
            }
        }
    }

    func blocked(_ exchange: Exchange) { (exchange.context as? ResultStream)?.spill?.notice() }

    static func streamHead(_ scope: RequestScope) -> Response {
        var response = Response(status: 200)
        response.addField("Content-Type", "application/x-ndjson")
        response.addCaching(.never)
        response.addField("X-Request-Id", bytes: scope.requestId)
        return response
    }

    /// Takes as many lines as there is room for, writes what is ready, and ends the stream when nothing is left.
    func advance(_ stream: ResultStream) {
        if stream.isOver { return }
        refresh()
        stream.flush()
        takeLines(stream)
        if let decoder = stream.decoder { decompress(stream, decoder) }
        if stream.isOver { return }
        stream.flush()
        stream.pour()
        if stream.spill?.isBroken == true {
            cut(stream, "cut: answers that were kept on disk cannot be read")
        } else if stream.isBodyComplete, stream.backlog.isEmpty, !stream.isDecidingElsewhere, stream.isAnswered {
            end(stream)
        } else {
            // It may have been blocked already when little was unsent, and is not told again.
            stream.spill?.notice()
            stream.exchange.setReading(stream.reading)
        }
    }

    /// Everything is answered. What could not be read on is cut, so that its end does not look like the end.
    private func end(_ stream: ResultStream) {
        stream.begin()
        if stream.isBroken { return cut(stream, "cut: its body is damaged") }
        release(stream)
        stream.exchange.finish()
        record(stream.scope, status: 200, bytes: stream.bytesWritten, since: stream.exchange.startedAt)
    }

    private func cut(_ stream: ResultStream, _ note: String) {
        release(stream)
        stream.exchange.abort()
        record(stream.scope, status: 200, bytes: stream.bytesWritten, since: stream.exchange.startedAt, note: note)
    }

    /// The client is gone: what is on its way to the log goes on, its answers go nowhere.
    func abandon(_ stream: ResultStream) {
        if stream.isOver { return }
        release(stream)
        guard stream.hasBegun else { return }
        record(stream.scope, status: 200, bytes: stream.bytesWritten, since: stream.exchange.startedAt, note: "cut before its end")
    }

    func release(_ stream: ResultStream) {
        stream.isOver = true
        stream.backlog = []
        stream.coded = []
        stream.spill?.close()
        application.heldBytes.give(stream.budgeted)
        stream.budgeted = 0
    }

    // MARK: Lines

    func takeLines(_ stream: ResultStream) {
        let count = stream.backlog.count
        if count == 0 { return }
        stream.backlog.append(contentsOf: repeatElement(0, count: JSONParser.padding))
        // Safe: ranges are held within the bytes that came; behind them stand padding or further lines.
        let taken = unsafe stream.backlog.withUnsafeBufferPointer { bytes in unsafe takeLines(stream, bytes, count) }
        if taken == count, stream.backlog.capacity > LoopHandler.bodyBytesOnLoopMax {
            stream.backlog = []
        } else {
            stream.backlog.removeLast(JSONParser.padding)
            stream.backlog.removeFirst(taken)
        }
        stream.scannedCount = max(0, stream.scannedCount - taken)
        budget(stream)
    }

    /// How many bytes were taken: whole lines, and what is dropped.
    private func takeLines(_ stream: ResultStream, _ bytes: UnsafeBufferPointer<UInt8>, _ count: Int) -> Int {
        var start = 0
        while start < count, stream.isSkipping || stream.hasRoom {
            let newline = unsafe LoopHandler.newline(bytes, max(start, stream.scannedCount), count)
            if let end = newline ?? (stream.isBodyComplete ? count : nil) {
                unsafe takeLine(stream, UnsafeBufferPointer(rebasing: bytes[start..<end]))
                start = min(end + 1, count)
            } else {
                stream.scannedCount = count
                if !stream.isSkipping, count - start > application.settings.lineBytesMax { skip(stream, tooLong) }
                return stream.isSkipping ? count : start
            }
        }
        return start
    }

    // Safe: memchr looks at the bytes between, which are the buffer's.
    private static func newline(_ bytes: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int) -> Int? {
        guard from < to, let base = bytes.baseAddress,
            let found = unsafe memchr(base + from, Int32(UInt8(ascii: "\n")), to - from)
        else { return nil }
        return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    private var tooLong: Problem {
        Problem(
            .contentTooLarge,
            "A line may have \(application.settings.lineBytesMax) bytes at most; were newlines lost? curl's -d drops them, --data-binary and -T keep them."
        )
    }

    /// Answers a line of which only the beginning is here, and drops the rest of it.
    private func skip(_ stream: ResultStream, _ problem: Problem) {
        stream.lineNumber += 1
        stream.isSkipping = true
        stream.fill(stream.expectAnswer(), with: .refused(problem))
    }

    /// A whole line, or the end of one that is being dropped.
    private func takeLine(_ stream: ResultStream, _ line: UnsafeBufferPointer<UInt8>) {
        if stream.isSkipping {
            stream.isSkipping = false
            return
        }
        stream.lineNumber += 1
        var line = unsafe line
        if unsafe line.last == UInt8(ascii: "\r") { unsafe line = UnsafeBufferPointer(rebasing: line.dropLast()) }
        if stream.lineNumber == 1, unsafe TextEncoding(of: line) == .markedUTF8 {
            unsafe line = UnsafeBufferPointer(rebasing: line.dropFirst(TextEncoding.markBytes))
        }
        if unsafe line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
        let number = stream.expectAnswer()
        if line.count > application.settings.lineBytesMax {
            stream.fill(number, with: .refused(tooLong))
        } else if !snapshot.tokens.stillHolds(stream.scope.caller, at: application.now()) {
            stream.fill(number, with: .refused(Authentication.problem("The token was revoked, or has expired.", error: "invalid_token")))
        } else {
            unsafe decideLine(stream, number, line)
        }
    }

    private func decideLine(_ stream: ResultStream, _ number: Int, _ line: UnsafeBufferPointer<UInt8>) {
        let scope = stream.scope.forLine(stream.lineNumber)
        if line.count > LoopHandler.bodyBytesOnLoopMax {
            let waiting = WaitingLine(stream: stream, number: number)
            stream.isDecidingElsewhere = unsafe decideElsewhere(Array(line), scope) { [self] outcome in decided(outcome, waiting) }
            if !stream.isDecidingElsewhere { stream.fill(number, with: .refused(.busy)) }
            return
        }
        do throws(Faults) {
            let entry = try unsafe maker.decide(
                padded: line, by: snapshot.policies, at: application.now(), callerId: scope.caller.id, key: scope.idempotency.key)
            let answer = DecisionWriter.answer(entry, policy: snapshot.rendered(for: entry.result))
            gatheredLines.add(entry, .line(stream, number), answer)
        } catch {
            stream.fill(number, with: .refused(Problem(unsafe error.advising(on: line, isLine: true))))
        }
    }

    /// Sendable by proof: passed through, and touched on the loop alone.
    private struct WaitingLine: @unchecked Sendable {
        let stream: ResultStream
        let number: Int
    }

    private func decided(_ outcome: Result<MadeDecision, Problem>, _ waiting: WaitingLine) {
        let stream = waiting.stream
        stream.isDecidingElsewhere = false
        switch outcome {
        case .success(let made): gatheredLines.add(made.entry, .line(stream, waiting.number), made.answer)
        case .failure(let problem): stream.fill(waiting.number, with: .refused(problem))
        }
        advance(stream)
    }

    /// Long lines share a budget: one that finds it spent is answered 503 and dropped.
    private func budget(_ stream: ResultStream) {
        let wanted = max(0, stream.backlog.count - LoopHandler.freeBacklogBytes)
        if wanted <= stream.budgeted {
            application.heldBytes.give(stream.budgeted - wanted)
            stream.budgeted = wanted
        } else if application.heldBytes.take(wanted - stream.budgeted) {
            stream.budgeted = wanted
        } else if !stream.isSkipping, stream.scannedCount == stream.backlog.count {
            skip(stream, .busy)
            stream.backlog = []
            stream.scannedCount = 0
            budget(stream)
        }
    }
}
