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
    /// A piece of a streamed body, valid during the call only. The first call for an exchange with the plan `.stream`.
    func received(_ exchange: Exchange, bytes: UnsafeBufferPointer<UInt8>)
    /// A streamed body is complete. Not called when the exchange was answered before that.
    func ended(_ exchange: Exchange)
    /// A streamed response's unsent bytes fell below the mark: more may be written.
    func drained(_ exchange: Exchange)
    /// The kernel takes no more of a streamed response, and more than the mark is unsent; `drained` follows once the client has read.
    func blocked(_ exchange: Exchange)
    /// The connection died before the exchange was finished; nothing more will be asked of it and what it is given goes nowhere.
    func aborted(_ exchange: Exchange)
    /// The server itself refuses a request (its head or body is at fault, or late): the answer may be given more fields, and counted.
    func refusing(_ response: inout Response, peer: Peer)
    /// All events that were ready have been handled: submit what was gathered (one hand-over for many requests).
    func turnEnded()
}

extension RequestHandler {
    package func refusing(_ response: inout Response, peer: Peer) {}
    package func blocked(_ exchange: Exchange) {}
}
