import HTTPWire
import Synchronization

/// One thread's loop. `execute` may be called from any thread; the work runs on the loop, in order, in its next turn.
///
/// A turn: wait for events; handle them; run the works handed over; send what streams wrote; look at the deadlines; tell the handler.
///
/// Sendable by proof: everything but `inbox`, `isSleeping` and the poller's `wake` is touched by the thread that is in `run` only, and
/// before `run` by the one thread that sets the loop up.
package final class EventLoop: @unchecked Sendable {
    let shared: SharedState
    private(set) var handler: (any RequestHandler)?
    let input: InputBuffer

    private let poller: Poller
    private let inbox = Mutex(Inbox())
    private let isSleeping = Atomic<Bool>(false)

    private struct Inbox {
        var works: [@Sendable () -> Void] = []
        /// The loop has ended: what holds it would hold itself for ever in here.
        var isClosed = false

        mutating func take() -> [@Sendable () -> Void] {
            defer { works = [] }
            return works
        }
    }

    private var listeners: [Listener]
    private var acceptRetryAt = UInt64.max
    private var isAwaitingClosing = false

    private var connections: ContiguousArray<Connection?> = []
    private var generations: ContiguousArray<UInt32> = []
    private var freeIndices: ContiguousArray<Int> = []
    private var openCount = 0

    /// Connections that can go on without an event.
    private var ready: [Connection] = []
    /// Connections with output of streams to be sent.
    private var written: [Connection] = []
    private var timers: TimerWheel
    /// Works to be done later, the first due first; few at a time.
    private var dueWorks: [(at: UInt64, work: () -> Void)] = []
    private var drainUntil = UInt64.max
    private var isDraining = false

    /// Monotonic, of the start of the turn.
    private(set) var now: UInt64
    /// The Date line of this second.
    private(set) var date: [UInt8]
    private var dateSecond: Int
    private var spareOutputs: [[UInt8]] = []

    private static let retryPause: UInt64 = 100_000_000
    private static let acceptedPerTurnMax = 256
    /// A larger buffer is not kept for others.
    private static let spareBytesMax = 262_144
    private static let sparesMax = 64

    init(shared: SharedState, listeners: [Listener]) throws(SystemError) {
        self.shared = shared
        self.listeners = listeners
        poller = try Poller()
        input = InputBuffer(headBytesMax: shared.wireLimits.headBytesMax)
        now = System.monotonicNanoseconds
        timers = TimerWheel(now: now)
        dateSecond = System.unixSeconds
        date = HTTPDate.line(unixSeconds: dateSecond)
        for (index, listener) in listeners.enumerated() { try poller.add(listener, token: Self.listenerToken(index)) }
    }

    func setHandler(_ handler: any RequestHandler) { self.handler = handler }

    /// Dropped once the loop has ended.
    package func execute(_ work: @escaping @Sendable () -> Void) {
        inbox.withLock { if !$0.isClosed { $0.works.append(work) } }
        // One wake-up is enough, and none for a loop that is awake: it looks into its inbox before it sleeps.
        if isSleeping.exchange(false, ordering: .sequentiallyConsistent) { poller.wake() }
    }

    /// On the loop: runs the work there, in the first turn that begins so much later. Dropped once the loop has ended.
    package func execute(afterMilliseconds milliseconds: UInt64, _ work: @escaping () -> Void) {
        let instant = System.monotonicNanoseconds + milliseconds * 1_000_000
        let place = dueWorks.firstIndex { $0.at > instant } ?? dueWorks.endIndex
        dueWorks.insert((instant, work), at: place)
    }

    /// Serves until drained.
    func run() {
        while !(isDraining && openCount == 0) {
            let count = poller.wait(milliseconds: millisecondsToSleep())
            isSleeping.store(false, ordering: .sequentiallyConsistent)
            tick()
            for index in 0..<count { dispatch(poller.event(index)) }
            for work in inbox.withLock({ $0.take() }) { work() }
            doDueWorks()
            goOn()
            checkDeadlines()
            sendWritten()
            handler?.turnEnded()
            sendWritten()
        }
        handler = nil
        dueWorks = []
        // Let go of outside the lock: what goes with them may hand over work.
        _ = inbox.withLock {
            $0.isClosed = true
            return $0.take()
        }
    }

    private func tick() {
        now = System.monotonicNanoseconds
        let second = System.unixSeconds
        guard second != dateSecond else { return }
        dateSecond = second
        date = HTTPDate.line(unixSeconds: second)
    }

    private func millisecondsToSleep() -> Int32 {
        guard ready.isEmpty else { return 0 }
        isSleeping.store(true, ordering: .sequentiallyConsistent)
        guard inbox.withLock({ $0.works.isEmpty }) else { return 0 }
        let instant = min(timers.nextInstant, acceptRetryAt, drainUntil, dueWorks.first?.at ?? .max)
        guard instant != .max else { return -1 }
        guard instant > now else { return 0 }
        return Int32(min((instant - now) / 1_000_000 + 1, 60_000))
    }

    private static func listenerToken(_ index: Int) -> UInt64 { Poller.wakeToken - 1 - UInt64(index) }

    private func dispatch(_ event: Poller.Event) {
        if let connection = connection(event.token) {
            connection.handle(event)
        } else if event.token > UInt64.max - 1 - UInt64(listeners.count), event.token != Poller.wakeToken {
            accept(from: listeners[Int(Poller.wakeToken - 1 - event.token)])
        }
    }

    /// The connection of a token; nil when it has closed since.
    private func connection(_ token: UInt64) -> Connection? {
        let index = Int(truncatingIfNeeded: token & 0xFFFF_FFFF)
        guard index < connections.count, generations[index] == UInt32(truncatingIfNeeded: token >> 32) else { return nil }
        return connections[index]
    }

    private func doDueWorks() {
        while let first = dueWorks.first, first.at <= now { dueWorks.removeFirst().work() }
    }

    private func goOn() {
        guard !ready.isEmpty else { return }
        let connections = ready
        ready.removeAll(keepingCapacity: true)
        for connection in connections { connection.goOn() }
    }

    private func sendWritten() {
        while let connection = written.popLast() { connection.sendWritten() }
    }

    func addReady(_ connection: Connection) { ready.append(connection) }
    func addWritten(_ connection: Connection) { written.append(connection) }
}

