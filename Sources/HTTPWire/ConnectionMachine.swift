/// One HTTP/1.1 connection, seen from the server, without its socket and its clock: bytes and instants go in, requests and bytes come
/// out. It decides what is a request, in which order answers leave, when `100 Continue` is owed, when reading must stop, when time is up
/// and how the connection ends. The shell around it reads, writes and asks the application.
///
/// 1. Answers leave in the order of their requests, whatever the order in which they are given (RFC 9112 §9.3.2).
/// 2. Requests of one connection are in work together only if all are safe and have no body (ibid.); another waits for the answers
///    before it.
/// 3. After the last request (`Connection: close`, a refusal, the client's end) not one more byte is read as a request.
///
/// Instants are nanoseconds of any monotonic clock.
public struct ConnectionMachine: ~Copyable, Sendable {
    /// What the shell has to do next.
    public enum Step: Sendable {
        /// Nothing, until there is more input or an answer.
        case wait
        /// Ask for a plan and tell it with `plan`; its answer goes by `lastRequest`.
        case request(Request)
        /// Take these bytes of the input as the next of the last request's body.
        case body(Range<Int>, isLast: Bool)
        /// Tell the fault with `refuse`.
        case refuse(WireFault)
    }

    /// What becomes of a body.
    public enum Plan: Sendable {
        /// Refused with 413 if longer than this many bytes.
        case buffer(bytesMax: Int)
        case stream
        /// Nobody wants it; the answer follows at once.
        case ignore
    }

    /// Whether more of a streamed body is read.
    public enum Reading: Sendable {
        case goesOn
        /// Not until the application has room for it: the client can do nothing about that.
        case waitsForApplication
        /// Not until the client has taken some of its answer.
        case waitsForClient
    }

    enum Phase: Sendable {
        /// Between requests; nothing of the next one is here.
        case idle
        case head
        /// A request is complete up to its body and waits for the answers before it.
        case held
        /// The shell was given a request and owes the plan.
        case planning
        case body
        /// No further request will be read.
        case ended
    }

    enum Ending: Sendable {
        case open
        /// The connection closes when all output is sent.
        case closing
        /// The server has sent its end and reads on for a while.
        case lingering
    }

    let limits: WireLimits
    var phase = Phase.idle
    var ending = Ending.open
    var isDraining = false
    var hasInputEnded = false
    private var parser = HeadParser()
    /// The request line at fault is that of a HEAD request.
    private var beginsAsHead = false
    private var held: Request?

    // The body of the last request.
    private var framing = BodyFraming.none
    private var persists = true
    private var expectsContinue = false
    private var remaining = 0
    private var decoder = ChunkDecoder()
    private var bodyBytes = 0
    private var bodyBytesMax = 0
    private(set) var bodyPlan = Plan.ignore

    // Answers; see ConnectionMachine+Answers.
    var slots: [Slot] = []
    var firstRequest: UInt32 = 0
    /// Rendered bytes; those before `outputSent` are gone.
    public internal(set) var output: [UInt8] = []
    public internal(set) var outputSent = 0

    // Instants; see ConnectionMachine+Deadlines.
    var since: UInt64
    var inputProgress = Progress()
    var outputProgress = Progress()
    /// The kernel takes no more output for now.
    public internal(set) var isWriteBlocked = false
    /// `outputProgress` is under way: output is blocked, or was and more is withheld.
    var isOwing = false
    var lingerUntil: UInt64 = 0
    var lingeredBytes = 0
    var reading = Reading.goesOn
    /// Of the answer in progress, what the application keeps until the client has taken what stands in `output`.
    public var withheldBytes = 0

    public init(limits: WireLimits, now: UInt64) {
        self.limits = limits
        since = now
    }

    /// The next step that `input`, read from `position`, allows. Unused bytes must be given again, with more behind them.
    public mutating func next(_ input: Span<UInt8>, position: inout Int, now: UInt64) -> Step {
        while true {
            switch phase {
            case .idle, .head:
                return nextHead(input, position: &position, now: now)
            case .held:
                guard slots.isEmpty, let request = held else { return .wait }
                held = nil
                return begin(request)
            case .planning:
                return .wait
            case .body:
                if let step = nextBody(input, position: &position, now: now) { return step }
            case .ended:
                position = input.count
                return .wait
            }
        }
    }

    /// Number of the request last given by `next`: answers are given by it.
    public var lastRequest: UInt32 { firstRequest &+ UInt32(truncatingIfNeeded: slots.count) &- 1 }

    private mutating func nextHead(_ input: Span<UInt8>, position: inout Int, now: UInt64) -> Step {
        guard position < input.count, mayBegin else { return .wait }
        let rest = input.extracting(position..<input.count)
        do throws(WireFault) {
            guard let (request, length) = try parser.parse(rest, limits: limits) else {
                if phase == .idle, parser.hasBegun {
                    phase = .head
                    since = now
                }
                return .wait
            }
            position += length
            parser = HeadParser()
            if let first = slots.first, !first.isSafe || !request.head.method.isSafe || request.framing != .none {
                held = request
                phase = .held
                return .wait
            }
            return begin(request)
        } catch {
            beginsAsHead = parser.beginsAsHead(rest)
            return .refuse(error)
        }
    }

    private var mayBegin: Bool {
        slots.count < limits.pipelinedRequestsMax && unsentBytes < WireLimits.unsentBytesMark && ending == .open
    }

    private mutating func begin(_ request: Request) -> Step {
        slots.append(
            Slot(
                isHead: request.head.method == .head, isSafe: request.head.method.isSafe,
                isOld: request.head.version == .http10, persists: request.persists))
        framing = request.framing
        persists = request.persists
        expectsContinue = request.expectsContinue
        phase = .planning
        return .request(request)
    }

