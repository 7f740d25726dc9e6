package import Routing

/// How long something lasts, as it is written on a command line.
package enum LifeTime {
    /// Ten years: what is meant to last longer has no end.
    private static let daysMax: Int64 = 3_653
    private static let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]

    /// `90s`, `30m`, `24h`, `7d` or `0`, in milliseconds.
    package static func milliseconds(_ text: String) throws(Failure) -> Int64 {
        if text == "0" { return 0 }
        guard let unit = text.last.flatMap({ units[$0] }), case let digits = text.dropLast(),
            !digits.isEmpty, digits.utf8.allSatisfy({ 48...57 ~= $0 }), let number = Int64(digits),
            case let (product, isOver) = number.multipliedReportingOverflow(by: unit), !isOver, product <= daysMax * 86_400_000
        else {
            throw Failure(
                .usage,
                "`\(shown(text))` is not a time span. Write a number and s, m, h or d, such as 24h or 7d; 0 for none; \(daysMax)d at most.")
        }
        return product
    }

    /// When something ends: a date (at its end, in UTC), a time, or a span from now on. It lies ahead.
    package static func end(_ text: String, now: Instant) throws(Failure) -> Instant {
        let end: Instant
        if let date = CivilDate(iso8601: text.utf8) {
            end = Instant(milliseconds: (Int64(date.days) + 1) * 86_400_000)
        } else if let instant = Instant(rfc3339: text.utf8) {
            end = instant
        } else if text.utf8.contains(UInt8(ascii: "-")) {
            throw Failure(
                .usage, "`\(shown(text))` is neither a date nor a time. Write 2027-01-31, 2027-01-31T12:00:00Z, or a span such as 90d.")
        } else {
            end = Instant(milliseconds: now.milliseconds + (try milliseconds(text)))
        }
        guard end > now else { throw Failure(.usage, "`\(shown(text))` is over already. Name a time that lies ahead.") }
        return end
    }
}
