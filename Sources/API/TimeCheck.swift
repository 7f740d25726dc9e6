import Routing

/// What times and dates are, said once, so that who wrote another can mend it.
enum TimeCheck {
    static let dateDetail = "must be a date that exists, as YYYY-MM-DD: for example 2026-03-01"
    static let timeDetail = "must be a time with Z or an offset, as RFC 3339 has it: for example 2026-03-01T08:30:58Z"

    /// What is wrong with a query's time, its `+` read as spaces already.
    /// - Parameter text: one that is neither a time nor a date.
    static func queryDetail(_ text: String) -> String {
        if text.utf8.count == "2026-03-01".utf8.count, text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || 0x30...0x39 ~= $0 }) {
            return dateDetail
        }
        if let space = text.lastIndex(of: " "), Instant(rfc3339: (text[..<space] + "+" + text[text.index(after: space)...]).utf8) != nil {
            return "has a space where its offset begins: a + is written %2B in a query"
        }
        return timeDetail + ", or a date"
    }
}
