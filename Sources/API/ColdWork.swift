import Dispatch
import Synchronization

/// Work that may wait for a disk or take long: off the loops, so that it never delays a decision.
final class ColdWork: Sendable {
    /// Jobs waiting or running, beyond which callers are told to come back.
    static let jobsMax = 64

    private let queue = DispatchQueue(label: "sluice.api.cold", attributes: .concurrent)
    private let jobs = Atomic<Int>(0)

    /// False, and nothing is run, when too much is waiting already.
    func run(_ job: @escaping @Sendable () -> Void) -> Bool { run(on: queue, job) }

    /// The same on a queue of the caller's choice.
    func run(on queue: DispatchQueue, _ job: @escaping @Sendable () -> Void) -> Bool {
        guard jobs.wrappingAdd(1, ordering: .relaxed).newValue <= ColdWork.jobsMax else {
            jobs.wrappingSubtract(1, ordering: .relaxed)
            return false
        }
        queue.async { [self] in
            job()
            jobs.wrappingSubtract(1, ordering: .relaxed)
        }
        return true
    }

    /// For what was accepted already and must be ended: at most one job for each commit that is on its way.
    func finish(_ job: @escaping @Sendable () -> Void) { queue.async(execute: job) }
}

/// A number of bytes that many may hold together.
final class BytesBudget: Sendable {
    private let bytesMax: Int
    private let held = Atomic<Int>(0)

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// False, and nothing is taken, when it would be too much.
    func take(_ count: Int) -> Bool {
        if held.wrappingAdd(count, ordering: .relaxed).newValue <= bytesMax { return true }
        give(count)
        return false
    }

    func give(_ count: Int) { held.wrappingSubtract(count, ordering: .relaxed) }
}
