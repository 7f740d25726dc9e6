import Testing

@testable import HTTPWire

struct RefusedHead: CustomTestStringConvertible, Sendable {
    let name: String
    let text: String
    let fault: WireFault
    var testDescription: String { name }

    init(_ name: String, _ text: String, _ fault: WireFault) {
        self.name = name
        self.text = text
        self.fault = fault
    }

    /// A request whose target is the fault.
    init(target: String, _ fault: WireFault) {
        self.init("target \(target)", "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n", fault)
    }

    /// A request whose further fields are the fault.
    init(fields: String, _ fault: WireFault) {
        self.init("fields \(fields)", "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n", fault)
    }

    init(host: String) {
        self.init("host \(host)", "GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n", .malformedHost)
    }
}

struct AcceptedTarget: CustomTestStringConvertible, Sendable {
    let line: String
    let path: String
    var query: String?
    var host = "a"
    var testDescription: String { line }
}

@Suite struct HeadParserTests {
    static let requestLines: [RefusedHead] = [
        .init("no target", "GET HTTP/1.1\r\n", .malformedRequestLine(offset: 12)),
        .init("no version", "GET /\r\n", .malformedRequestLine(offset: 5)),
        .init("method alone", "GET\r\n", .malformedRequestLine(offset: 3)),
        .init("two spaces before the target", "GET  / HTTP/1.1\r\n", .malformedRequestLine(offset: 4)),
        .init("two spaces before the version", "GET /  HTTP/1.1\r\n", .malformedVersion(offset: 6)),
        .init("leading space", " GET / HTTP/1.1\r\n", .malformedRequestLine(offset: 0)),
        .init("trailing space", "GET / HTTP/1.1 \r\n", .malformedVersion(offset: 6)),
        .init("tab as separator", "GET\t/ HTTP/1.1\r\n", .malformedRequestLine(offset: 3)),
        .init("a method that is no token", "G(T / HTTP/1.1\r\n", .malformedRequestLine(offset: 1)),
        .init("a TLS greeting", "\u{16}\u{03}\u{01}", .controlByte(offset: 0)),
        .init("lower-case protocol", "GET / http/1.1\r\n", .malformedVersion(offset: 6)),
        .init("version of two digits", "GET / HTTP/1.10\r\n", .malformedVersion(offset: 6)),
        .init("version without dot", "GET / HTTP/11\r\n", .malformedVersion(offset: 6)),
        .init("another protocol", "GET / ICAP/1.1\r\n", .malformedVersion(offset: 6)),
        .init("HTTP/2.0", "GET / HTTP/2.0\r\n", .unsupportedVersion),
        .init("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion),
        .init("HTTP/0.9", "GET / HTTP/0.9\r\n", .unsupportedVersion),
        .init("a bare line feed", "GET / HTTP/1.1\nHost: a\n\n", .bareLineFeed(offset: 14)),
        .init("a bare carriage return", "GET / HTTP/1.1\rHost: a\r\n\r\n", .bareCarriageReturn(offset: 14)),
        .init("a carriage return in the target", "GET /\r/ HTTP/1.1\r\n", .bareCarriageReturn(offset: 5)),
        .init("two carriage returns", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", .bareCarriageReturn(offset: 14)),
        .init("a bare line feed before the request", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .bareLineFeed(offset: 0)),
        .init("too many empty lines", "\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n", .tooManyBlankLines),
        .init("an unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", .unknownMethod),
        .init("a method in lower case", "get / HTTP/1.1\r\nHost: a\r\n\r\n", .unknownMethod),
        .init("bytes above ASCII without a line end", "\u{FF}\u{FE}\u{FD}", .malformedRequestLine(offset: 0)),
        .init("a document without a line end", "{\"a\": 1}", .malformedRequestLine(offset: 0)),
        .init("a bad method before a control character", "G(T /\u{00} HTTP/1.1\r\n", .malformedRequestLine(offset: 1)),
        .init("an endless version", "GET / HTTP/1.1" + String(repeating: "1", count: 9_000), .malformedVersion(offset: 6)),
        .init("endless blanks", "GET " + String(repeating: " ", count: 9_000), .malformedRequestLine(offset: 4)),
        .init("an endless method", String(repeating: "A", count: 9_000), .unknownMethod),
        .init("a method too long before what is not one", String(repeating: "A", count: 400) + "@ / HTTP/1.1\r\n", .unknownMethod),
        .init("CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", .connectRefused),
        .init("CONNECT without port", "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget(offset: 8)),
        .init("CONNECT with an empty port", "CONNECT a: HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget(offset: 8)),
        .init("CONNECT with a path", "CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget(offset: 8)),
        .init("the fault of a field before the unknown method", "BREW / HTTP/1.1\r\nHost a\r\n\r\n", .spaceBeforeColon(offset: 21)),
    ]

    static let targets: [RefusedHead] = [
        .init(target: "*", .malformedTarget(offset: 4)),
        .init(target: "**", .malformedTarget(offset: 4)),
        .init(target: "a", .malformedTarget(offset: 5)),
        .init(target: "a:80", .malformedTarget(offset: 5)),
        .init(target: "/a#b", .malformedTarget(offset: 6)),
        .init(target: "/%", .malformedTarget(offset: 5)),
        .init(target: "/%4", .malformedTarget(offset: 5)),
        .init(target: "/%4g", .malformedTarget(offset: 5)),
        .init(target: "/?%zz", .malformedTarget(offset: 6)),
        .init(target: "/\u{E9}", .malformedTarget(offset: 5)),
        .init(target: "/\"", .malformedTarget(offset: 5)),
        .init(target: "/<a>", .malformedTarget(offset: 5)),
        .init(target: "/a\\b", .malformedTarget(offset: 6)),
        .init(target: "/a|b", .malformedTarget(offset: 6)),
        .init(target: "/{a}", .malformedTarget(offset: 5)),
        .init(target: "/[a]", .malformedTarget(offset: 5)),
        .init(target: "/^", .malformedTarget(offset: 5)),
        .init(target: "/`", .malformedTarget(offset: 5)),
        .init(target: "/\u{7F}", .controlByte(offset: 5)),
        .init(target: "/\u{00}", .controlByte(offset: 5)),
        .init(target: "/\t", .malformedTarget(offset: 5)),
        .init(target: "http:/a", .malformedTarget(offset: 8)),
        .init(target: "http:///a", .malformedTarget(offset: 11)),
        .init(target: "http://", .malformedTarget(offset: 11)),
        .init(target: "http://u@a/", .malformedTarget(offset: 11)),
        .init(target: "http://a:x/", .malformedTarget(offset: 11)),
        .init(target: "http://a:70000/", .malformedTarget(offset: 11)),
        .init(target: "http://a/#b", .malformedTarget(offset: 13)),
        .init(target: "1http://a/", .malformedTarget(offset: 4)),
        .init(target: "https://a/", .misdirected),
        .init(target: "ftp://a/", .misdirected),
    ]

    static let fieldLines: [RefusedHead] = [
        .init(fields: "A : b", .spaceBeforeColon(offset: 27)),
        .init(fields: "A\t: b", .spaceBeforeColon(offset: 27)),
        .init(fields: " A: b", .foldedLine(offset: 26)),
        .init(fields: "A: b\r\n c", .foldedLine(offset: 32)),
        .init(fields: "A: b\r\n\tc", .foldedLine(offset: 32)),
        .init(fields: "A: b\r\n ", .foldedLine(offset: 32)),
        .init(fields: ": b", .malformedFieldName(offset: 26)),
        .init(fields: "A", .malformedFieldName(offset: 27)),
        .init(fields: "A(: b", .malformedFieldName(offset: 27)),
        .init(fields: "\u{E9}: b", .malformedFieldName(offset: 26)),
        .init(fields: "A: \u{00}", .controlByte(offset: 29)),
        .init(fields: "A: b\u{08}", .controlByte(offset: 30)),
        .init(fields: "A: \u{7F}", .controlByte(offset: 29)),
        .init(fields: "A: b\nB: c", .bareLineFeed(offset: 30)),
        .init(fields: "A: b\rB: c", .bareCarriageReturn(offset: 30)),
        .init(fields: "Host: a", .repeatedHost),
        .init(fields: "host: b", .repeatedHost),
        .init("whitespace before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", .foldedLine(offset: 16)),
        .init("no Host", "GET / HTTP/1.1\r\n\r\n", .missingHost),
        .init("no Host with an absolute target", "GET http://a/ HTTP/1.1\r\n\r\n", .missingHost),
        .init("a malformed Host in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", .malformedHost),
        .init("two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", .repeatedHost),
    ]

    static let hosts: [RefusedHead] = [
        "", "a b", "a, b", "a,b", "a/", "a/b", "a?b", "a#b", "u@a", "u:p@a", "a:b", "a:-1", "a:65536", "a:80:80", ":80", "http://a", "[::1",
        "::1", "[]", "[::1]a", "[::1]:x", "[1::2::3]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[12345::]", "[::1.2.3]", "[::1.2.3.256]",
        "[::1%25eth0]", "[:1]", "[1:]", "[v1.]", "[vx.a]", "a%4", "a%zz", "\u{E9}", "a\"", "a<b", "a\\b",
    ].map(RefusedHead.init(host:))

    static let framing: [RefusedHead] = [
        .init(fields: "Content-Length: ", .malformedContentLength),
        .init(fields: "Content-Length: +5", .malformedContentLength),
        .init(fields: "Content-Length: -5", .malformedContentLength),
        .init(fields: "Content-Length: 5 5", .malformedContentLength),
        .init(fields: "Content-Length: 0x5", .malformedContentLength),
        .init(fields: "Content-Length: 5.0", .malformedContentLength),
        .init(fields: "Content-Length: 1_000", .malformedContentLength),
        .init(fields: "Content-Length: \u{B2}", .malformedContentLength),
        .init(fields: "Content-Length: 5,", .malformedContentLength),
        .init(fields: "Content-Length: \"5\"", .malformedContentLength),
        .init(fields: "Content-Length: 5, 6", .differingContentLengths),
        .init(fields: "Content-Length: 5\r\nContent-Length: 6", .differingContentLengths),
        .init(fields: "Content-Length: 0\r\nContent-Length: 6", .differingContentLengths),
        .init(fields: "Content-Length: 9223372036854775808", .contentLengthTooLarge),
        .init(fields: "Content-Length: 18446744073709551621", .contentLengthTooLarge),
        .init(fields: "Content-Length: 99999999999999999999999999", .contentLengthTooLarge),
        .init(fields: "Content-Length: 5\r\nTransfer-Encoding: chunked", .transferEncodingWithContentLength),
        .init(fields: "Transfer-Encoding: chunked\r\nContent-Length: 0", .transferEncodingWithContentLength),
        .init(fields: "Transfer-Encoding: ", .chunkedNotFinal),
        .init(fields: "Transfer-Encoding: identity", .chunkedNotFinal),
        .init(fields: "Transfer-Encoding: gzip", .chunkedNotFinal),
        .init(fields: "Transfer-Encoding: xchunked", .chunkedNotFinal),
        .init(fields: "Transfer-Encoding: chunked, gzip", .chunkedNotFinal),
        .init(fields: "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip", .chunkedNotFinal),
        .init(fields: "Transfer-Encoding: chunked, chunked", .repeatedChunked),
        .init(fields: "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .repeatedChunked),
        .init(fields: "Transfer-Encoding: chunked;a=b", .repeatedChunked),
        .init(fields: "Transfer-Encoding: gzip, chunked", .unknownTransferCoding),
        .init(fields: "Transfer-Encoding: gzip;q=\"a,b\", chunked", .unknownTransferCoding),
        .init(fields: "Transfer-Encoding: \"chunked\"", .malformedTransferEncoding),
        .init(fields: "Transfer-Encoding: chunked foo", .malformedTransferEncoding),
        .init(fields: "Transfer-Encoding: chunked\u{0B}", .controlByte(offset: 52)),
        .init(fields: "Expect: 200-ok", .unknownExpectation),
        .init(fields: "Expect: 100-continue, x", .unknownExpectation),
        .init(
            "a transfer coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncodingInOldVersion),
    ]

    @Test(arguments: requestLines + targets + fieldLines + hosts + framing)
    func `a faulty head is refused with its fault, however it is cut`(row: RefusedHead) {
        let (outcome, differing) = headOutcome(row.text)
        #expect(outcome.fault == row.fault)
        #expect(differing == [])
    }

    @Test(arguments: [
        AcceptedTarget(line: "GET / HTTP/1.1", path: "/"),
        AcceptedTarget(line: "GET //a//b HTTP/1.1", path: "//a//b"),
        AcceptedTarget(line: "GET /a%2Fb%00;c=d/:@!$&'()*+,=~-._ HTTP/1.1", path: "/a%2Fb%00;c=d/:@!$&'()*+,=~-._"),
        AcceptedTarget(line: "GET /a?b=c?d/e HTTP/1.1", path: "/a", query: "b=c?d/e"),
        AcceptedTarget(line: "GET /a? HTTP/1.1", path: "/a", query: ""),
        AcceptedTarget(line: "OPTIONS * HTTP/1.1", path: "*"),
        AcceptedTarget(line: "GET http://b/c?d HTTP/1.1", path: "/c", query: "d", host: "b"),
        AcceptedTarget(line: "GET HTTP://b:8080/c HTTP/1.1", path: "/c", host: "b:8080"),
        AcceptedTarget(line: "GET http://b HTTP/1.1", path: "/", host: "b"),
        AcceptedTarget(line: "GET http://b?c HTTP/1.1", path: "/", query: "c", host: "b"),
        AcceptedTarget(line: "GET http://[::1]:80/c HTTP/1.1", path: "/c", host: "[::1]:80"),
        AcceptedTarget(line: "GET / HTTP/1.9", path: "/"),
    ])
    func `every form of target is reduced to path and query`(row: AcceptedTarget) throws {
        let (outcome, differing) = headOutcome("\(row.line)\r\nHost: a\r\n\r\n")
        let head = try #require(outcome.request?.head)
        #expect(head.text(head.path) == row.path)
        #expect(head.text(head.query) == row.query)
        #expect(head.values("host") == [row.host])
        #expect(head.version == .http11)
        #expect(differing == [])
    }

    @Test(arguments: [
        "a", "A.Example", "a:", "a:0", "a:65535", "127.0.0.1", "127.0.0.1:8080", "999.1.1.1", "[::]", "[::1]", "[::1]:80",
        "[1:2:3:4:5:6:7:8]",
        "[1::8]", "[1:2:3:4:5:6:7::]", "[::ffff:127.0.0.1]", "[1:2:3:4:5:6:1.2.3.4]", "[vF.a:b]", "a_b~!$&'()*+;=", "a%20b",
    ])
    func `a well-formed host is taken`(host: String) {
        let (outcome, differing) = headOutcome("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(outcome.request?.head.values("host") == [host])
        #expect(differing == [])
    }

    @Test(arguments: [
        ("GET", Method.get), ("HEAD", .head), ("POST", .post), ("PUT", .put), ("DELETE", .delete), ("OPTIONS", .options), ("PATCH", .patch),
        ("TRACE", .trace),
    ])
    func `a method is known by its exact name`(name: String, method: HTTPWire.Method) {
        #expect(headOutcome("\(name) / HTTP/1.1\r\nHost: a\r\n\r\n").outcome.request?.head.method == method)
    }

    @Test(arguments: [
        ("Content-Length: 0", BodyFraming.none), ("A: b", .none), ("Content-Length: 5", .length(5)), ("content-length:\t007 ", .length(7)),
        ("Content-Length: 5, 5", .length(5)), ("Content-Length: 5\r\nContent-Length: 5", .length(5)),
        ("Content-Length: 9223372036854775807", .length(.max)), ("Transfer-Encoding: chunked", .chunked),
        ("transfer-encoding: CHUNKED", .chunked), ("Transfer-Encoding: , chunked,", .chunked),
    ])
    func `a body's length follows from its fields`(fields: String, framing: BodyFraming) {
        let (outcome, differing) = headOutcome("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n")
        #expect(outcome.request?.framing == framing)
        #expect(differing == [])
    }

    @Test(arguments: [
        ("1.1", "A: b", true), ("1.1", "Connection: close", false), ("1.1", "Connection: keep-alive, CLOSE", false),
        ("1.1", "Connection: keep-alive\r\nConnection: ,close", false), ("1.1", "Connection: closed", true),
        ("1.0", "A: b", false), ("1.0", "Connection: Keep-Alive", true), ("1.0", "Connection: keep-alive, close", false),
    ])
    func `whether the connection goes on follows from version and Connection`(version: String, field: String, persists: Bool) {
        let (outcome, _) = headOutcome("GET / HTTP/\(version)\r\nHost: a\r\n\(field)\r\n\r\n")
        #expect(outcome.request?.persists == persists)
    }

    @Test(arguments: [
        ("1.1", "Content-Length: 1", "100-continue", true), ("1.1", "Content-Length: 1", "100-Continue", true),
        ("1.1", "Content-Length: 0", "100-continue", false), ("1.0", "Content-Length: 1", "100-continue", false),
        ("1.0", "Content-Length: 1", "anything", false),
    ])
    func `an expectation counts for a body in HTTP 1_1 only`(version: String, length: String, value: String, expects: Bool) {
        let (outcome, _) = headOutcome("POST / HTTP/\(version)\r\nHost: a\r\n\(length)\r\nExpect: \(value)\r\n\r\n")
        #expect(outcome.request?.expectsContinue == expects)
    }

    @Test func `fields keep order and bytes, without the whitespace around values`() throws {
        let text = "\r\n\r\nGET /p HTTP/1.0\r\nA:b\r\na: \t c d\t \r\nB:\r\nX: \u{80}\u{FF}\r\n\r\nGET"
        let (outcome, differing) = headOutcome(text)
        guard case .request(let request, let length) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        let head = request.head
        #expect(length == text.unicodeScalars.count - 3)
        #expect(head.bytes.count == length - 4)
        #expect(head.fields.map { head.text($0.name) } == ["A", "a", "B", "X"])
        #expect(head.values("a") == ["b", "c d"])
        #expect(head.text(head.first("a")) == "b")
        #expect(head.first("b")?.isEmpty == true)
        #expect(Array(head.bytes[try #require(head.first("x"))]) == [0x80, 0xFF])
        #expect(head.first("c") == nil)
        #expect(differing == [])
    }

    @Test func `a head at its limits is taken and one byte or field more is refused`() {
        let limits = WireLimits(headBytesMax: 100, fieldsMax: 3, targetBytesMax: 20)
        func head(target: Int = 1, value: Int = 1, fields: Int = 0) -> WireFault? {
            let target = "/" + String(repeating: "a", count: target - 1)
            let extra = String(repeating: "X:\r\n", count: fields)
            let (outcome, differing) = headOutcome(
                "GET \(target) HTTP/1.1\r\nHost: a\r\n\(extra)A: \(String(repeating: "b", count: value))\r\n\r\n", limits: limits)
            #expect(differing == [])
            return outcome.fault
        }
        #expect(head(target: 20) == nil)
        #expect(head(target: 21) == .targetTooLong(bytesMax: 20))
        #expect(head(target: 90) == .targetTooLong(bytesMax: 20))
        #expect(head(fields: 1) == nil)
        #expect(head(fields: 2) == .tooManyFields(max: 3))
        // 16 + 9 bytes of lines, then "A: ", the value and two line ends.
        #expect(head(value: 68) == nil)
        #expect(head(value: 69) == .headTooLarge(bytesMax: 100))
        #expect(head(value: 500) == .headTooLarge(bytesMax: 100))
    }

    @Test func `the refusal of a HEAD request is known to have no body`() {
        var parser = HeadParser()
        let bytes = Array("HEAD / HTTP/1.1\r\nbad line\r\n".utf8)
        #expect(throws: WireFault.spaceBeforeColon(offset: 20)) { try parser.parse(bytes.span, limits: WireLimits()) }
        #expect(parser.isHead)
    }

    @Test(arguments: [
        ("HEAD /% HTTP/1.1\r\n", true), ("\r\nHEAD / HTTP/2.0\r\n", true), ("HEADS / HTTP/2.0\r\n", false), ("head /% HTTP/1.1\r\n", false),
    ])
    func `so is that of a HEAD request whose request line is at fault`(text: String, isHead: Bool) {
        var parser = HeadParser()
        let bytes = Array(text.utf8)
        #expect(throws: WireFault.self) { try parser.parse(bytes.span, limits: WireLimits()) }
        #expect(parser.beginsAsHead(bytes.span) == isHead)
    }
}
