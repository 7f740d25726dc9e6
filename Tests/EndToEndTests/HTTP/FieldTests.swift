import Testing

/// Field lines (RFC 9110 §5, RFC 9112 §5) and Host (RFC 9110 §7.2, RFC 9112 §3.2).
@Suite struct `HTTP fields` {
    static let shapes: [WireCase] =
        [
            .stays("no blank behind the colon", Raw.get("X-A:b\r\n"), 200),
            .stays("blanks and tabs around the value", Raw.get("X-A: \t b \t \r\n"), 200),
            .stays("an empty value", Raw.get("X-A:\r\n"), 200),
            .stays("a value of blanks", Raw.get("X-A: \t  \r\n"), 200),
            .stays("a colon in the value", Raw.get("X-A: b:c: d\r\n"), 200),
            .stays("bytes above ASCII in the value", Raw.get("X-A: \u{80}\u{E9}\u{FF}\r\n"), 200),
            .stays("a tab within the value", Raw.get("X-A: b\tc\r\n"), 200),
            .stays("all bytes of a token in the name", Raw.get("!#$%&'*+-.^_`|~09AZaz: b\r\n"), 200),
            .stays("a name of one byte", Raw.get("a: b\r\n"), 200),
            .stays("the same unknown field many times", Raw.get(String(repeating: "X-A: b\r\n", count: 50)), 200),
            .stays("a value of 8,000 bytes", Raw.get("X-A: \(String(repeating: "b", count: 8_000))\r\n"), 200),
            .stays("quotes that are not closed", Raw.get("X-A: \"b\r\n"), 200),
            .stays("names in any case", "GET /healthz HTTP/1.1\r\nhOST: localhost\r\ncONTENT-lENGTH: 0\r\n\r\n", 200),
            .closes("a blank before the colon", Raw.get("X-A : b\r\n"), 400),
            .closes("a tab before the colon", Raw.get("X-A\t: b\r\n"), 400),
            .closes("a blank before Host's colon", "GET /healthz HTTP/1.1\r\nHost : localhost\r\n\r\n", 400),
            .closes("a blank before Content-Length's colon", Raw.post(fields: "Content-Length : 2\r\n", "{}"), 400),
            .closes("a blank before Transfer-Encoding's colon", Raw.post(fields: "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400),
            .closes("a folded line", Raw.get("X-A: b\r\n c\r\n"), 400),
            .closes("a line folded by a tab", Raw.get("X-A: b\r\n\tc\r\n"), 400),
            .closes("a folded line of blanks", Raw.get("X-A: b\r\n   \r\n"), 400),
            .closes("Host folded", "GET /healthz HTTP/1.1\r\nHost:\r\n localhost\r\n\r\n", 400),
            .closes("Transfer-Encoding folded", Raw.post(fields: "Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"), 400),
            .closes("a blank before the first line", "GET /healthz HTTP/1.1\r\n Host: localhost\r\n\r\n", 400),
            .closes("a blank line of blanks before the first line", "GET /healthz HTTP/1.1\r\n \r\n\(Raw.host)\r\n", 400),
            .closes("a tab before the first line", "GET /healthz HTTP/1.1\r\n\tX: y\r\n\(Raw.host)\r\n", 400),
            .closes("an empty name", Raw.get(": b\r\n"), 400),
            .closes("a line without a colon", Raw.get("X-A\r\n"), 400),
            .closes("a line without a colon, of several words", Raw.get("X-A b c\r\n"), 400),
            .closes("a second request line", Raw.get("GET / HTTP/1.1\r\n"), 400),
            .closes("a line that ends with a line feed", Raw.get("X-A: b\nX-B: c\r\n"), 400),
            .closes("a line that ends with a carriage return", Raw.get("X-A: b\rX-B: c\r\n"), 400),
            .closes("a line that ends with two carriage returns", Raw.get("X-A: b\r\r\n"), 400),
            .closes("an end of the head by line feeds", "GET /healthz HTTP/1.1\r\nHost: localhost\n\n", 400),
            .closes("an end of the head by LF after CRLF", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\n", 400),
            .closes("a name with a blank", Raw.get("X A: b\r\n"), 400),
        ]
        + ["(", ")", ",", "/", ";", "<", "=", ">", "?", "@", "[", "\\", "]", "{", "}", "\"", "\u{80}", "\u{E9}", "\u{FF}"].map {
            .closes("\($0) in a name", Raw.get("X\($0)A: b\r\n"), 400)
        }
        + [0x00, 0x01, 0x02, 0x07, 0x08, 0x0B, 0x0C, 0x0E, 0x1B, 0x1F, 0x7F].flatMap { (byte: UInt8) -> [WireCase] in
            let text = Character(Unicode.Scalar(byte))
            return [
                .closes("byte \(byte) in a name", Raw.get("X\(text)A: b\r\n"), 400),
                .closes("byte \(byte) in a value", Raw.get("X-A: b\(text)c\r\n"), 400),
                .closes("byte \(byte) at the end of a value", Raw.get("X-A: b\(text)\r\n"), 400),
            ]
        }

    @Test func `field lines have a name, a colon and a value, and no control characters`() throws {
        try WireRunner().run(Self.shapes)
    }

    static func lines(_ count: Int) -> String { (0..<count).map { "X-\($0): y\r\n" }.joined() }

    static let limits: [WireCase] = [
        .stays("100 fields", Raw.get(lines(99)), 200),
        .closes("101 fields", Raw.get(lines(100)), 431),
        .closes("1,000 fields", Raw.get(lines(1_000)), 431),
        .closes("100,000 fields", Raw.get(lines(100_000)), 431),
        .stays("a head just below its limit", Raw.get("X-A: \(String(repeating: "b", count: 16_200))\r\n"), 200),
        .closes("a value of 16,384 bytes", Raw.get("X-A: \(String(repeating: "b", count: 16_384))\r\n"), 431),
        .closes("a value of a megabyte", Raw.get("X-A: \(String(repeating: "b", count: 1_000_000))\r\n"), 431),
        .closes("a name of a megabyte", Raw.get("\(String(repeating: "b", count: 1_000_000)): b\r\n"), 431),
        .closes("many long fields", Raw.get(String(repeating: "X-A: \(String(repeating: "b", count: 4_000))\r\n", count: 5)), 431),
        .closes("endless blanks behind a colon", Raw.get("X-A:\(String(repeating: " ", count: 100_000))\r\n"), 431),
    ]

    @Test func `number and size of fields are limited by 431`() throws {
        try WireRunner().run(Self.limits)
    }

    static let hosts: [WireCase] =
        [
            "", "  ", "a b", "a, b", "a,b", "a/", "/a", "a/b", "a?b", "a#b", "u@a", "u:p@a", "a:b", "a:80b", "a:-1", "a:+80", "a:65536",
            "a:99999",
            "a: 80", "a :80", "a:80:80", ":80", ":", "http://a", "http://localhost/", "[::1", "::1", "[]", "[::1]a", "[::1]:x", "[::1]::80",
            "[1::2::3]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[12345::]", "[g::]", "[::1.2.3]", "[::1.2.3.256]", "[::1%25lo]", "[:1]",
            "[1:]", "[v1.]", "[vx.a]", "[127.0.0.1]", "]::1[", "a%4", "a%zz", "a%", "\u{E9}", "a\"", "a<b", "a\\b", "a^b", "a`b", "a|b",
            "{a}",
            "localhost\t80", "a\u{0}", "a\u{7F}", "localhost;a b", "*/",
        ].map { .closes("Host: \($0.debugDescription)", "GET /healthz HTTP/1.1\r\nHost: \($0)\r\n\r\n", 400) }
        + [
            "localhost", "LOCALHOST", "localhost:80", "localhost:", "localhost:00080", "127.0.0.1", "127.0.0.1:65535", "[::1]", "[::1]:80",
            "[::ffff:127.0.0.1]", "[2001:db8::1]", "[v1.a:b]", "example.com", "a_b", "a.", "999.999.999.999", "a%20b", "xn--e1afmkfd",
            "!$&'()*+;=",
        ].map { .stays("Host: \($0)", "GET /healthz HTTP/1.1\r\nHost: \($0)\r\n\r\n", 200) }
        + [
            .stays("blanks around Host", "GET /healthz HTTP/1.1\r\nHost: \t localhost \t\r\n\r\n", 200),
            .stays("Host behind other fields", "GET /healthz HTTP/1.1\r\nX-A: b\r\n\(Raw.host)\r\n", 200),
            .closes("no Host", "GET /healthz HTTP/1.1\r\n\r\n", 400),
            .closes("no Host among other fields", "GET /healthz HTTP/1.1\r\nX-Host: localhost\r\nHosts: a\r\n\r\n", 400),
            .closes("two Hosts", Raw.get("Host: localhost\r\n"), 400),
            .closes("two Hosts that differ", Raw.get("Host: other.example\r\n"), 400),
            .closes("two Hosts in other cases", Raw.get("HOST: localhost\r\nhost: localhost\r\n"), 400),
            .closes("two Hosts, one empty", Raw.get("Host:\r\n"), 400),
            .closes("no Host with OPTIONS *", "OPTIONS * HTTP/1.1\r\n\r\n", 400),
            .closes("no Host and an unknown method", "BREW / HTTP/1.1\r\n\r\n", 400),
            .closes("no Host and a body", "POST /v1/decisions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 400),
            .closes("HTTP/1.0 with a malformed Host", "GET /healthz HTTP/1.0\r\nHost: a b\r\n\r\n", 400),
            .closes("HTTP/1.0 with two Hosts", "GET /healthz HTTP/1.0\r\n\(Raw.host)\(Raw.host)\r\n", 400),
            .closes("HTTP/1.0 without Host", "GET /healthz HTTP/1.0\r\n\r\n", 200),
        ]

    @Test func `a request of HTTP 1_1 has one Host, and it is well-formed`() throws {
        try WireRunner().run(Self.hosts)
    }

    static let ignored: [WireCase] = [
        .stays("an upgrade to h2c", Raw.get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"), 200),
        .stays(
            "an upgrade to a web socket",
            Raw.get(
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
            200),
        .stays("an upgrade without its option", Raw.get("Upgrade: h2c\r\n"), 200),
        .stays("an option without its upgrade", Raw.get("Connection: Upgrade\r\n"), 200),
        .stays("an upgrade to TLS", Raw.get("Connection: upgrade\r\nUpgrade: TLS/1.3, HTTP/2.0\r\n"), 200),
        .stays("an upgrade with a body", Raw.post("Connection: upgrade\r\nUpgrade: h2c\r\n"), 201),
        .closes("an upgrade in HTTP/1.0", "GET /healthz HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n", 200),
        .stays("TE", Raw.get("TE: trailers, deflate;q=0.5\r\nConnection: TE\r\n"), 200),
        .stays("an empty TE", Raw.get("TE:\r\n"), 200),
        .stays("Trailer without chunks", Raw.get("Trailer: X-A\r\n"), 200),
        .stays("Keep-Alive", Raw.get("Keep-Alive: timeout=5, max=1\r\n"), 200),
        .stays("Proxy-Connection", Raw.get("Proxy-Connection: close\r\n"), 200),
        .stays("a connection option that names an end-to-end field", Raw.get("Connection: host, cache-control\r\n"), 200),
        .stays("a connection option that names the framing", Raw.post("Connection: content-length\r\n"), 201),
        .stays("Range", Raw.get("Range: bytes=0-3\r\n"), 200),
        .stays("a malformed Range", Raw.get("Range: lines=x\r\n"), 200),
        .stays("Range of a document", "GET /openapi.json HTTP/1.1\r\n\(Raw.host)Range: bytes=0-3\r\nIf-Range: \"x\"\r\n\r\n", 200),
        .stays("Range with POST", Raw.post("Range: bytes=0-3\r\n"), 201),
        .stays("Accept of another type", Raw.get("Accept: text/html\r\n"), 200),
        .stays("Accept of no type", Raw.get("Accept: */*;q=0\r\n"), 200),
        .stays("a malformed Accept", Raw.get("Accept: ,,;q=x\r\n"), 200),
        .stays("Accept-Charset", Raw.get("Accept-Charset: iso-8859-1\r\n"), 200),
        .stays("Accept-Language", Raw.get("Accept-Language: *;q=0\r\n"), 200),
        .stays("Cache-Control", Raw.get("Cache-Control: no-cache, only-if-cached\r\nPragma: no-cache\r\n"), 200),
        .stays("Max-Forwards", Raw.get("Max-Forwards: 0\r\n"), 200),
        .stays("Cookie", Raw.get("Cookie: a=b; c=d\r\nCookie: e\r\n"), 200),
        .stays("Via and Forwarded at an open endpoint", Raw.get("Via: 1.1 a\r\nForwarded: for=1.2.3.4\r\n"), 200),
        .stays("From, Referer and User-Agent that are malformed", Raw.get("From: @\r\nReferer: ::\r\nUser-Agent: (((\r\n"), 200),
        .stays("a Content-Type without a body", Raw.get("Content-Type: nonsense\r\n"), 200),
        .stays("a Content-Encoding without a body", Raw.get("Content-Encoding: nonsense\r\n"), 200),
        .stays("Content-Length: 0 with GET", Raw.get("Content-Length: 0\r\n"), 200),
    ]

    @Test func `what the server may ignore it ignores`() throws {
        try WireRunner().run(Self.ignored)
    }
}
