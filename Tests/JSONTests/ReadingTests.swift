import JSON
import Testing

/// What JSON says, read from the tape.
@Suite struct ReadingTests {
    /// A value with everything in it, to compare with.
    indirect enum Tree: Equatable, Sendable {
        case object([(String, Tree)])
        case array([Tree])
        case string(String)
        case number(Double, Int64?)
        case bool(Bool)
        case null

        init(_ value: JSONValue) {
            switch value.kind {
            case .object:
                var members: [(String, Tree)] = []
                unsafe value.forEachMember { name, value in members.append((unsafe String(decoding: name, as: UTF8.self), Tree(value))) }
                self = .object(members)
            case .array:
                var elements: [Tree] = []
                value.forEachElement { elements.append(Tree($0)) }
                self = .array(elements)
            case .string: self = .string(value.string ?? "?")
            case .number: self = .number(value.double ?? .nan, value.int)
            case .bool: self = .bool(value.bool ?? false)
            case .null: self = .null
            }
        }

        static func == (a: Tree, b: Tree) -> Bool {
            switch (a, b) {
            case (.object(let a), .object(let b)): a.elementsEqual(b) { $0.0.utf8.elementsEqual($1.0.utf8) && $0.1 == $1.1 }
            case (.array(let a), .array(let b)): a == b
            case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
            case (.number(let a, let i), .number(let b, let j)): a == b && i == j
            case (.bool(let a), .bool(let b)): a == b
            case (.null, .null): true
            default: false
            }
        }
    }

