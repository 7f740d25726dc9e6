/// What was written down, beside a database, of the state in which its files were left: by it a file that was exchanged is known.
struct Trace: Equatable, Sendable {
    enum Log: Equatable, Sendable {
        /// The database was closed in order: its file has all of it.
        case none
        /// A log is about to be made.
        case unknown
        case salts(LogSalts)
    }

    /// The marks that the file of the database may have: the one it had, and that of the newest state, which a checkpoint puts there.
    var file: DatabaseMark
    var newest: DatabaseMark
    var log: Log
    /// The log of decisions goes at least up to this sequence.
    var sequence: Int64

    static let bytes = 48
    private static let head: [UInt8] = Array("sluice1\n".utf8)

    var encoded: [UInt8] {
        var (state, salts): (UInt32, LogSalts) =
            switch log {
            case .none: (0, LogSalts(first: 0, second: 0))
            case .unknown: (1, LogSalts(first: 0, second: 0))
            case .salts(let salts): (2, salts)
            }
        // Whoever reads half of a record must see that it is half.
        state |= (file.version ^ newest.version ^ salts.first ^ UInt32(truncatingIfNeeded: sequence)) << 8
        let words = [file.cookie, file.version, newest.cookie, newest.version, state, salts.first, salts.second, 0]
        return Trace.head + words.flatMap(\.bigEndianBytes) + sequence.bigEndianBytes
    }

    /// Nil for anything but what `encoded` makes.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Trace.bytes, bytes.starts(with: Trace.head) else { return nil }
        func word(_ index: Int) -> UInt32 { UInt32(bigEndian: bytes, at: 8 + 4 * index) }
        file = DatabaseMark(cookie: word(0), version: word(1))
        newest = DatabaseMark(cookie: word(2), version: word(3))
        sequence = Int64(bigEndian: bytes, at: 40)
        switch word(4) & 0xFF {
        case 0: log = .none
        case 1: log = .unknown
        case 2: log = .salts(LogSalts(first: word(5), second: word(6)))
        default: return nil
        }
        if encoded != bytes { return nil }
    }

    init(file: DatabaseMark, newest: DatabaseMark, log: Log, sequence: Int64) {
        self.file = file
        self.newest = newest
        self.log = log
        self.sequence = sequence
    }

    func names(_ mark: DatabaseMark) -> Bool { mark == file || mark == newest }
}

/// The files of a database as somebody finds them who is alone with them.
struct FoundFiles: Equatable {
    /// Bytes of the database; 0 when there is none.
    var bytes: Int64
    /// Nil when the file is not an SQLite database.
    var mark: DatabaseMark?
    /// Whether a write-ahead log is there that is not empty.
    var hasLog: Bool
    /// Nil when what is there does not begin as a log does.
    var salts: LogSalts?
    var trace: Trace?

    enum Verdict: Equatable {
        /// The database that was left here, with its log.
        case own
        /// Another one than was left here, or none was: whole by itself.
        case other
        /// A database and a log of which nothing is written down; whether they belong together shows when the log is read.
        case unproven
    }

    /// Throws when log and database do not belong together, or one of them is not there.
    func judge() throws(FileFault) -> Verdict {
        if bytes == 0 {
            if hasLog { throw .databaseMissing }
            return .other
        }
        // SQLite says what it thinks of the file.
        guard let mark else { return .other }
        guard let trace, trace.names(mark) else {
            if hasLog {
                if trace != nil { throw .databaseOfAnother }
                return .unproven
            }
            if mark.isOpen { throw .logMissing }
            return .other
        }
        if hasLog {
            switch trace.log {
            case .none: throw .logOfAnother
            case .unknown: return .own
            case .salts(let salts):
                guard let found = self.salts, found.continues(salts) else { throw .logOfAnother }
                return .own
            }
        }
        // Without a log all is in the file, if another program has read the log and put it there.
        if trace.log == .none || mark == trace.newest { return .own }
        throw .logMissing
    }

    /// For a database whose log was not proven to be its own: `newest` is its mark with the log.
    func check(newest: DatabaseMark) throws(FileFault) {
        // The very first log has no mark.
        guard let mark, mark.version == 0 || newest == mark || newest == mark.next else { throw .logOfAnother }
    }
}
