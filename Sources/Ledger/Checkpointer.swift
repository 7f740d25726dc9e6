import Dispatch
import Synchronization

/// Copies the write-ahead log into the database off the writer's path: a commit that has to checkpoint takes many times as long.
///
/// 1. The writer never checkpoints by itself (`wal_autocheckpoint=0`).
/// 2. Every quarter of `walBytesMax` of new log a passive checkpoint runs on a connection of its own; it waits for nobody, and nobody for it.
/// 3. Under constant writing a passive checkpoint never reaches the log's end, so the log would grow for ever. When it is past `walBytesMax`,
///    the writer itself, right after a passive checkpoint, copies the little that is left and begins again at the log's start. That must
///    not wait for readers, or the log would stand still behind a backup: when one is in the way it is tried after the next one.
/// 4. A log that nobody writes to any more is copied in the same way, and then its space is given back.
/// 5. Nothing is copied into a file that is no longer the database.
@safe final class Checkpointer: @unchecked Sendable {
    // Sendable: `connection` is used on `queue` alone; `frames` and `framesAtCheckpoint` on the writer's queue; `isRunning` is a mutex.
    /// SQLite's default, with which every database of ours is made.
    private static let pageBytes = 4_096
    private static let checkpointsBeforeRestart = 4

    private let queue = DispatchQueue(label: "sluice.ledger.checkpoint", qos: .utility)
    private let files: DatabaseFiles
    private var connection: Connection?
    private let walBytesMax: Int
    // Safe: ours from `init` to `deinit`.
    /// Written by SQLite on the writer's queue, at every commit.
    private let frames: UnsafeMutablePointer<Int32>
    private var framesAtCheckpoint: Int32 = 0
    private let isRunning = Mutex(false)

    init(_ files: DatabaseFiles, writer: Connection, walBytesMax: Int) throws(LedgerError) {
        self.files = files
        self.walBytesMax = walBytesMax
        let connection = try Connection(path: files.path, busyTimeoutMilliseconds: Ledger.busyTimeoutMilliseconds)
        unsafe frames = .allocate(capacity: 1)
        unsafe frames.initialize(to: 0)
        try connection.execute("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-256")
        self.connection = connection
        // Safe: the writer's connection, whose owner closes it before this object goes, is the only one to write there.
        unsafe writer.reportFrames(to: frames)
    }

    deinit { unsafe frames.deallocate() }

    /// After a commit, on the writer's queue.
    func committed(on writer: LogWriter) {
        let frames = unsafe self.frames.pointee
        if frames < framesAtCheckpoint { framesAtCheckpoint = 0 }
        guard Int(frames - framesAtCheckpoint) * Self.pageBytes >= walBytesMax / Self.checkpointsBeforeRestart else { return }
        let isPastMax = Int(frames) * Self.pageBytes >= walBytesMax
        if run({ _ in writer.checkpointed(then: isPastMax ? .restart : nil) }) { framesAtCheckpoint = frames }
    }

    /// When nothing has been committed for a while, on the writer's queue.
    func empty(for writer: LogWriter) {
        // A reader that needs the log is in the way; the next time, perhaps, it has gone.
        _ = run { isWhole in if isWhole { writer.checkpointed(then: .truncate) } }
    }

    /// - Parameter done: on this object's queue; whether all of the log is in the database.
    /// - Returns: false when one is running already.
    private func run(_ done: @escaping @Sendable (_ isWhole: Bool) -> Void) -> Bool {
        let wasRunning = isRunning.withLock { isRunning in
            defer { isRunning = true }
            return isRunning
        }
        if wasRunning { return false }
        queue.async {
            // A failure (a full disk, say) leaves the log as it is; the next checkpoint tries again.
            let state = self.files.isIntact ? try? self.connection?.checkpoint(.passive) : nil
            self.isRunning.withLock { $0 = false }
            done(state.map { $0.frames == $0.copied } ?? false)
        }
        return true
    }

    /// Waits for a checkpoint that runs, if any.
    func finish() { queue.sync {} }

    /// Waits for a checkpoint that runs, and closes.
    func close() { queue.sync { connection = nil } }
}
