/// The patterns and check digits of schemas, made ready: says of a value whether it has the form that a right one has. One per thread.
package final class FieldFormats {
    private var fields: [FieldKey: Format] = [:]
    /// Values beyond this are of no form, in bytes: patterns are for short ones, and matching may take time that grows faster than they do.
    private static let valueBytesMax = 1_024

    private struct Format {
        var pattern: Pattern?
        var check: FieldSchema.Check?
    }

    package init(_ schemas: [FieldSchema]) {
        for schema in schemas {
            for field in schema.fields where field.pattern != nil || field.check != nil {
                fields[FieldKey(documentType: schema.documentType, field: field.name)] = Format(
                    pattern: field.pattern.flatMap(Pattern.init), check: field.check)
            }
        }
    }

    package var isEmpty: Bool { fields.isEmpty }

    /// Nil for a field whose form nobody has said.
    package func isViolated(by value: String, of key: FieldKey) -> Bool? {
        guard let format = fields[key] else { return nil }
        guard value.utf8.count <= FieldFormats.valueBytesMax else { return true }
        if let pattern = format.pattern, !pattern.matches(value) { return true }
        return format.check.map { !$0.holds(value) } ?? false
    }

    /// A regular expression: Unicode scalars are compared, and `\d` is 0…9.
    struct Pattern {
        private let regex: Regex<AnyRegexOutput>

        init?(_ text: String) {
            guard let regex = try? Regex(text) else { return nil }
            self.regex = regex.matchingSemantics(.unicodeScalar).asciiOnlyDigits().asciiOnlyWordCharacters()
        }

        /// A pattern that cannot be run on a value is not matched by it.
        func matches(_ value: String) -> Bool { (try? regex.firstMatch(in: value)).flatMap { $0 } != nil }
    }
}

extension FieldSchema.Check {
    /// Whether the last digit is what the others ask for.
    package func holds(_ value: String) -> Bool {
        var sum = 0
        var isDoubled = false
        for byte in ("80840" + value).utf8.reversed() {
            guard byte >= 0x30, byte <= 0x39 else { return false }
            let digit = Int(byte - 0x30)
            let doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2
            sum += isDoubled ? doubled : digit
            isDoubled.toggle()
        }
        return sum % 10 == 0 && !value.isEmpty
    }
}
