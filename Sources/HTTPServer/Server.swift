import HTTPWire

/// Where to listen.
package enum ListenAddress: Sendable, Equatable {
    /// Numeric IPv4 or IPv6 address, or a name to resolve; port 0 takes a free one.
    case tcp(host: String, port: UInt16)
    /// A socket file, mode 0600; a stale one is replaced, a live one is an error.
    case unix(path: String)
}

package enum ServerError: Error, Sendable, Equatable {
    case cannotListen(address: String, reason: String)
}

/// The listeners and their loops: one loop per core, each with its own SO_REUSEPORT listener, its own handler, its own thread.
package final class Server: Sendable {
    package struct Limits: Sendable {
        package var loops = 0  // 0: one per core of the affinity mask
        package var headBytesMax = 16_384
        package var fieldsMax = 100
        package var targetBytesMax = 8_192
        package var connectionsMax = 16_384
        package var pipelinedRequestsMax = 32
        package var idleTimeoutMilliseconds = 60_000
        package var headTimeoutMilliseconds = 10_000
        package var bodyTimeoutMilliseconds = 30_000
        package var writeTimeoutMilliseconds = 30_000
        package var drainTimeoutMilliseconds = 30_000
        /// All buffered bodies together, over all loops; beyond it 503.
        package var bufferedBytesMax = 256 << 20
        package init() {}
    }

    package struct Counters: Sendable {
        package var connectionsOpen = 0
        package var connectionsAccepted: UInt64 = 0
        /// Requests the server refused by itself, by status.
        package var refused: [UInt16: UInt64] = [:]
        package init() {}
    }

    /// Binds and starts. The handler factory is called once per loop, on no particular thread.
    package init(
        addresses: [ListenAddress], limits: Limits, makeHandler: (EventLoop) -> any RequestHandler
    ) throws(ServerError) { throw .cannotListen(address: "", reason: "to be written") }

    /// Where it really listens (port 0 resolved), in the order given.
    package var boundAddresses: [ListenAddress] { [] }
    package var counters: Counters { Counters() }

    /// Stops accepting, lets requests in flight finish (at most `drainTimeoutMilliseconds`), closes all, joins the loops. Blocks.
    package func drain() {}
}
