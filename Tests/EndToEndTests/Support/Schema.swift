import Foundation

/// Any JSON value, numbers and Booleans kept apart.
enum JSONAny: Decodable, Equatable {
    case null, bool(Bool), number(Double), string(String), array([JSONAny]), object([String: JSONAny])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONAny].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONAny].self))
        }
    }

    init(_ bytes: [UInt8]) throws { self = try JSONDecoder().decode(JSONAny.self, from: Data(bytes)) }

    subscript(_ name: String) -> JSONAny? { if case .object(let members) = self { members[name] } else { nil } }
    var text: String? { if case .string(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }
    var elements: [JSONAny] { if case .array(let elements) = self { elements } else { [] } }
    var members: [String: JSONAny] { if case .object(let members) = self { members } else { [:] } }
}

/// As much of JSON Schema 2020-12 as openapi.yaml uses.
struct SchemaChecker {
    /// The whole document, for references into it.
    let document: JSONAny

    /// What of the value is not as the schema wants it: a place and a word each. Every keyword that is not known here is a fault too.
    func faults(_ value: JSONAny, _ schema: JSONAny, at place: String = "") -> [String] {
        schema.members.sorted { $0.key < $1.key }.flatMap { keyword, argument in
            self.faults(value, schema, keyword, argument, at: place)
        }
    }

    func resolved(_ value: JSONAny) -> JSONAny {
        guard let reference = value["$ref"]?.text else { return value }
        let target = reference.split(separator: "/").dropFirst().reduce(Optional(document)) { found, name in found?[String(name)] }
        return resolved(target ?? .null)
    }

    private func faults(_ value: JSONAny, _ schema: JSONAny, _ keyword: String, _ argument: JSONAny, at place: String) -> [String] {
        func when(_ isWrong: Bool, _ word: String) -> [String] { isWrong ? ["\(place): \(word)"] : [] }
        switch keyword {
        case "$ref": return faults(value, resolved(schema), at: place)
        case "type":
            let names = argument.text.map { [$0] } ?? argument.elements.compactMap(\.text)
            return when(!names.contains { SchemaChecker.isOf(value, $0) }, "is not \(names)")
        case "enum": return when(!argument.elements.contains(value), "is not one of the words")
        case "const": return when(value != argument, "is not the constant")
        case "required":
            guard case .object(let members) = value else { return [] }
            return argument.elements.compactMap(\.text).filter { members[$0] == nil }.map { "\(place): lacks \($0)" }
        case "properties":
            return argument.members.flatMap { name, schema in value[name].map { faults($0, schema, at: "\(place)/\(name)") } ?? [] }
        case "additionalProperties":
            let known = schema["properties"]?.members ?? [:]
            return value.members.keys.filter { known[$0] == nil }.map { "\(place): has \($0)" }
        case "items": return value.elements.enumerated().flatMap { faults($1, argument, at: "\(place)/\($0)") }
        case "minItems": return when(Double(value.elements.count) < argument.number ?? 0, "has too few")
        case "maxItems": return when(Double(value.elements.count) > argument.number ?? 0, "has too many")
        case "minimum": return when(value.number.map { $0 < argument.number ?? 0 } ?? false, "is too small")
        case "maximum": return when(value.number.map { $0 > argument.number ?? 0 } ?? false, "is too large")
        case "minLength": return when(value.text.map { Double($0.unicodeScalars.count) < argument.number ?? 0 } ?? false, "is too short")
        case "maxLength": return when(value.text.map { Double($0.unicodeScalars.count) > argument.number ?? 0 } ?? false, "is too long")
        case "pattern":
            guard let text = value.text, let pattern = argument.text else { return [] }
            return when(text.range(of: pattern, options: .regularExpression) == nil, "has not the form")
        case "allOf": return argument.elements.flatMap { faults(value, $0, at: place) }
        case "anyOf": return when(!argument.elements.contains { faults(value, $0, at: place).isEmpty }, "is none of anyOf")
        case "oneOf": return when(argument.elements.count { faults(value, $0, at: place).isEmpty } != 1, "is not one of oneOf")
        case "description", "format", "default", "example": return []
        default: return ["\(place): the checker does not know \(keyword)"]
        }
    }

    private static func isOf(_ value: JSONAny, _ type: String) -> Bool {
        switch (value, type) {
        case (.null, "null"), (.bool, "boolean"), (.number, "number"), (.string, "string"), (.array, "array"), (.object, "object"): true
        case (.number(let number), "integer"): number == number.rounded()
        default: false
        }
    }
}
