import Dispatch
package import HTTPServer
package import Ledger
package import Routing
import Synchronization

/// What every event loop's handler shares: the store, the policies in force, the tokens, the metrics.
///
/// 1. Loops read `Snapshot`s only; a new one is published before the change that made it is answered.
/// 2. Changes are made one at a time, on `changes`.
/// 3. Nothing here waits on a loop's thread.
package final class Application: Sendable {
    package struct Settings: Sendable {
        package var bodyBytesMax = 8 << 20
        /// Longest line of an NDJSON body.
        package var lineBytesMax = 8 << 20
        /// Roles of callers without a token, where the contract lets them have any. Never `admin`.
        package var anonymousRoles: Set<Ledger.Role> = []
        /// The audit sample's secret; `AuditSampler` takes it.
        package var auditSalt: [UInt8]
        package var idempotencyKeptHours = 24
        /// Where answers of streams are kept while clients do not take them; without it they are not kept.
        package var spillDirectory: String?
        /// Bytes of such answers, compressed, of all streams together.
        package var spillBytesMax = 1 << 30
        package var version = "0.0.0"
        package var accessLog = AccessLog.Format.json
        package init(auditSalt: [UInt8]) { self.auditSalt = auditSalt }
    }

    let ledger: Ledger
    let settings: Settings
    let now: @Sendable () -> Instant
    let log: @Sendable ([UInt8]) -> Void
    let sampler: AuditSampler
    let authentication: Authentication
    let archive: PolicyArchive
    let coldWork = ColdWork()
    /// Bytes held by large bodies and long lines on their way to a decision.
    let heldBytes: BytesBudget
    /// For answers that clients of streams do not take yet.
    let spill: SpillFile?
    let labels = DocumentTypeLabels()
    let commits = CommitMetrics()
    let openAPI = OpenAPIDocument()
    let changes = DispatchQueue(label: "sluice.api.changes")

    private let published: Mutex<Snapshot>
    /// The published snapshot's generation: what loops look at before each request.
    private let generation: Atomic<Int>
    private let loops = Mutex<[LoopMetrics]>([])
    private let serverCounters = Mutex<(@Sendable () -> Server.Counters)?>(nil)
    private let draining = Atomic<Bool>(false)

    /// Loads policies and tokens. `log` takes rendered access-log lines (many at a time, each ended by a newline), from any loop.
    /// - Parameter now: the time of day, asked for once a decision or change.
    package init(
        ledger: Ledger, settings: Settings, now: @escaping @Sendable () -> Instant = SystemClock.now,
        log: @escaping @Sendable ([UInt8]) -> Void
    ) throws {
        self.ledger = ledger
        self.settings = settings
        self.now = now
        self.log = log
        sampler = AuditSampler(salt: settings.auditSalt)
        authentication = Authentication(
            anonymousRoles: settings.anonymousRoles.reduce(into: []) { $0.formUnion(Roles($1)) }, now: now,
            noteUse: { [ledger, changes] secret, day in
                changes.async {
                    // A day that cannot be written is not worth a word: the next day's is tried again.
                    try? ledger.noteUse(ofSecret: secret, on: day)
                }
            })
        archive = PolicyArchive(ledger: ledger)
        // What is within the limits can always be taken when it comes alone: as it came and as it is decoded, or in a stream and by itself.
        heldBytes = BytesBudget(bytesMax: max(128 << 20, 2 * max(settings.bodyBytesMax, settings.lineBytesMax)))
        spill = settings.spillDirectory.map { SpillFile(directory: $0, bytesMax: settings.spillBytesMax) }
        let first = try Application.load(from: ledger, after: nil)
        labels.reserve(first.documentTypes)
        published = Mutex(first)
        generation = Atomic(first.generation)
        let commits = commits
        ledger.observeCommits { entries, nanoseconds in commits.committed(entries: entries, nanoseconds: nanoseconds) }
    }

    /// The handler of one loop.
    package func makeHandler(for loop: EventLoop) -> any RequestHandler {
        let metrics = LoopMetrics()
        loops.withLock { $0.append(metrics) }
        return LoopHandler(application: self, loop: loop, metrics: metrics)
    }

    /// Reads policies and tokens again, after another process has changed them.
    package func reload() throws {
        try changes.sync { try publish(Application.load(from: ledger, after: snapshot)) }
    }

    /// Set by the composition root once the server listens, for /metrics.
    package func setServerCounters(_ counters: @escaping @Sendable () -> Server.Counters) {
        serverCounters.withLock { $0 = counters }
    }

    /// /readyz says 503 "draining" from now on.
    package func beginDraining() { draining.store(true, ordering: .releasing) }

    var isDraining: Bool { draining.load(ordering: .acquiring) }
}

// MARK: Policies and tokens in force

extension Application {
    var snapshot: Snapshot { published.withLock { $0 } }

    /// The snapshot in force, given the one a loop has: no lock when it is the same.
    @inline(__always)
    func snapshot(newerThan known: Snapshot) -> Snapshot {
        generation.load(ordering: .acquiring) == known.generation ? known : snapshot
    }

    /// On `changes`: makes a stored policy the one in force.
    func install(_ stored: Ledger.StoredPolicy) throws(LedgerError) {
        let compiled = try PolicyArchive.compile(stored)
        let old = snapshot
        let others = old.policies.policies.filter { $0.policy.documentType != compiled.policy.documentType }
        publish(Snapshot(generation: old.generation + 1, policies: others + [compiled], tokens: old.tokens, previous: old))
    }

    /// On `changes`: takes a retired policy out of force.
    func remove(_ documentType: String) {
        let old = snapshot
        let others = old.policies.policies.filter { !$0.policy.documentType.string.utf8.elementsEqual(documentType.utf8) }
        publish(Snapshot(generation: old.generation + 1, policies: others, tokens: old.tokens, previous: old))
    }

    private func publish(_ snapshot: Snapshot) {
        labels.reserve(snapshot.documentTypes)
        published.withLock { $0 = snapshot }
        generation.store(snapshot.generation, ordering: .releasing)
    }

    private static func load(from ledger: Ledger, after old: Snapshot?) throws(LedgerError) -> Snapshot {
        let tokens = TokenTable(try ledger.tokens())
        var policies: [CompiledPolicy] = []
        for stored in try ledger.policies() {
            if let known = Name(stored.documentType).flatMap({ old?.policies.policy(of: $0) }), known.version == stored.version {
                policies.append(known)
            } else {
                policies.append(try PolicyArchive.compile(stored))
            }
        }
        return Snapshot(generation: (old?.generation ?? 0) + 1, policies: policies, tokens: tokens, previous: old)
    }
}

// MARK: What is counted

extension Application {
    func metricsText() -> [UInt8] {
        let counters = serverCounters.withLock { $0 }
        return PrometheusText.render(
            loops: loops.withLock { $0 }, labels: labels, commits: commits, ledger: ledger, server: counters?(),
            spilledBytes: spill?.heldBytes.load(ordering: .relaxed) ?? 0,
            policyCount: snapshot.policies.policies.count, version: settings.version)
    }
}
