/// Deletes idempotency keys that are older than they have to be kept, a few at a time, after a batch has been answered.
///
/// Time is that of the store's own clock; while no key comes, none has to go.
final class KeyExpiry {
    /// Keys of one step: about 2 ms.
    private static let stepKeys: Int64 = 512
    /// While decisions keep coming, a step follows this many new keys, so that keys leave twice as fast as they come.
    private static let keysBetweenSteps = 256
    /// With nothing else to do, after this many: a step is a transaction, too dear for every single key.
    private static let keysBetweenIdleSteps = 32

    private let keptMilliseconds: Int64
    private let connection: Connection
    private let oldest: Statement
    private let delete: Statement
    private var clock: StoreClock
    private var keysSinceStep = 0
    /// Whether any key came since the store was opened.
    private var hasKeys = false

    init(
        _ connection: Connection, keptMilliseconds: Int64, nanoseconds: @escaping @Sendable () -> UInt64
    ) throws(LedgerError) {
        self.keptMilliseconds = keptMilliseconds
        self.connection = connection
        clock = try StoreClock(connection, nanoseconds: nanoseconds)
        oldest = try connection.prepare("SELECT logged_at FROM idempotency_keys ORDER BY sequence LIMIT 1", persistent: true)
        delete = try connection.prepare(
            """
            DELETE FROM idempotency_keys WHERE sequence IN (
                SELECT sequence FROM (SELECT sequence, logged_at FROM idempotency_keys ORDER BY sequence LIMIT ?1) WHERE logged_at < ?2)
            """, persistent: true)
    }

    /// The time of a batch's keys.
    var now: Int64 { clock.now }

    func noteKey() {
        keysSinceStep += 1
        hasKeys = true
    }

    /// Deletes a step's keys when it is time to.
    func step(
        isIdle: Bool, transaction: (() throws(LedgerError) -> Void) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        guard keysSinceStep >= (isIdle ? Self.keysBetweenIdleSteps : Self.keysBetweenSteps) else { return }
        keysSinceStep = 0
        let before = now - keptMilliseconds
        guard try oldest.step() else { return }
        let isExpired = oldest.int64(0) < before
        oldest.reset()
        guard isExpired else { return }
        try transaction { () throws(LedgerError) in
            delete.bind(1, Self.stepKeys)
            delete.bind(2, before)
            try delete.run()
        }
    }

    /// Writes the clock down, once an hour or at the end: a store that is opened again goes on from there.
    func saveClock(
        atEnd: Bool, transaction: (() throws(LedgerError) -> Void) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        guard atEnd ? hasKeys : clock.isDue else { return }
        try transaction { () throws(LedgerError) in try clock.save(connection) }
    }
}
