import Glibc
package import Routing

/// The wall clock. Read here, at the composition root, and handed on as a value or a function.
package enum SystemClock {
    package static func now() -> Instant {
        var time = timespec()
        // clock_gettime fails only for a clock that does not exist or a bad pointer.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// The day it is, in UTC.
    package static func today() -> CivilDate { now().date }

    /// Nanoseconds of a clock that never goes back.
    static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// A day that somebody named.
package struct Day: Sendable, Hashable {
    package let date: CivilDate

    /// Nil unless the text is a date such as `2026-03-31`.
    package init?(_ text: String) {
        guard let date = CivilDate(iso8601: text.utf8) else { return nil }
        self.date = date
    }
}
