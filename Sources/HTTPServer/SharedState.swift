import HTTPWire
import Synchronization

/// What the loops of a server share.
final class SharedState: Sendable {
    let wireLimits: WireLimits
    let bodyBudget: ByteBudget
    /// Of answers above the mark that clients have not taken yet.
    let answerBudget: ByteBudget
    let drainTimeout: UInt64
    private let connectionsMax: Int
    private let open = Atomic<Int>(0)
    private let accepted = Atomic<UInt64>(0)
    private let refused = Mutex<[UInt16: UInt64]>([:])
    /// Loops that wait for a connection, of any loop, to close. Counted apart: looking is cheap.
    private let waiting = Mutex<[EventLoop]>([])
    private let waitingCount = Atomic<Int>(0)

    init(limits: Server.Limits) {
        wireLimits = WireLimits(
            headBytesMax: limits.headBytesMax, fieldsMax: limits.fieldsMax, targetBytesMax: limits.targetBytesMax,
            pipelinedRequestsMax: limits.pipelinedRequestsMax,
            idleTimeout: Self.nanoseconds(limits.idleTimeoutMilliseconds),
            headTimeout: Self.nanoseconds(limits.headTimeoutMilliseconds),
            bodyTimeout: Self.nanoseconds(limits.bodyTimeoutMilliseconds),
            writeTimeout: Self.nanoseconds(limits.writeTimeoutMilliseconds))
        bodyBudget = ByteBudget(bytesMax: limits.bufferedBytesMax)
        answerBudget = ByteBudget(bytesMax: limits.bufferedBytesMax)
        drainTimeout = Self.nanoseconds(limits.drainTimeoutMilliseconds)
        connectionsMax = limits.connectionsMax
    }

    private static func nanoseconds(_ milliseconds: Int) -> UInt64 { UInt64(max(0, milliseconds)) * 1_000_000 }

    var counters: Server.Counters {
        var counters = Server.Counters()
        counters.connectionsOpen = open.load(ordering: .relaxed)
        counters.connectionsAccepted = accepted.load(ordering: .relaxed)
        counters.refused = refused.withLock { $0 }
        return counters
    }

    func countRefusal(status: UInt16) { refused.withLock { $0[status, default: 0] += 1 } }

    /// Takes a place for a connection, to be given back with `connectionClosed`.
    func reserveConnection() -> Bool {
        if open.add(1, ordering: .sequentiallyConsistent).newValue <= connectionsMax { return true }
        open.subtract(1, ordering: .sequentiallyConsistent)
        return false
    }

    func connectionAccepted() { accepted.add(1, ordering: .relaxed) }

    func connectionClosed() {
        open.subtract(1, ordering: .sequentiallyConsistent)
        if waitingCount.load(ordering: .sequentiallyConsistent) > 0 { wakeWaiting() }
    }

    /// `loop.resumeAccepting` is called on the loop after the next connection has closed.
    func awaitClosing(_ loop: EventLoop) {
        waiting.withLock { $0.append(loop) }
        waitingCount.add(1, ordering: .sequentiallyConsistent)
        // A connection may have closed before it could see that someone waits.
        if open.load(ordering: .sequentiallyConsistent) < connectionsMax { wakeWaiting() }
    }

    private func wakeWaiting() {
        let loops = waiting.withLock { loops in
            defer { loops = [] }
            return loops
        }
        waitingCount.subtract(loops.count, ordering: .sequentiallyConsistent)
        for loop in loops { loop.execute { loop.resumeAccepting() } }
    }
}
