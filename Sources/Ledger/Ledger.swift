import Dispatch
import GRDB
import Synchronization

/// The store: policies, tokens, decisions, audit trail. Thread-safe. All SQL of the product is in this target.
///
/// 1. One connection writes (`LogWriter`), on a queue of its own; a pool of others reads, each at one moment's state of the database
///    (write-ahead log); one more checkpoints (`Checkpointer`). Readers and the writer never wait for each other.
/// 2. Every call but `append` and `health` blocks and may take milliseconds: they do not belong on an event loop.
/// 3. The database, its write-ahead log and all other files beside it are mode 0600 from the moment they exist.
package final class Ledger: Sendable {
    package struct Options: Sendable {
        /// Entries that may wait for the writer or be in its transaction; beyond it `append` refuses. Default 8,192.
        package var queueEntriesMax = 8_192
        /// Hold the one-server-per-database lock (`serve`).
        package var exclusive = false
        package var migrate = true
        package var readOnly = false
        /// Idempotency keys are kept at least this long after their decision. Default 24 hours.
        package var keysKeptMilliseconds: Int64 = 24 * 3_600_000
        /// Size at which the write-ahead log begins again at its start, also while decisions keep coming; a quarter of it is written between
        /// two checkpoints. Default 64 MiB: smaller means more commits that wait for a checkpoint's last pages.
        package var walBytesMax = 64 << 20
        /// A clock that nobody can set, in nanoseconds; by it keys grow old.
        package var monotonicNanoseconds: @Sendable () -> UInt64 = System.monotonicNanoseconds
        /// For tests: PRAGMA max_page_count; nil leaves SQLite's own.
        package var pagesMax: Int? = nil
        package init() {}
    }

    package struct Health: Sendable {
        /// Nil while writes succeed.
        package var writeFailure: LedgerError?
        /// Nil while reads succeed; damage stays until the database is opened again.
        package var readFailure: LedgerError?
        package var queuedEntries: Int
        package init(writeFailure: LedgerError?, readFailure: LedgerError?, queuedEntries: Int) {
            self.writeFailure = writeFailure
            self.readFailure = readFailure
            self.queuedEntries = queuedEntries
        }
    }

    /// How long another process's write (a command's) may hold up ours, and ours theirs.
    static let busyTimeoutMilliseconds: Int32 = 5_000
    private static let readersMax = 4

    let path: String
    let files: DatabaseFiles
    let watch: ChangeWatch
    private let readers: DatabasePool
    private let optionalWriter: LogWriter?
    let checkpointer: Checkpointer?
    let guardian = FileWatch()
    private let readFailure = Mutex<LedgerError?>(nil)
    private let isClosed = Mutex(false)

    /// Opens the database; makes it when there is none, unless `readOnly` or without `migrate`. Its cost does not grow with the log.
    package init(path: String, options: Options) throws(LedgerError) {
        let files = try DatabaseFiles(
            path, for: options.readOnly ? .read : options.exclusive ? .serve : .change, makes: !options.readOnly && options.migrate)
        self.files = files
        self.path = files.path
        watch = ChangeWatch(files)
        if options.readOnly {
            optionalWriter = nil
            checkpointer = nil
            readers = try Ledger.openReaders(files.path)
            let pending = try read { connection throws(LedgerError) in
                try files.check(connection)
                return try Migrator(migrations: Migration.all).pending(connection)
            }
            try files.share()
            if !pending.isEmpty { throw .pendingMigrations(pending.map(\.name)) }
            return
        }
        let connection = try Ledger.openWriter(files, options)
        let checkpointer = try Checkpointer(files, writer: connection, walBytesMax: options.walBytesMax)
        let writer = try LogWriter(connection, files: files, checkpointer: checkpointer, options: options)
        readers = try Ledger.openReaders(files.path)
        self.checkpointer = checkpointer
        optionalWriter = writer
        try watch.begin(writer)
    }

    deinit { close() }

    /// Why there cannot be a database at the path: it leads to something else than a file, or to nothing. Nil when there may be one.
    package static func problem(with path: String) -> LedgerError? { DatabaseFiles.problem(with: path) }

    /// Finishes what waits, checkpoints, closes. Nothing may be appended or read afterwards.
    package func close() {
        let wasClosed = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return isClosed
        }
        if wasClosed { return }
        watch.stop()
        guardian.stop()
        // Readers first: they would keep the checkpoint from emptying the write-ahead log. A reader that is still at work ends by itself.
        try? readers.close()
        optionalWriter?.finish()
        checkpointer?.close()
        optionalWriter?.close()
        files.release()
    }

    // MARK: The log

    /// Hands entries to the writer. False when the queue is full: nothing was taken, neither callback will come.
    package func append(_ submission: any LogSubmission) -> Bool { optionalWriter?.append(submission) ?? false }

    /// False when `append` would be refused now: whoever makes entries can spare the work.
    package var hasRoom: Bool { optionalWriter?.hasRoom ?? false }

    package var health: Health {
        Health(
            writeFailure: optionalWriter?.writeFailure, readFailure: readFailure.withLock { $0 },
            queuedEntries: optionalWriter?.queuedEntries ?? 0)
    }

    /// Called on the writer's queue after every commit: entries in it and its duration in nanoseconds.
    package func observeCommits(_ observer: @escaping @Sendable (_ entries: Int, _ nanoseconds: UInt64) -> Void) {
        optionalWriter?.observeCommits(observer)
    }

    /// Bytes; 0 for what does not exist.
    package func fileSizes() -> (database: Int64, wal: Int64) {
        (System.status(path)?.bytes ?? 0, System.status(path + "-wal")?.bytes ?? 0)
    }

    // MARK: For the other files of this type

    /// Reads on a connection of the pool: each statement sees one state of the database, the newest.
    func read<T>(_ body: (Connection) throws(LedgerError) -> T) throws(LedgerError) -> T {
        do { return try readers.unsafeRead { database in try lend(database, body) } } catch { throw noted(LedgerError(error, path: path)) }
    }

    /// Reads everything of one moment.
    func readSnapshot<T>(_ body: (Connection) throws(LedgerError) -> T) throws(LedgerError) -> T {
        do { return try readers.read { database in try lend(database, body) } } catch { throw noted(LedgerError(error, path: path)) }
    }

    /// Learns whether reading works: the newest decision with its record, and the newest policy.
    func tryReading() {
        do throws(LedgerError) {
            try readSnapshot { connection throws(LedgerError) in
                for sql in [
                    "SELECT d.document_id, r.record FROM decisions AS d JOIN records AS r USING (sequence) ORDER BY d.sequence DESC LIMIT 1",
                    "SELECT body FROM policy_versions ORDER BY rowid DESC LIMIT 1", Generation.select,
                ] { _ = try connection.prepare(sql).step() }
            }
            readFailure.withLock { failure in
                if case .corrupt = failure { return }
                failure = nil
            }
        } catch {
            // Noted.
        }
    }

    private func noted(_ error: LedgerError) -> LedgerError {
        switch error {
        case .io, .cannotOpen, .corrupt, .notADatabase: readFailure.withLock { $0 = error }
        default: break
        }
        return error
    }

    private func lend<T>(_ database: Database, _ body: (Connection) throws(LedgerError) -> T) throws(LedgerError) -> T {
        guard let handle = unsafe database.sqliteConnection else { throw .cannotOpen(path: path, message: "closed") }
        // Safe: the pool lends the connection for the time of this call.
        return try body(unsafe Connection(borrowing: handle, path: path))
    }

    func writer() throws(LedgerError) -> LogWriter {
        guard let optionalWriter else { throw .io(code: 8, message: "\(path): opened for reading only") }
        return optionalWriter
    }
}

