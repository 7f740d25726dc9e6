/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
package struct Instant: Sendable, Hashable, Comparable {
    package let milliseconds: Int64
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }
    package static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }

    /// The UTC date of the moment.
    package var date: CivilDate {
        let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        return CivilDate(days: Int32(clamping: rest < 0 ? days - 1 : days))
    }
}

/// A date of the proleptic Gregorian calendar, as days since 1970-01-01.
package struct CivilDate: Sendable, Hashable, Comparable {
    package let days: Int32
    package init(days: Int32) { self.days = days }
    package static func < (a: CivilDate, b: CivilDate) -> Bool { a.days < b.days }
}
