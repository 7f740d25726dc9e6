/// The Date field (RFC 9110 §6.6.1), rendered once a second by whoever has a clock.
public enum HTTPDate {
    /// `Date: Sun, 06 Nov 1994 08:49:37 GMT` and CRLF, of seconds since 1970-01-01 UTC (0…253402300799, the year 9999).
    public static func line(unixSeconds: Int) -> [UInt8] {
        let (days, second) = unixSeconds.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, day) = civil(days: days)
        var line: [UInt8] = []
        line.reserveCapacity(37)
        line.append("Date: ")
        append(name: (days + 4) % 7, of: "SunMonTueWedThuFriSat", to: &line)
        line.append(", ")
        append(twoDigits: day, to: &line)
        line.append(" ")
        append(name: month - 1, of: "JanFebMarAprMayJunJulAugSepOctNovDec", to: &line)
        line.append(" ")
        append(twoDigits: year / 100, to: &line)
        append(twoDigits: year % 100, to: &line)
        line.append(" ")
        append(twoDigits: second / 3_600, to: &line)
        line.append(":")
        append(twoDigits: second / 60 % 60, to: &line)
        line.append(":")
        append(twoDigits: second % 60, to: &line)
        line.append(" GMT\r\n")
        return line
    }

    /// The Gregorian date of a count of days since 1970-01-01. Years are counted from March, so that the leap day is the last of its
    /// year, in eras of 400 years (Hinnant, "chrono-compatible low-level date algorithms").
    private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func append(name index: Int, of names: StaticString, to line: inout [UInt8]) {
        // Safe: a StaticString's bytes live as long as the program; slicing a rebased buffer checks the bounds.
        names.withUTF8Buffer { unsafe line.append(contentsOf: $0[index * 3..<index * 3 + 3]) }
    }

    private static func append(twoDigits number: Int, to line: inout [UInt8]) {
        line.append(UInt8(truncatingIfNeeded: 0x30 + number / 10))
        line.append(UInt8(truncatingIfNeeded: 0x30 + number % 10))
    }
}
