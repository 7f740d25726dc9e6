import Routing
import TestSupport
import Testing

@Suite struct TimeTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:00.001Z", 1),
            ("1969-12-31T23:59:59.999Z", -1),
            ("2026-03-02T08:30:58Z", 1_772_440_258_000),
            ("2026-03-02t08:30:58z", 1_772_440_258_000),
            ("2026-03-02T08:30:58.5Z", 1_772_440_258_500),
            ("2026-03-02T08:30:58.12Z", 1_772_440_258_120),
            ("2026-03-02T08:30:58.123Z", 1_772_440_258_123),
            ("2026-03-02T08:30:58.1239999999999999999999Z", 1_772_440_258_123),
            ("1969-12-31T23:59:59.9999Z", -1),
            ("2026-03-02T10:30:58+02:00", 1_772_440_258_000),
            ("2026-03-02T03:00:58-05:30", 1_772_440_258_000),
            ("2026-03-01T23:59:58-08:31", 1_772_440_258_000),
            ("2026-03-02T08:30:58-00:00", 1_772_440_258_000),
            ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("2016-12-31T23:59:60Z", 1_483_228_799_999),
            ("2016-12-31T23:59:60.7Z", 1_483_228_799_999),
            ("2017-01-01T01:59:60+02:00", 1_483_228_799_999),
        ] as [(String, Int64)])
    func `a time is read to the millisecond`(text: String, milliseconds: Int64) {
        #expect(Instant(rfc3339: text.utf8)?.milliseconds == milliseconds)
        #expect(Instant(rfc3339: text.utf8.lazy.map { $0 })?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026-03-02", "2026-03-02T08:30:58", "2026-03-02 08:30:58Z", "2026-03-02T08:30Z", "2026-3-2T08:30:58Z", "26-03-02T08:30:58Z",
        "2026-03-02T08:30:58.Z", "2026-03-02T08:30:58,5Z", "2026-03-02T08:30:58+02", "2026-03-02T08:30:58+0200", "2026-03-02T08:30:58+2:00",
        "2026-03-02T08:30:58Z ", " 2026-03-02T08:30:58Z", "2026-03-02T08:30:58ZZ", "2026-03-02T08:30:58UTC", "2026-03-02T08:30:58+24:00",
        "2026-03-02T08:30:58+02:60", "2026-03-02T24:00:00Z", "2026-03-02T08:60:00Z", "2026-03-02T08:30:61Z", "2026-03-02T08:30:60Z",
        "2026-03-02T23:59:60Z", "2016-12-31T23:59:60+01:00", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60-00:01", "+2026-03-02T08:30:58Z", "2026-03-02T08:30:+8Z", "２026-03-02T08:30:58Z",
        "2026-03-02T-8:30:58Z", "10000-01-01T00:00:00Z",
    ])
    func `what is not a time of RFC 3339 is none`(text: String) {
        #expect(Instant(rfc3339: text.utf8) == nil)
    }

    @Test func `every beginning of a time is none`() {
        let text = Array("2026-03-02T08:30:58.123+02:00".utf8)
        for count in 0..<text.count { #expect(Instant(rfc3339: text[..<count]) == nil) }
        #expect(Instant(rfc3339: text) != nil)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (1_772_440_258_007, "2026-03-02T08:30:58.007Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (.min, "0001-01-01T00:00:00.000Z"), (.max, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func `a time is written in UTC with milliseconds`(milliseconds: Int64, text: String) {
        #expect(Instant(milliseconds: milliseconds).rfc3339 == text)
        var bytes = Array("at ".utf8)
        Instant(milliseconds: milliseconds).append(to: &bytes)
        #expect(bytes == Array("at \(text)".utf8))
    }

    @Test func `every day comes back from its text, in order`() {
        var previous = ""
        for days in stride(from: CivilDate.min.days, through: CivilDate.max.days, by: 13) {
            let date = CivilDate(days: days)
            let text = date.iso8601
            if CivilDate(iso8601: text.utf8) != date || text <= previous { Issue.record("day \(days) was written as \(text)") }
            previous = text
        }
        #expect(CivilDate.min.iso8601 == "0001-01-01")
        #expect(CivilDate.max.iso8601 == "9999-12-31")
    }

    @Test(arguments: [1, 2] as [UInt64]) func `every moment comes back from its text`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5_000 {
            let instant = Instant(milliseconds: Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &random))
            let text = instant.rfc3339
            guard Instant(rfc3339: text.utf8) == instant, text.hasPrefix(instant.date.iso8601) else {
                Issue.record("\(instant.milliseconds) was written as \(text)")
                continue
            }
        }
    }

    @Test(
        arguments: [
            ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2026-03-01", 20_513), ("0001-01-01", -719_162),
            ("9999-12-31", 2_932_896),
        ] as [(String, Int32)])
    func `a date is read as days since 1970`(text: String, days: Int32) {
        #expect(CivilDate(iso8601: text.utf8)?.days == days)
        #expect(CivilDate(days: days).iso8601 == text)
    }

    @Test(arguments: [
        "", "2026", "2026-03", "2026-3-1", "2026-03-1", "20260301", "2026/03/01", "2026-03-01T", "2026-03-01 ", "2026-02-29", "2100-02-29",
        "2026-06-31", "2026-00-10", "2026-13-10", "2026-03-00", "2026-03-32", "0000-01-01", "-001-01-01", "2026-W10-1",
    ])
    func `what is not a date is none`(text: String) {
        #expect(CivilDate(iso8601: text.utf8) == nil)
    }

    @Test(arguments: [
        ("a", true), ("*", true), ("cms-1500", true), ("A.b_C-9", true), (String(repeating: "x", count: 128), true),
        (String(repeating: "x", count: 129), false), ("", false), ("**", false), ("a*", false), ("*a", false), ("a b", false),
        ("a/b", false),
        ("é", false), ("a\0", false),
    ])
    func `a document type is short and plain`(text: String, isValid: Bool) {
        #expect(DocumentType.isValid(text.utf8) == isValid)
    }
}
