/// Lays out JSON for people: a container that holds no other container stands on one line when it fits, so that a rule of a policy
/// is a line, and a changed rule a changed line.
package struct PrettyJSON {
    static let columnsMax = 100
    static let indent = "  "

    private let json: [UInt8]
    private var position = 0
    private var output = ""

    /// - Parameter json: valid JSON without white space between its tokens, as `PolicyCodec.write` makes it.
    package static func text(_ json: [UInt8]) -> String {
        var layout = PrettyJSON(json: json)
        layout.value(depth: 0)
        return layout.output
    }

    package static func lines(_ json: [UInt8]) -> [String] { text(json).split(separator: "\n").map(String.init) }

    private init(json: [UInt8]) { self.json = json }

    private mutating func value(depth: Int) {
        guard position < json.count else { return }
        switch json[position] {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            if let end = flatContainerEnd() {
                line(upTo: end)
            } else {
                container(depth: depth)
            }
        default: output += scalar()
        }
    }

    /// A container with one element a line.
    private mutating func container(depth: Int) {
        output.append(Character(UnicodeScalar(json[position])))
        position += 1
        let closers = [UInt8(ascii: "}"), UInt8(ascii: "]")]
        while position < json.count, !closers.contains(json[position]) {
            output += "\n" + String(repeating: PrettyJSON.indent, count: depth + 1)
            value(depth: depth + 1)
            if position < json.count, json[position] == UInt8(ascii: ":") {
                output += ": "
                position += 1
                value(depth: depth + 1)
            }
            if position < json.count, json[position] == UInt8(ascii: ",") {
                output += ","
                position += 1
            }
        }
        guard position < json.count else { return }
        output += "\n" + String(repeating: PrettyJSON.indent, count: depth)
        output.append(Character(UnicodeScalar(json[position])))
        position += 1
    }

    /// The index behind the container that begins here, if it holds no other and is short.
    private func flatContainerEnd() -> Int? {
        var index = position + 1
        var isInString = false
        while index < json.count, index - position < PrettyJSON.columnsMax {
            let byte = json[index]
            if isInString {
                if byte == UInt8(ascii: "\\") { index += 1 }
                if byte == UInt8(ascii: "\"") { isInString = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): return nil
                case UInt8(ascii: "}"), UInt8(ascii: "]"): return index + 1
                default: break
                }
            }
            index += 1
        }
        return nil
    }

    /// What stands before `end`, with a space after each colon and comma.
    private mutating func line(upTo end: Int) {
        while position < end {
            let byte = json[position]
            if byte == UInt8(ascii: "\"") {
                output += scalar()
                continue
            }
            position += 1
            output.append(Character(UnicodeScalar(byte)))
            if byte == UInt8(ascii: ":") || byte == UInt8(ascii: ",") { output += " " }
        }
    }

    /// A string, number or word, as it stands.
    private mutating func scalar() -> String {
        let start = position
        if json[position] == UInt8(ascii: "\"") {
            position += 1
            while position < json.count, json[position] != UInt8(ascii: "\"") {
                position += json[position] == UInt8(ascii: "\\") ? 2 : 1
            }
            position += 1
        } else {
            while position < json.count, !",:{}[]".utf8.contains(json[position]) { position += 1 }
        }
        return String(decoding: json[start..<min(position, json.count)], as: UTF8.self)
    }
}
