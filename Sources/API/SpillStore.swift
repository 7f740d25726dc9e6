import Gzip

/// One stream's answers in the spill file, first in, first out, compressed: they are much alike.
///
/// Sendable by proof: after init it is used on the file's queue alone.
final class SpillStore: @unchecked Sendable {
    enum Fault: Error { case unreadable }

    private let file: SpillFile
    /// Called on the file's queue when there is space again.
    private let onSpace: @Sendable () -> Void
    /// The oldest first, from `firstBlock` on.
    private var blocks: [SpillFile.Block] = []
    private var firstBlock = 0
    /// Compressed, behind the blocks: less than a block, or more while there is no space.
    private var tail: [UInt8] = []
    /// Compressed, before the blocks: read and not yet decompressed.
    private var head: [UInt8] = []
    private var decoder: GzipDecoder?
    private var isWaiting = false

    init(_ file: SpillFile, onSpace: @escaping @Sendable () -> Void) {
        self.file = file
        self.onSpace = onSpace
    }

    /// Whether it is to be told before it takes more.
    var isFull: Bool { isWaiting }

    func append(_ bytes: [UInt8]) throws(Fault) {
        guard let member = GzipEncoder.encode(bytes) else { throw .unreadable }
        tail += member
        writeTail()
    }

    /// The next bytes: at least `bytesMin`, if there are so many; empty when there are none.
    func take(_ bytesMin: Int) throws(Fault) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            let decoder = try decoder ?? GzipDecoder()
            self.decoder = decoder
            while bytes.count < bytesMin {
                let before = bytes.count
                let coded = head
                let taken = try decoder.decode(coded.span, into: &bytes)
                head.removeFirst(taken)
                if taken == 0, bytes.count == before {
                    guard let more = try nextCoded() else { break }
                    head += more
                }
            }
        } catch {
            throw .unreadable
        }
        return bytes
    }

    /// Frees what it holds.
    func discard() {
        file.stopWaiting(self)
        let held = Array(blocks[firstBlock...])
        (blocks, firstBlock, tail, head, decoder, isWaiting) = ([], 0, [], [], nil, false)
        file.release(held)
    }

    /// There is space again, perhaps.
    func retry() {
        isWaiting = false
        writeTail()
        if !isWaiting { onSpace() }
    }

    private func writeTail() {
        var written = 0
        while !isWaiting, tail.count - written >= SpillFile.blockBytes {
            let piece = tail[written..<written + SpillFile.blockBytes]
            if let block = file.write(piece, for: self, holding: blocks.count - firstBlock) {
                blocks.append(block)
                written += piece.count
            } else {
                isWaiting = true
            }
        }
        tail.removeFirst(written)
    }

    private func nextCoded() throws(Fault) -> [UInt8]? {
        if firstBlock < blocks.count {
            let block = blocks[firstBlock]
            firstBlock += 1
            if firstBlock == blocks.count || firstBlock == 4_096 {
                blocks.removeFirst(firstBlock)
                firstBlock = 0
            }
            guard let bytes = file.take(block) else { throw .unreadable }
            return bytes
        }
        if tail.isEmpty { return nil }
        let bytes = tail
        tail = []
        if isWaiting {
            file.stopWaiting(self)
            retry()
        }
        return bytes
    }
}
