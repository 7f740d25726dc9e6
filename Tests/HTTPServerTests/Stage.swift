import Dispatch
import HTTPServer
import HTTPWire
import Synchronization

/// What a test sees and does of the handlers' side, from its own thread.
final class Stage: Sendable {
    private let held = Mutex<[Exchange]>([])
    private let holding = DispatchSemaphore(value: 0)
    private let abortion = DispatchSemaphore(value: 0)
    private let dropping = DispatchSemaphore(value: 0)

    func hold(_ exchange: Exchange) {
        held.withLock { $0.append(exchange) }
        holding.signal()
    }

    /// Waits until a request for `/hold` is in work.
    func waitForHeld() -> Exchange? {
        guard holding.wait(timeout: .now() + 10) == .success else { return nil }
        return held.withLock { $0.removeFirst() }
    }

    func noteAborted() { abortion.signal() }

    func noteDropped() { dropping.signal() }

    /// Waits until what was kept with a streamed request is gone.
    func waitForDropped() -> Bool { dropping.wait(timeout: .now() + 10) == .success }

    func waitForAborted(milliseconds: Int = 10_000) -> Bool { abortion.wait(timeout: .now() + .milliseconds(milliseconds)) == .success }
}

/// Answers by path: `/hold…` when the test says so, `/peer` with who called, `/refused` from the head, `/small` takes four bytes of body,
/// `/stream` sends back each piece as it comes and holds the client back by its own pace, `/flood/N` writes N bytes as fast as they leave,
/// `/big/N` with N bytes at once, `/broken` with its body and no end, anything else is the method, the path and the body.
final class EchoHandler: RequestHandler {
    private let stage: Stage

    init(_ stage: Stage) { self.stage = stage }

    static func path(_ head: RequestHead) -> String { String(decoding: head.bytes[head.path], as: UTF8.self) }

    static func text(_ text: String) -> Response {
        var response = Response(status: 200, body: Array(text.utf8))
        response.addField("Content-Type", "text/plain" as StaticString)
        return response
    }

    func plan(for head: RequestHead, peer: Peer) -> BodyPlan {
        switch Self.path(head) {
        case "/refused": .refuse(Response(status: 401))
        case "/small": .buffer(bytesMax: 4)
        case "/stream": .stream
        default: .buffer(bytesMax: 64 << 20)
        }
    }

    func handle(_ exchange: Exchange, body: UnsafeBufferPointer<UInt8>) {
        let path = Self.path(exchange.head)
        if path.hasPrefix("/hold") { return stage.hold(exchange) }
        if path == "/peer" { return exchange.respond(Self.text("\(exchange.peer)")) }
        if path.hasPrefix("/flood/") { return flood(exchange, Int(path.dropFirst(7)) ?? 0) }
        if path.hasPrefix("/big/") {
            return exchange.respond(Response(status: 200, body: [UInt8](repeating: 0x78, count: Int(path.dropFirst(5)) ?? 0)))
        }
        if path == "/broken" {
            exchange.begin(Response(status: 200))
            unsafe exchange.write(UnsafeBufferPointer(rebasing: body[...]))
            return exchange.abort()
        }
        if path == "/length" { return exchange.respond(Self.text("\(body.count)")) }
        exchange.respond(unsafe Self.text("\(exchange.head.method) \(path) \(String(decoding: body, as: UTF8.self))"))
    }

    func received(_ exchange: Exchange, bytes: UnsafeBufferPointer<UInt8>) {
        beginOnce(exchange)
        unsafe exchange.write(bytes)
        if exchange.unsentBytes > Exchange.unsentBytesMark { exchange.setReading(.waitsForClient) }
    }

    func ended(_ exchange: Exchange) {
        beginOnce(exchange)
        exchange.finish()
    }

    private func beginOnce(_ exchange: Exchange) {
        guard exchange.context == nil else { return }
        exchange.context = Kept(exchange, stage)
        exchange.begin(Response(status: 200))
    }

    func drained(_ exchange: Exchange) {
        if let flood = exchange.context as? Flood { return flood.pour(exchange) }
        exchange.setReading(.goesOn)
    }

    func aborted(_ exchange: Exchange) { stage.noteAborted() }

    func refusing(_ response: inout Response, peer: Peer) { response.addField("X-Refused", "yes" as StaticString) }

    func turnEnded() {}

    private func flood(_ exchange: Exchange, _ count: Int) {
        let flood = Flood(count)
        exchange.context = flood
        exchange.begin(Response(status: 200))
        flood.pour(exchange)
    }
}

/// What is kept with a streamed request, and keeps it.
private final class Kept {
    private let exchange: Exchange
    private let stage: Stage

    init(_ exchange: Exchange, _ stage: Stage) {
        self.exchange = exchange
        self.stage = stage
    }

    deinit { stage.noteDropped() }
}

/// A long streamed answer.
private final class Flood {
    private var remaining: Int
    private static let piece = [UInt8](repeating: 0x78, count: 10_000)

    init(_ count: Int) { remaining = count }

    func pour(_ exchange: Exchange) {
        while remaining > 0, exchange.unsentBytes <= Exchange.unsentBytesMark {
            let count = min(remaining, Self.piece.count)
            unsafe Self.piece.withUnsafeBufferPointer { unsafe exchange.write(UnsafeBufferPointer(rebasing: $0[..<count])) }
            remaining -= count
        }
        if remaining == 0 { exchange.finish() }
    }
}

/// A server with echo handlers, drained at the end of its test.
final class TestServer {
    let stage = Stage()
    let server: Server

    init(_ addresses: [ListenAddress] = [.tcp(host: "127.0.0.1", port: 0)], limits change: (inout Server.Limits) -> Void = { _ in }) throws
    {
        var limits = Server.Limits()
        limits.loops = 2
        change(&limits)
        let stage = stage
        server = try Server(addresses: addresses, limits: limits) { _ in EchoHandler(stage) }
    }

    deinit { server.drain() }

    var address: ListenAddress { server.boundAddresses[0] }

    func connect() throws -> Client { try Client(address) }
}
