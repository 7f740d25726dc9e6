/// The patterns and check digits of schemas, made ready: says of a value whether it has the form that a right one has. One per thread.
///
/// 1. A value that cannot be compared within the limits has no form: it is violated, and counted.
package final class FieldFormats {
    /// Of fields by document type and name.
    private var fields: [String: [String: Format]] = [:]
    private let matcher = PatternMatcher()
    private var beyondLimits: [Field: Int] = [:]

    private struct Format {
        var pattern: Pattern?
        /// There is a pattern, and it is not one: no value matches it. Schemas that were checked have none such.
        var isBroken = false
        var check: FieldSchema.Check?
    }

    private struct Field: Hashable {
        var documentType: String
        var name: String
    }

    /// How many values of a field could not be compared within the limits.
    package struct BeyondLimits: Sendable, Hashable {
        package var documentType: String
        package var field: String
        package var count: Int
    }

    package init(_ schemas: [FieldSchema]) {
        for schema in schemas {
            for field in schema.fields where field.pattern != nil || field.check != nil {
                var format = Format(check: field.check)
                if let text = field.pattern {
                    do throws(PatternError) { format.pattern = try Pattern(text) } catch { format.isBroken = true }
                }
                fields[schema.documentType, default: [:]][field.name] = format
            }
        }
    }

    package var isEmpty: Bool { fields.isEmpty }

    /// Of all values so far, by document type and field.
    package var valuesBeyondLimits: [BeyondLimits] {
        beyondLimits.map { BeyondLimits(documentType: $0.key.documentType, field: $0.key.name, count: $0.value) }
            .sorted { ($0.documentType, $0.field) < ($1.documentType, $1.field) }
    }

    /// Nil for a field whose form nobody has said.
    package func isViolated(by value: String, ofField name: String, in documentType: String) -> Bool? {
        guard let format = fields[documentType]?[name] else { return nil }
        if format.isBroken { return true }
        if let pattern = format.pattern {
            switch pattern.verdict(on: value, by: matcher) {
            case .matches: break
            case .differs: return true
            case .beyondLimits:
                beyondLimits[Field(documentType: documentType, name: name), default: 0] += 1
                return true
            }
        }
        return format.check.map { !$0.holds(value) } ?? false
    }
}

extension FieldSchema.Check {
    /// Far more than any identifier has; a value may be as long as a line.
    private static let digitsMax = 64

    /// Whether the last digit is what the others ask for. False beyond the digits that an identifier can have (ISO/IEC 7812-1).
    package func holds(_ value: String) -> Bool {
        guard value.utf8.count <= FieldSchema.Check.digitsMax else { return false }
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
