import CLinux

/// An epoll descriptor and the events it reported last.
///
/// Safe: the memory for events belongs to the object alone, and an index is checked against the count reported.
@safe final class Poller {
    struct Event {
        let token: UInt64
        private let flags: UInt32

        init(token: UInt64, flags: UInt32) {
            self.token = token
            self.flags = flags
        }

        var isReadable: Bool { flags & clinux_readable != 0 }
        var isWritable: Bool { flags & clinux_writable != 0 }
        /// The peer has sent its end.
        var isPeerFinished: Bool { flags & clinux_peer_finished != 0 }
        /// Nothing can be sent or received any more.
        var isDead: Bool { flags & clinux_dead != 0 }
    }

    private let epoll: Int32
    private let wakeup: Int32
    private let events: UnsafeMutablePointer<clinux_event>
    private var count = 0

    /// The token of an event that only wakes.
    static let wakeToken = UInt64.max

    /// - Throws: when the process may have no more descriptors.
    init() throws(SystemError) {
        epoll = try SystemError.check(clinux_epoll_create())
        wakeup = try SystemError.check(clinux_eventfd())
        unsafe events = .allocate(capacity: Int(CLINUX_EVENTS_MAX))
        // Edge-triggered, so that its count need never be read back.
        _ = try SystemError.check(clinux_epoll_add(epoll, wakeup, clinux_readable | clinux_edge, Self.wakeToken))
    }

    deinit {
        System.close(epoll)
        System.close(wakeup)
        unsafe events.deallocate()
    }

    /// Reports, once each time, that a socket became readable, writable or finished. Closing the descriptor ends it.
    func add(connection descriptor: Int32, token: UInt64) throws(SystemError) {
        let flags = clinux_readable | clinux_writable | clinux_peer_finished | clinux_edge
        _ = try SystemError.check(clinux_epoll_add(epoll, descriptor, flags, token))
    }

    func add(_ listener: Listener, token: UInt64) throws(SystemError) {
        _ = try SystemError.check(
            clinux_epoll_add(epoll, listener.descriptor, clinux_readable | clinux_exclusive | clinux_edge, token))
    }

    func remove(_ listener: Listener) { _ = clinux_epoll_remove(epoll, listener.descriptor) }

    /// Waits, at most `milliseconds` (-1: for ever), and returns the number of events.
    func wait(milliseconds: Int32) -> Int {
        // Interrupted by a signal counts as no events.
        count = max(0, Int(unsafe clinux_epoll_wait(epoll, events, milliseconds)))
        return count
    }

    func event(_ index: Int) -> Event {
        precondition(index < count, "an event that was reported")
        let event = unsafe events[index]
        return Event(token: event.token, flags: event.flags)
    }

    /// Ends the current or next wait; from any thread.
    func wake() { System.signal(wakeup) }
}
