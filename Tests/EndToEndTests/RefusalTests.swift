import Foundation
import TestSupport
import Testing

/// What is wrong is refused with its place, nothing of it is kept, and the server goes on.
@Suite struct RefusalTests {
    /// A row of bad input: where the fault is, nil where several places are as good.
    struct Row {
        var name: String
        var body: [UInt8]
        var status = 400
        var pointer: String?

        init(_ name: String, _ body: String, status: Int = 400, at pointer: String? = nil) {
            self.init(name, Array(body.utf8), status: status, at: pointer)
        }

        init(_ name: String, _ body: [UInt8], status: Int = 400, at pointer: String? = nil) {
            self.name = name
            self.body = body
            self.status = status
            self.pointer = pointer
        }
    }

    /// A value that no answer and no log may repeat.
    static let secret = "Zx9-NEVER-SAY-THIS"
    static let field = #"{"name": "a", "value": "\#(secret)", "confidence": 0.5}"#

    static func result(_ members: String = "", fields: String = field) -> String {
        #"{"documentType": "t", "documentId": "d", "fields": [\#(fields)]\#(members)}"#
    }

    static let rows: [Row] = [
        Row("an empty body", "", at: ""),
        Row("a word", "hello", at: ""),
        Row("a text cut off", #"{"documentType": "t""#, at: ""),
        Row("bytes behind the end", result() + "x", at: ""),
        Row("two documents", result() + result(), at: ""),
        Row("two byte order marks", [0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF] + Array(result().utf8), at: ""),
        Row("UTF-16", Array(result().utf8).flatMap { [$0, 0] }, at: ""),
        Row("a list", "[]", at: ""),
        Row("a number", "1", at: ""),
        Row("null", "null", at: ""),
        Row("no document type", #"{"documentId": "d", "fields": [\#(field)]}"#, at: "/documentType"),
        Row("no document id", #"{"documentType": "t", "fields": [\#(field)]}"#, at: "/documentId"),
        Row("a document type that is a number", #"{"documentType": 1, "documentId": "d", "fields": [\#(field)]}"#, at: "/documentType"),
        Row("a document type with a space", #"{"documentType": "a b", "documentId": "d", "fields": [\#(field)]}"#, at: "/documentType"),
        Row(
            "a document type of 129 bytes",
            #"{"documentType": "\#(String(repeating: "a", count: 129))", "documentId": "d", "fields": [\#(field)]}"#, at: "/documentType"),
        Row("an empty document id", #"{"documentType": "t", "documentId": "", "fields": [\#(field)]}"#, at: "/documentId"),
        Row(
            "a control character in a document id", #"{"documentType": "t", "documentId": "\u0007", "fields": [\#(field)]}"#,
            at: "/documentId"),
        Row("a C1 control character in a name", result(fields: #"{"name": "a\u0085b"}"#), at: "/fields/0/name"),
        Row("a name of 257 bytes", result(fields: #"{"name": "\#(String(repeating: "a", count: 257))"}"#), at: "/fields/0/name"),
        Row("a name of a megabyte", result(fields: #"{"name": "\#(String(repeating: "a", count: 1 << 20))"}"#), at: "/fields/0/name"),
        Row("neither fields nor pairs", #"{"documentType": "t", "documentId": "d"}"#),
        Row("fields that are an object", #"{"documentType": "t", "documentId": "d", "fields": {}}"#, at: "/fields"),
        Row("a field that is text", result(fields: #""a""#), at: "/fields/0"),
        Row("a field without a name", result(fields: #"{"value": "v"}"#), at: "/fields/0/name"),
        Row("a name that is null", result(fields: #"{"name": null}"#), at: "/fields/0/name"),
        Row("a value that is a list", result(fields: #"{"name": "a", "value": [1]}"#), at: "/fields/0/value"),
        Row("a confidence that is text", result(fields: #"{"name": "a", "confidence": "0.9"}"#), at: "/fields/0/confidence"),
        Row("a confidence above 1", result(fields: #"{"name": "a", "confidence": 1.0000001}"#), at: "/fields/0/confidence"),
        Row("a confidence below 0", result(fields: #"{"name": "a", "confidence": -0.1}"#), at: "/fields/0/confidence"),
        Row("a confidence beyond a double", result(fields: #"{"name": "a", "confidence": 1e400}"#)),
        Row("a number beyond a double where anything may stand", result(#", "context": {"a": -1e999}"#)),
        Row("NaN", result(fields: #"{"name": "a", "confidence": NaN}"#), at: ""),
        Row("Infinity", result(fields: #"{"name": "a", "confidence": Infinity}"#), at: ""),
        Row("a number with a leading zero", result(fields: #"{"name": "a", "confidence": 00.5}"#), at: ""),
        Row("a member twice", result(#", "documentId": "e""#), at: "/documentId"),
        Row("a member twice, once escaped", result(#", "document\u0049d": "e""#), at: "/documentId"),
        Row("a member twice in a field", result(fields: #"{"name": "a", "name": "a"}"#), at: "/fields/0/name"),
        Row("a member twice where anything may stand", result(#", "context": {"a": {"b": 1, "b": 1}}"#), at: "/context"),
        Row("an unknown member", result(#", "extra": 1"#), at: "/extra"),
        Row("an unknown member of a field", result(fields: #"{"name": "a", "colour": "red"}"#), at: "/fields/0/colour"),
        Row("a lone surrogate", result(fields: #"{"name": "a", "value": "\ud800"}"#)),
        Row("surrogates the wrong way round", result(fields: #"{"name": "a", "value": "\udc00\ud800"}"#)),
        Row(
            "a byte that is no UTF-8",
            Array(#"{"documentType": "t", "documentId": ""#.utf8) + [0xFF] + Array(#"", "fields": [\#(field)]}"#.utf8), at: ""),
        Row(
            "an overlong encoding",
            Array(#"{"documentType": "t", "documentId": ""#.utf8) + [0xC0, 0xAF] + Array(#"", "fields": [\#(field)]}"#.utf8), at: ""),
        Row(
            "an encoded surrogate",
            Array(#"{"documentType": "t", "documentId": ""#.utf8) + [0xED, 0xA0, 0x80] + Array(#"", "fields": [\#(field)]}"#.utf8), at: ""),
        Row(
            "a raw control character in text",
            Array(#"{"documentType": "t", "documentId": "d"#.utf8) + [1] + Array(#"", "fields": [\#(field)]}"#.utf8), at: ""),
        Row(
            "lists nested 100,000 deep",
            result(#", "context": {"a": "# + String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000) + "}")),
        Row("brackets opened 100,000 times", String(repeating: "[", count: 100_000)),
        Row(
            "objects nested 100 deep",
            result(#", "context": "# + String(repeating: #"{"a":"#, count: 100) + "1" + String(repeating: "}", count: 100))),
        Row("a field twice", result(fields: #"{"name": "a"}, {"name": "a"}"#), status: 422, at: "/fields/1/name"),
        Row("a field twice and a fault of shape", result(fields: #"{"name": "a"}, {"name": "a", "value": []}"#), at: "/fields/1/value"),
        Row(
            "a pair without a diagnosis", #"{"documentType": "t", "documentId": "d", "pairs": [{"procedure": "1"}]}"#,
            at: "/pairs/0/diagnosis"),
        Row(
            "a pair twice",
            #"{"documentType": "t", "documentId": "d", "pairs": [{"procedure": "1", "diagnosis": "2"}, {"procedure": "1", "diagnosis": "2"}]}"#,
            status: 422),
        Row("a section that is a number", result(#", "sections": [1]"#), at: "/sections/0"),
        Row("a day that there is not", result(#", "serviceDate": "2026-02-30""#), at: "/serviceDate"),
        Row("a time that is none", result(#", "receivedAt": "yesterday""#), at: "/receivedAt"),
        Row("an engine's name that is a list", result(#", "engine": {"name": []}"#), at: "/engine/name"),
        Row("an unknown member of the engine", result(#", "engine": {"maker": "x"}"#), at: "/engine/maker"),
    ]

    @Test func `each malformed result is refused with its place, and nothing of it is kept or repeated`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let connection = try server.connect()
        for row in Self.rows {
            let answer = try connection.ask(.post(row.body))
            #expect(answer.status == row.status, "\(row.name): \(answer.text.prefix(300))")
            #expect(answer.fields["content-type"] == "application/problem+json", "\(row.name)")
            #expect(!answer.text.contains(Self.secret), "\(row.name)")
            #expect(answer.body.count < 4_096, "\(row.name)")
            let problem = try answer.problem
            #expect(problem.status == row.status, "\(row.name)")
            let faults = problem.errors ?? []
            #expect(!faults.isEmpty && faults.allSatisfy { !$0.detail.isEmpty }, "\(row.name)")
            if let pointer = row.pointer {
                #expect(faults.contains { $0.pointer == pointer }, "\(row.name): \(answer.text.prefix(300))")
            }
        }
        #expect(try server.decisions().isEmpty)
        #expect(try connection.ask(.post(Array(Self.result().utf8))).status == 201)
        #expect(try server.decisions().count == 1)
        #expect(try server.stop() == .exited(0))
        #expect(!server.process.errorText.contains(Self.secret))
    }

    @Test func `all faults of one request are named at once`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let fields = (0..<300).map { _ in #"{"name": "", "confidence": 2}"# }.joined(separator: ",")
        let few = try server.ask(
            .post(Array(Self.result(fields: #"{"name": ""}, {"name": "b", "confidence": 2}, {"name": "c", "x": 1}"#).utf8))
        ).problem
        #expect(Set((few.errors ?? []).compactMap(\.pointer)) == ["/fields/0/name", "/fields/1/confidence", "/fields/2/x"])
        let many = try server.ask(.post(Array(Self.result(fields: fields).utf8))).problem
        #expect(many.errors?.count == 100)
    }

    @Test func `a body of 8 MiB is taken, one byte more is not`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let limit = 8 << 20
        let frame = Self.result(fields: #"{"name": "a", "value": ""}"#).utf8.count
        func body(_ count: Int) -> [UInt8] {
            Array(Self.result(fields: #"{"name": "a", "value": "\#(String(repeating: "x", count: count - frame))"}"#).utf8)
        }
        #expect(try server.ask(.post(body(limit))).status == 201)
        let tooLarge = try server.ask(.post(body(limit + 1)))
        #expect(tooLarge.status == 413)
        #expect(tooLarge.fields["content-type"] == "application/problem+json")

        // With Expect, the refusal comes before a byte of the body is sent.
        let waiting = try server.connect()
        try waiting.send(
            Array(
                "POST /v1/decisions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"
                    .utf8))
        #expect(try waiting.answer().status == 413)
        #expect(try server.decisions().count == 1)
    }

    @Test func `a body of another media type, or of none, is refused`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let body = Array(Self.result().utf8)
        for type in [nil, "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json"] {
            #expect(try server.ask(.post(body, type: type)).status == 415, "\(type ?? "none")")
        }
        for type in ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"] {
            #expect(try server.ask(.post(body, type: type)).status == 201, "\(type)")
        }
    }

    @Test(arguments: [
        ("GET /healthz HTTP/1.1\r\n\r\n", 400), ("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET /healthz HTTP/3.0\r\nHost: a\r\n\r\n", 505), ("GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("POST /v1/decisions HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello", 400),
        ("POST /v1/decisions HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    ])
    func `what is not HTTP is refused and the connection closed`(bytes: String, status: Int) throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let connection = try server.connect()
        try connection.send(Array(bytes.utf8))
        #expect(try connection.answer().status == status)
        #expect(try connection.rest().isEmpty)
        #expect(try server.ask(.get("/healthz")).status == 200)
    }

    @Test func `unknown paths, methods and ids say so`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        #expect(try server.ask(.get("/nothing")).status == 404)
        #expect(try server.ask(.get("/v1/decisions/0195f2a6-3c1e-7b52-9f63-0d5b5f1c9a10")).status == 404)
        #expect(try server.ask(.get("/v1/policies/nothing")).status == 404)
        let wrongMethod = try server.ask(Request(method: "DELETE", target: "/v1/decisions"))
        #expect(wrongMethod.status == 405)
        let allowed = Set((wrongMethod.fields["allow"] ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
        #expect(allowed.isSuperset(of: ["GET", "POST"]))
    }
}
