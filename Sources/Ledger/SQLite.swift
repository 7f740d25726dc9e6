import GRDBSQLite

/// One SQLite connection. Not thread-safe: used on one queue at a time.
@safe final class Connection {
    let path: String
    // Safe: made by `sqlite3_open_v2` (or lent by its owner for longer than we live), used only between `init` and `close`.
    private var handle: OpaquePointer?
    private let isOwned: Bool

    /// Opens for writing a file that is there, without SQLite's mutexes: the queue that owns the connection stands for them.
    convenience init(path: String, busyTimeoutMilliseconds: Int32) throws(LedgerError) {
        try self.init(
            name: path, path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
            busyTimeoutMilliseconds: busyTimeoutMilliseconds)
    }

    /// Opens for reading.
    /// - Parameter isImmutable: nobody writes the file, and it has no log: so no file is made or locked beside it.
    convenience init(reading path: String, isImmutable: Bool) throws(LedgerError) {
        // As RFC 3986 has it: SQLite ends the path at `?` and `#`, and decodes `%`.
        let escaped = path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
        try self.init(
            name: "file:\(escaped)\(isImmutable ? "?immutable=1" : "")", path: path,
            flags: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, busyTimeoutMilliseconds: Ledger.busyTimeoutMilliseconds)
    }

    private init(name: String, path: String, flags: Int32, busyTimeoutMilliseconds: Int32) throws(LedgerError) {
        self.path = path
        isOwned = true
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(name, &opened, flags, nil)
        guard code == SQLITE_OK, let opened = unsafe opened else {
            let message = unsafe String(cString: sqlite3_errstr(code))
            unsafe sqlite3_close_v2(opened)
            throw .cannotOpen(path: path, message: message)
        }
        unsafe handle = opened
        unsafe sqlite3_extended_result_codes(opened, 1)
        unsafe sqlite3_busy_timeout(opened, busyTimeoutMilliseconds)
    }

    /// A connection that another owns and outlives this one.
    init(borrowing handle: OpaquePointer, path: String) {
        self.path = path
        isOwned = false
        unsafe self.handle = unsafe handle
    }

    deinit { close() }

    /// Every statement must be gone by now.
    func close() {
        if isOwned { unsafe sqlite3_close_v2(handle) }
        unsafe handle = nil
    }

    /// Lets go of the connection without closing it: SQLite copies the log into the database when the last one is closed, which must not
    /// happen to files that do not belong together. Its memory and descriptors stay with the process.
    func abandon() { unsafe handle = nil }

    /// Runs statements that answer no rows one cares for.
    func execute(_ sql: String) throws(LedgerError) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        if code != SQLITE_OK { throw error(code) }
    }

    /// - Parameter persistent: kept for the connection's life, so not from the small-allocation pool.
    func prepare(_ sql: String, persistent: Bool = false) throws(LedgerError) -> Statement {
        var statement: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(handle, sql, -1, persistent ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0, &statement, nil)
        guard code == SQLITE_OK, let statement = unsafe statement else { throw error(code) }
        return unsafe Statement(handle: statement, connection: self)
    }

    var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    /// Rows the last statement changed.
    var changes: Int32 { unsafe sqlite3_changes(handle) }

    func setBusyTimeout(milliseconds: Int32) { unsafe sqlite3_busy_timeout(handle, milliseconds) }

    enum Checkpoint {
        /// Copies what can be copied without waiting for anybody.
        case passive
        /// Also makes the next writer begin at the log's start; needs that nobody reads from the log.
        case restart
        /// Also cuts the log to nothing.
        case truncate
    }

    /// Frames in the write-ahead log and how many of them are in the database now; nil when busy.
    func checkpoint(_ kind: Checkpoint) throws(LedgerError) -> (frames: Int32, copied: Int32)? {
        let mode =
            switch kind {
            case .passive: SQLITE_CHECKPOINT_PASSIVE
            case .restart: SQLITE_CHECKPOINT_RESTART
            case .truncate: SQLITE_CHECKPOINT_TRUNCATE
            }
        var frames: Int32 = 0
        var copied: Int32 = 0
        let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, mode, &frames, &copied)
        if code & 0xFF == SQLITE_BUSY { return nil }
        if code != SQLITE_OK { throw error(code) }
        return (frames, copied)
    }

    /// From now on every commit writes the number of frames in the write-ahead log to `frames`.
    func reportFrames(to frames: UnsafeMutablePointer<Int32>) {
        // Safe: the caller keeps the memory until the connection is closed; the hook runs within this connection's own calls.
        _ = unsafe sqlite3_wal_hook(
            handle,
            { context, _, _, count in
                unsafe context?.assumingMemoryBound(to: Int32.self).pointee = count
                return SQLITE_OK
            }, frames)
    }

    /// Copies the whole database, as this connection's open read transaction sees it, into another one.
    func copy(to destination: Connection, pagesPerStep: Int32, progress: (Double) -> Void) throws(LedgerError) {
        guard let backup = unsafe sqlite3_backup_init(destination.handle, "main", handle, "main") else {
            throw destination.error(unsafe sqlite3_extended_errcode(destination.handle))
        }
        var code = SQLITE_OK
        repeat {
            code = unsafe sqlite3_backup_step(backup, pagesPerStep)
            let total = unsafe sqlite3_backup_pagecount(backup)
            let remaining = unsafe sqlite3_backup_remaining(backup)
            if total > 0 { progress(Double(total - remaining) / Double(total)) }
        } while code == SQLITE_OK
        let finished = unsafe sqlite3_backup_finish(backup)
        if code != SQLITE_DONE || finished != SQLITE_OK { throw destination.error(finished == SQLITE_OK ? code : finished) }
    }

    /// An extended result code of this connection as an error that names the file.
    func error(_ code: Int32) -> LedgerError {
        switch code & 0xFF {
        case SQLITE_FULL: return .full
        case SQLITE_NOTADB: return .notADatabase(path: path)
        case SQLITE_CORRUPT: return .corrupt("\(path): \(message)")
        case SQLITE_CANTOPEN: return .cannotOpen(path: path, message: message)
        default: return .io(code: unsafe sqlite3_extended_errcode(handle), message: "\(path): \(message)")
        }
    }

    private var message: String { unsafe String(cString: sqlite3_errmsg(handle)) }
}
