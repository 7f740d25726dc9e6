import HTTPServer
import HTTPWire
import JSON
import Ledger
import Routing

/// `POST /v1/decisions`, one result: parse, decide, render, gather; answer when the commit is durable.
extension LoopHandler {
    // Safe: the body is lent for the call, with the bytes behind it that the parser may read.
    func decide(_ exchange: Exchange, _ scope: RequestScope, _ body: UnsafeBufferPointer<UInt8>) {
        // Refusing costs the more the later it comes, and what it costs is taken from those who are answered.
        guard application.ledger.hasRoom else { return turnAway(exchange, scope) }
        if body.count > LoopHandler.bodyBytesOnLoopMax {
            let isTaken = unsafe decideElsewhere(Array(body), scope) { [self] outcome in gather(outcome, exchange, scope) }
            if !isTaken { answer(exchange, scope, .busy) }
            return
        }
        if scope.coding == .gzip { return unsafe decideDecoded(exchange, scope, body) }
        do throws(Faults) {
            let entry = try unsafe maker.decide(
                padded: body, by: snapshot.policies, at: application.now(), callerId: scope.caller.id, key: scope.idempotency.key)
            if let fault = scope.idempotency.fault { throw Faults([fault]) }
            let answer = DecisionWriter.answer(entry, policy: snapshot.rendered(for: entry.result))
            gathered.add(entry, .exchange(exchange, scope), answer)
        } catch {
            answer(exchange, scope, unsafe Problem(scope.explained(error, of: body)))
        }
    }

    /// The same with a body that is compressed: what becomes too long for the loop is decided elsewhere. The key's digest is that of the
    /// bytes that were compressed, so that the same result is the same whether and however it is coded.
    private func decideDecoded(_ exchange: Exchange, _ scope: RequestScope, _ body: UnsafeBufferPointer<UInt8>) {
        do throws(Problem) {
            let coded = unsafe Span(_unsafeElements: body)
            guard var decoded = try BodyDecoding.gunzip(coded, bytesMax: LoopHandler.bodyBytesOnLoopMax) else {
                let isTaken = unsafe decideElsewhere(Array(body), scope) { [self] outcome in gather(outcome, exchange, scope) }
                if !isTaken { answer(exchange, scope, .busy) }
                return
            }
            let count = decoded.count
            decoded.append(contentsOf: repeatElement(0, count: JSONParser.padding))
            // Safe: the bytes are used during the call, and those that the parser may read stand behind them.
            unsafe decoded.withUnsafeBufferPointer {
                unsafe decide(exchange, scope.decoded(), UnsafeBufferPointer(rebasing: $0[..<count]))
            }
        } catch {
            answer(exchange, scope, error)
        }
    }

    /// A decision made elsewhere, on its way into the log.
    private func gather(_ outcome: Result<MadeDecision, Problem>, _ exchange: Exchange, _ scope: RequestScope) {
        switch outcome {
        case .success(let made): gathered.add(made.entry, .exchange(exchange, scope), made.answer)
        case .failure(let problem): answer(exchange, scope, problem)
        }
    }

    struct MadeDecision: Sendable {
        let entry: LogEntry
        let answer: [UInt8]
    }

    /// Decides a large result off the loop; `done` runs on the loop. False, and nothing is done, when there is no room for it.
    func decideElsewhere(
        _ body: [UInt8], _ scope: RequestScope, done: @escaping @Sendable (Result<MadeDecision, Problem>) -> Void
    ) -> Bool {
        let application = application
        guard application.heldBytes.take(body.count) else { return false }
        let isTaken = application.coldWork.run { [loop] in
            let outcome = application.decide(body, scope)
            application.heldBytes.give(body.count)
            loop.execute { done(outcome) }
        }
        if !isTaken { application.heldBytes.give(body.count) }
        return isTaken
    }
}

extension Application {
    /// A decision with means of its own, for any thread.
    fileprivate func decide(_ body: [UInt8], _ scope: RequestScope) -> Result<LoopHandler.MadeDecision, Problem> {
        guard scope.coding == .gzip else { return decidePlain(body, scope) }
        do throws(Problem) {
            return try decoding(body) { body throws(Problem) in decidePlain(body, scope) }
        } catch {
            return .failure(error)
        }
    }

    private func decidePlain(_ body: [UInt8], _ scope: RequestScope) -> Result<LoopHandler.MadeDecision, Problem> {
        let snapshot = snapshot
        do throws(Faults) {
            let entry = try DecisionMaker(sampler: sampler).decide(
                body, by: snapshot.policies, at: now(), callerId: scope.caller.id, key: scope.idempotency.key)
            if let fault = scope.idempotency.fault { throw Faults([fault]) }
            let answer = DecisionWriter.answer(entry, policy: snapshot.rendered(for: entry.result))
            return .success(LoopHandler.MadeDecision(entry: entry, answer: answer))
        } catch {
            // Safe: the body is read during the call.
            return .failure(Problem(unsafe body.withUnsafeBufferPointer { unsafe scope.explained(error, of: $0) }))
        }
    }
}

extension RequestScope {
    /// A body's faults, with what to do, and before them the head's.
    fileprivate func explained(_ faults: Faults, of body: UnsafeBufferPointer<UInt8>) -> Faults {
        let faults = unsafe faults.advising(on: body, isLine: media == .ndjson)
        guard let fault = idempotency.fault, faults.faults != [fault] else { return faults }
        return Faults([fault] + faults.faults)
    }
}

// MARK: To the log and back

extension LoopHandler {
    /// Milliseconds after which lines that found the log's queue full are offered again, should no commit of this loop return before.
    private static let retryMilliseconds: UInt64 = 5
    /// The pause between two parts of the waiting refusals that are answered: a refusal waits for some 80 ms.
    private static let turningAwayMilliseconds: UInt64 = 5
    private static let turningAwayParts = 16
    /// Beyond it refusals are answered at once.
    private static let turnedAwayMax = 4_096

