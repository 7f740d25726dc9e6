import Dispatch
import Synchronization

/// Disk space for the answers that clients do not take yet, shared by all streams: blocks of one unlinked file beside the database.
///
/// 1. All work is done on `queue`, one job at a time: no loop waits for a disk.
/// 2. A stream gets a block only while it holds fewer than are free, so that one alone has half of the space, two a third each, and
///    something is left for the next.
/// 3. The file does not take the disk's last space: that is the log's.
/// 4. When no block is held the file is empty.
///
/// Sendable by proof: but for `heldBytes`, everything that changes is touched on `queue` alone.
final class SpillFile: @unchecked Sendable {
    static let blockBytes = 16 << 10
    /// Bytes of the disk that are left to the log.
    static let freeDiskBytesMin = 64 << 20

    typealias Block = Int32

    let queue = DispatchQueue(label: "sluice.api.spill")
    /// Bytes of the file that are in use; for the metrics.
    let heldBytes = Atomic<Int>(0)
    private let directory: String
    private let blocksMax: Int
    private var file: UnlinkedFile?
    private var heldCount = 0
    /// Blocks from here on have not been used since the file was empty.
    private var fresh = 0
    private var free: [Block] = []
    private var waiting: [SpillStore] = []

    /// - Parameter bytesMax: Whole blocks of it are used.
    init(directory: String, bytesMax: Int) {
        self.directory = directory
        blocksMax = min(bytesMax / SpillFile.blockBytes, Int(Block.max))
    }

    /// Writes a whole block. nil when there is no space; the store is told when there is again.
    /// - Parameter held: How many blocks the store has already.
    func write(_ bytes: ArraySlice<UInt8>, for store: SpillStore, holding held: Int) -> Block? {
        guard held < blocksMax - heldCount, let file = opened(), let block = takeBlock(file) else { return wait(store) }
        guard file.write(bytes, at: Int(block) * SpillFile.blockBytes) else {
            giveBack(block)
            return wait(store)
        }
        return block
    }

    /// Reads a block and frees it. nil when it cannot be read.
    func take(_ block: Block) -> [UInt8]? {
        let bytes = file?.read(SpillFile.blockBytes, at: Int(block) * SpillFile.blockBytes)
        release([block])
        return bytes
    }

    func release(_ blocks: [Block]) {
        for block in blocks { giveBack(block) }
        let stores = waiting
        waiting = []
        for store in stores { store.retry() }
    }

    func stopWaiting(_ store: SpillStore) { waiting.removeAll { $0 === store } }

    private func wait(_ store: SpillStore) -> Block? {
        waiting.append(store)
        return nil
    }

    private func opened() -> UnlinkedFile? {
        if file == nil { file = UnlinkedFile(in: directory) }
        return file
    }

    private func takeBlock(_ file: UnlinkedFile) -> Block? {
        if free.isEmpty {
            guard file.freeDiskBytes >= SpillFile.freeDiskBytesMin else { return nil }
            free.append(Block(fresh))
            fresh += 1
        }
        count(1)
        return free.popLast()
    }

    private func giveBack(_ block: Block) {
        free.append(block)
        count(-1)
        if heldCount > 0 { return }
        free = []
        fresh = 0
        file?.empty()
    }

    private func count(_ change: Int) {
        heldCount += change
        heldBytes.store(heldCount * SpillFile.blockBytes, ordering: .relaxed)
    }
}
