import HTTPWire

/// A connection's machine under any bytes.
///
/// 1. Any split of the same bytes gives the same requests, bodies, fault and end (what is sent too, but for pieces of chunks).
/// 2. Every range is within the input, and the position never goes back.
/// 3. Each request is answered once; behind the last answer nothing is read as a request.
enum RequestCheck {
    /// Small, so that inputs of a few thousand bytes reach every one of them.
    static let limits = WireLimits(headBytesMax: 1_024, fieldsMax: 12, targetBytesMax: 256, pipelinedRequestsMax: 3)

    static func run(_ bytes: [UInt8]) throws(Finding) {
        let whole = try Talk.events(of: bytes, cut: .whole(bytes))
        for way in Cuts.ways(for: bytes) {
            let events = try Talk.events(of: bytes, cut: way)
            if events != whole { throw Finding("cut at \(way.ends.prefix(40)): \(events), and whole: \(whole)") }
        }
    }
}

/// One conversation, with a server that takes some bodies, streams others and refuses the rest, by the length of the path.
private struct Talk: ~Copyable {
    struct Events: Equatable {
        var requests: [Request] = []
        /// Of whole bodies, in order.
        var bodies: [[UInt8]] = []
        var fault: WireFault?
        var output: [UInt8] = []
    }

    private var machine = ConnectionMachine(limits: RequestCheck.limits, now: 0)
    private var events = Events()
    private var body: [UInt8] = []
    /// Whether the body that is coming was answered already.
    private var isUnwanted = false
    /// Whether bodies are said to be here when a request is planned: depends on the input, for the answer to `Expect` depends on it.
    private let hasInput: Bool

    private static let date = Array("Date: D\r\n".utf8)

    private init(hasInput: Bool) { self.hasInput = hasInput }

    static func events(of bytes: [UInt8], cut: Cuts) throws(Finding) -> Events {
        var talk = Talk(hasInput: Cuts.fingerprint(bytes) & 1 == 0)
        var start = 0
        for end in cut.ends {
            start += try talk.take(Array(bytes[start..<end]))
        }
        if case .refuse(let fault) = talk.machine.endOfInput() { try talk.refuse(fault) }
        // A request that was held may follow.
        _ = try talk.take(Array(bytes[start...]))
        try talk.send()
        return talk.events
    }

    /// Gives the machine what is here; the number of bytes it used.
    private mutating func take(_ input: [UInt8]) throws(Finding) -> Int {
        var position = 0
        while true {
            let before = position
            let step = machine.next(input.span, position: &position, now: 0)
            guard before <= position, position <= input.count else { throw Finding("position \(position) after \(before)") }
            switch step {
            case .wait: return position
            case .request(let request): try begin(request)
            case .body(let range, let isLast):
                guard before <= range.lowerBound, range.upperBound <= position else { throw Finding("body at \(range)") }
                try take(body: input[range], isLast: isLast)
            case .refuse(let fault): try refuse(fault)
            }
            try send()
        }
    }

    private mutating func begin(_ request: Request) throws(Finding) {
        guard events.fault == nil, !machine.isClosing else { throw Finding("a request behind the last answer") }
        let head = request.head
        for range in head.fields.flatMap({ [$0.name, $0.value] }) + [head.path, head.query ?? head.path] {
            guard range.lowerBound >= 0, range.upperBound <= head.bytes.count else { throw Finding("a range outside the head: \(range)") }
        }
        events.requests.append(request)
        body = []
        isUnwanted = head.path.count % 4 == 2
        if isUnwanted {
            _ = machine.plan(.ignore, hasInput: hasInput, now: 0)
            return respond(401)
        }
        let plan: ConnectionMachine.Plan = head.path.count % 4 == 3 ? .stream : .buffer(bytesMax: head.path.count % 4 == 1 ? 1_000 : 20)
        if let fault = machine.plan(plan, hasInput: hasInput, now: 0) { try refuse(fault) }
    }

    private mutating func take(body piece: ArraySlice<UInt8>, isLast: Bool) throws(Finding) {
        if isUnwanted { throw Finding("a body that nobody wanted") }
        body += piece
        guard isLast else { return }
        events.bodies.append(body)
        respond(200)
    }

    private mutating func respond(_ status: UInt16) {
        _ = machine.respond(machine.lastRequest, Response(status: status), date: Talk.date, now: 0)
    }

    private mutating func refuse(_ fault: WireFault) throws(Finding) {
        guard events.fault == nil else { throw Finding("a second refusal: \(fault)") }
        events.fault = fault
        guard machine.refuse(Response(status: fault.status), date: Talk.date, now: 0) != nil else {
            throw Finding("a refusal behind an answer that has not begun")
        }
    }

    private mutating func send() throws(Finding) {
        guard machine.unsentBytes > 0 else { return }
        events.output += machine.output[machine.outputSent...]
        machine.sent(machine.unsentBytes, now: 0)
        guard machine.unsentBytes == 0 else { throw Finding("what was sent is still to be sent") }
    }
}