    /// Says what becomes of the last request's body; `hasInput` when bytes of it are here. A fault is to be told with `refuse`.
    public mutating func plan(_ plan: Plan, hasInput: Bool, now: UInt64) -> WireFault? {
        precondition(phase == .planning, "a plan follows its request")
        bodyPlan = plan
        bodyBytes = 0
        bodyBytesMax = .max
        switch framing {
        case .none: remaining = 0
        case .length(let length): remaining = length
        case .chunked: decoder = ChunkDecoder()
        }
        switch plan {
        case .buffer(let bytesMax):
            guard remaining <= bytesMax || framing == .chunked else { return .bodyTooLarge(bytesMax: bytesMax) }
            bodyBytesMax = bytesMax
        case .stream: break
        case .ignore: bodyBytesMax = WireLimits.discardedBytesMax
        }
        if hasInput {
            expectsContinue = false
        } else if expectsContinue, case .ignore = plan {
            // The client may or may not send its body now: `settleBody` closes.
        } else if expectsContinue {
            output.append("HTTP/1.1 100 Continue\r\n\r\n")
            expectsContinue = false
        }
        reading = .goesOn
        withheldBytes = 0
        inputProgress = Progress(since: now)
        phase = .body
        return nil
    }

    /// nil when the body went to nobody and the next phase should be looked at.
    private mutating func nextBody(_ input: Span<UInt8>, position: inout Int, now: UInt64) -> Step? {
        var isWanted = true
        switch bodyPlan {
        case .stream: if reading != .goesOn { return .wait }
        case .ignore: isWanted = false
        case .buffer: break
        }
        let piece: Range<Int>
        var isLast = false
        if framing == .chunked {
            do throws(WireFault) {
                switch try decoder.next(input, consumed: &position, limits: limits) {
                case .more: return .wait
                case .data(let range): piece = range
                case .end:
                    piece = position..<position
                    isLast = true
                }
            } catch {
                return .refuse(error)
            }
        } else {
            let count = min(remaining, input.count - position)
            guard count > 0 || remaining == 0 else { return .wait }
            piece = position..<position + count
            position += count
            remaining -= count
            isLast = remaining == 0
        }
        bodyBytes += piece.count
        inputProgress.bytes += piece.count
        if bodyBytes > bodyBytesMax {
            if isWanted { return .refuse(.bodyTooLarge(bytesMax: bodyBytesMax)) }
            endRequests()
            return nil
        }
        if isLast {
            phase = persists ? .idle : .ended
            since = now
            restartOutputSpan(now: now)
        }
        return isWanted ? .body(piece, isLast: isLast) : nil
    }

    /// The answer to the last request is about to leave and its body is not all here. Whether the connection can go on: the rest is read
    /// and dropped if it is short and certain to come.
    mutating func settleBody() -> Bool {
        guard phase == .body else { return phase != .planning }
        let isShort = framing == .chunked || remaining <= WireLimits.discardedBytesMax
        guard isShort, !expectsContinue else {
            phase = .ended
            return false
        }
        bodyPlan = .ignore
        bodyBytes = 0
        bodyBytesMax = WireLimits.discardedBytesMax
        return true
    }

    /// No more requests are read; the connection closes when the answers that are owed have been sent.
    private mutating func endRequests() {
        phase = .ended
        held = nil
        if slots.isEmpty { ending = .closing }
    }

    /// The client has sent its last byte; its answers are still owed (RFC 9112 §9.6).
    public mutating func endOfInput() -> Step {
        hasInputEnded = true
        switch phase {
        case .head: return .refuse(.incomplete)
        case .body:
            if case .ignore = bodyPlan {
                endRequests()
                return .wait
            }
            return .refuse(.incomplete)
        case .idle, .planning, .ended:
            endRequests()
            return .wait
        case .held:
            return .wait
        }
    }

    /// Answers the fault in its turn, as the last answer. nil when the faulty request's answer has already begun: then `breakOff`, so that
    /// the client sees it is incomplete.
    public mutating func refuse(_ response: consuming Response, date: [UInt8], now: UInt64) -> Answered? {
        let isReceiving = phase == .planning || phase == .body
        phase = .ended
        held = nil
        if isReceiving {
            guard let last = slots.indices.last else {
                ending = .closing
                return Answered(finished: 0)
            }
            guard case .none = slots[last].answer else { return nil }
            slots[last].persists = false
        } else {
            slots.append(Slot(isHead: parser.isHead || beginsAsHead, isSafe: true, isOld: false, persists: false))
        }
        return respond(lastRequest, response, date: date, now: now)
    }

    /// From now on the connection closes as soon as no request is in work.
    public mutating func drain() { isDraining = true }

    /// No request is in work and nothing is owed: closing now harms nobody.
    public var isIdle: Bool { phase == .idle && slots.isEmpty && unsentBytes == 0 && !parser.hasBegun }

    /// The shell should read, and give what it reads to `next`.
    public var wantsInput: Bool {
        switch phase {
        case .idle, .head: mayBegin
        case .held, .planning: false
        case .body:
            switch bodyPlan {
            case .stream: reading == .goesOn
            case .buffer, .ignore: true
            }
        case .ended: ending == .lingering
        }
    }

    /// Whether the body of the last request, if streamed, is read on.
    public mutating func setReading(_ reading: Reading, now: UInt64) {
        guard reading != self.reading else { return }
        self.reading = reading
        inputProgress = Progress(since: now)
        // Until now it was no fault of the client's that it took nothing.
        if reading == .waitsForClient { restartOutputSpan(now: now) }
    }
}
