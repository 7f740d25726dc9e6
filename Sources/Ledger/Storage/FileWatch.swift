import Dispatch
import Synchronization

/// Looks four times a second whether the files of a running server's database are still what they were, and once a second whether they can
/// be read. Not on the writer's queue but for some microseconds.
final class FileWatch: Sendable {
    private static let pollMilliseconds = 250
    private static let looksBetweenReads = 4

    private let queue = DispatchQueue(label: "sluice.ledger.files", qos: .utility)
    private let isStopped = Mutex(false)
    private static let here = DispatchSpecificKey<Bool>()

    init() { queue.setSpecific(key: FileWatch.here, value: true) }

    /// - Parameter found: called once, with what is wrong: from then on nothing is written.
    func start(_ ledger: Ledger, _ writer: LogWriter, looks: Int = 0, _ found: @escaping @Sendable (LedgerError) -> Void) {
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.pollMilliseconds)) { [weak self, weak ledger] in
            guard let self, let ledger, !self.isStopped.withLock({ $0 }) else { return }
            if let fault = writer.look() { return found(fault) }
            if looks % Self.looksBetweenReads == 0 { ledger.tryReading() }
            self.start(ledger, writer, looks: looks + 1, found)
        }
    }

    /// Waits for a look that is being taken; none is taken afterwards.
    func stop() {
        isStopped.withLock { $0 = true }
        // A look that was the last to hold the ledger closes it.
        if DispatchQueue.getSpecific(key: FileWatch.here) == nil { queue.sync {} }
    }
}

extension Ledger {
    /// For a server: watches that the database and the files beside it stay what they are. When one was removed, replaced or overwritten,
    /// nothing is logged any more, `health` says so, and `found` is called once, on a queue of the ledger's.
    package func watchFiles(_ found: @escaping @Sendable (LedgerError) -> Void) {
        guard let writer = try? writer() else { return }
        guardian.start(self, writer, found)
    }
}
