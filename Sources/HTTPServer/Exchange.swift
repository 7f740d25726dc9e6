package import HTTPWire

/// One request and its answer. Belongs to its loop; other threads reach it through `loop.execute`.
///
/// Sendable by proof: mutable state is touched on the loop's thread only.
package final class Exchange: @unchecked Sendable {
    package let head: RequestHead
    package let peer: Peer
    package let loop: EventLoop
    /// Monotonic nanoseconds at which the request's head was complete.
    package let startedAt: UInt64
    /// The handler's own, e.g. the state of a streamed request, which may hold the exchange: dropped once the answer is complete or the
    /// connection dead, when no call follows.
    package var context: AnyObject?

    /// Its number on the connection.
    let number: UInt32
    /// nil once the answer is complete or the connection dead.
    var connection: Connection?
    /// The handler knows of it.
    var isShown = false
    private var state = State.open

    private enum State { case open, streaming, answered }

    init(head: RequestHead, connection: Connection, number: UInt32, startedAt: UInt64) {
        self.head = head
        self.peer = connection.peer
        self.loop = connection.loop
        self.connection = connection
        self.number = number
        self.startedAt = startedAt
    }

    var isAnswered: Bool { state == .answered }
    var isStreaming: Bool { state == .streaming }

    /// Answers the request, once. On the loop.
    package func respond(_ response: consuming Response) {
        guard let connection else { return }
        precondition(state == .open, "a request is answered once")
        state = .answered
        connection.respond(number, response)
    }

    /// Begins a streamed answer (chunked, or until close for HTTP/1.0); then `write`, and `finish` or `abort`.
    package func begin(_ response: consuming Response) {
        guard let connection else { return }
        precondition(state == .open, "a request is answered once")
        state = .streaming
        connection.begin(number, response)
    }

    /// Sent at the end of the loop's turn at the latest.
    package func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let connection else { return }
        precondition(state == .streaming, "writing follows begin")
        // Safe: the caller's buffer is read during the call only.
        connection.write(number, unsafe Span(_unsafeElements: bytes))
    }

    package func finish() {
        guard let connection else { return }
        precondition(state == .streaming, "finishing follows begin")
        state = .answered
        connection.finish(number)
    }

    /// Cuts the stream: the client sees an incomplete answer.
    package func abort() {
        guard let connection else { return }
        precondition(state == .streaming, "aborting follows begin")
        state = .answered
        connection.breakOff()
    }

    /// Bytes written and not yet taken by the kernel. `RequestHandler.drained` follows whenever the kernel took some and at most
    /// `unsentBytesMark` are left.
    package var unsentBytes: Int { connection?.machine.unsentBytes(of: number) ?? 0 }

    package static var unsentBytesMark: Int { WireLimits.unsentBytesMark }

    /// Whether the kernel takes no more of what was written; `RequestHandler.blocked` follows when that begins.
    package var isWriteBlocked: Bool { connection?.machine.isWriteBlocked ?? false }

    /// Bytes of the streamed answer that the handler keeps until what it has written is taken: a share of them is due in each span of the
    /// write timeout.
    package func setWithheldBytes(_ count: Int) { connection?.machine.withheldBytes = count }

    package typealias Reading = ConnectionMachine.Reading

    /// Whether the server reads more of this request's streamed body, and if not, on whom it waits (back-pressure).
    package func setReading(_ reading: Reading) { connection?.setReading(reading, by: self) }
}
