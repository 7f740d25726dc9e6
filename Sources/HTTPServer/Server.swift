import Dispatch
import HTTPWire
import Synchronization

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
    /// What clients may ask for, together and each.
    package struct Limits: Sendable {
        /// Event loops; 0: one per core of the affinity mask.
        package var loops = 0
        /// Bytes of a request's head; beyond it 431.
        package var headBytesMax = 16_384
        /// Field lines of a request; beyond it 431.
        package var fieldsMax = 100
        /// Bytes of a request target, less than `headBytesMax`; beyond it 414.
        package var targetBytesMax = 8_192
        /// Connections over all loops; beyond it they wait to be accepted.
        package var connectionsMax = 16_384
        /// Requests in work at once on one connection.
        package var pipelinedRequestsMax = 32
        /// How long a connection may be silent between requests.
        package var idleTimeoutMilliseconds = 60_000
        /// How long a head may take from its first byte; beyond it 408.
        package var headTimeoutMilliseconds = 10_000
        /// In each such span a body must bring 128 bytes a second; else 408.
        package var bodyTimeoutMilliseconds = 30_000
        /// In each such span a client must take 128 bytes a second of what is owed to it; else it is cut off.
        package var writeTimeoutMilliseconds = 30_000
        /// How long requests in work may take once the server is being stopped.
        package var drainTimeoutMilliseconds = 30_000
        /// All buffered bodies together, over all loops, and as much again for long answers that clients have yet to take; beyond it 503.
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

    /// Where it really listens (port 0 resolved), in the order given; a name stands for each of its addresses.
    package let boundAddresses: [ListenAddress]
    private let shared: SharedState
    private let loops: [EventLoop]
    private let socketFiles: Mutex<[SocketFile]>
    private let running = DispatchGroup()

    /// Long bodies and answers come now and then; the process is not to stay as large as they made it.
    private static let largeBlockBytes: Int32 = 1 << 20

    /// Binds and starts. The handler factory is called once per loop, on no particular thread.
    package init(
        addresses: [ListenAddress], limits: Limits, makeHandler: (EventLoop) -> any RequestHandler
    ) throws(ServerError) {
        System.returnBlocks(from: Server.largeBlockBytes)
        let count = limits.loops > 0 ? limits.loops : System.processorCount
        var groups: [ListenerGroup] = []
        for address in addresses {
            do throws(ServerError) {
                groups += try ListenerGroup.open(address, loops: count)
            } catch {
                for group in groups { group.socketFile?.remove() }
                throw error
            }
        }
        boundAddresses = groups.map(\.bound)
        socketFiles = Mutex(groups.compactMap(\.socketFile))
        shared = SharedState(limits: limits)
        var loops: [EventLoop] = []
        for index in 0..<count {
            do throws(SystemError) {
                loops.append(try EventLoop(shared: shared, listeners: groups.map { $0.listeners[index] }))
            } catch {
                for group in groups { group.socketFile?.remove() }
                throw .cannotListen(address: "event loop \(index)", reason: error.reason)
            }
        }
        self.loops = loops
        for loop in loops { loop.setHandler(makeHandler(loop)) }
        for (index, loop) in loops.enumerated() {
            DispatchQueue(label: "sluice.loop.\(index)", qos: .userInitiated).async(group: running) { loop.run() }
        }
    }

    package var counters: Counters { shared.counters }

    /// Stops accepting, lets requests in flight finish (at most `drainTimeoutMilliseconds`), closes all, joins the loops. Blocks. To be
    /// called before the server is let go, from no loop; again, it waits for the same end.
    package func drain() {
        for file in socketFiles.withLock({ files in
            defer { files = [] }
            return files
        }) { file.remove() }
        for loop in loops { loop.execute { loop.drain() } }
        running.wait()
    }
}