    @Test(
        arguments: [
            ("{}", .object([])),
            ("[]", .array([])),
            (" \t\r\n[ ] \n", .array([])),
            (#""""#, .string("")),
            ("true", .bool(true)),
            ("false", .bool(false)),
            ("null", .null),
            (
                #"{"a":{"b":[1,{"c":null}]},"d":"e"}"#,
                .object([("a", .object([("b", .array([.number(1, 1), .object([("c", .null)])]))])), ("d", .string("e"))])
            ),
            (#"["\"\\\/\b\f\n\r\t"]"#, .array([.string("\"\\/\u{8}\u{C}\n\r\t")])),
            (#"["\u0041\u00e9\u20ac\ud83d\ude00\u0000\uFFFF"]"#, .array([.string("Aé€😀\0\u{FFFF}")])),
            ("[\"\u{7F}é€😀\u{10FFFF}\"]", .array([.string("\u{7F}é€😀\u{10FFFF}")])),
            (#"{"a\nb":0}"#, .object([("a\nb", .number(0, 0))])),
            (
                "[0,-0,1,-1,10,1.0,1e0,-0.0]",
                .array([
                    .number(0, 0), .number(0, 0), .number(1, 1), .number(-1, -1), .number(10, 10), .number(1, nil), .number(1, nil),
                    .number(0, nil),
                ])
            ),
            (
                "[1E5,1e+5,12.5e-1,0e999999999999,0.1]",
                .array([.number(100_000, nil), .number(100_000, nil), .number(1.25, nil), .number(0, nil), .number(0.1, nil)])
            ),
            (
                "[9223372036854775807,-9223372036854775808]",
                .array([.number(0x1p63, .max), .number(-0x1p63, .min)])
            ),
            (
                "[9223372036854775808,18446744073709551615]",
                .array([.number(0x1p63, nil), .number(0x1p64, nil)])
            ),
            (
                "[18446744073709551616,-9223372036854775809]",
                .array([.number(0x1p64, nil), .number(-0x1p63, nil)])
            ),
            ("123456789012345678901234", .number(1.2345678901234568e23, nil)),
            (
                #"{"a":123456789012345678901234,"b":7,"c":-123456789012345678901234}"#,
                .object([("a", .number(1.2345678901234568e23, nil)), ("b", .number(7, 7)), ("c", .number(-1.2345678901234568e23, nil))])
            ),
            (
                "[1e308,1.7976931348623157e308,5e-324,1e-400]",
                .array([.number(1e308, nil), .number(.greatestFiniteMagnitude, nil), .number(.leastNonzeroMagnitude, nil), .number(0, nil)])
            ),
        ] as [(String, Tree)])
    func `a document is read as it is written`(text: String, tree: Tree) throws {
        try #expect(JSONParser().parse(Array(text.utf8)) { Tree($0) } == tree)
    }

    @Test func `sixty-four levels are read`() throws {
        let text = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        var depth = 0
        try JSONParser().parse(Array(text.utf8)) { value in
            var value: JSONValue? = value
            while let inner = value {
                depth += 1
                value = nil
                inner.forEachElement { value = $0 }
            }
        }
        #expect(depth == 64)
    }

    @Test func `a value of another kind has nothing to give`() throws {
        try JSONParser().parse(Array(#"{"text":"1","number":1,"flag":true,"nothing":null,"list":[1],"object":{"a":1}}"#.utf8)) { root in
            let kinds = ["text", "number", "flag", "nothing", "list", "object"] as [StaticString]
            let values = try kinds.map { try #require(root[$0]) }
            #expect(values.map(\.kind) == [.string, .number, .bool, .null, .array, .object])
            #expect(values.map { $0.double != nil } == [false, true, false, false, false, false])
            #expect(values.map { $0.int != nil } == [false, true, false, false, false, false])
            #expect(values.map { $0.bool != nil } == [false, false, true, false, false, false])
            #expect(values.map(\.isNull) == [false, false, false, true, false, false])
            #expect(values.map { $0.string != nil } == [true, false, false, false, false, false])
            #expect(values.map { unsafe $0.stringBytes == nil } == [false, true, true, true, true, true])
            #expect(values.map(\.count) == [0, 0, 0, 0, 1, 1])
        }
    }

    @Test func `a member is found by the bytes of its name alone`() throws {
        try JSONParser().parse(Array(#"{"b":{"a":1},"é":2,"a":3}"#.utf8)) { root in
            #expect(root["a"]?.int == 3)
            #expect(root["e\u{301}"] == nil)
            #expect(root["\u{e9}"]?.int == 2)
            #expect(root["c"] == nil)
            #expect(root["b"]?["a"]?.int == 1)
            #expect(root["a"]?["a"] == nil)
        }
    }

    @Test func `names compare with literals byte by byte`() throws {
        try JSONParser().parse(Array(#"{"name":0}"#.utf8)) { root in
            unsafe root.forEachMember { name, _ in
                #expect(unsafe name.equals("name"))
                #expect(unsafe !name.equals("nam"))
                #expect(unsafe !name.equals("names"))
                #expect(unsafe !name.equals("Name"))
                #expect(unsafe !name.equals(""))
            }
        }
    }

    @Test func `a reader's error stops the walk`() {
        struct Stop: Error {}
        var seen = 0
        #expect(throws: Stop.self) {
            try JSONParser().parse(Array("[1,2,3]".utf8)) { root in
                try root.forEachElement { _ in
                    seen += 1
                    if seen == 2 { throw Stop() }
                }
            }
        }
        #expect(seen == 2)
    }

    @Test func `what stands behind a padded document is not read as part of it`() throws {
        let bytes = Array("12".utf8) + [UInt8](repeating: UInt8(ascii: "3"), count: JSONParser.padding)
        try unsafe bytes.withUnsafeBufferPointer { buffer in
            let document = unsafe UnsafeBufferPointer(rebasing: buffer[..<2])
            try #expect(unsafe JSONParser().parse(padded: document) { $0.int } == 12)
        }
    }

    @Test func `a document of eight mebibytes is read`() throws {
        var bytes = Array("[".utf8)
        let element = Array(#"{"name":"field","value":"some text","confidence":0.9375},"#.utf8)
        while bytes.count + element.count < 8 << 20 { bytes += element }
        bytes += Array("0]".utf8)
        let count = (bytes.count - 3) / element.count + 1
        let parser = JSONParser()
        try #expect(parser.parse(bytes) { $0.count } == count)
        try #expect(parser.parse(Array("[1]".utf8)) { $0.count } == 1)
        var sum = 0.0
        try parser.parse(bytes) { root in root.forEachElement { sum += $0["confidence"]?.double ?? 0 } }
        #expect(sum == Double(count - 1) * 0.9375)
    }
}
