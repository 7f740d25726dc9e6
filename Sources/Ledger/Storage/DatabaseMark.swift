/// Eight bytes in the header of a database by which its states are told apart: SQLite's schema cookie, and the user version, which we count.
///
/// 1. The cookie is drawn at random for each database and for each copy of one. SQLite's own ways to copy (its backup interface, VACUUM
///    INTO) count it on or set it anew, so what they make has another mark than what they were made of.
/// 2. The version is drawn at random whenever a database is opened by the only one to write it, and counted on after every checkpoint. So
///    the mark in the file is an older one than that in the write-ahead log, until a checkpoint has copied all of it.
/// 3. The version's last 12 bits are the cookie's tag while the state of the database is in file and log together, and something else when
///    the file alone has all of it: so they are in every copy that SQLite makes, as its cookie is another one. 0 is the version of a
///    database that was never marked.
struct DatabaseMark: Equatable, Sendable {
    var cookie: UInt32
    var version: UInt32

    /// Bytes of a database's header.
    static let headerBytes = 100

    /// From the first bytes of a database (the file format of SQLite, 1.3); nil when they are not those of one.
    init?(header: [UInt8]) {
        guard header.count >= DatabaseMark.headerBytes, header.starts(with: "SQLite format 3\0".utf8) else { return nil }
        cookie = UInt32(bigEndian: header, at: DatabaseMark.cookieOffset)
        version = UInt32(bigEndian: header, at: DatabaseMark.versionOffset)
    }

    init(cookie: UInt32, version: UInt32) {
        self.cookie = cookie
        self.version = version
    }

    /// As a connection sees it, from file and log together.
    init(_ connection: Connection) throws(LedgerError) {
        func number(_ sql: String) throws(LedgerError) -> UInt32 {
            let select = try connection.prepare(sql)
            return try select.step() ? UInt32(truncatingIfNeeded: select.int64(0)) : 0
        }
        cookie = try number("PRAGMA schema_version")
        version = try number("PRAGMA user_version")
    }

    private static let tagBits: UInt32 = 12
    private static let tagMask: UInt32 = 1 << tagBits - 1

    /// Neighbours have different ones (Knuth's multiplicative hashing).
    private var tag: UInt32 { (cookie &* 2_654_435_761) >> (32 - DatabaseMark.tagBits) }

    /// Whether a log belongs to the file.
    var isOpen: Bool { version != 0 && version & DatabaseMark.tagMask == tag }

    /// That of the state after the next checkpoint.
    var next: DatabaseMark { DatabaseMark(cookie: cookie, version: version &+ (1 << DatabaseMark.tagBits)) }

    /// That of a state which the file alone has.
    var closed: DatabaseMark { DatabaseMark(cookie: cookie, version: max(1, version & ~DatabaseMark.tagMask | tag ^ 1)) }

    /// A state that no other database has, for whoever is the only one to write this one.
    /// - Parameter keepsCookie: the database is known to be the one of its name, not a copy.
    func renewed(keepsCookie: Bool, isOpen: Bool) -> DatabaseMark {
        // Signed in SQLite; small ones are those of databases that were never marked, and of copies.
        let cookie = keepsCookie ? self.cookie : UInt32.random(in: 1 << 16..<1 << 31)
        var mark = DatabaseMark(cookie: cookie, version: UInt32.random(in: 1..<1 << (32 - DatabaseMark.tagBits)) << DatabaseMark.tagBits)
        mark.version |= mark.tag
        return isOpen ? mark : mark.closed
    }

    /// Within a transaction. A cookie that is written makes every connection read the schema anew.
    func write(_ connection: Connection, withCookie: Bool) throws(LedgerError) {
        if withCookie { try connection.execute("PRAGMA schema_version=\(Int32(bitPattern: cookie))") }
        try connection.execute("PRAGMA user_version=\(Int32(bitPattern: version))")
    }
}

extension DatabaseMark {
    private static let cookieOffset = 40
    private static let versionOffset = 60

    /// Into the header of a database that nobody has open.
    func write(to descriptor: Int32) throws(System.Failure) {
        try System.write(descriptor, cookie.bigEndianBytes, at: Int64(DatabaseMark.cookieOffset))
        try System.write(descriptor, version.bigEndianBytes, at: Int64(DatabaseMark.versionOffset))
    }
}

/// What the head of a write-ahead log tells of it (the file format of SQLite, 4.1).
struct LogSalts: Equatable, Sendable {
    /// Counted on each time the log begins again at its start; at random when the file is made.
    var first: UInt32
    /// At random each time.
    var second: UInt32

    static let headerBytes = 32
    /// How many times the log may have begun again since it was last looked at.
    private static let restartsMax: UInt32 = 16

    /// Nil for bytes that no log begins with.
    init?(header: [UInt8]) {
        guard header.count >= LogSalts.headerBytes, UInt32(bigEndian: header, at: 0) & ~1 == 0x377F_0682 else { return nil }
        first = UInt32(bigEndian: header, at: 16)
        second = UInt32(bigEndian: header, at: 20)
    }

    init(first: UInt32, second: UInt32) {
        self.first = first
        self.second = second
    }

    /// Whether a log with this head is the one that had `earlier` as its head, perhaps begun again since.
    func continues(_ earlier: LogSalts) -> Bool {
        let restarts = first &- earlier.first
        return restarts == 0 ? second == earlier.second : restarts <= LogSalts.restartsMax
    }
}

extension FixedWidthInteger {
    init(bigEndian bytes: [UInt8], at offset: Int) {
        self = bytes[offset..<offset + MemoryLayout<Self>.size].reduce(0) { $0 << 8 | Self(truncatingIfNeeded: $1) }
    }

    var bigEndianBytes: [UInt8] {
        stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> $0) }
    }
}
