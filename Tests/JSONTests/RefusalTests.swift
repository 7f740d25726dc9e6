import JSON
import TestSupport
import Testing

/// What is not JSON, with the fault and where it stands.
@Suite struct RefusalTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let problem: JSONSyntaxError.Problem
        let offset: Int?

        init(_ name: String, _ text: String, _ problem: JSONSyntaxError.Problem, at offset: Int?) {
            self.init(name, Array(text.utf8), problem, at: offset)
        }

        init(_ name: String, _ bytes: [UInt8], _ problem: JSONSyntaxError.Problem, at offset: Int?) {
            self.name = name
            self.bytes = bytes
            self.problem = problem
            self.offset = offset
        }

        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row("nothing", "", .empty, at: 0),
        Row("white space alone", " \n\t ", .empty, at: 0),
        Row("two byte order marks", [0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF] + Array("{}".utf8), .syntax, at: 3),
        Row("a byte order mark behind a blank", [0x20, 0xEF, 0xBB, 0xBF] + Array("{}".utf8), .syntax, at: 1),
        Row("a byte order mark alone", [0xEF, 0xBB, 0xBF], .empty, at: 3),
        Row("a fault behind a byte order mark", [0xEF, 0xBB, 0xBF] + Array("{\"a\":}".utf8), .syntax, at: 8),
        Row("UTF-16, little-endian", [0x7B, 0x00, 0x7D, 0x00], .utf16, at: 0),
        Row("UTF-16, big-endian", [0x00, 0x7B, 0x00, 0x7D], .utf16, at: 0),
        Row("UTF-16 with a mark", [0xFF, 0xFE, 0x7B, 0x00], .utf16, at: 0),
        Row("UTF-16 with the other mark", [0xFE, 0xFF, 0x00, 0x7B], .utf16, at: 0),
        Row("UTF-32", [0x7B, 0x00, 0x00, 0x00], .utf32, at: 0),
        Row("UTF-32 with a mark", [0xFF, 0xFE, 0x00, 0x00, 0x7B, 0x00, 0x00, 0x00], .utf32, at: 0),

        Row("an object left open", "{", .syntax, at: 1),
        Row("an array left open", "[1", .syntax, at: 2),
        Row("closed by the other bracket", "[1}", .syntax, at: 2),
        Row("a comma before the end of an array", "[1,]", .syntax, at: 3),
        Row("a comma before the end of an object", #"{"a":1,}"#, .syntax, at: 7),
        Row("a comma first", "[,1]", .syntax, at: 1),
        Row("two commas", "[1,,2]", .syntax, at: 3),
        Row("no comma", "[1 2]", .syntax, at: 3),
        Row("a member without a value", #"{"a":}"#, .syntax, at: 5),
        Row("a member without a colon", #"{"a" 1}"#, .syntax, at: 5),
        Row("a name that is no string", "{a:1}", .syntax, at: 1),
        Row("a number for a name", "{1:1}", .syntax, at: 1),
        Row("a comment", "[1/*x*/]", .syntax, at: 2),
        Row("single quotes", "['a']", .syntax, at: 1),

        Row("a second document", "{} {}", .trailingBytes, at: 3),
        Row("a bracket too many", "[]]", .trailingBytes, at: 2),
        Row("a NUL behind the document", "{}\0", .trailingBytes, at: 2),
        Row("a NUL for white space", "[\0]", .syntax, at: 1),
        Row("a form feed for white space", "[\u{0C}1]", .syntax, at: 1),

        Row("a misspelt literal", "[trve]", .syntax, at: 3),
        Row("half a literal", "nul", .syntax, at: 3),
        Row("a literal in capitals", "[True]", .syntax, at: 1),
        Row("more behind a literal", "[nullx]", .syntax, at: 5),
        Row("NaN", "[NaN]", .syntax, at: 1),
        Row("Infinity", "[Infinity]", .syntax, at: 1),
        Row("minus Infinity", "[-Infinity]", .syntax, at: 2),

        Row("a plus sign", "[+1]", .syntax, at: 1),
        Row("a leading zero", "[01]", .syntax, at: 2),
        Row("a leading zero below zero", "[-012]", .syntax, at: 3),
        Row("a point first", "[.5]", .syntax, at: 1),
        Row("a point last", "[1.]", .syntax, at: 3),
        Row("no digit in the exponent", "[1e]", .syntax, at: 3),
        Row("a sign alone in the exponent", "[1e+]", .syntax, at: 4),
        Row("a minus alone", "[-]", .syntax, at: 2),
        Row("hexadecimal", "[0x10]", .syntax, at: 2),
        Row("two points", "[1.2.3]", .syntax, at: 4),
        Row("beyond a double", "[0, 1e400]", .numberTooLarge, at: 4),
        Row("beyond a double, below zero", "[-1e400]", .numberTooLarge, at: 1),
        Row("an integer beyond a double", "[" + String(repeating: "9", count: 400) + "]", .numberTooLarge, at: 1),
        Row("just beyond a double", "[1.7976931348623159e308]", .numberTooLarge, at: 1),
        Row("an exponent beyond any integer", "[1e99999999999999999999]", .numberTooLarge, at: 1),

        Row("a string left open", #"["a"#, .syntax, at: 3),
        Row("a line feed in a string", "[\"a\nb\"]", .syntax, at: 3),
        Row("a NUL in a string", "[\"a\0b\"]", .syntax, at: 3),
        Row("a tab in a name", "{\"\t\":1}", .syntax, at: 2),
        Row("an unknown escape", #"["\x41"]"#, .syntax, at: 3),
        Row("a backslash at the end", #"["\"#, .syntax, at: 3),
        Row("too few hexadecimal digits", #"["\u12"]"#, .syntax, at: 6),
        Row("no hexadecimal digit", #"["\u12G4"]"#, .syntax, at: 6),
        Row("a lone high surrogate", #"["\ud800"]"#, .loneSurrogate, at: 2),
        Row("a lone high surrogate before text", #"["a\uD83Dx"]"#, .loneSurrogate, at: 3),
        Row("a lone low surrogate", #"["\udc00"]"#, .loneSurrogate, at: 2),
        Row("surrogates the wrong way round", #"["\udc00\ud800"]"#, .loneSurrogate, at: 2),
        Row("two high surrogates", #"["\ud800\ud800"]"#, .loneSurrogate, at: 2),
        Row("a high surrogate before another escape", #"["\ud800\n"]"#, .loneSurrogate, at: 2),
        Row("a lone surrogate in a name", #"{"\ud800":1}"#, .loneSurrogate, at: 2),

        Row("a stray continuation byte", bytes("[\"", [0x80], "\"]"), .invalidUTF8, at: 2),
        Row("a sequence cut short by a quote", bytes("[\"", [0xC3], "\"]"), .invalidUTF8, at: 2),
        Row("an overlong slash", bytes("[\"", [0xC0, 0xAF], "\"]"), .invalidUTF8, at: 2),
        Row("an overlong sequence of three", bytes("[\"", [0xE0, 0x80, 0xAF], "\"]"), .invalidUTF8, at: 2),
        Row("a surrogate in UTF-8", bytes("[\"", [0xED, 0xA0, 0x80], "\"]"), .invalidUTF8, at: 2),
        Row("beyond U+10FFFF", bytes("[\"", [0xF4, 0x90, 0x80, 0x80], "\"]"), .invalidUTF8, at: 2),
        Row("the byte FF", bytes("[\"", [0xFF], "\"]"), .invalidUTF8, at: 2),
        Row("invalid UTF-8 outside of strings", bytes("[", [0xFF], "]"), .invalidUTF8, at: 1),
        Row("a letter beyond ASCII outside of strings", "[é]", .syntax, at: 1),

        Row("65 arrays", String(repeating: "[", count: 65) + String(repeating: "]", count: 65), .tooDeep, at: 64),
        Row(
            "64 arrays around an empty object", String(repeating: "[", count: 64) + "{}" + String(repeating: "]", count: 64), .tooDeep,
            at: 64),
        Row("65 objects", String(repeating: #"{"a":"#, count: 65) + "1" + String(repeating: "}", count: 65), .tooDeep, at: 64 * 5),
        Row("100,000 arrays", String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000), .tooDeep, at: 64),
        Row("100,000 arrays left open", String(repeating: "[", count: 100_000), .tooDeep, at: 64),
        Row("100,000 objects", String(repeating: #"{"a":"#, count: 100_000), .tooDeep, at: 64 * 5),
    ]

    static func bytes(_ before: String, _ middle: [UInt8], _ after: String) -> [UInt8] {
        Array(before.utf8) + middle + Array(after.utf8)
    }

    @Test(arguments: rows) func `what is not JSON is refused, with the fault and its place`(row: Row) {
        #expect(throws: JSONSyntaxError(problem: row.problem, offset: row.offset)) {
            try JSONParser().parse(row.bytes) { _ in }
        }
    }

    @Test(arguments: [
        #"{"documentType":"a","n":[1,-2.5e3,true,false,null,{"x":"\u00e9\ud83d\ude00\\\n"}],"o":{},"e":[],"s":"é😀"}"#,
        " [ 1 , 123456789012345678901234 , { \"a\" : \"b\" } ] ", "\"text\"",
    ])
    func `every beginning of a document is refused`(text: String) {
        let bytes = Array(text.utf8)
        let end = bytes.lastIndex { $0 != 0x20 } ?? 0
        let parser = JSONParser()
        for count in 0...end {
            #expect(throws: JSONSyntaxError.self, "the first \(count) bytes") { try parser.parse(Array(bytes[..<count])) { _ in } }
        }
        #expect(throws: Never.self) { try parser.parse(bytes) { _ in } }
    }

    @Test func `a parser goes on after a refusal`() throws {
        let parser = JSONParser()
        for row in RefusalTests.rows {
            #expect(throws: JSONSyntaxError.self) { try parser.parse(row.bytes) { _ in } }
            try #expect(parser.parse(Array("[7]".utf8)) { $0.count } == 1)
        }
    }

    @Test func `a parser goes on after its reader has thrown`() throws {
        struct Stop: Error {}
        let parser = JSONParser()
        #expect(throws: Stop.self) { try parser.parse(Array("[7]".utf8)) { _ in throw Stop() } }
        try #expect(parser.parse(Array("[7]".utf8)) { $0.count } == 1)
    }

    @Test func `the depth is the parser's`() throws {
        let parser = JSONParser(depthMax: 2)
        #expect(throws: Never.self) { try parser.parse(Array(#"[{"a":1}]"#.utf8)) { _ in } }
        #expect(throws: JSONSyntaxError(problem: .tooDeep, offset: 6)) { try parser.parse(Array(#"[{"a":[]}]"#.utf8)) { _ in } }
    }

    /// simdjson and the scanner are two readers of one grammar: on random damage they must agree, or a refusal has no place.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func `a refusal always has its place`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let parser = JSONParser()
        let text = #"{"a":[0,-1.5e3,1e-7,true,false,null,{"é":"\u00e9\ud83d\ude00\\\n/"}],"o":{},"e":[],"s":"😀","n":18446744073709551616}"#
        let alphabet = Array(#"{}[]:,"\u0dD8c-+.eE19tfn /"#.utf8) + [0x00, 0x0A, 0x1F, 0x7F, 0x80, 0xC3, 0xED, 0xF0, 0xFF]
        for _ in 0..<4_000 {
            var bytes = Array(text.utf8)
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = alphabet.randomElement(using: &random) ?? 0
                case 1: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: place)
                default: bytes.remove(at: place)
                }
            }
            do {
                try parser.parse(bytes) { _ in }
                if String(validating: bytes, as: UTF8.self) == nil { Issue.record("\(bytes) was taken") }
            } catch let error as JSONSyntaxError {
                if (error.offset == nil) != (error.problem == .duplicateMember) { Issue.record("\(bytes): \(error)") }
            } catch {
                Issue.record(error)
            }
        }
    }
}