extension Ledger {
    /// SQLite gives the files it makes the mode of the database; this is for a database that was copied here with another.
    private static func makePrivate(_ path: String) throws(LedgerError) {
        try DatabaseFiles.asking(path) { () throws(System.Failure) in
            for suffix in ["", DatabaseFiles.logSuffix, DatabaseFiles.indexSuffix] { try System.makePrivate(path + suffix) }
        }
    }

    private static func openWriter(_ files: DatabaseFiles, _ options: Options) throws(LedgerError) -> Connection {
        let connection = try Connection(path: files.path, busyTimeoutMilliseconds: busyTimeoutMilliseconds)
        // First of all: nothing of somebody else's database is touched.
        let migrator = Migrator(migrations: Migration.all)
        do throws(LedgerError) {
            try files.check(connection)
            let pending = try migrator.pending(connection)
            if !options.migrate, !pending.isEmpty { throw .pendingMigrations(pending.map(\.name)) }
        } catch {
            if case .file = error { connection.abandon() }
            throw error
        }
        try files.prepare()
        try makePrivate(files.path)
        // An 8 MiB cache holds the ends of all tables; a memory-mapped database would turn I/O errors into signals. All that is ever deleted
        // are idempotency keys: overwriting them with zeros would cost every insert that splits a page.
        try connection.execute(
            """
            PRAGMA journal_mode=WAL;
            PRAGMA synchronous=FULL;
            PRAGMA wal_autocheckpoint=0;
            PRAGMA journal_size_limit=\(options.walBytesMax);
            PRAGMA cache_size=-8192;
            PRAGMA mmap_size=0;
            PRAGMA temp_store=MEMORY;
            PRAGMA secure_delete=OFF;
            PRAGMA foreign_keys=ON;
            """)
        try migrator.migrate(connection)
        try files.begin(connection)
        if let pages = options.pagesMax { try connection.execute("PRAGMA max_page_count=\(pages)") }
        return connection
    }

    private static func openReaders(_ path: String) throws(LedgerError) -> DatabasePool {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.maximumReaderCount = readersMax
        configuration.busyMode = .timeout(Double(busyTimeoutMilliseconds) / 1_000)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA cache_size=-2048; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY")
        }
        do { return try DatabasePool(path: path, configuration: configuration) } catch { throw LedgerError(error, path: path) }
    }
}

extension LedgerError {
    /// What the reader pool throws: our own errors pass.
    init(_ error: any Error, path: String) {
        if let error = error as? LedgerError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self = .io(code: 0, message: "\(path): \(error)")
            return
        }
        let message = "\(path): \(error.message ?? "")"
        self =
            switch error.resultCode {
            case .SQLITE_FULL: .full
            case .SQLITE_NOTADB: .notADatabase(path: path)
            case .SQLITE_CORRUPT: .corrupt(message)
            case .SQLITE_CANTOPEN: .cannotOpen(path: path, message: error.message ?? "")
            default: .io(code: error.extendedResultCode.rawValue, message: message)
            }
    }
}