// MARK: Accepting

extension EventLoop {
    private func accept(from listener: Listener) {
        guard !isAwaitingClosing, acceptRetryAt == .max || acceptRetryAt <= now else { return }
        for _ in 0..<Self.acceptedPerTurnMax {
            guard shared.reserveConnection() else {
                isAwaitingClosing = true
                shared.awaitClosing(self)
                return
            }
            switch System.accept(listener.descriptor) {
            case .connection(let descriptor, let peer):
                shared.connectionAccepted()
                adopt(descriptor, peer)
            case .retry:
                shared.connectionClosed()
            case .none:
                shared.connectionClosed()
                return
            case .exhausted:
                shared.connectionClosed()
                acceptRetryAt = now + Self.retryPause
                return
            }
        }
        acceptRetryAt = now
    }

    private func acceptAll() {
        acceptRetryAt = .max
        for listener in listeners { accept(from: listener) }
    }

    func resumeAccepting() {
        isAwaitingClosing = false
        acceptAll()
    }

    private func adopt(_ descriptor: Int32, _ peer: Peer) {
        let index = freeIndices.popLast() ?? connections.count
        if index == connections.count {
            connections.append(nil)
            generations.append(0)
        }
        let token = UInt64(generations[index]) << 32 | UInt64(index)
        let connection = Connection(descriptor: descriptor, peer: peer, loop: self, token: token)
        connections[index] = connection
        openCount += 1
        do throws(SystemError) {
            try poller.add(connection: descriptor, token: token)
        } catch {
            connection.cut()
            return
        }
        schedule(connection)
        if isDraining { connection.drain() }
    }

    /// The connection has closed its descriptor.
    func remove(_ connection: Connection) {
        let index = Int(truncatingIfNeeded: connection.token & 0xFFFF_FFFF)
        connections[index] = nil
        generations[index] &+= 1
        // The last generation of an index would make the token of a listener.
        if generations[index] < .max { freeIndices.append(index) }
        openCount -= 1
        shared.connectionClosed()
    }
}

// MARK: Deadlines and the end

extension EventLoop {
    /// Makes sure that the connection is looked at when its deadline has come.
    func schedule(_ connection: Connection) {
        let deadline = connection.machine.deadline
        guard deadline != .max else { return }
        let tick = timers.tick(for: deadline)
        guard tick < connection.scheduledTick else { return }
        connection.scheduledTick = tick
        timers.add(connection.token, at: tick)
    }

    private func checkDeadlines() {
        if now >= timers.nextInstant {
            let current = timers.currentTick(at: now)
            for token in timers.advance(to: now) {
                // An entry is void when the connection has gone, or has a later one.
                guard let connection = connection(token), connection.scheduledTick <= current else { continue }
                connection.scheduledTick = .max
                connection.expire()
            }
        }
        if now >= acceptRetryAt { acceptAll() }
        if now >= drainUntil {
            drainUntil = .max
            for connection in connections { connection?.cut() }
        }
    }

    /// Takes what was accepted by the kernel already, then no more; connections close as they become idle. On the loop.
    func drain() {
        guard !isDraining else { return }
        isDraining = true
        drainUntil = now + shared.drainTimeout
        isAwaitingClosing = false
        for connection in connections { connection?.drain() }
        acceptAll()
        for listener in listeners { poller.remove(listener) }
        listeners = []
        acceptRetryAt = .max
    }
}

// MARK: Buffers

extension EventLoop {
    /// An empty buffer for output, used before and so with room.
    func takeSpareOutput() -> [UInt8] { spareOutputs.popLast() ?? [] }

    func keepSpareOutput(_ buffer: consuming [UInt8]) {
        if buffer.capacity <= Self.spareBytesMax, spareOutputs.count < Self.sparesMax { spareOutputs.append(buffer) }
    }
}
