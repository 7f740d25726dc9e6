import HTTPWire

/// A socket and its machine: performs what the machine decides. One loop's, for life.
final class Connection {
    let peer: Peer
    let token: UInt64
    let loop: EventLoop
    var machine: ConnectionMachine
    /// The timer wheel's tick at which this connection is looked at.
    var scheduledTick = TimerWheel.Tick.max

    private let descriptor: Int32
    private var isOpen = true
    /// Input that could not be used yet.
    private var kept: [UInt8] = []
    /// The kernel may hold input.
    private var mayHaveInput = false
    private var hasPeerFinished = false
    /// The machine wants no more input until an answer is given.
    private var isStalled = false
    private var isReady = false
    private var isWritten = false
    /// Within `use`: output is sent at its end, all answers at once.
    var isCorked = false
    /// A stream is to be told that it may write more.
    var owesDrained = false
    /// A stream is to be told that nothing more leaves for now.
    private var owesBlocked = false

    /// The requests in work, the oldest first, as the machine has them; nil for one that was refused.
    var exchanges: [Exchange?] = []
    /// The request whose body is being received.
    var receiving: Exchange?
    var isStreamingBody = false
    var body: BodyBuffer?
    /// What the body can have at most: its length, or its limit where it has none.
    var bodyBytesMax = 0
    /// Held of the budget of answers.
    private var answerBytesHeld = 0

    /// Reads of one turn, so that one connection doesn't hold up the others.
    private static let readsPerTurnMax = 4

    init(descriptor: Int32, peer: Peer, loop: EventLoop, token: UInt64) {
        self.descriptor = descriptor
        self.peer = peer
        self.loop = loop
        self.token = token
        machine = ConnectionMachine(limits: loop.shared.wireLimits, now: loop.now)
    }

    func handle(_ event: Poller.Event) {
        if event.isDead, !machine.isLingering { return cut() }
        if event.isReadable || event.isPeerFinished || event.isDead { mayHaveInput = true }
        if event.isPeerFinished || event.isDead { hasPeerFinished = true }
        if event.isWritable, machine.isWriteBlocked { send() }
        proceed()
    }

    /// Goes on with kept input, or reads.
    func goOn() {
        isReady = false
        tellDrained()
        proceed()
    }

    private func proceed() {
        if isOpen, isStalled { use(loop.input.restore(kept)) }
        var reads = 0
        // What is kept of a stall comes first, in the next turn, also when its end was that the answers have just left.
        while isOpen, mayHaveInput, !isStalled, machine.wantsInput {
            guard reads < Self.readsPerTurnMax else {
                becomeReady()
                break
            }
            reads += 1
            read()
        }
        if isOpen { loop.schedule(self) }
    }

    func becomeReady() {
        guard !isReady else { return }
        isReady = true
        loop.addReady(self)
    }

    private func read() {
        let (transfer, range, isFull) = loop.input.receive(descriptor, behind: kept)
        switch transfer {
        case .bytes(let count):
            // A short read has emptied the kernel's buffer; only an end that came before it makes no further event.
            mayHaveInput = isFull || hasPeerFinished
            if machine.isLingering {
                if !machine.lingered(count, now: loop.now) { close() }
            } else {
                use(range)
            }
        case .end:
            mayHaveInput = false
            if machine.isLingering { return close() }
            perform(machine.endOfInput())
            send()
        case .wouldBlock:
            mayHaveInput = false
        case .failed:
            cut()
        }
    }

    /// Gives a range of the loop's buffer to the machine and does what it says.
    private func use(_ range: Range<Int>) {
        isCorked = true
        var position = range.lowerBound
        loop: while isOpen {
            let base = position
            var used = 0
            let step: ConnectionMachine.Step
            do {
                // Safe: the buffer outlives the call, and nothing writes to it meanwhile.
                let input = unsafe Span(_unsafeElements: loop.input.bytes(base..<range.upperBound))
                step = machine.next(input, position: &used, now: loop.now)
            }
            position = base + used
            switch step {
            case .wait: break loop
            case .request(let request): begin(request, inputCount: range.upperBound - position)
            case .body(let piece, let isLast):
                take(base + piece.lowerBound..<base + piece.upperBound, isLast: isLast)
            case .refuse(let fault): refuse(fault)
            }
        }
        isCorked = false
        guard isOpen else { return }
        isStalled = !machine.wantsInput && !machine.isClosing
        if position < range.upperBound {
            kept = unsafe Array(loop.input.bytes(position..<range.upperBound))
        } else if !kept.isEmpty {
            kept = []
        }
        send()
        // What stalled may have been the answers that have just left.
        if isOpen, isStalled, machine.wantsInput { becomeReady() }
    }

    private func perform(_ step: ConnectionMachine.Step) {
        if case .refuse(let fault) = step { refuse(fault) }
    }
}

// MARK: Answers

extension Connection {
    func respond(_ number: UInt32, _ response: consuming Response) {
        borrowOutput()
        if response.body.count > WireLimits.unsentBytesMark, !holdAnswer(response.body.count) { response = overloadedAnswer() }
        answered(machine.respond(number, response, date: loop.date, now: loop.now))
        if !isCorked {
            send()
            goOnIfStalled()
        }
    }

    /// Takes memory for a long answer; false when clients that don't read have it all.
    private func holdAnswer(_ count: Int) -> Bool {
        guard loop.shared.answerBudget.reserve(count, evenAlone: true) else { return false }
        answerBytesHeld += count
        return true
    }

