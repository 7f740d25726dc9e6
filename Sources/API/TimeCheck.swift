import Routing

/// What is wrong with a text that should be a date or a time, said so that its writer can mend it.
enum TimeCheck {
    /// - Parameter text: one that `CivilDate(iso8601:)` does not take.
    static func dateDetail(_ text: String) -> String {
        isDateShaped(text.utf8) ? "is a day that no calendar has" : "must be a date as YYYY-MM-DD, for example 2026-03-01"
    }

    /// - Parameter text: one that `Instant(rfc3339:)` does not take.
    static func timeDetail(_ text: String) -> String {
        let example = "must be a time with Z or an offset, for example 2026-03-01T08:30:58Z"
        return Instant(rfc3339: (text + "Z").utf8) != nil ? "lacks its offset: \(example)" : example
    }

    /// - Parameter text: one that is neither a date nor a time; of a query, with its `+` read as spaces.
    static func instantDetail(_ text: String) -> String {
        let example = "must be a time with Z or an offset, as 2026-03-01T08:30:58Z, or a date, as 2026-03-01"
        if isDateShaped(text.utf8) { return dateDetail(text) }
        if let space = text.lastIndex(of: " ") {
            let mended = text[..<space] + "+" + text[text.index(after: space)...]
            if Instant(rfc3339: mended.utf8) != nil { return "has a space where its offset begins: a + is written %2B in a query" }
        }
        if Instant(rfc3339: (text + "Z").utf8) != nil { return "lacks its offset: \(example)" }
        return example
    }

    private static func isDateShaped(_ text: String.UTF8View) -> Bool {
        text.count == 10
            && text.enumerated().allSatisfy { index, byte in
                index == 4 || index == 7 ? byte == UInt8(ascii: "-") : 0x30...0x39 ~= byte
            }
    }
}
