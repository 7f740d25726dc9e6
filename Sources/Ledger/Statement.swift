import GRDBSQLite

/// One prepared statement; belongs to its connection's queue. Parameters count from 1, columns from 0.
@safe final class Statement {
    // Safe: made by `sqlite3_prepare_v3`, finalized once, in `deinit`.
    private let handle: OpaquePointer
    private let connection: Connection

    init(handle: OpaquePointer, connection: Connection) {
        unsafe self.handle = unsafe handle
        self.connection = connection
    }

    deinit { unsafe sqlite3_finalize(handle) }

    /// True when a row can be read, false at the end, after which the statement is ready for the next run.
    func step() throws(LedgerError) -> Bool {
        let code = unsafe sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        // After a failure `reset` answers the extended code of the step.
        let resetCode = unsafe sqlite3_reset(handle)
        if code != SQLITE_DONE { throw connection.error(resetCode == SQLITE_OK ? code : resetCode) }
        return false
    }

    /// Runs a statement to its end.
    func run() throws(LedgerError) { while try step() {} }

    /// Lets go of what the statement holds. Needed after reading only a part of the rows.
    func reset() { unsafe sqlite3_reset(handle) }

    // MARK: Parameters

    func bind(_ index: Int32, _ value: Int64?) {
        if let value { unsafe sqlite3_bind_int64(handle, index, value) } else { bindNull(index) }
    }

    func bind(_ index: Int32, _ value: String?) {
        guard var value else { return bindNull(index) }
        _ = value.withUTF8 { bytes in
            let base = unsafe UnsafeRawPointer(bytes.baseAddress).map { unsafe $0.assumingMemoryBound(to: CChar.self) }
            return unsafe sqlite3_bind_text(handle, index, base ?? Statement.emptyText, Int32(bytes.count), Statement.transient)
        }
    }

    func bind(_ index: Int32, _ value: [UInt8]?) {
        guard let value else { return bindNull(index) }
        // A NULL pointer would bind NULL instead of an empty blob.
        if value.isEmpty {
            unsafe sqlite3_bind_zeroblob(handle, index, 0)
        } else {
            _ = unsafe value.withUnsafeBytes {
                unsafe sqlite3_bind_blob(handle, index, $0.baseAddress, Int32($0.count), Statement.transient)
            }
        }
    }

    func bindNull(_ index: Int32) { unsafe sqlite3_bind_null(handle, index) }

    /// Text that SQLite does not copy: it must stay where it is until the next `step`, `run` or `reset` has ended.
    @inline(__always)
    @unsafe func bindBorrowedText(_ index: Int32, _ bytes: UnsafeRawBufferPointer) {
        let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        unsafe sqlite3_bind_text(handle, index, base ?? Statement.emptyText, Int32(bytes.count), nil)
    }

    /// As `bindBorrowedText`.
    @inline(__always)
    @unsafe func bindBorrowedBlob(_ index: Int32, _ bytes: UnsafeRawBufferPointer) {
        unsafe sqlite3_bind_blob(handle, index, bytes.baseAddress, Int32(bytes.count), nil)
    }

    // MARK: Columns

    func int64(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

    func isNull(_ column: Int32) -> Bool { unsafe sqlite3_column_type(handle, column) == SQLITE_NULL }

    func optionalInt64(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }

    /// Empty for null.
    func text(_ column: Int32) -> String { unsafe String(decoding: textBytes(column), as: UTF8.self) }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    /// Empty for null.
    func bytes(_ column: Int32) -> [UInt8] {
        let base = unsafe sqlite3_column_blob(handle, column)
        // Safe: SQLite keeps the blob until the next step; it is copied at once.
        return unsafe [UInt8](UnsafeRawBufferPointer(start: base, count: Int(sqlite3_column_bytes(handle, column))))
    }

    func optionalBytes(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : bytes(column) }

    private func textBytes(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
        let base = unsafe sqlite3_column_text(handle, column)
        return unsafe UnsafeBufferPointer(start: base, count: Int(sqlite3_column_bytes(handle, column)))
    }

    /// Tells SQLite to copy (SQLITE_TRANSIENT of sqlite3.h, a cast that Swift does not import).
    private static var transient: sqlite3_destructor_type { unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
    /// A NULL pointer would bind NULL instead of "".
    private static var emptyText: UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(("" as StaticString).utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
