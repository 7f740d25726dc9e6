import Synchronization

/// How the files of a database keep knowing each other: see `DatabaseMark` and `Trace`.
extension DatabaseFiles {
    /// The part of the check that needs the database open: that what was found belongs together, and is all there. Before anything is
    /// written. When it throws, the connection must not be closed (`Connection.abandon`): closing would copy the log into the database.
    func check(_ connection: Connection) throws(LedgerError) {
        let (found, verdict) = state.withLock { ($0.found, $0.verdict) }
        guard let found, let verdict else { return }
        if verdict == .unproven {
            let newest = try DatabaseMark(connection)
            do throws(FileFault) { try found.check(newest: newest) } catch { throw fault(error) }
        }
        if verdict == .own, let left = found.trace?.sequence, left > 0, try DatabaseFiles.lastSequence(connection) < left {
            throw fault(.logMissing)
        }
    }

    /// Writes down that there will be a log: before the first one is written, also by a migration.
    func prepare() throws(LedgerError) {
        let (found, verdict) = state.withLock { ($0.found, $0.verdict) }
        guard let found, let verdict else { return }
        if verdict == .own, let trace = found.trace {
            guard trace.log == Trace.Log.none else { return }
            try leave(Trace(file: trace.file, newest: trace.newest, log: .unknown, sequence: trace.sequence))
        } else {
            let mark = found.mark ?? DatabaseMark(cookie: 0, version: 0)
            try leave(Trace(file: mark, newest: mark, log: .unknown, sequence: 0))
        }
    }

    /// Makes the database one whose files know each other from now on, and lets others in. After migrations, before anything else is written.
    func begin(_ connection: Connection) throws(LedgerError) {
        let verdict = state.withLock { $0.verdict }
        if let verdict {
            let newest = try DatabaseMark(connection)
            let fresh = newest.renewed(keepsCookie: verdict == .own, isOpen: true)
            let sequence = try DatabaseFiles.lastSequence(connection)
            try leave(Trace(file: mark ?? newest, newest: fresh, log: .unknown, sequence: sequence))
            try transaction(connection) { () throws(LedgerError) in try fresh.write(connection, withCookie: fresh.cookie != newest.cookie) }
            // Only a reader of another program can be in the way: then the file keeps the mark that it had.
            _ = try connection.checkpoint(.truncate)
            try advance(connection)
            try share()
        } else {
            // Somebody else has begun, or ended.
            try transaction(connection) { () throws(LedgerError) in
                guard let mark, trace?.log ?? Trace.Log.none == Trace.Log.none else { return }
                let newest = try DatabaseMark(connection)
                try leave(Trace(file: mark, newest: newest, log: .unknown, sequence: trace?.sequence ?? 0))
            }
        }
        noteBesides()
    }

    /// After a checkpoint, on the writer's connection between its transactions: gives the newest state another mark than the file has now.
    func advance(_ connection: Connection) throws(LedgerError) {
        try transaction(connection) { () throws(LedgerError) in
            let newest = try DatabaseMark(connection)
            guard mark == newest, newest.isOpen else { return }
            let log = trace?.log ?? .unknown
            try leave(Trace(file: newest, newest: newest.next, log: log, sequence: trace?.sequence ?? 0))
            try newest.next.write(connection, withCookie: false)
        }
        noteLog()
    }

    /// For one who is alone, last of all: puts all of the log into the file, which says so from then on. What cannot be done leaves the
    /// files as they are: the next one who opens them reads the log.
    func end(_ connection: Connection) {
        do throws(LedgerError) {
            let newest = try DatabaseMark(connection)
            guard try connection.checkpoint(.truncate) != nil, mark == newest else { return }
            let sequence = try DatabaseFiles.lastSequence(connection)
            let closed = newest.closed
            try leave(Trace(file: newest, newest: closed, log: trace?.log ?? .unknown, sequence: sequence))
            try transaction(connection) { () throws(LedgerError) in try closed.write(connection, withCookie: false) }
            guard try connection.checkpoint(.truncate) != nil, mark == closed, DatabaseFiles.logHead(path) == nil else { return }
            try leave(Trace(file: closed, newest: closed, log: .none, sequence: sequence))
        } catch {
            // As above.
        }
    }

