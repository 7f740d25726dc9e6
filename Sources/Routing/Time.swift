/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
public struct Instant: Sendable, Hashable, Comparable {
    public let milliseconds: Int64
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }
    public static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }

    /// The UTC date of the moment.
    public var date: CivilDate { CivilDate(days: Int32(clamping: days)) }

    /// Whole days since 1970-01-01, rounded down.
    var days: Int64 {
        let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: Instant.millisecondsPerDay)
        return rest < 0 ? days - 1 : days
    }

    static let millisecondsPerDay: Int64 = 86_400_000
}

/// A date of the proleptic Gregorian calendar, as days since 1970-01-01.
public struct CivilDate: Sendable, Hashable, Comparable {
    public let days: Int32
    public init(days: Int32) { self.days = days }
    public static func < (a: CivilDate, b: CivilDate) -> Bool { a.days < b.days }

    /// 0001-01-01 and 9999-12-31: what can be written with four digits of a year (RFC 3339 §1), but for year 0.
    public static let min = CivilDate(days: -719_162)
    public static let max = CivilDate(days: 2_932_896)
}

extension CivilDate {
    /// Nil unless the date exists: year 1…9999, month 1…12, day from 1.
    public init?(year: Int, month: Int, day: Int) {
        guard 1...9999 ~= year, 1...12 ~= month, day >= 1, day <= CivilDate.dayCount(year: year, month: month) else { return nil }
        // Days by years that begin in March, so that the leap day comes last (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
        let marchYear = month > 2 ? year : year - 1
        let marchMonth = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
        days = Int32(365 * marchYear + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468)
    }

    /// Held within 0001…9999.
    public var components: (year: Int, month: Int, day: Int) {
        let days = Int(Swift.min(Swift.max(self, .min), .max).days) + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    static func dayCount(year: Int, month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
