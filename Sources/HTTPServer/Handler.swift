package import HTTPWire

/// What to do with a request's body, decided from its head alone (so that a refusal comes before the body, and
/// `Expect: 100-continue` is answered rightly).
package enum BodyPlan: Sendable {
    /// Collect it, at most this many bytes (else 413), then `RequestHandler.handle`.
    case buffer(bytesMax: Int)
    /// Hand the pieces on as they come: `RequestHandler.received`, then `.ended`.
    case stream
    /// Answer now; the body is not read (the connection closes after it, unless it is already here or short).
    case refuse(Response)
}

/// Who called: for the rule of anonymous roles.
package enum Peer: Sendable, Equatable {
    /// Over IPv4 or IPv6; `isLoopback` for 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/104.
    case tcp(isLoopback: Bool, address: String)
    case unix
}

/// The application, one instance per event loop, called on that loop alone.
package protocol RequestHandler: AnyObject {
    func plan(for head: RequestHead, peer: Peer) -> BodyPlan
    /// The whole request. Answer through the exchange, now or later. `body` is valid during the call only, and at least 64 readable
    /// bytes stand behind it (simdjson reads that far).
    func handle(_ exchange: Exchange, body: UnsafeBufferPointer<UInt8>)
    /// A piece of a streamed body, valid during the call only.
    func received(_ exchange: Exchange, bytes: UnsafeBufferPointer<UInt8>)
    /// A streamed body is complete.
    func ended(_ exchange: Exchange)
    /// A streamed response's unsent bytes fell below the mark: more may be written.
    func drained(_ exchange: Exchange)
    /// The connection died before the exchange was finished; nothing more will be asked of it and what it is given goes nowhere.
    func aborted(_ exchange: Exchange)
    /// All events that were ready have been handled: submit what was gathered (one hand-over for many requests).
    func turnEnded()
}

/// One request and its answer. Belongs to its loop; other threads reach it through `loop.execute`.
///
/// Sendable by proof: mutable state is touched on the loop's thread only.
package final class Exchange: @unchecked Sendable {
    package let head: RequestHead
    package let peer: Peer
    package let loop: EventLoop
    /// Monotonic nanoseconds at which the request's head was complete.
    package let startedAt: UInt64
    /// The handler's own, e.g. the state of a streamed request.
    package var context: AnyObject?

    init(head: RequestHead, peer: Peer, loop: EventLoop, startedAt: UInt64) {
        self.head = head
        self.peer = peer
        self.loop = loop
        self.startedAt = startedAt
    }

    /// Answers the request, once. On the loop.
    package func respond(_ response: consuming Response) {}
    /// Begins a streamed answer (chunked, or until close for HTTP/1.0); then `write`, and `finish` or `abort`.
    package func begin(_ response: consuming Response) {}
    package func write(_ bytes: UnsafeBufferPointer<UInt8>) {}
    package func finish() {}
    /// Cuts the stream: the client sees an incomplete answer.
    package func abort() {}
    /// Bytes written and not yet taken by the kernel.
    package var unsentBytes: Int { 0 }
    /// While true the server does not read more of this request's streamed body (back-pressure).
    package var isReadingPaused: Bool {
        get { false }
        set {}
    }
}

/// One thread's loop. `execute` may be called from any thread; the work runs on the loop, in order, in its next turn.
package final class EventLoop: @unchecked Sendable {
    package func execute(_ work: @escaping @Sendable () -> Void) {}
}
