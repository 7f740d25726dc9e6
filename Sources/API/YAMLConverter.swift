import JSON
import Yams

/// YAML to the JSON that says the same, so that each is read by one reader.
enum YAMLConverter {
    /// Nesting beyond which a document is refused: more than any policy or API description has.
    static let depthMax = 64
    /// Bytes of JSON beyond which a document is refused: aliases can make much of little.
    static let bytesMax = 16 << 20

    enum ConversionError: Error {
        /// `line` counts from 1.
        case syntax(line: Int?, detail: String)
        case keyIsNotText(line: Int?)
        case tooLarge
    }

    /// A byte order mark before the text is dropped.
    static func json(_ yaml: String) throws(ConversionError) -> [UInt8] {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml.unicodeScalars.first == "\u{FEFF}" ? String(yaml.unicodeScalars.dropFirst()) : yaml)
        } catch let error as YamlError {
            throw ConversionError(error)
        } catch {
            throw .syntax(line: nil, detail: "is not YAML")
        }
        var json = JSONWriter(reserving: 2 * yaml.utf8.count)
        if let root { try append(root, to: &json, depth: 1) } else { json.null() }
        return json.bytes
    }

    private static func append(_ node: Node, to json: inout JSONWriter, depth: Int) throws(ConversionError) {
        guard depth <= depthMax, json.bytes.count <= bytesMax else { throw .tooLarge }
        switch node {
        case .mapping(let mapping):
            json.beginObject()
            for (key, value) in mapping {
                guard let name = key.string else { throw .keyIsNotText(line: key.mark?.line) }
                json.key(name)
                try append(value, to: &json, depth: depth + 1)
            }
            json.endObject()
        case .sequence(let sequence):
            json.beginArray()
            for element in sequence { try append(element, to: &json, depth: depth + 1) }
            json.endArray()
        case .scalar(let scalar): append(scalar, to: &json)
        case .alias: throw .syntax(line: node.mark?.line, detail: "has an alias without its anchor")
        }
    }

    /// Plain scalars by YAML 1.2's core schema (§10.3.2), without its octal and hexadecimal numbers; quoted ones are text, and so are dates.
    private static func append(_ scalar: Node.Scalar, to json: inout JSONWriter) {
        let text = scalar.string
        guard scalar.style == .plain || scalar.style == .any else { return json.string(text) }
        switch text {
        case "", "~", "null", "Null", "NULL": json.null()
        case "true", "True", "TRUE": json.bool(true)
        case "false", "False", "FALSE": json.bool(false)
        default: if let number = number(text) { json.double(number) } else { json.string(text) }
        }
    }

    /// A decimal number that fits a double; nothing with a leading zero, which is a code and not a number.
    private static func number(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        let digits = bytes.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
        guard bytes.count - digits.count <= 1, bytes.contains(where: { 0x30...0x39 ~= $0 }),
            digits.allSatisfy({ 0x30...0x39 ~= $0 || [0x2E, 0x65, 0x45, 0x2B, 0x2D].contains($0) }),
            digits.first == 0x2E || digits.first.map({ 0x30...0x39 ~= $0 }) == true,
            !(digits.count > 1 && digits.first == 0x30 && 0x30...0x39 ~= digits[digits.startIndex + 1])
        else { return nil }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }
}

extension YAMLConverter.ConversionError {
    fileprivate init(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            let hint = problem.contains("alias") ? "; a text that begins with * stands in quotes" : ""
            self = .syntax(line: mark.line, detail: "is not YAML: \(problem)\(hint)")
        default: self = .syntax(line: nil, detail: "is not YAML")
        }
    }

    var detail: String {
        switch self {
        case .syntax(let line?, let detail): "\(detail) (line \(line))"
        case .syntax(nil, let detail): detail
        case .keyIsNotText(let line): "has a name that is not text" + (line.map { " (line \($0))" } ?? "")
        case .tooLarge: "is too large or nested too deeply"
        }
    }
}
