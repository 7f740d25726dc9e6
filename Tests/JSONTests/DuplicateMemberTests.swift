import JSON
import Testing

@Suite struct DuplicateMemberTests {
    @Test(arguments: [
        (#"{"a":1,"a":1}"#, "/a"),
        (#"{"a":1,"b":2,"a":3}"#, "/a"),
        (#"{"x":{"a":1,"a":2}}"#, "/x/a"),
        (#"[0,[{"a":1,"b":[],"b":{}}]]"#, "/1/0/b"),
        (#"{"context":{"deep":[{"free":{"form":1,"form":1}}]}}"#, "/context/deep/0/free/form"),
        (#"{"a":1,"\u0061":2}"#, "/a"),
        (#"{"é":1,"\u00e9":2}"#, "/é"),
        (#"{"😀":1,"\ud83d\ude00":2}"#, "/😀"),
        (#"{"":1,"":2}"#, "/"),
        (#"{"a/b~c":1,"a\/b~c":2}"#, "/a~1b~0c"),
        (#"{"~/":{"x":0,"x":0}}"#, "/~0~1/x"),
        (#"{"a\u0000b":1,"a\u0000b":2}"#, "/a\0b"),
        (#"{"longer than eight bytes 1":1,"longer than eight bytes 2":2,"longer than eight bytes 1":3}"#, "/longer than eight bytes 1"),
        (#"[123456789012345678901234,{"a":1,"a":2}]"#, "/1/a"),
    ])
    func `a member that occurs twice in an object is refused and pointed to`(text: String, pointer: String) {
        #expect(throws: JSONSyntaxError(problem: .duplicateMember, pointer: pointer)) {
            try JSONParser().parse(Array(text.utf8)) { _ in }
        }
    }

    @Test(arguments: [
        #"{"a":1,"A":2}"#,
        #"{"a":{"a":{"a":1}}}"#,
        #"[{"a":1},{"a":2}]"#,
        // Canonically equivalent, but not the same bytes.
        "{\"e\u{301}\":1,\"\u{e9}\":2}",
        #"{"a":1,"a\u0000":2}"#,
        #"{"abcdefgh":1,"abcdefghi":2,"abcdefg":3}"#,
        #"{"abcdefgh1":1,"abcdefgh2":2}"#,
    ])
    func `names that differ in a byte are not duplicates`(text: String) {
        #expect(throws: Never.self) { try JSONParser().parse(Array(text.utf8)) { _ in } }
    }

    @Test(arguments: [2, 3, 15, 16, 17, 18, 33, 1_000])
    func `the last of many members is compared with all before it`(count: Int) {
        let names = (0..<count).map { "member \($0)" }
        let members = names.map { "\"\($0)\":[{}]" }.joined(separator: ",")
        #expect(throws: Never.self) { try JSONParser().parse(Array("{\(members)}".utf8)) { _ in } }
        for twin in [0, count / 2, count - 1] {
            #expect(throws: JSONSyntaxError(problem: .duplicateMember, pointer: "/\(names[twin])")) {
                try JSONParser().parse(Array("{\(members),\"\(names[twin])\":0}".utf8)) { _ in }
            }
        }
    }

    @Test func `half a million members in one object are told apart`() throws {
        var bytes: [UInt8] = Array("{".utf8)
        for index in 0..<500_000 { bytes += Array("\"\(index)\":0,".utf8) }
        let unique = bytes + Array("\"x\":0}".utf8)
        #expect(unique.count > 5 << 20)
        try #expect(JSONParser().parse(unique) { $0.count } == 500_001)
        #expect(throws: JSONSyntaxError(problem: .duplicateMember, pointer: "/123456")) {
            try JSONParser().parse(bytes + Array("\"123456\":0}".utf8)) { _ in }
        }
    }
}
