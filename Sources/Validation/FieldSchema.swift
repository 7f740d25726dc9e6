import FoundationEssentials

/// What is known beforehand of the fields of a document type: a schema file, or its part of a model.
///
/// 1. Names are distinct within a type. Patterns are kept as text; `FieldFormats` compiles them.
/// 2. What comes from a file is checked before it is used: `read` does it, and who decodes a schema as a part of something calls `check`.
package struct FieldSchema: Sendable, Hashable, Codable {
    package var documentType: String
    package var fields: [Field]

    package struct Field: Sendable, Hashable, Codable {
        package var name: String
        /// What kind of value it is: `text`, `date`, `code`, … as the file calls it; nil when it says nothing.
        package var type: String?
        /// Nil when the file says nothing.
        package var required: Bool?
        /// A regular expression that some part of a right value matches: `^` and `$` tie it to the whole.
        package var pattern: String?
        package var check: Check?

        package init(name: String, type: String? = nil, required: Bool? = nil, pattern: String? = nil, check: Check? = nil) {
            self.name = name
            self.type = type
            self.required = required
            self.pattern = pattern
            self.check = check
        }
    }

    /// A check digit.
    package enum Check: String, Sendable, Hashable, Codable, CaseIterable {
        /// ISO/IEC 7812-1, Annex B, over the digits behind the prefix 80840: national provider identifiers (45 CFR 162.406).
        case luhn80840 = "luhn-80840"
    }

    package init(documentType: String, fields: [Field]) {
        self.documentType = documentType
        self.fields = fields
    }

    package enum ReadError: Error, Sendable, Hashable {
        /// Not JSON, or not of this shape: what is odd.
        case malformed(reason: String)
        /// A field that stands twice.
        case duplicate(field: String)
        /// A field's pattern that is refused, and why.
        case pattern(field: String, PatternError)
    }

    /// Most fields of one schema: each pattern takes some memory for as long as it is used.
    package static let fieldsMax = 1_000

    /// Reads `{"documentType", "fields": [{"name", "type", "required", "pattern", "check"}]}`; all but the names may be missing.
    package static func read(_ bytes: [UInt8]) throws(ReadError) -> FieldSchema {
        let schema: FieldSchema
        do {
            schema = try JSONDecoder().decode(FieldSchema.self, from: Data(bytes))
        } catch let DecodingError.keyNotFound(key, _) {
            throw .malformed(reason: "it has no \(key.stringValue)")
        } catch let DecodingError.dataCorrupted(context) where !context.codingPath.isEmpty {
            let checks = Check.allCases.map(\.rawValue).joined(separator: ", ")
            throw .malformed(
                reason:
                    "\(context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: "/")) is unknown; checks are: \(checks)"
            )
        } catch {
            throw .malformed(reason: "it is not JSON of that shape")
        }
        try schema.check()
        return schema
    }

    /// That its fields are few and distinct, and their patterns can be compiled and bounded.
    package func check() throws(ReadError) {
        guard fields.count <= FieldSchema.fieldsMax else { throw .malformed(reason: "it has more than \(FieldSchema.fieldsMax) fields") }
        var seen: Set<String> = []
        for field in fields {
            guard seen.insert(field.name).inserted else { throw .duplicate(field: field.name) }
            guard let pattern = field.pattern else { continue }
            do throws(PatternError) { _ = try Pattern(pattern) } catch { throw .pattern(field: field.name, error) }
        }
    }
}

extension FieldSchema.ReadError: CustomStringConvertible {
    /// What is wrong with the schema that the sentence before speaks of.
    package var description: String {
        switch self {
        case .malformed(let reason): "it is not a schema of fields: \(reason)"
        case .duplicate(let field): "it has the field \(field) twice"
        case .pattern(let field, let error): "the pattern of \(field) is refused \(error)"
        }
    }
}
