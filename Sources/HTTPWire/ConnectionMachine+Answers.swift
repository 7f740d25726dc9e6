/// Answers and their order.
extension ConnectionMachine {
    /// A request that is in work.
    struct Slot: Sendable {
        let isHead: Bool
        let isSafe: Bool
        /// The client speaks HTTP/1.0.
        let isOld: Bool
        /// The connection goes on after the answer.
        var persists: Bool
        var answer = Answer.none
    }

    enum Answer: Sendable {
        case none
        /// Waits for the answers before it.
        case complete(Response)
        /// The same for a streamed answer, with what was written of it, framed.
        case begun(Response, written: [UInt8], isFinished: Bool)
        /// Its head has left.
        case streaming(isChunked: Bool)
    }

    /// What an answer set in motion.
    public struct Answered: Sendable {
        /// Requests whose answers are now complete in `output`, the oldest first.
        public var finished: Int
    }

    /// Gives the answer of a request, once; it is rendered as soon as it is its turn. `date` is the Date line.
    public mutating func respond(_ request: UInt32, _ response: consuming Response, date: [UInt8], now: UInt64) -> Answered {
        let index = Int(request &- firstRequest)
        guard index == 0 else {
            slots[index].answer = .complete(response)
            return Answered(finished: 0)
        }
        render(response, date: date)
        return advance(date: date, now: now)
    }

    /// Begins a streamed answer; then `write`, and `finish`.
    public mutating func begin(_ request: UInt32, _ response: consuming Response, date: [UInt8]) {
        let index = Int(request &- firstRequest)
        if index == 0 {
            renderHead(response, date: date)
        } else {
            slots[index].answer = .begun(response, written: [], isFinished: false)
        }
    }

    public mutating func write(_ request: UInt32, _ bytes: Span<UInt8>) {
        guard !bytes.isEmpty else { return }
        let index = Int(request &- firstRequest)
        let slot = slots[index]
        switch slot.answer {
        case .streaming(let isChunked):
            if !slot.isHead { Self.append(bytes, isChunked: isChunked, to: &output) }
        case .begun(let response, var written, let isFinished):
            slots[index].answer = .none
            if !slot.isHead { Self.append(bytes, isChunked: !slot.isOld, to: &written) }
            slots[index].answer = .begun(response, written: written, isFinished: isFinished)
        case .none, .complete:
            preconditionFailure("writing follows begin")
        }
    }

    public mutating func finish(_ request: UInt32, date: [UInt8], now: UInt64) -> Answered {
        let index = Int(request &- firstRequest)
        switch slots[index].answer {
        case .streaming(let isChunked):
            endStream(isChunked: isChunked)
            return advance(date: date, now: now)
        case .begun(let response, let written, _):
            slots[index].answer = .begun(response, written: written, isFinished: true)
            return Answered(finished: 0)
        case .none, .complete:
            preconditionFailure("finishing follows begin")
        }
    }

    /// The answer in progress stays incomplete: no more is sent than what is rendered, then the connection closes. False when that would
    /// look like the end of the answer: then it must be cut off.
    public mutating func breakOff() -> Bool {
        guard case .streaming(isChunked: true)? = slots.first?.answer, slots.first?.isHead == false else { return false }
        slots.removeAll()
        phase = .ended
        ending = .closing
        return true
    }

    /// Bytes of answers that the client's end has not taken yet, those included that wait for an earlier one.
    public var heldAnswerBytes: Int {
        slots.reduce(unsentBytes) { sum, slot in
            if case .complete(let response) = slot.answer { sum + response.body.count } else { sum }
        }
    }

    /// Bytes of this request's answer (and of those before it) that the client's end has not taken yet.
    public func unsentBytes(of request: UInt32) -> Int {
        let index = Int(request &- firstRequest)
        guard index < slots.count, case .begun(_, let written, _) = slots[index].answer else { return unsentBytes }
        return unsentBytes + written.count
    }

    private static func append(_ bytes: Span<UInt8>, isChunked: Bool, to output: inout [UInt8]) {
        if isChunked {
            output.append(hexadecimal: bytes.count)
            output.append("\r\n")
        }
        // Safe: the buffer is read during the call only.
        unsafe bytes.withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) }
        if isChunked { output.append("\r\n") }
    }

    private mutating func render(_ response: consuming Response, date: [UInt8]) {
        if slots.count == 1, !settleBody() || isDraining || hasInputEnded { slots[0].persists = false }
        ResponseWriter.append(response, isHead: slots[0].isHead, connection: connectionOption, date: date, to: &output)
    }

    private mutating func renderHead(_ response: consuming Response, date: [UInt8]) {
        let isOld = slots[0].isOld
        if isOld || slots.count == 1 && (isDraining || hasInputEnded) { slots[0].persists = false }
        ResponseWriter.appendHead(
            of: response, delimiter: isOld ? .close : .chunked, connection: connectionOption, date: date, to: &output)
        slots[0].answer = .streaming(isChunked: !isOld)
    }

    private var connectionOption: ResponseWriter.ConnectionOption {
        slots[0].persists ? (slots[0].isOld ? .keepAlive : .none) : .close
    }

    private mutating func endStream(isChunked: Bool) {
        if isChunked, !slots[0].isHead { output.append("0\r\n\r\n") }
        if slots.count == 1, !settleBody() || isDraining || hasInputEnded { slots[0].persists = false }
    }

    /// The first answer is complete: the next ones follow as far as they are given.
    private mutating func advance(date: [UInt8], now: UInt64) -> Answered {
        var finished = 0
        while true {
            let persists = slots.removeFirst().persists
            firstRequest &+= 1
            finished += 1
            guard persists else {
                phase = .ended
                ending = .closing
                slots.removeAll()
                return Answered(finished: finished)
            }
            guard !slots.isEmpty else {
                since = now
                return Answered(finished: finished)
            }
            switch slots[0].answer {
            case .none, .streaming:
                return Answered(finished: finished)
            case .complete(let response):
                render(response, date: date)
            case .begun(let response, let written, let isFinished):
                renderHead(response, date: date)
                output.append(contentsOf: written)
                guard isFinished else { return Answered(finished: finished) }
                endStream(isChunked: !slots[0].isOld)
            }
        }
    }
}
