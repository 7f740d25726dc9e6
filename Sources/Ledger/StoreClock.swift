/// The store's own time, in milliseconds: it only goes on, and only while the store is open. Whoever sets the machine's clock does not
/// reach it. So what is kept for a day is kept for a day at least.
///
/// It begins where the newest idempotency key was logged, or where it was last written down.
struct StoreClock {
    private static let savedEveryMilliseconds: Int64 = 3_600_000

    private let nanoseconds: @Sendable () -> UInt64
    private let start: UInt64
    private let origin: Int64
    private var saved: Int64

    init(_ connection: Connection, nanoseconds: @escaping @Sendable () -> UInt64) throws(LedgerError) {
        func number(_ sql: String) throws(LedgerError) -> Int64 {
            let select = try connection.prepare(sql)
            return try select.step() ? select.int64(0) : 0
        }
        self.nanoseconds = nanoseconds
        start = nanoseconds()
        origin = max(
            try number("SELECT value FROM meta WHERE name = 'clock'"),
            try number("SELECT logged_at FROM idempotency_keys ORDER BY sequence DESC LIMIT 1"))
        saved = origin
    }

    var now: Int64 { origin + Int64((nanoseconds() - start) / 1_000_000) }

    /// Whether it has gone on by more since it was written down than may be forgotten.
    var isDue: Bool { now - saved >= Self.savedEveryMilliseconds }

    /// Within a transaction.
    mutating func save(_ connection: Connection) throws(LedgerError) {
        let now = now
        let insert = try connection.prepare(
            "INSERT INTO meta (name, value) VALUES ('clock', ?1) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        insert.bind(1, now)
        try insert.run()
        saved = now
    }
}
