import Dispatch
import Synchronization

/// How a running server learns that a command has changed policies or tokens, and the command that the server has learned it.
///
/// 1. Every such change counts `generation` in the database up by one, in its own transaction.
/// 2. The server looks every 50 ms whether another process has committed (`PRAGMA data_version`, two microseconds) and whether the
///    generation has grown; then it calls its watcher, until that has taken the change up, and after that publishes the generation in
///    the lock file.
/// 3. The command waits until the published generation is its own, or no server has the database.
/// 4. The server's own changes need no watcher: who makes them knows. They are published at once, unless a foreign one came before.
final class ChangeWatch: Sendable {
    private static let pollMilliseconds = 50
    /// After a change that the watcher could not take up.
    private static let retryMilliseconds = 500
    private static let waitMilliseconds = 5

    private struct State: ~Copyable {
        /// All changes up to this one have been seen.
        var seen: Int64 = 0
        /// The greatest generation of a change of our own.
        var own: Int64 = 0
        var dataVersion: Int64 = 0
        var isStopped = false
    }

    private let files: DatabaseFiles
    private let queue = DispatchQueue(label: "sluice.ledger.watch", qos: .utility)
    private let state = Mutex(State())

    init(_ files: DatabaseFiles) { self.files = files }

    /// What is in the database now counts as seen: policies and tokens are read after this.
    func begin(_ writer: LogWriter) throws(LedgerError) {
        let (version, generation) = try ChangeWatch.look(writer)
        state.withLock { state in
            state.dataVersion = version
            see(generation, &state)
        }
    }

    /// Calls `changed` after every foreign change from now on, and again while it answers that it could not take the change up.
    func start(
        _ writer: LogWriter, afterMilliseconds delay: Int = pollMilliseconds, _ changed: @escaping @Sendable () -> Bool
    ) {
        queue.asyncAfter(deadline: .now() + .milliseconds(delay)) { [weak self] in
            guard let self, !self.state.withLock({ $0.isStopped }) else { return }
            let isTakenUp = self.poll(writer, changed)
            self.start(writer, afterMilliseconds: isTakenUp ? Self.pollMilliseconds : Self.retryMilliseconds, changed)
        }
    }

    /// After a change of our own was committed.
    func noteOwnChange(_ generation: Int64) {
        state.withLock { state in
            state.own = max(state.own, generation)
            if state.seen == generation - 1 { see(generation, &state) }
        }
    }

    /// For commands. True at once when no server has the database, or it is our own.
    func waitUntilSeen(_ generation: Int64, timeoutMilliseconds: Int) -> Bool {
        let deadline = System.monotonicNanoseconds() + UInt64(max(0, timeoutMilliseconds)) * 1_000_000
        while files.isServed, files.publishedGeneration < generation {
            if System.monotonicNanoseconds() >= deadline { return false }
            System.sleep(milliseconds: Self.waitMilliseconds)
        }
        return true
    }

    /// Waits for a watcher that is at work; none is called afterwards. Not from a watcher.
    func stop() {
        state.withLock { $0.isStopped = true }
        queue.sync {}
    }

    /// False when there is a change that could not be taken up.
    private func poll(_ writer: LogWriter, _ changed: @Sendable () -> Bool) -> Bool {
        // When the database cannot be read now, it is looked at again in 50 ms.
        guard let (version, generation) = try? ChangeWatch.look(writer) else { return true }
        let isNew = state.withLock { state in
            if version != state.dataVersion || state.own > state.seen, generation > state.seen { return true }
            state.dataVersion = version
            return false
        }
        guard isNew else { return true }
        guard changed() else { return false }
        state.withLock { state in
            state.dataVersion = version
            see(generation, &state)
        }
        return true
    }

    /// The version first: what is committed between the two is looked at once more, rather than missed.
    private static func look(_ writer: LogWriter) throws(LedgerError) -> (version: Int64, generation: Int64) {
        try writer.withConnection { connection throws(LedgerError) in
            let version = try connection.prepare("PRAGMA data_version")
            let generation = try connection.prepare(Generation.select)
            _ = try version.step()
            _ = try generation.step()
            return (version.int64(0), generation.int64(0))
        }
    }

    private func see(_ generation: Int64, _ state: inout State) {
        state.seen = generation
        files.publish(generation)
    }
}

/// The counter of changes of policies and tokens, in the database.
enum Generation {
    static let select = "SELECT value FROM meta WHERE name = 'generation'"

    /// Within a change's transaction.
    static func increment(_ connection: Connection) throws(LedgerError) -> Int64 {
        let update = try connection.prepare("UPDATE meta SET value = value + 1 WHERE name = 'generation' RETURNING value")
        guard try update.step() else { throw .corrupt("\(connection.path): the generation of policies is missing") }
        let generation = update.int64(0)
        // A statement with RETURNING ends its work only at its end.
        while try update.step() {}
        return generation
    }
}

extension Ledger {
    /// Calls `changed` (on a queue of the ledger's) after another process has changed policies or tokens. When it answers true the ledger
    /// records the change as seen, which that process's `waitUntilSeen` waits for; until then it is called again and again. Changes since
    /// `init` count: call it once, before or after reading policies and tokens.
    package func watchForeignChanges(_ changed: @escaping @Sendable () -> Bool) {
        guard let writer = try? writer() else { return }
        watch.start(writer, changed)
    }

    /// For commands: when a server has the database open, waits until it has seen all changes made so far. False after `timeoutMilliseconds`.
    package func waitUntilSeen(timeoutMilliseconds: Int) throws(LedgerError) -> Bool {
        let generation = try read { connection throws(LedgerError) in
            let select = try connection.prepare(Generation.select)
            return try select.step() ? select.int64(0) : 0
        }
        return watch.waitUntilSeen(generation, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Changes policies or tokens, with the audit trail, in a transaction of its own. `body` answers whether it changed anything.
    func changeWatched<T>(_ body: (Connection) throws(LedgerError) -> (result: T, isChange: Bool)) throws(LedgerError) -> T {
        let (result, generation) = try writer().change { connection, _ throws(LedgerError) in
            let (result, isChange) = try body(connection)
            return (result, isChange ? try Generation.increment(connection) : nil)
        }
        if let generation { watch.noteOwnChange(generation) }
        return result
    }
}
