import Dispatch
import HTTPServer

/// What a stream's client has not taken yet, in order: the newest in memory, the rest in the spill file. Most clients send all of a body
/// before they read; without a place for their answers the server could not read on, and both would wait for ever.
///
/// 1. What is appended first comes out first: `arrived`, then the store, then `pending`.
/// 2. Memory holds two pieces and what was decided meanwhile; the loop never waits for the disk.
///
/// Sendable by proof: touched on its loop alone; what other threads do comes back through `loop.execute`.
final class AnswerSpill: @unchecked Sendable {
    /// Bytes handed to the store, and asked of it, at a time.
    private static let pieceBytes = 64 << 10
    /// Bytes that may wait in memory for the store.
    private static let pendingBytesMax = 2 * pieceBytes
    /// How long a client may take nothing before its answers are kept: one that reads while it sends is only a little behind.
    private static let patienceMilliseconds = 20

    private enum State {
        /// The client takes what is written, as far as is known.
        case off
        /// It takes nothing at the moment: how many bytes were unsent then.
        case watching(unsentBytes: Int)
        case on
    }

    private let exchange: Exchange
    private let file: SpillFile
    /// There is room again, or something to write, or the spill is broken.
    private let onChange: @Sendable () -> Void
    private lazy var store = SpillStore(file) { [weak self] in self?.spaceFound() }
    private var state = State.off
    private var pending: [UInt8] = []
    private var arrived: [UInt8] = []
    /// Bytes that the store has or is being given.
    private var storedCount = 0
    private var isAppending = false
    private var isTaking = false
    private var isFull = false
    /// What was kept cannot be had back.
    private(set) var isBroken = false

    init(_ exchange: Exchange, _ file: SpillFile, onChange: @escaping @Sendable () -> Void) {
        self.exchange = exchange
        self.file = file
        self.onChange = onChange
    }

    var count: Int { arrived.count + storedCount + pending.count }
    var isEmpty: Bool { count == 0 }

    /// Whether answers are kept here, and not written.
    var isOn: Bool { if case .on = state { true } else { false } }

    /// Whether more may be decided for it.
    var hasRoom: Bool { isOn && !isFull && pending.count < AnswerSpill.pendingBytesMax }

    /// Whether only the client can make room.
    var waitsForClient: Bool { !isOn || isFull }

    /// Looks whether the kernel takes no more of what was written.
    func notice() {
        guard case .off = state, exchange.isWriteBlocked, exchange.unsentBytes > Exchange.unsentBytesMark else { return }
        watch()
    }

    private func watch() {
        state = .watching(unsentBytes: exchange.unsentBytes)
        file.queue.asyncAfter(deadline: .now() + .milliseconds(AnswerSpill.patienceMilliseconds)) { [self] in
            exchange.loop.execute { [self] in look() }
        }
    }

    private func look() {
        guard case .watching(let unsentBytes) = state else { return }
        if !exchange.isWriteBlocked {
            state = .off
        } else if exchange.unsentBytes != unsentBytes {
            watch()
        } else {
            state = .on
            onChange()
        }
    }

    func append(_ bytes: [UInt8]) {
        pending += bytes
        handOver()
    }

    /// The next bytes, when they are here; else they are fetched, and `onChange` tells.
    func next() -> [UInt8]? {
        if !arrived.isEmpty {
            defer { arrived = [] }
            return arrived
        }
        if storedCount > 0 {
            fetch()
            return nil
        }
        guard !pending.isEmpty else {
            if isOn { state = .off }
            return nil
        }
        defer { pending = [] }
        return pending
    }

    /// Nobody will ask for more.
    func close() {
        (pending, arrived) = ([], [])
        guard storedCount > 0 || isAppending else { return }
        storedCount = 0
        file.queue.async { [store] in store.discard() }
    }

    // MARK: To the store and back

    private func handOver() {
        guard !isAppending, !isFull, pending.count >= AnswerSpill.pieceBytes else { return }
        isAppending = true
        let bytes = pending
        pending = []
        storedCount += bytes.count
        file.queue.async { [self, store] in
            let isKept = Result { () throws(SpillStore.Fault) in try store.append(bytes) }
            let isFull = store.isFull
            exchange.loop.execute { [self] in
                isAppending = false
                self.isFull = isFull
                if case .failure = isKept { isBroken = true }
                handOver()
                onChange()
            }
        }
    }

    private func fetch() {
        if isTaking { return }
        isTaking = true
        file.queue.async { [self, store] in
            let taken = Result { () throws(SpillStore.Fault) in try store.take(AnswerSpill.pieceBytes) }
            let isFull = store.isFull
            exchange.loop.execute { [self] in
                isTaking = false
                self.isFull = isFull
                switch taken {
                case .success(let bytes) where !bytes.isEmpty:
                    storedCount -= bytes.count
                    arrived = bytes
                case .success, .failure: isBroken = true
                }
                handOver()
                onChange()
            }
        }
    }

    private func spaceFound() {
        exchange.loop.execute { [self] in
            guard isFull else { return }
            isFull = false
            handOver()
            onChange()
        }
    }
}
