import Glibc
import Synchronization

/// The files of one database, known by what they are and not by how they are called.
///
/// 1. The database is named by its path without symbolic links, as SQLite does it: so its log and its lock file lie beside the file itself.
/// 2. Locks are on the file, on bytes that SQLite never locks: a server has `serverByte`, everybody who uses the database shares
///    `usersByte`, and who has that one for himself is alone.
/// 3. A database is opened and closed by one who is alone where that can be: he checks that its files belong together (`FoundFiles`), gives
///    the database a mark of its own, and at the end empties the log and writes down that there is none.
/// 4. The file's mark is at any moment one of the two in the trace: a mark is written down, durably, before it is given.
final class DatabaseFiles: Sendable {
    enum Purpose: Sendable { case read, change, serve }

    static let logSuffix = "-wal"
    static let indexSuffix = "-shm"
    private static let journalSuffix = "-journal"
    private static let serverByte: Int64 = 1 << 62
    private static let usersByte: Int64 = 1 << 62 + 1
    static let lockedBytes = [serverByte, usersByte]
    private static let waitMilliseconds = 5
    private static let waitMillisecondsMax = 10_000

    /// Absolute, without symbolic links.
    let path: String
    /// As the user gave it.
    let shownPath: String
    let purpose: Purpose
    private let file: SharedDescriptor
    let state: Mutex<State>

    struct State: ~Copyable {
        /// Nil for those who only look, when nobody ever wrote.
        var lock: LockFile?
        /// What one found who was alone; nil for all others.
        var found: FoundFiles?
        var verdict: FoundFiles.Verdict?
        /// Of the files beside the database, since they are in use.
        var besides: [String: System.Identity] = [:]
        /// The log's head as it was last seen.
        var salts: LogSalts?
        var isReleased = false
    }

    /// Opens the database's file, takes the locks that the purpose needs, and checks the files when nobody else uses them. Changes nothing,
    /// but for finishing a restore.
    /// - Parameter makes: makes an empty file when there is none.
    init(_ shownPath: String, for purpose: Purpose, makes: Bool) throws(LedgerError) {
        self.shownPath = shownPath
        self.purpose = purpose
        let path = try DatabaseFiles.resolve(shownPath)
        self.path = path
        try DatabaseFiles.checkBesides(path, shownPath)
        // SQLite would throw the log of an empty database away.
        if System.status(path) == nil, !Restoration.isUnfinished(path), DatabaseFiles.logHead(path) != nil {
            throw .file(path: shownPath, fault: .databaseMissing)
        }
        let lock = try DatabaseFiles.asking(shownPath) { () throws(System.Failure) in
            try LockFile.open(path + LockFile.suffix, makes: purpose != .read && (makes || System.status(path) != nil))
        }
        try DatabaseFiles.takeServerLock(lock, for: purpose, path, shownPath)
        file = try DatabaseFiles.asking(shownPath) { () throws(System.Failure) in
            if makes, try System.createPrivateFile(path) { try System.synchronize(DatabaseFiles.folder(of: path)) }
            return try SharedDescriptor(path, mayBeReadOnly: purpose == .read)
        }
        state = Mutex(State(lock: lock))
        do {
            try takeLocks()
        } catch {
            release()
            throw error
        }
    }

    deinit { release() }

    /// Lets go of all locks. Every connection is closed by now.
    func release() {
        state.withLock { state in
            if state.isReleased { return }
            state.isReleased = true
            // The file's first: whoever finds that one taken looks for the lock file's.
            file.release(DatabaseFiles.lockedBytes)
            state.lock = nil
        }
    }

    // MARK: Who else is there

    /// Whether a server has the database open, which is not us.
    var isServed: Bool { purpose != .serve && System.isLocked(file.descriptor, byte: Self.serverByte) }

    /// What the server that has the database has seen.
    var publishedGeneration: Int64 { state.withLock { $0.lock?.generation ?? 0 } }

    /// A server's word to the commands. One who waits for it in vain tells so after its time-out.
    func publish(_ generation: Int64) {
        if purpose == .serve { state.withLock { try? $0.lock?.publish(generation) } }
    }

    /// True from now on, until `share`, when nobody else uses the database.
    func becomeAlone() -> Bool { (try? System.lock(file.descriptor, byte: Self.usersByte, .exclusive)) ?? false }

    /// Lets others in who use the database, and waits for one who is alone with it.
    func share() throws(LedgerError) {
        var waited = 0
        while try !asking({ () throws(System.Failure) in try System.lock(file.descriptor, byte: Self.usersByte, .shared) }) {
            if waited >= Self.waitMillisecondsMax { throw fault(.busy) }
            System.sleep(milliseconds: Self.waitMilliseconds)
            waited += Self.waitMilliseconds
        }
    }

    private func takeLocks() throws(LedgerError) {
        if purpose == .serve,
            try !asking({ () throws(System.Failure) in try System.lock(file.descriptor, byte: Self.serverByte, .exclusive) })
        {
            throw .locked(path: shownPath)
        }
        if isServed, !state.withLock({ $0.lock?.isHeldByAServer ?? false }) { throw fault(.openByAnotherName) }
        guard !file.isReadOnly, becomeAlone() else { return try share() }
        let found = find()
        do throws(FileFault) {
            let verdict = try found.judge()
            state.withLock { state in
                state.found = found
                state.verdict = verdict
            }
        } catch {
            throw fault(error)
        }
    }

