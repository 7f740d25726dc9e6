/// Where a loop reads to, shared by its connections: a request that is all here is handled in place. Bytes that a connection kept from
/// before are put in front of those that are read, so that a head is always in one piece.
///
/// Safe: the memory belongs to the object alone and is initialized; positions are checked.
@safe final class InputBuffer {
    private static let readBytesMax = 65_536

    private let start: UnsafeMutablePointer<UInt8>
    /// Room for what a connection keeps while it still reads: less than a head.
    private let headroom: Int
    private let capacity: Int

    init(headBytesMax: Int) {
        headroom = headBytesMax + 64
        capacity = headroom + Self.readBytesMax
        unsafe start = .allocate(capacity: capacity + BodyBuffer.padding)
        unsafe start.initialize(repeating: 0, count: capacity + BodyBuffer.padding)
    }

    deinit { unsafe start.deallocate() }

    /// Reads once. The bytes kept from before and those read are then at the positions returned.
    func receive(_ descriptor: Int32, behind kept: [UInt8]) -> (transfer: System.Transfer, range: Range<Int>, isFull: Bool) {
        let first = place(kept, endingAt: headroom)
        let transfer = unsafe System.receive(
            descriptor, into: UnsafeMutableRawBufferPointer(start: start.advanced(by: headroom), count: Self.readBytesMax))
        guard case .bytes(let count) = transfer else { return (transfer, first..<headroom, false) }
        return (transfer, first..<headroom + count, count == Self.readBytesMax)
    }

    /// Puts bytes that were kept back into the buffer.
    func restore(_ kept: [UInt8]) -> Range<Int> {
        precondition(kept.count <= capacity, "no more is kept than was read")
        return place(kept, endingAt: kept.count)..<kept.count
    }

    private func place(_ kept: [UInt8], endingAt end: Int) -> Int {
        let first = end - kept.count
        precondition(first >= 0, "a connection that still reads keeps less than a head")
        unsafe kept.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { unsafe start.advanced(by: first).update(from: base, count: source.count) }
        }
        return first
    }

    /// The bytes of a range; at least 64 readable ones stand behind it.
    func bytes(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        precondition(range.lowerBound >= 0 && range.upperBound <= capacity, "a range of the buffer")
        return unsafe UnsafeBufferPointer(start: start.advanced(by: range.lowerBound), count: range.count)
    }
}