    // MARK: Under a running server

    /// What has become of the files, from time to time; nil when they are what they were. On the writer's connection between its
    /// transactions.
    func look(_ connection: Connection) -> FileFault? {
        if let fault = lookAtNames() ?? lookAtContents() { return fault }
        noteLog()
        // Another program's checkpoint.
        if mark == trace?.newest { try? advance(connection) }
        if let trace, let last = try? DatabaseFiles.lastSequence(connection), last > trace.sequence {
            var newer = trace
            newer.sequence = last
            // Not durably: less than the truth is true as well.
            try? leave(newer, durably: false)
        }
        return nil
    }

    /// Whether all files are what they were; for any thread.
    var isIntact: Bool { lookAtNames() == nil && lookAtContents() == nil }

    var logBytes: Int64 { System.linkStatus(path + DatabaseFiles.logSuffix)?.bytes ?? 0 }

    private func lookAtNames() -> FileFault? {
        let besides = state.withLock { $0.besides }
        for (suffix, identity) in besides.sorted(by: { $0.key < $1.key }) {
            guard let status = System.linkStatus(path + suffix) else { return .removed(suffix: suffix) }
            if status.identity != identity { return .replaced(suffix: suffix) }
        }
        return nil
    }

    private func lookAtContents() -> FileFault? {
        // Another process may be between its trace and its mark.
        var isNamed = false
        for _ in 0..<3 where !isNamed { isNamed = mark.map { trace?.names($0) ?? false } ?? false }
        guard isNamed else { return .overwritten(suffix: "") }
        guard let head = DatabaseFiles.logHead(path) else {
            return mark == trace?.newest ? nil : .overwritten(suffix: DatabaseFiles.logSuffix)
        }
        guard let salts = LogSalts(header: head), state.withLock({ $0.salts.map(salts.continues) ?? true }) else {
            return .overwritten(suffix: DatabaseFiles.logSuffix)
        }
        return nil
    }

    private func noteBesides() {
        let suffixes = ["", DatabaseFiles.logSuffix, DatabaseFiles.indexSuffix, LockFile.suffix]
        state.withLock { state in
            for suffix in suffixes { state.besides[suffix] = System.linkStatus(path + suffix)?.identity }
            // Those that we have open ourselves are known better.
            state.besides[""] = identity
            if let identity = state.lock?.identity { state.besides[LockFile.suffix] = identity }
        }
    }

    private func noteLog() {
        guard let salts = DatabaseFiles.logHead(path).flatMap(LogSalts.init(header:)) else { return }
        state.withLock { $0.salts = salts }
        guard var trace, trace.log != .salts(salts) else { return }
        trace.log = .salts(salts)
        // What is written down already says no less of it, if this fails.
        try? leave(trace)
    }

    // MARK: Trace

    private var trace: Trace? { state.withLock { $0.lock?.trace } }

    private func leave(_ trace: Trace, durably: Bool = true) throws(LedgerError) {
        try asking { () throws(System.Failure) in
            let result: Result<Void, System.Failure> = state.withLock { state in
                do throws(System.Failure) { return .success(try state.lock?.leave(trace, durably: durably) ?? ()) } catch {
                    return .failure(error)
                }
            }
            try result.get()
        }
    }

    private static func lastSequence(_ connection: Connection) throws(LedgerError) -> Int64 {
        let exists = try connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'decisions'")
        guard try exists.step() else { return 0 }
        let select = try connection.prepare("SELECT max(sequence) FROM decisions")
        return try select.step() ? select.int64(0) : 0
    }

    private func transaction(_ connection: Connection, _ body: () throws(LedgerError) -> Void) throws(LedgerError) {
        try connection.execute("BEGIN IMMEDIATE")
        do throws(LedgerError) {
            try body()
            try connection.execute("COMMIT")
        } catch {
            if connection.isInTransaction { try? connection.execute("ROLLBACK") }
            throw error
        }
    }
}
