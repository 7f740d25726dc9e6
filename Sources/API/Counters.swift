import Synchronization

/// Counters with one writer and any number of readers, none of whom waits.
///
/// Sendable and safe by proof: the cells live as long as the object, every index is checked, and every access is atomic.
@safe
final class Counters: @unchecked Sendable {
    private let cells: UnsafeMutablePointer<Atomic<UInt64>>
    let count: Int

    init(count: Int) {
        self.count = count
        unsafe cells = .allocate(capacity: count)
        for index in 0..<count { unsafe (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        unsafe cells.deinitialize(count: count)
        unsafe cells.deallocate()
    }

    /// By the one writer.
    @inline(__always)
    func add(_ amount: UInt64, at index: Int) {
        precondition(0 <= index && index < count)
        let value = unsafe cells[index].load(ordering: .relaxed)
        unsafe cells[index].store(value &+ amount, ordering: .relaxed)
    }

    subscript(_ index: Int) -> UInt64 {
        precondition(0 <= index && index < count)
        return unsafe cells[index].load(ordering: .relaxed)
    }
}

/// A histogram's place among counters: a cell for each bound and one beyond, then the sum.
struct HistogramLayout: Sendable {
    /// Ascending, inclusive.
    let bounds: [UInt64]
    let base: Int

    var cellCount: Int { bounds.count + 2 }

    @inline(__always)
    func observe(_ value: UInt64, in counters: Counters) {
        var cell = 0
        while cell < bounds.count, value > bounds[cell] { cell += 1 }
        counters.add(1, at: base + cell)
        counters.add(value, at: base + bounds.count + 1)
    }
}
