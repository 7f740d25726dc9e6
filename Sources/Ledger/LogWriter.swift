import Dispatch
import Synchronization

/// The one writer: what waits is committed in one transaction, and only then answered.
///
/// 1. One serial queue owns the one write connection. Batches of the log and single changes (policies, tokens, imports) take turns on it,
///    so that nothing of this process ever waits for SQLite's write lock.
/// 2. An entry's submission is told `committed` only after `COMMIT` has returned with `synchronous=FULL`: the log is on disk.
/// 3. Whatever goes wrong takes back the whole transaction, and all its submissions are told `failed`; the next batch simply tries again.
final class LogWriter: @unchecked Sendable {
    // Sendable: `waiting`, `failure` and `observer` are mutexes, `isQueueFull` is atomic; all other state is touched on `queue` alone (and
    // in `init`).
    let queue = DispatchQueue(label: "sluice.ledger.writer", qos: .userInitiated)

    /// Entries of one transaction at most (but for a submission that has more): 5 ms of work, so that a commit stays short however many wait.
    private static let batchEntriesMax = 1_024
    private static let retryMilliseconds = 1_000
    /// Looks without a commit after which the log's space is given back.
    private static let quietLooksMax = 8
    /// So much of it may stay: writing over what is there is cheaper than making a file longer.
    private static let quietLogBytesMax: Int64 = 1 << 20

    private struct Waiting {
        var submissions: [(submission: any LogSubmission, entries: [LogEntry])] = []
        var entries = 0
        /// Of the transaction that is under way.
        var committing = 0
        var isScheduled = false
        var isClosed = false
    }

    /// In a structure: a bare closure in a generic box is wrapped in one more thunk every time the box is locked.
    private struct Observer {
        let call: @Sendable (_ entries: Int, _ nanoseconds: UInt64) -> Void
    }

    /// What is gone once the writer is closed.
    private struct Open {
        let connection: Connection
        let log: LogTable
        let expiry: KeyExpiry
    }

    private let files: DatabaseFiles
    private let queueEntriesMax: Int
    private var open: Open?
    private let checkpointer: Checkpointer
    private let waiting = Mutex(Waiting())
    /// Whether what is not yet on disk is at its bound, to be looked at without its lock.
    private let isQueueFull = Atomic<Bool>(false)
    private let failure = Mutex<LedgerError?>(nil)
    private let observer = Mutex<Observer?>(nil)
    private var isRetryScheduled = false

    /// What was found of the files of the database: from then on nothing is written.
    private var fault: LedgerError?
    private var commits = 0
    private var commitsAtLook = 0
    private var quietLooks = 0

    init(
        _ connection: Connection, files: DatabaseFiles, checkpointer: Checkpointer, options: Ledger.Options
    ) throws(LedgerError) {
        self.files = files
        self.checkpointer = checkpointer
        queueEntriesMax = options.queueEntriesMax
        open = Open(
            connection: connection, log: try LogTable(connection),
            expiry: try KeyExpiry(
                connection, keptMilliseconds: options.keysKeptMilliseconds, nanoseconds: options.monotonicNanoseconds))
    }

    // MARK: Entries

    /// False when the queue is full or closed. Soft by one submission: what came before is over the bound or all of it is taken.
    func append(_ submission: any LogSubmission) -> Bool {
        let entries = submission.entries
        let (isTaken, wakes) = waiting.withLock { waiting in
            guard !waiting.isClosed, waiting.entries + waiting.committing < queueEntriesMax else { return (false, false) }
            waiting.submissions.append((submission, entries))
            waiting.entries += entries.count
            noteRoom(waiting)
            defer { waiting.isScheduled = true }
            return (true, !waiting.isScheduled)
        }
        if wakes { queue.async { self.commitBatch() } }
        return isTaken
    }

    var queuedEntries: Int { waiting.withLock { $0.entries } }

    /// Whether `append` would refuse now. As old as a look: for refusing before there is anything to append.
    var hasRoom: Bool { !isQueueFull.load(ordering: .relaxed) }

    var writeFailure: LedgerError? { failure.withLock { $0 } }

