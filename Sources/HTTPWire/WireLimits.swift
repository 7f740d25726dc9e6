/// The bounds of what one connection may ask of the server. Times are in nanoseconds.
public final class WireLimits: Sendable {
    /// Bytes of a request's head, its final empty line included; a longer one is refused with 431. Also of a trailer section.
    public let headBytesMax: Int
    /// Field lines of a head or of a trailer section; more are refused with 431.
    public let fieldsMax: Int
    /// Bytes of a request target; a longer one is refused with 414.
    public let targetBytesMax: Int
    /// Requests in work at once on one connection.
    public let pipelinedRequestsMax: Int
    /// How long a connection may wait for its next request.
    public let idleTimeout: UInt64
    /// How long a head may take from its first byte to its last.
    public let headTimeout: UInt64
    /// The span in which a body must bring at least `bytesPerSecondMin`.
    public let bodyTimeout: UInt64
    /// The span in which the client must take at least `bytesPerSecondMin`, and one part in `shareOfAnswerMin`, of what is owed to it.
    public let writeTimeout: UInt64

    /// Below this pace a body or an answer counts as stalled. A modem is faster; an attacker who drips bytes is not.
    public static let bytesPerSecondMin: UInt64 = 128
    /// In each span a client must also take one such part of what was owed to it at the span's start: a long answer is not held for long.
    public static let shareOfAnswerMin = 16
    /// The same of what the application withholds until it is taken: disk is cheaper than memory.
    public static let shareOfWithheldMin = 128
    /// Empty lines taken before a request line (RFC 9112 §2.2 asks for at least one).
    public static let blankLinesMax = 4
    /// A longer method token is none that anybody knows.
    public static let methodBytesMax = 32
    /// Bytes of one chunk's size line, and of all chunk extensions of one body (RFC 9112 §7.1.1 asks for a bound).
    public static let chunkLineBytesMax = 1_024
    public static let chunkExtensionBytesMax = 16_384
    /// Of a body nobody wants, at most this many bytes are read so that the connection can go on; else it closes.
    public static let discardedBytesMax = 65_536
    /// Unsent bytes above which no more requests are taken from the connection.
    public static let unsentBytesMark = 65_536
    /// After the last answer the server reads on, so that a reset does not destroy the answer (RFC 9112 §9.6): at most this many bytes,
    /// as long as they come with pauses below `lingerPause`, and for `lingerTime` in all.
    public static let lingerBytesMax = 64 << 20
    public static let lingerTime: UInt64 = 10_000_000_000
    public static let lingerPause: UInt64 = 2_000_000_000
    /// The same while the server is being stopped.
    public static let lingerPauseDraining: UInt64 = 250_000_000

    /// - Precondition: all are positive, and a head can hold the longest target.
    public init(
        headBytesMax: Int = 16_384, fieldsMax: Int = 100, targetBytesMax: Int = 8_192, pipelinedRequestsMax: Int = 32,
        idleTimeout: UInt64 = 60_000_000_000, headTimeout: UInt64 = 10_000_000_000,
        bodyTimeout: UInt64 = 30_000_000_000, writeTimeout: UInt64 = 30_000_000_000
    ) {
        precondition(headBytesMax > 0 && fieldsMax > 0 && targetBytesMax > 0 && pipelinedRequestsMax > 0, "limits are positive")
        precondition(idleTimeout > 0 && headTimeout > 0 && bodyTimeout > 0 && writeTimeout > 0, "timeouts are positive")
        precondition(targetBytesMax < headBytesMax, "a head holds its target")
        self.headBytesMax = headBytesMax
        self.fieldsMax = fieldsMax
        self.targetBytesMax = targetBytesMax
        self.pipelinedRequestsMax = pipelinedRequestsMax
        self.idleTimeout = idleTimeout
        self.headTimeout = headTimeout
        self.bodyTimeout = bodyTimeout
        self.writeTimeout = writeTimeout
    }
}