    /// Hands over what was gathered. A full queue refuses single results, and holds streams back.
    func submit() {
        if !gathered.isEmpty {
            let batch = DecisionBatch(gathered, for: self)
            gathered = DecisionBatch.Content()
            if !application.ledger.append(batch) { refuse(batch) }
        }
        if !gatheredLines.isEmpty {
            if application.ledger.append(DecisionBatch(gatheredLines, for: self)) {
                gatheredLines = DecisionBatch.Content()
            } else {
                scheduleRetry()
            }
        }
    }

    private func refuse(_ batch: DecisionBatch) {
        for case (.exchange(let exchange, let scope), _) in batch.content.answers { turnAway(exchange, scope) }
    }

    /// Answers 503 in a moment: clients that try again at once, whatever `Retry-After` says, would take the time of those who are answered;
    /// and a few at a time, so that they do not all come again together.
    private func turnAway(_ exchange: Exchange, _ scope: RequestScope) {
        guard turnedAway.count < LoopHandler.turnedAwayMax else { return answer(exchange, scope, .busy) }
        turnedAway.append((exchange, scope))
        if turnedAway.count == 1 { scheduleTurningAway() }
    }

    private func scheduleTurningAway() {
        loop.execute(afterMilliseconds: LoopHandler.turningAwayMilliseconds) { [self] in
            let count = (turnedAway.count + LoopHandler.turningAwayParts - 1) / LoopHandler.turningAwayParts
            let oldest = turnedAway[..<count]
            turnedAway.removeFirst(count)
            for (exchange, scope) in oldest { answer(exchange, scope, .busy) }
            if !turnedAway.isEmpty { scheduleTurningAway() }
        }
    }

    private func scheduleRetry() {
        if isRetryScheduled { return }
        isRetryScheduled = true
        loop.execute(afterMilliseconds: LoopHandler.retryMilliseconds) { [self] in
            isRetryScheduled = false
            submit()
        }
    }

    /// Answers the decisions of a durable commit.
    func committed(_ batch: DecisionBatch, _ outcomes: [AppendOutcome]) {
        var streams: [ResultStream] = []
        var replays: [Replay] = []
        for (index, outcome) in outcomes.enumerated() {
            let (destination, body) = batch.content.answers[index]
            let entry = batch.entries[index]
            switch outcome {
            case .logged:
                count(entry)
                deliver(.created(entry.id, entry.decision.route, body), to: destination, touching: &streams)
            case .duplicate(let sequence, sameBody: true): replays.append(Replay(sequence: sequence, destination: destination))
            case .duplicate(_, sameBody: false):
                let fault = Fault(.header("Idempotency-Key"), "was used with another body", status: 422)
                deliver(.refused(Problem(fault)), to: destination, touching: &streams)
            }
        }
        for stream in streams { advance(stream) }
        if !replays.isEmpty { replay(replays) }
    }

    func failed(_ batch: DecisionBatch, _ error: LedgerError) {
        var streams: [ResultStream] = []
        let problem = Problem(
            .logUnavailable, "The decision could not be logged. Whether it was is known when the request is sent again with its key.",
            note: "\(error)")
        for (destination, _) in batch.content.answers { deliver(.refused(problem), to: destination, touching: &streams) }
        for stream in streams { advance(stream) }
    }

    /// An earlier decision that is answered again.
    struct Replay {
        let sequence: Int64
        let destination: AnswerDestination
    }

    /// Reads the first decisions off the loop and answers them again.
    // Sendable by proof: the destinations are passed through and touched on the loop alone.
    private final class Replays: @unchecked Sendable {
        let all: [Replay]
        init(_ all: [Replay]) { self.all = all }
    }

    private func replay(_ replays: [Replay]) {
        let application = application
        let replays = Replays(replays)
        application.coldWork.finish { [self] in
            let answers = replays.all.map { replay -> DecisionAnswer in
                do throws(Problem) {
                    let first = try application.firstAnswer(sequence: replay.sequence)
                    return .replayed(first.logged.id, first.logged.decision.route, first.body)
                } catch {
                    return .refused(error)
                }
            }
            loop.execute { [self] in
                var streams: [ResultStream] = []
                for (replay, answer) in zip(replays.all, answers) { deliver(answer, to: replay.destination, touching: &streams) }
                for stream in streams { advance(stream) }
            }
        }
    }

    enum DecisionAnswer: Sendable {
        case created(DecisionID, Route, [UInt8])
        case replayed(DecisionID, Route, [UInt8])
        case refused(Problem)
    }

    private func deliver(_ made: DecisionAnswer, to destination: AnswerDestination, touching streams: inout [ResultStream]) {
        switch destination {
        case .line(let stream, let number):
            stream.fill(number, with: made)
            if streams.last !== stream { streams.append(stream) }
        case .exchange(let exchange, let scope):
            switch made {
            case .created(let id, let route, let body):
                answer(exchange, scope, LoopHandler.response(201, id, body), decision: (id, route))
            case .replayed(let id, let route, let body):
                var response = LoopHandler.response(200, id, body)
                response.addField("Idempotency-Replayed", "true")
                answer(exchange, scope, response, decision: (id, route))
            case .refused(let problem): answer(exchange, scope, problem)
            }
        }
    }

    private static func response(_ status: UInt16, _ id: DecisionID, _ body: [UInt8]) -> Response {
        var response = Response.json(body, status: status)
        response.addField("Location") { out in
            out.append(literal: "/v1/decisions/")
            id.append(to: &out)
        }
        return response
    }
}
