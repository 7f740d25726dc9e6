import Synchronization

/// Memory that all loops share, for what clients send or leave with the server.
final class ByteBudget: Sendable {
    private let used = Atomic<Int>(0)
    private let bytesMax: Int

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    func hasRoom(for count: Int) -> Bool { count <= bytesMax - used.load(ordering: .relaxed) }

    /// - Parameter evenAlone: grants what is above the budget when nothing else is held: else it could never be had.
    func reserve(_ count: Int, evenAlone: Bool = false) -> Bool {
        let held = used.add(count, ordering: .relaxed).newValue
        if held <= bytesMax || evenAlone && held == count { return true }
        release(count)
        return false
    }

    func release(_ count: Int) { used.subtract(count, ordering: .relaxed) }
}

/// A body as it is collected, with readable bytes behind its end, and its share of the budget.
///
/// Safe: the memory belongs to the object alone, `count` never exceeds `capacity`, and it is freed once, by `deinit`.
@safe final class BodyBuffer {
    /// Bytes behind the end that may be read.
    static let padding = 64
    private static let firstCapacity = 8_192

    private var start: UnsafeMutablePointer<UInt8>
    private var count = 0
    private var capacity = 0
    private let budget: ByteBudget
    private let countMax: Int

    /// - Parameter countMax: more bytes than this are never appended.
    init(budget: ByteBudget, countMax: Int) {
        self.budget = budget
        self.countMax = countMax
        unsafe start = .allocate(capacity: Self.padding)
    }

    deinit {
        unsafe start.deallocate()
        budget.release(capacity)
    }

    /// Valid until the next `append`.
    var bytes: UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(start: start, count: count) }

    /// False when the budget is spent.
    func append(_ piece: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let source = piece.baseAddress, piece.count > 0 else { return true }
        if count + piece.count > capacity {
            guard grow(to: max(count + piece.count, min(max(2 * capacity, Self.firstCapacity), countMax))) else { return false }
        }
        unsafe start.advanced(by: count).initialize(from: source, count: piece.count)
        count += piece.count
        return true
    }

    private func grow(to newCapacity: Int) -> Bool {
        guard budget.reserve(newCapacity - capacity) else { return false }
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: newCapacity + Self.padding)
        unsafe grown.initialize(from: start, count: count)
        unsafe start.deallocate()
        unsafe start = grown
        capacity = newCapacity
        return true
    }
}
