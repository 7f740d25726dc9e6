import Routing

/// Deletes idempotency keys that are older than they have to be kept, a few at a time, after a batch has been answered.
///
/// Time is that of the decisions: while none with a key comes, none has to go.
final class KeyExpiry {
    /// Keys of one step: about 2 ms.
    private static let stepKeys: Int64 = 512
    /// While decisions keep coming, a step follows this many new keys, so that keys leave twice as fast as they come.
    private static let keysBetweenSteps = 256
    /// With nothing else to do, after this many: a step is a transaction, too dear for every single key.
    private static let keysBetweenIdleSteps = 32

    private let keptMilliseconds: Int64
    private let oldest: Statement
    private let delete: Statement
    private var newest: Int64 = .min
    private var keysSinceStep = 0

    init(_ connection: Connection, keptMilliseconds: Int64) throws(LedgerError) {
        self.keptMilliseconds = keptMilliseconds
        oldest = try connection.prepare("SELECT decided_at FROM idempotency_keys ORDER BY sequence LIMIT 1", persistent: true)
        delete = try connection.prepare(
            """
            DELETE FROM idempotency_keys WHERE sequence IN (
                SELECT sequence FROM (SELECT sequence, decided_at FROM idempotency_keys ORDER BY sequence LIMIT ?1) WHERE decided_at < ?2)
            """, persistent: true)
    }

    func noteKey(at instant: Instant) {
        newest = max(newest, instant.milliseconds)
        keysSinceStep += 1
    }

    /// Deletes a step's keys when it is time to.
    func step(
        isIdle: Bool, transaction: (() throws(LedgerError) -> Void) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        guard keysSinceStep >= (isIdle ? Self.keysBetweenIdleSteps : Self.keysBetweenSteps) else { return }
        keysSinceStep = 0
        let before = newest - keptMilliseconds
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
}
