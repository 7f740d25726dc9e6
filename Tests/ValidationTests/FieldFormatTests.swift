import Testing
import Validation

/// What schemas say of values.
@Suite struct FieldFormatTests {
    private static let schema = FieldSchema(
        documentType: "form",
        fields: [
            .init(name: "date", type: "date", required: true, pattern: #"^(19|20)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"#),
            .init(name: "diagnosis", type: "code", required: false, pattern: #"^[A-TV-Z]\d[0-9AB](\.[0-9A-Z]{1,4})?$"#),
            .init(name: "npi", pattern: #"^[12]\d{9}$"#, check: .luhn80840), .init(name: "note"),
        ])

    /// 1234567893 is the example of a valid identifier that the Centers for Medicare & Medicaid Services give.
    @Test(arguments: [
        ("date", "2026-01-31", false), ("date", "2026-13-31", true), ("date", "2026-01-31 ", true), ("date", "٢٠٢٦-01-31", true),
        ("diagnosis", "I25.10", false), ("diagnosis", "125.10", true), ("diagnosis", "U07.1", true), ("npi", "1234567893", false),
        ("npi", "1234567894", true), ("npi", "12345", true),
    ])
    func `a value that has not the form of its field violates it`(field: String, value: String, isViolated: Bool) {
        let formats = FieldFormats([Self.schema])
        #expect(formats.isViolated(by: value, ofField: field, in: "form") == isViolated)
    }

    @Test func `of fields without a pattern, and of other types, nothing is said; a value too long has no form`() {
        let formats = FieldFormats([Self.schema])
        #expect(formats.isViolated(by: "x", ofField: "note", in: "form") == nil)
        #expect(formats.isViolated(by: "x", ofField: "date", in: "letter") == nil)
        #expect(formats.isViolated(by: String(repeating: "1", count: 2_000), ofField: "npi", in: "form") == true)
        #expect(FieldFormats([]).isEmpty)
    }

    @Test(arguments: [
        ("{}", "documentType"), ("[1]", "shape"), (#"{"documentType":"a","fields":[{"name":"b","check":"mod-97"}]}"#, "luhn-80840"),
    ])
    func `a schema that is none is refused with the reason`(text: String, mention: String) {
        #expect {
            try FieldSchema.read(Array(text.utf8))
        } throws: {
            if case .malformed(let reason)? = $0 as? FieldSchema.ReadError { reason.contains(mention) } else { false }
        }
    }

    @Test func `a pattern that is none, and a field that stands twice, are named`() {
        let twice = #"{"documentType":"a","fields":[{"name":"b"},{"name":"b"}]}"#
        #expect(throws: FieldSchema.ReadError.duplicate(field: "b")) { try FieldSchema.read(Array(twice.utf8)) }
        let broken = #"{"documentType":"a","fields":[{"name":"b","pattern":"("}]}"#
        let error = PatternError("missing closing parenthesis", position: 2)
        #expect(throws: FieldSchema.ReadError.pattern(field: "b", error)) { try FieldSchema.read(Array(broken.utf8)) }
        #expect(
            "\(FieldSchema.ReadError.pattern(field: "b", error))"
                == "the pattern of b is refused at character 2: missing closing parenthesis")
    }

    @Test func `a schema has so many fields and no more`() throws {
        let field = { (number: Int) in FieldSchema.Field(name: "f\(number)") }
        try FieldSchema(documentType: "a", fields: (0..<1_000).map(field)).check()
        #expect(throws: FieldSchema.ReadError.self) { try FieldSchema(documentType: "a", fields: (0...1_000).map(field)).check() }
    }

    @Test(arguments: [("^(a+)+$", 30), ("^(a|aa)+$", 60), ("^a*$", 1_025)])
    func `a value beyond the limits violates its form, and is counted by its field`(pattern: String, count: Int) {
        let formats = FieldFormats([FieldSchema(documentType: "form", fields: [.init(name: "a", pattern: pattern)])])
        let value = String(repeating: "a", count: count) + "!"
        #expect(formats.isViolated(by: "aaaaaaaaaaaaaaaaaaaaa", ofField: "a", in: "form") == false)
        #expect(formats.valuesBeyondLimits.isEmpty)
        for _ in 0..<2 { #expect(formats.isViolated(by: value, ofField: "a", in: "form") == true) }
        #expect(formats.valuesBeyondLimits.map(\.count) == [2])
        #expect(formats.valuesBeyondLimits.map { "\($0.documentType) \($0.field)" } == ["form a"])
    }

    @Test func `a pattern that nobody checked and that is none matches no value`() {
        let formats = FieldFormats([FieldSchema(documentType: "form", fields: [.init(name: "a", pattern: "(")])])
        #expect(formats.isViolated(by: "(", ofField: "a", in: "form") == true)
    }
}