    private func find() -> FoundFiles {
        let header = System.read(file.descriptor, DatabaseMark.headerBytes, at: 0)
        let log = DatabaseFiles.logHead(path)
        return FoundFiles(
            bytes: Int64(header.count), mark: DatabaseMark(header: header), hasLog: log != nil, salts: log.flatMap(LogSalts.init(header:)),
            trace: state.withLock { $0.lock?.trace })
    }

    // MARK: For the other files of this type

    /// The mark that the file has now, without the log.
    var mark: DatabaseMark? { DatabaseMark(header: System.read(file.descriptor, DatabaseMark.headerBytes, at: 0)) }

    var identity: System.Identity { file.identity }

    /// Whether the file was found without a log, and nobody can write it as long as we have its locks.
    var isWhole: Bool { state.withLock { $0.found.map { !$0.hasLog } ?? false } }

    func fault(_ fault: FileFault) -> LedgerError { .file(path: shownPath, fault: fault) }

    func asking<T>(_ body: () throws(System.Failure) -> T) throws(LedgerError) -> T {
        try DatabaseFiles.asking(shownPath, body)
    }

    static func asking<T: ~Copyable>(_ shownPath: String, _ body: () throws(System.Failure) -> T) throws(LedgerError) -> T {
        do throws(System.Failure) { return try body() } catch { throw .cannotOpen(path: shownPath, message: error.message) }
    }

    /// The first bytes of the write-ahead log; nil when it is empty or not there.
    static func logHead(_ path: String) -> [UInt8]? {
        // SQLite locks nothing in this file: it may be opened and closed.
        guard let descriptor = try? System.open(path + logSuffix, O_RDONLY) else { return nil }
        defer { System.close(descriptor) }
        let head = System.read(descriptor, LogSalts.headerBytes, at: 0)
        return head.isEmpty ? nil : head
    }

    static func folder(of path: String) -> String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? "."
    }
}

// MARK: What is there, before it is opened

extension DatabaseFiles {
    /// Where the path leads, which is a regular file or can become one.
    static func resolve(_ shownPath: String) throws(LedgerError) -> String {
        func fault(_ fault: FileFault) -> LedgerError { .file(path: shownPath, fault: fault) }
        if shownPath.isEmpty || shownPath == ":memory:" || shownPath.utf8.starts(with: "file:".utf8) { throw fault(.notAPath) }
        if let status = System.status(shownPath) {
            guard status.isRegular else { throw fault(.notRegular(suffix: "")) }
            return try asking(shownPath) { () throws(System.Failure) in try System.resolve(shownPath) }
        }
        if System.linkStatus(shownPath)?.isLink == true { throw fault(.leadsNowhere) }
        guard shownPath.utf8.last != UInt8(ascii: "/") else { throw fault(.notRegular(suffix: "")) }
        let name = shownPath.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? ""
        let parent = try asking(shownPath) { () throws(System.Failure) in try System.resolve(folder(of: shownPath)) }
        return parent == "/" ? "/\(name)" : "\(parent)/\(name)"
    }

    /// What keeps the path from being that of a database, there or not; before it is opened.
    static func problem(with shownPath: String) -> LedgerError? {
        do throws(LedgerError) {
            _ = try resolve(shownPath)
        } catch {
            if case .file = error { return error }
        }
        return nil
    }

    /// Files beside the database are opened by SQLite, which follows links and reads devices.
    static func checkBesides(_ path: String, _ shownPath: String) throws(LedgerError) {
        for suffix in [logSuffix, indexSuffix, journalSuffix, LockFile.suffix] {
            guard let status = System.linkStatus(path + suffix) else { continue }
            guard status.isRegular else { throw .file(path: shownPath, fault: .notRegular(suffix: suffix)) }
            // A journal is rolled back into any database that it lies beside, and ours have none once they have a log.
            if suffix == journalSuffix, status.bytes > 0, isLogged(path) { throw .file(path: shownPath, fault: .journalOfAnother) }
        }
    }

    /// Whether the database's file says that it has a write-ahead log (the file format of SQLite, 1.3.3). Before anybody has it open here.
    private static func isLogged(_ path: String) -> Bool {
        guard let file = try? SharedDescriptor(path, mayBeReadOnly: true) else { return false }
        defer { file.release([]) }
        let header = System.read(file.descriptor, DatabaseMark.headerBytes, at: 0)
        return header.count == DatabaseMark.headerBytes && header[18] == 2
    }

    /// A server's, and for a moment that of whoever finishes a restore.
    private static func takeServerLock(
        _ lock: borrowing LockFile?, for purpose: Purpose, _ path: String, _ shownPath: String
    ) throws(LedgerError) {
        let isUnfinished = Restoration.isUnfinished(path)
        guard purpose == .serve || isUnfinished else { return }
        if purpose == .read { throw .file(path: shownPath, fault: .restoreUnfinished) }
        switch lock {
        case .some(let lock):
            guard try asking(shownPath, { () throws(System.Failure) in try lock.take() }) else { throw .locked(path: shownPath) }
            defer { if purpose != .serve { lock.giveBack() } }
            if isUnfinished { try asking(shownPath) { () throws(System.Failure) in _ = try Restoration.finish(path) } }
        case .none: throw .cannotOpen(path: shownPath, message: System.Failure(errno: ENOENT).message)
        }
    }
}