    func observeCommits(_ observer: @escaping @Sendable (_ entries: Int, _ nanoseconds: UInt64) -> Void) {
        self.observer.withLock { $0 = Observer(call: observer) }
    }

    // MARK: Changes

    /// Runs a change in a transaction of its own, between batches; blocks until it is durable. Never from a submission's callback.
    func change<T>(_ body: (Connection, LogTable) throws(LedgerError) -> T) throws(LedgerError) -> T {
        try onQueue { open throws(LedgerError) in
            if let fault { throw fault }
            return try transaction(open) { () throws(LedgerError) in try body(open.connection, open.log) }
        }
    }

    /// Something on the writer's connection outside a transaction, between batches.
    func withConnection<T>(_ body: (Connection) throws(LedgerError) -> T) throws(LedgerError) -> T {
        try onQueue { open throws(LedgerError) in try body(open.connection) }
    }

    /// `DispatchQueue.sync` does not carry typed errors.
    private func onQueue<T>(_ body: (Open) throws(LedgerError) -> T) throws(LedgerError) -> T {
        let result: Result<T, LedgerError> = queue.sync {
            guard let open else { return .failure(.cannotOpen(path: files.shownPath, message: "closed")) }
            do throws(LedgerError) { return .success(try body(open)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// After a checkpoint that copied what it could: copies the rest of the log, so that it begins again at its start (unless a reader is in
    /// the way), and gives the state that follows a mark of its own.
    func checkpointed(then kind: Connection.Checkpoint?) {
        queue.async {
            guard self.fault == nil, let connection = self.open?.connection else { return }
            if let kind {
                connection.setBusyTimeout(milliseconds: 0)
                defer { connection.setBusyTimeout(milliseconds: Ledger.busyTimeoutMilliseconds) }
                // When it fails the log only grows further, and the next checkpoint comes here again.
                _ = try? connection.checkpoint(kind)
            }
            // When it fails, the next checkpoint or look does it.
            try? self.files.advance(connection)
        }
    }

    /// Takes nothing more, and commits what waits.
    func finish() {
        waiting.withLock { $0.isClosed = true }
        queue.sync { while commitNext() {} }
    }

    /// Closes the connection; before that, when nobody else uses the database, empties the write-ahead log. After `finish`, and when the
    /// checkpointer is closed.
    func close() {
        queue.sync {
            guard let open else { return }
            if fault != nil {
                open.connection.abandon()
            } else if files.becomeAlone(), files.isIntact {
                try? open.expiry.saveClock(atEnd: true) { body throws(LedgerError) in try transaction(open, body) }
                files.end(open.connection)
            }
            self.open = nil
        }
    }

    // MARK: The files

    /// Looks at the files of the database, and empties the log when nothing was committed for a while. What is wrong with them, if anything.
    func look() -> LedgerError? {
        queue.sync {
            if let fault { return fault }
            guard let open else { return nil }
            if let found = files.look(open.connection) {
                let error = files.fault(found)
                fault = error
                failure.withLock { $0 = error }
                return error
            }
            try? open.expiry.saveClock(atEnd: false) { body throws(LedgerError) in try transaction(open, body) }
            quietLooks = commits == commitsAtLook ? quietLooks + 1 : 0
            commitsAtLook = commits
            if quietLooks >= Self.quietLooksMax {
                quietLooks = 0
                if files.logBytes > Self.quietLogBytesMax { checkpointer.empty(for: self) }
            }
            return nil
        }
    }

    // MARK: On the queue

    private func commitBatch() {
        // A turn each: a change that waits comes before the next batch.
        if commitNext() { queue.async { self.commitBatch() } }
    }

    /// Commits one batch. False when nothing waited.
    private func commitNext() -> Bool {
        let (batch, count) = takeBatch()
        guard !batch.isEmpty, let open else { return false }
        let start = System.monotonicNanoseconds()
        do throws(LedgerError) {
            if let fault { throw fault }
            let outcomes = try write(batch, open)
            endBatch()
            let nanoseconds = System.monotonicNanoseconds() - start
            commits += 1
            // Before the answers: whoever has one finds it counted.
            observer.withLock { $0 }?.call(count, nanoseconds)
            for index in batch.indices { batch[index].submission.committed(outcomes[index]) }
        } catch {
            endBatch()
            for (submission, _) in batch { submission.failed(error) }
        }
        checkpointer.committed(on: self)
        forgetOldKeys(open)
        return true
    }

    private func takeBatch() -> (batch: [(submission: any LogSubmission, entries: [LogEntry])], entries: Int) {
        waiting.withLock { waiting in
            var taken = 0
            var entries = 0
            while taken < waiting.submissions.count,
                taken == 0 || entries + waiting.submissions[taken].entries.count <= Self.batchEntriesMax
            {
                entries += waiting.submissions[taken].entries.count
                taken += 1
            }
            if taken == waiting.submissions.count {
                let batch = waiting.submissions
                waiting.submissions = []
                waiting.entries = 0
                waiting.committing = entries
                noteRoom(waiting)
                if batch.isEmpty { waiting.isScheduled = false }
                return (batch, entries)
            }
            let batch = Array(waiting.submissions[..<taken])
            waiting.submissions.removeFirst(taken)
            waiting.entries -= entries
            waiting.committing = entries
            noteRoom(waiting)
            return (batch, entries)
        }
    }

    private func noteRoom(_ waiting: borrowing Waiting) {
        isQueueFull.store(waiting.entries + waiting.committing >= queueEntriesMax, ordering: .relaxed)
    }

    private func endBatch() {
        waiting.withLock { waiting in
            waiting.committing = 0
            noteRoom(waiting)
        }
    }

    private func write(_ batch: [(submission: any LogSubmission, entries: [LogEntry])], _ open: Open) throws(LedgerError)
        -> [[AppendOutcome]]
    {
        try transaction(open) { () throws(LedgerError) in
            try open.log.readSequence()
            let now = open.expiry.now
            var all: [[AppendOutcome]] = []
            all.reserveCapacity(batch.count)
            for (_, entries) in batch {
                var outcomes: [AppendOutcome] = []
                outcomes.reserveCapacity(entries.count)
                // A span lends its elements: a loop over the array would copy each, and count its references.
                let entries = entries.span
                for index in entries.indices {
                    outcomes.append(try open.log.append(entries[index], at: now))
                    if entries[index].idempotency != nil { open.expiry.noteKey() }
                }
                all.append(outcomes)
            }
            return all
        }
    }

    private func transaction<T>(_ open: Open, _ body: () throws(LedgerError) -> T) throws(LedgerError) -> T {
        do {
            let result = try open.log.transaction(body)
            failure.withLock { $0 = nil }
            return result
        } catch {
            switch error {
            case .full, .io, .cannotOpen, .corrupt, .file: noteFailure(error)
            // The change's own refusals say nothing about the disk.
            case .locked, .notADatabase, .migration, .pendingMigrations, .versionMismatch, .alreadyExists, .notFound, .revoked: break
            }
            throw error
        }
    }

    private func noteFailure(_ error: LedgerError) {
        failure.withLock { $0 = error }
        guard !isRetryScheduled else { return }
        isRetryScheduled = true
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.retryMilliseconds)) { [weak self] in self?.retry() }
    }

    /// Learns whether writing works again: 64 KiB through the write-ahead log, and as much new room in the database, given back at once.
    private func retry() {
        isRetryScheduled = false
        guard let open, fault == nil, failure.withLock({ $0 != nil }) else { return }
        // A failure is noted by `transaction`, which schedules the next try.
        try? transaction(open) { () throws(LedgerError) in
            try open.connection.execute(
                """
                SAVEPOINT room;
                CREATE TABLE probe_of_room AS SELECT randomblob(65536) AS body;
                ROLLBACK TO room;
                RELEASE room;
                INSERT INTO write_probe (id, body) VALUES (1, randomblob(65536)) ON CONFLICT (id) DO UPDATE SET body = excluded.body;
                """)
        }
    }

    private func forgetOldKeys(_ open: Open) {
        do throws(LedgerError) {
            let isIdle = waiting.withLock { $0.submissions.isEmpty }
            try open.expiry.step(isIdle: isIdle) { body throws(LedgerError) in try transaction(open, body) }
        } catch {
            // Noted as the writer's failure; the keys are tried again after a later batch.
        }
    }
}