    /// Gives back what is no longer needed.
    private func releaseAnswers() {
        guard answerBytesHeld > 0 else { return }
        let needed = isOpen ? min(answerBytesHeld, machine.heldAnswerBytes) : 0
        loop.shared.answerBudget.release(answerBytesHeld - needed)
        answerBytesHeld = needed
    }

    /// In the place of an answer that there is no memory for. What was asked for may have been done.
    private func overloadedAnswer() -> Response {
        var response = WireFault.overloaded.response
        loop.shared.countRefusal(status: response.status)
        loop.handler?.refusing(&response, peer: peer)
        return response
    }

    func begin(_ number: UInt32, _ response: consuming Response) {
        borrowOutput()
        machine.begin(number, response, date: loop.date)
        noteWritten()
    }

    func write(_ number: UInt32, _ bytes: borrowing Span<UInt8>) {
        borrowOutput()
        machine.write(number, bytes)
        noteWritten()
    }

    func finish(_ number: UInt32) {
        borrowOutput()
        answered(machine.finish(number, date: loop.date, now: loop.now))
        noteWritten()
    }

    /// Sends what streams wrote during the turn.
    func sendWritten() {
        isWritten = false
        guard isOpen else { return }
        owesDrained = true
        send()
        goOnIfStalled()
    }

    private func answered(_ answered: ConnectionMachine.Answered) { drop(answered.finished) }

    private func noteWritten() {
        guard !isWritten else { return }
        isWritten = true
        loop.addWritten(self)
    }

    private func goOnIfStalled() {
        guard isOpen else { return }
        if isStalled || mayHaveInput { becomeReady() }
        loop.schedule(self)
    }

    private func borrowOutput() {
        guard machine.output.capacity == 0 else { return }
        var spare = loop.takeSpareOutput()
        machine.exchangeOutput(&spare)
    }

    /// Sends as much as the kernel takes; ends the connection when all is sent and nothing is to follow.
    func send() {
        let wasBlocked = machine.isWriteBlocked
        sendAll()
        if isOpen, !wasBlocked, machine.isWriteBlocked, exchanges.first??.isStreaming == true { owesBlocked = true }
        // A stream is told in the next turn, so that one without end doesn't keep the loop from others.
        if isOpen, owesBlocked || owesDrained && machine.unsentBytes <= WireLimits.unsentBytesMark { becomeReady() }
    }

    private func sendAll() {
        while isOpen, machine.unsentBytes > 0 {
            let transfer = unsafe machine.output.withUnsafeBytes { output in
                unsafe System.send(descriptor, UnsafeRawBufferPointer(rebasing: output[machine.outputSent...]))
            }
            switch transfer {
            case .bytes(let count):
                machine.sent(count, now: loop.now)
            case .wouldBlock, .end:
                owesDrained = true
                releaseAnswers()
                return machine.sent(0, now: loop.now)
            case .failed:
                return cut()
            }
        }
        guard isOpen else { return }
        releaseAnswers()
        var spare: [UInt8] = []
        machine.exchangeOutput(&spare)
        if spare.capacity > 0 { loop.keepSpareOutput(spare) }
        if machine.isClosing { endOutput() }
    }

    private func tellDrained() {
        let isBlocked = owesBlocked && machine.isWriteBlocked
        owesBlocked = false
        guard isOpen, owesDrained else { return }
        if machine.unsentBytes <= WireLimits.unsentBytesMark {
            owesDrained = false
            if let exchange = exchanges.first ?? nil, exchange.isStreaming { loop.handler?.drained(exchange) }
        } else if isBlocked, let exchange = exchanges.first ?? nil, exchange.isStreaming {
            loop.handler?.blocked(exchange)
        }
    }
}

// MARK: The end

extension Connection {
    func expire() {
        switch machine.expire(now: loop.now) {
        case .none: break
        case .close: return close()
        case .cut: return cut()
        case .refuse(let fault): refuse(fault)
        }
        if isOpen { loop.schedule(self) }
    }

    /// Closes when idle; else when the requests in work are answered.
    func drain() {
        machine.drain()
        // A request may be here that no event has told of yet.
        mayHaveInput = true
        proceed()
        if isOpen, machine.isIdle { close() }
    }

    /// Half-closes, and reads on for a while: a reset would destroy the answer on its way.
    private func endOutput() {
        guard machine.beginLinger(now: loop.now) else { return close() }
        System.shutdownOutput(descriptor)
        kept = []
        isStalled = false
        if mayHaveInput { becomeReady() }
        loop.schedule(self)
    }

    /// Ends a streamed answer where it is; what was written of it still leaves.
    func breakOff() {
        // Without chunks the end of the connection would look like the end of the answer.
        guard machine.breakOff() else { return cut() }
        let unfinished = exchanges
        exchanges = []
        receiving = nil
        body = nil
        for exchange in unfinished { if let exchange { abort(exchange) } }
        if !isCorked { send() }
    }

    private func close() { end(withReset: false) }

    /// Closes at once with a reset: the client sees that something is missing.
    func cut() { end(withReset: true) }

    private func end(withReset isReset: Bool) {
        guard isOpen else { return }
        isOpen = false
        if isReset { System.reset(descriptor) } else { System.close(descriptor) }
        body = nil
        receiving = nil
        releaseAnswers()
        loop.remove(self)
        let unfinished = exchanges
        exchanges = []
        for exchange in unfinished { if let exchange { abort(exchange) } }
    }
}
