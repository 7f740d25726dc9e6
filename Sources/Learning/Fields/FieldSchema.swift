import FoundationEssentials

/// What is known beforehand of the fields of a document type: a schema file, or its part of a model.
///
/// 1. Names are distinct within a type. Patterns are kept as text; `FieldFormats` compiles them.
package struct FieldSchema: Sendable, Hashable, Codable {
    package var documentType: String
    package var fields: [Field]

    package struct Field: Sendable, Hashable, Codable {
        package var name: String
        /// What kind of value it is: `text`, `date`, `code`, … as the file calls it; nil when it says nothing.
        package var type: String?
        /// Nil when the file says nothing.
        package var required: Bool?
        /// A regular expression that a right value matches, anchors included.
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
        /// A pattern that is none, of a field.
        case pattern(field: String)
    }

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
        var seen: Set<String> = []
        for field in schema.fields {
            guard seen.insert(field.name).inserted else { throw .duplicate(field: field.name) }
            if let pattern = field.pattern, FieldFormats.Pattern(pattern) == nil { throw .pattern(field: field.name) }
        }
        return schema
    }
}
