@testable import HTTPWire

/// A connection without a socket: bytes and instants in, bytes out. It answers every request with its method, path and body as soon as it
/// is complete, but for some paths: `/later` waits for `answer`, `/refused` is refused from its head, `/small` takes four bytes of body,
/// `/streamed` answers each piece of its body with a chunk.
final class Conversation {
    private var machine: ConnectionMachine
    private(set) var output = ""
    /// It was cut off, or closed after all was sent.
    private(set) var isCut = false
    private(set) var isClosed = false
    private(set) var waiting: [(number: UInt32, path: String)] = []
    var now: UInt64 = 0
    /// Bytes that the client's end takes; nil for all.
    var room: Int?

    private var kept: [UInt8] = []
    private var request: Request?
    private var number: UInt32 = 0
    private var body: [UInt8] = []

    static let date = Array("Date: D\r\n".utf8)

    init(limits: WireLimits = WireLimits()) { machine = ConnectionMachine(limits: limits, now: 0) }

    var wantsInput: Bool { machine.wantsInput }
    var isLingering: Bool { machine.isLingering }
    var isIdle: Bool { machine.isIdle }
    var deadline: UInt64 { machine.deadline }

    /// Input that comes after the last answer. False when it is enough.
    func lingered(_ count: Int) -> Bool { machine.lingered(count, now: now) }

    func receive(_ bytes: [UInt8]) {
        kept += bytes
        proceed()
    }

    func receive(_ text: String) { receive(Array(text.utf8)) }

    func endInput() {
        if case .refuse(let fault) = machine.endOfInput() { refuse(fault) }
        send()
    }

    func answer(_ number: UInt32) {
        guard let index = waiting.firstIndex(where: { $0.number == number }) else { return }
        let path = waiting.remove(at: index).path
        _ = machine.respond(number, Response(status: 200, body: Array(path.utf8)), date: Self.date, now: now)
        proceed()
    }

    func expire(at instant: UInt64) {
        now = instant
        switch machine.expire(now: now) {
        case .none: break
        case .close: isClosed = true
        case .cut: isCut = true
        case .refuse(let fault): refuse(fault)
        }
        send()
    }

    func drain() { machine.drain() }

    var withheldBytes: Int {
        get { machine.withheldBytes }
        set { machine.withheldBytes = newValue }
    }

    /// Writes more of the streamed answer.
    func stream(_ bytes: [UInt8]) {
        machine.write(number, bytes.span)
        send()
    }

    func setReading(_ reading: ConnectionMachine.Reading) {
        machine.setReading(reading, now: now)
        proceed()
    }

    func send() {
        let count = min(room ?? .max, machine.unsentBytes)
        if machine.unsentBytes > 0 {
            output += String(decoding: machine.output[machine.outputSent..<machine.outputSent + count], as: UTF8.self)
            if let left = room { room = left - count }
            machine.sent(count, now: now)
        }
        if machine.isClosing, machine.unsentBytes == 0, !machine.beginLinger(now: now) { isClosed = true }
    }

    private func proceed() {
        var position = 0
        steps: while !isCut {
            switch machine.next(kept.span, position: &position, now: now) {
            case .wait: break steps
            case .request(let request): begin(request, hasInput: position < kept.count)
            case .body(let range, let isLast): take(Array(kept[range]), isLast: isLast)
            case .refuse(let fault): refuse(fault)
            }
        }
        kept.removeFirst(position)
        send()
    }

    private func begin(_ request: Request, hasInput: Bool) {
        self.request = request
        number = machine.lastRequest
        body = []
        switch path {
        case "/refused":
            _ = machine.plan(.ignore, hasInput: hasInput, now: now)
            _ = machine.respond(number, Response(status: 401), date: Self.date, now: now)
        case "/streamed":
            plan(.stream, hasInput)
            machine.begin(number, Response(status: 200), date: Self.date)
        case "/small": plan(.buffer(bytesMax: 4), hasInput)
        case "/aloud": plan(.stream, hasInput)
        default: plan(.buffer(bytesMax: 1_000_000), hasInput)
        }
    }

    private func plan(_ plan: ConnectionMachine.Plan, _ hasInput: Bool) {
        if let fault = machine.plan(plan, hasInput: hasInput, now: now) { refuse(fault) }
    }

    private var path: String { request.flatMap { $0.head.text($0.head.path) } ?? "" }

    private func take(_ bytes: [UInt8], isLast: Bool) {
        if path == "/streamed" {
            machine.write(number, bytes.span)
            if isLast { _ = machine.finish(number, date: Self.date, now: now) }
            return
        }
        body += bytes
        guard isLast else { return }
        if path.hasPrefix("/later") {
            waiting.append((number, path))
            return
        }
        let text = "\(request?.head.method ?? .trace) \(path) \(String(decoding: body, as: UTF8.self))"
        _ = machine.respond(number, Response(status: 200, body: Array(text.utf8)), date: Self.date, now: now)
    }

    private func refuse(_ fault: WireFault) {
        if machine.refuse(Response(status: fault.status), date: Self.date, now: now) == nil { isCut = true }
    }
}

/// What the machine writes for an answer of 200 with this body.
func answer(_ body: String, _ fields: String = "", bodyless: Bool = false) -> String {
    "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(bodyless ? "" : body)"
}

/// What it writes for an empty, last answer.
func refusal(_ statusLine: String) -> String {
    "HTTP/1.1 \(statusLine)\r\nDate: D\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
}
