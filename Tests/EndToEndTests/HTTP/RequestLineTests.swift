import Testing

/// The request line (RFC 9112 §2, §3; RFC 9110 §4, §7, §9; RFC 3986).
@Suite struct `HTTP request line` {
    static let methods: [WireCase] =
        ["BREW", "get", "Get", "gET", "GETT", "GE", "PROPFIND", "LOCK", "QUERY", "LINK", "A", "!#$%&'*+-.^_`|~", "M-SEARCH"].map {
            .closes("method \($0)", "\($0) /healthz HTTP/1.1\r\n\(Raw.host)\r\n", 501)
        } + [
            .closes("an unknown method with a body", "BREW /v1/decisions HTTP/1.1\r\n\(Raw.host)Content-Length: 3\r\n\r\nabc", 501),
            .closes("an unknown method of 33 bytes", "\(String(repeating: "M", count: 33)) / HTTP/1.1\r\n\(Raw.host)\r\n", 501),
            .closes("an unknown method of 9,000 bytes", "\(String(repeating: "M", count: 9_000)) / HTTP/1.1\r\n\(Raw.host)\r\n", 501),
            .closes("an unknown method at an unknown path", "BREW /nothing HTTP/1.1\r\n\(Raw.host)\r\n", 501),
            .closes("CONNECT", "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n", 501),
            .closes("CONNECT to this server", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\n\r\n", 501),
            .closes("CONNECT with a path", "CONNECT /healthz HTTP/1.1\r\n\(Raw.host)\r\n", 400),
            .closes("CONNECT without a port", "CONNECT localhost HTTP/1.1\r\n\(Raw.host)\r\n", 400),
            .closes("CONNECT with an empty port", "CONNECT localhost: HTTP/1.1\r\n\(Raw.host)\r\n", 400),
            .closes("CONNECT with a port too high", "CONNECT localhost:65536 HTTP/1.1\r\n\(Raw.host)\r\n", 400),
            .closes("CONNECT with user information", "CONNECT u@localhost:80 HTTP/1.1\r\n\(Raw.host)\r\n", 400),
            .closes("CONNECT to *", "CONNECT * HTTP/1.1\r\n\(Raw.host)\r\n", 400),
            .closes("a method with a byte that no token has", "G(T /healthz HTTP/1.1\r\n\(Raw.host)\r\n", 400),
            .closes("a method that is quoted", "\"GET\" /healthz HTTP/1.1\r\n\(Raw.host)\r\n", 400),
            .closes("a method with a colon", "GET: /healthz HTTP/1.1\r\n\(Raw.host)\r\n", 400),
            .closes("a method of a byte above ASCII", "G\u{C9}T /healthz HTTP/1.1\r\n\(Raw.host)\r\n", 400),
            .closes("a method with NUL", "GE\u{0}T /healthz HTTP/1.1\r\n\(Raw.host)\r\n", 400),
            .closes("no method", " /healthz HTTP/1.1\r\n\(Raw.host)\r\n", 400),
        ]

    @Test func `unknown methods are not implemented, malformed ones are refused`() throws {
        try WireRunner().run(Self.methods)
    }

    /// Each endpoint, and what may be done there besides OPTIONS.
    static let endpoints: [(path: String, allowed: [String])] = [
        ("/healthz", ["GET", "HEAD"]), ("/readyz", ["GET", "HEAD"]), ("/version", ["GET", "HEAD"]), ("/openapi.json", ["GET", "HEAD"]),
        ("/metrics", ["GET", "HEAD"]), ("/v1/decisions", ["GET", "HEAD", "POST"]), ("/v1/decisions/x", ["GET", "HEAD"]),
        ("/v1/policies", ["GET", "HEAD"]), ("/v1/policies/t", ["DELETE", "GET", "HEAD", "PUT"]),
        ("/v1/policies/t/versions", ["GET", "HEAD"]), ("/v1/policies/t/usage", ["GET", "HEAD"]),
        ("/v1/policies/t/versions/1", ["GET", "HEAD"]), ("/v1/thresholds/t", ["GET", "HEAD", "PUT"]),
        ("/v1/thresholds/t/f", ["DELETE", "GET", "HEAD", "PUT"]), ("/v1/audit", ["GET", "HEAD"]),
        ("/v1/thresholds/t/p/d", ["DELETE", "GET", "HEAD", "PUT"]), ("/", ["GET", "HEAD"]), ("/problems", ["GET", "HEAD"]),
        ("/problems/x", ["GET", "HEAD"]),
    ]

    @Test func `a known method that an endpoint does not take is 405 with what it takes`() throws {
        var rows: [WireCase] = []
        for (path, allowed) in Self.endpoints {
            let allow = (allowed + ["OPTIONS"]).sorted().joined(separator: ", ")
            for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE"] where !allowed.contains(method) {
                rows.append(.stays("\(method) \(path)", "\(method) \(path) HTTP/1.1\r\n\(Raw.host)\r\n", 405, fields: [("allow", allow)]))
            }
            rows.append(.stays("OPTIONS \(path)", "OPTIONS \(path) HTTP/1.1\r\n\(Raw.host)\r\n", 204, fields: [("allow", allow)]))
        }
        rows += [
            .stays(
                "a body with a method that is not allowed", "DELETE /healthz HTTP/1.1\r\n\(Raw.host)Content-Length: 5\r\n\r\nGET /", 405),
            .stays(
                "a chunked one", "PATCH /v1/decisions HTTP/1.1\r\n\(Raw.host)Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 405),
            .stays("TRACE with a secret", "TRACE /healthz HTTP/1.1\r\n\(Raw.host)Authorization: Bearer secret\r\n\r\n", 405),
            .closes(
                "TRACE with a long body", "TRACE /healthz HTTP/1.1\r\n\(Raw.host)Content-Length: 70000\r\n\r\n", 405),
            .stays("PUT at an unknown path", "PUT /nothing HTTP/1.1\r\n\(Raw.host)Content-Length: 2\r\n\r\n{}", 404),
            .stays("DELETE at an unknown path", "DELETE /nothing HTTP/1.1\r\n\(Raw.host)\r\n", 404),
            .stays("TRACE at an unknown path", "TRACE /nothing HTTP/1.1\r\n\(Raw.host)\r\n", 404),
        ]
        try WireRunner().run(rows)
    }

    static let options: [WireCase] = [
        .stays(
            "OPTIONS *", "OPTIONS * HTTP/1.1\r\n\(Raw.host)\r\n", 204, fields: [("allow", "DELETE, GET, HEAD, OPTIONS, POST, PUT")]),
        .stays("OPTIONS * with a body", "OPTIONS * HTTP/1.1\r\n\(Raw.host)Content-Length: 2\r\n\r\nab", 204),
        .stays("OPTIONS with Max-Forwards", "OPTIONS /healthz HTTP/1.1\r\n\(Raw.host)Max-Forwards: 0\r\n\r\n", 204),
        .stays("OPTIONS of an unknown path", "OPTIONS /nothing HTTP/1.1\r\n\(Raw.host)\r\n", 404),
        .stays(
            "OPTIONS names the types that are taken", "OPTIONS /v1/decisions HTTP/1.1\r\n\(Raw.host)\r\n", 204,
            fields: [("accept-post", "application/json, application/x-ndjson, application/ndjson, application/jsonl")]),
        .stays(
            "a cross-origin preflight gets no permission",
            "OPTIONS /v1/decisions HTTP/1.1\r\n\(Raw.host)Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n\r\n", 204),
    ]

    @Test func `OPTIONS says what is allowed`() throws {
        try WireRunner().run(Self.options)
    }

    static let targets: [WireCase] =
        [
            .stays("origin-form", Raw.target("/healthz"), 200),
            .stays("with an empty query", Raw.target("/healthz?"), 200),
            .stays("with a query", Raw.target("/healthz?a=b&c"), 200),
            .stays("with marks and slashes in the query", Raw.target("/healthz?a=b?c/d"), 200),
            .stays("an encoded letter", Raw.target("/%68ealthz"), 200),
            .stays("all letters encoded", Raw.target("/%68%65%61%6c%74%68%7A"), 200),
            .stays("a path in another case", Raw.target("/Healthz"), 404),
            .stays("a slash at the end", Raw.target("/healthz/"), 404),
            .stays("two slashes before the path", Raw.target("//healthz"), 404),
            .stays("two slashes within the path", Raw.target("/v1//policies"), 404),
            .stays("two slashes and a host are a path", Raw.target("//localhost/healthz"), 404),
            .stays("an encoded slash separates nothing", Raw.target("/v1%2Fpolicies"), 404),
            .stays("an encoded question mark begins no query", Raw.target("/healthz%3Fa"), 404),
            .stays("an encoded number sign begins no fragment", Raw.target("/healthz%23a"), 404),
            .stays("an encoded percent sign is decoded once", Raw.target("/%2568ealthz"), 404),
            .stays("a parameter of a segment", Raw.target("/healthz;a=b"), 404),
            .stays("all that a path may hold", Raw.target("/a-._~!$&'()*+,;=:@b"), 404),
            .stays("a plus sign is one", Raw.target("/v1/policies/a+b"), 404),
            .stays("the root", Raw.target("/"), 200),
            .stays("a dot segment", Raw.target("/./healthz"), 200),
            .stays("a segment and back", Raw.target("/v1/../healthz"), 200),
            .stays("back, encoded", Raw.target("/v1/%2e%2E/healthz"), 200),
            .stays("a dot at the end", Raw.target("/v1/policies/."), 404),
            .stays("three dots are a name", Raw.target("/.../healthz"), 404),
            .stays("a file of the machine", Raw.target("/v1/policies/..%2f..%2fetc%2fpasswd"), 404),
            .stays("back beyond the root", Raw.target("/../healthz"), 400),
            .stays("back beyond the root, encoded", Raw.target("/%2e%2e/%2e%2e/etc/passwd"), 400),
            .stays("an encoded NUL", Raw.target("/healthz%00"), 400),
            .stays("an encoded line end", Raw.target("/healthz%0d%0aX:%20y"), 400),
            .stays("an encoded DEL", Raw.target("/v1/policies/%7f"), 400),
            .stays("an encoded byte that is no UTF-8", Raw.target("/v1/policies/%ff"), 400),
            .stays("an overlong encoded slash", Raw.target("/v1/policies/%c0%af"), 400),
            .stays("encoded UTF-8", Raw.target("/v1/policies/%C3%A9"), 404),
            .stays("an unknown parameter", Raw.target("/v1/policies?nothing=1"), 400),
            .stays("a parameter twice", Raw.target("/v1/policies?limit=1&limit=1"), 400),
            .stays("a parameter with an encoded NUL", Raw.target("/v1/decisions?documentId=%00"), 400),
            .stays("a parameter that is no UTF-8", Raw.target("/v1/decisions?documentId=%ff"), 400),
            .stays("an encoded parameter", Raw.target("/v1/decisions?%6cimit=%31"), 200),
        ] + ["%", "%4", "%zz", "%4g", "%%41", "%u0041", "% 41"].map { .closes("escape \($0)", Raw.target("/\($0)"), 400) }
        + ["%", "%1", "%xy"].map { .closes("escape \($0) in the query", Raw.target("/healthz?a=\($0)"), 400) }
        + ["\"", "<", ">", "\\", "^", "`", "{", "|", "}", "[", "]", "#", "#fragment"].map {
            .closes("\($0) in the path", Raw.target("/healthz\($0)"), 400)
        }
        + ["\"", "<", ">", "\\", "^", "`", "{", "|", "}", "[", "]", "#"].map {
            .closes("\($0) in the query", Raw.target("/healthz?a=\($0)"), 400)
        }
        + [0x00, 0x01, 0x07, 0x08, 0x0B, 0x0C, 0x1B, 0x1F, 0x7F, 0x80, 0xA0, 0xC3, 0xFF].map { (byte: UInt8) in
            .closes("byte \(byte) in the target", Raw.target("/a\(Character(Unicode.Scalar(byte)))"), 400)
        }
        + ["*", "**", "healthz", "localhost", "localhost:80", "?a", "../healthz", "%2Fhealthz", "&", "@/"].map {
            .closes("target \($0)", Raw.target($0), 400)
        }

    @Test func `targets are taken as their grammar has them, and nothing else is`() throws {
        try WireRunner().run(Self.targets)
    }

    static let absolute: [WireCase] =
        [
            .stays("absolute-form", Raw.target("http://localhost/healthz"), 200),
            .stays("a scheme in capitals", Raw.target("HTTP://LOCALHOST/healthz"), 200),
            .stays("with a port", Raw.target("http://localhost:80/healthz"), 200),
            .stays("with an empty port", Raw.target("http://localhost:/healthz"), 200),
            .stays("with another host than Host", Raw.target("http://other.example/healthz"), 200),
            .stays("with an address", Raw.target("http://[::1]:8080/healthz"), 200),
            .stays("without a path", Raw.target("http://localhost"), 200),
            .stays("without a path, with a query", Raw.target("http://localhost?a=b"), 400),
            // The target's authority counts, not Host: callers without a token must have named this machine.
            .stays("a foreign host in the target", Raw.target("http://other.example/v1/policies"), 401),
            .stays(
                "a foreign host in Host alone", "GET http://localhost/v1/policies HTTP/1.1\r\nHost: other.example\r\n\r\n", 200),
            .closes("without Host", "GET http://localhost/healthz HTTP/1.1\r\n\r\n", 400),
            .closes("with a malformed Host", "GET http://localhost/healthz HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
            .closes("in HTTP/1.0 without Host", "GET http://localhost/healthz HTTP/1.0\r\n\r\n", 200),
            .closes("another scheme", Raw.target("https://localhost/healthz"), 421),
            .closes("a scheme that is no web", Raw.target("ftp://localhost/healthz"), 421),
        ]
        + [
            "http:", "http:/", "http://", "http:///healthz", "http:healthz", "http://u@localhost/healthz", "http://u:p@localhost/healthz",
            "http://localhost:x/healthz", "http://localhost:-1/healthz", "http://localhost:65536/healthz", "http://localhost/healthz#a",
            "http://[::1/healthz", "http://::1/healthz", "http://local host/healthz", "http://localhost\\healthz", "://localhost/",
            "1http://localhost/", "http//localhost/", "http://localhost/%zz", "http://[::1%25lo]/healthz", "http://:80/healthz",
        ].map { .closes("target \($0)", Raw.target($0), 400) }

    @Test func `a target in absolute-form names the host`() throws {
        try WireRunner().run(Self.absolute)
    }

    static let spaces: [WireCase] = [
        "GET  /healthz HTTP/1.1", "GET /healthz  HTTP/1.1", " GET /healthz HTTP/1.1", "\tGET /healthz HTTP/1.1", "GET /healthz HTTP/1.1 ",
        "GET /healthz HTTP/1.1\t", "GET\t/healthz HTTP/1.1", "GET /healthz\tHTTP/1.1", "GET\u{0B}/healthz HTTP/1.1",
        "GET\u{0C}/healthz HTTP/1.1", "GET /health z HTTP/1.1", "GET /healthz", "GET /healthz ", "GET", "GET ", "GET HTTP/1.1",
        "GET /healthz HTTP/1.1 x", "/healthz HTTP/1.1", "GET\u{A0}/healthz HTTP/1.1", "HTTP/1.1 200 OK", "Host: localhost", "{}",
        "GET /healthz\r HTTP/1.1",
    ].map { .closes("line \($0.debugDescription)", "\($0)\r\n\(Raw.host)\r\n", 400) }

    static let lineEnds: [WireCase] = [
        .stays("an empty line before", "\r\n\(Raw.get())", 200),
        .stays("four empty lines before", "\r\n\r\n\r\n\r\n\(Raw.get())", 200),
        .stays("an empty line between two requests", "\(Raw.get())\r\n\(Raw.get())", 200, 200),
        .closes("five empty lines before", "\r\n\r\n\r\n\r\n\r\n\(Raw.get())", 400),
        .closes("a bare line feed before", "\n\(Raw.get())", 400),
        .closes("a bare carriage return before", "\r\(Raw.get())", 400),
        .closes("blanks and an empty line before", " \r\n\(Raw.get())", 400),
        .closes("the line ends with a line feed", "GET /healthz HTTP/1.1\n\(Raw.host)\r\n", 400),
        .closes("all lines end with a line feed", "GET /healthz HTTP/1.1\nHost: localhost\n\n", 400),
        .closes("the line ends with a carriage return", "GET /healthz HTTP/1.1\r\(Raw.host)\r\n", 400),
        .closes("the line ends with two carriage returns", "GET /healthz HTTP/1.1\r\r\n\(Raw.host)\r\n", 400),
        .closes("the line ends the wrong way round", "GET /healthz HTTP/1.1\n\r\(Raw.host)\r\n", 400),
        .closes("a form feed in its place", "GET /healthz HTTP/1.1\u{0C}\(Raw.host)\r\n", 400),
    ]

    @Test func `whitespace and line ends are as the grammar has them`() throws {
        try WireRunner().run(Self.spaces + Self.lineEnds)
    }

    static let versions: [WireCase] =
        [
            .stays("HTTP/1.1", Raw.get(), 200),
            .stays("HTTP/1.2 is taken as 1.1", "GET /healthz HTTP/1.2\r\n\(Raw.host)\r\n", 200),
            .stays("HTTP/1.9 too", "GET /healthz HTTP/1.9\r\n\(Raw.host)\r\n", 200),
            .closes("HTTP/1.2 needs Host", "GET /healthz HTTP/1.2\r\n\r\n", 400),
            .closes("HTTP/1.0", "GET /healthz HTTP/1.0\r\n\r\n", 200),
            .closes("HTTP/1.0 with Host", "GET /healthz HTTP/1.0\r\n\(Raw.host)\r\n", 200),
            .closes("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ] + ["0.9", "0.0", "2.0", "2.1", "3.0", "9.9"].map { .closes("HTTP/\($0)", "GET /healthz HTTP/\($0)\r\n\(Raw.host)\r\n", 505) }
        + [
            "http/1.1", "Http/1.1", "HTTP/01.1", "HTTP/1.10", "HTTP/1.01", "HTTP/11", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/1.x",
            "HTTP/x.1",
            "HTTP/ 1.1", "HTTP /1.1", "HTTP/1 .1", "HTTP/1,1", "HTTP1.1", "HTTP-1.1", "HTTP/+1.1", "HTTP/-1.1", "HTTP/1.1.1", "HTTPS/1.1",
            "HTP/1.1", "HTTP\\1.1", "ICAP/1.0", "RTSP/1.0", "SIP/2.0", "HTTP/2", "HTTP/\u{B9}.\u{B9}",
        ].map { .closes("version \($0)", "GET /healthz \($0)\r\n\(Raw.host)\r\n", 400) }

    @Test func `versions are told apart by their exact form`() throws {
        try WireRunner().run(Self.versions)
    }

    static func long(_ count: Int) -> String { "/healthz?\(String(repeating: "a", count: count - 9))" }

    static let lengths: [WireCase] = [
        .stays("a target of 8,000 bytes", Raw.target(long(8_000)), 200),
        .stays("a target of 8,192 bytes", Raw.target(long(8_192)), 200),
        .closes("a target of 8,193 bytes", Raw.target(long(8_193)), 414),
        .closes("a target of 16,000 bytes", Raw.target(long(16_000)), 414),
        .closes("a target of a megabyte", Raw.target(long(1_000_000)), 414),
        .closes("a path of 10,000 bytes", Raw.target("/\(String(repeating: "a", count: 10_000))"), 414),
        .closes("an absolute target of 10,000 bytes", Raw.target("http://\(String(repeating: "a", count: 10_000))/"), 414),
        .closes("a version of 10,000 bytes", "GET /healthz HTTP/1.\(String(repeating: "1", count: 10_000))\r\n\(Raw.host)\r\n", 400),
        .closes("a line of nothing but spaces", "GET \(String(repeating: " ", count: 20_000))\r\n\(Raw.host)\r\n", 400),
    ]

    @Test func `a long target is taken up to the limit and is 414 beyond it`() throws {
        try WireRunner().run(Self.lengths)
    }

    static let other: [WireCase] = [
        .closes("a TLS greeting", "\u{16}\u{03}\u{01}\u{02}\u{00}\u{01}\u{00}\u{01}\u{FC}\u{03}\u{03}", 400),
        .closes("zeros", String(repeating: "\u{0}", count: 100), 400),
        .closes("bytes above ASCII", String(repeating: "\u{FF}", count: 100), 400),
        .closes("another protocol's greeting", "SSH-2.0-client\r\n", 400),
        .closes("a proxy's preamble", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n\(Raw.get())", 400),
        .closes("HTTP/0.9", "GET /healthz\r\n", 400),
        .closes("a JSON document", "{\"a\": 1}\r\n\r\n", 400),
        .closes("the start of a request, then the end", "GET /heal", 400, endsInput: true),
        .closes("a request line, then the end", "GET /healthz HTTP/1.1\r\n", 400, endsInput: true),
        .closes("a head without its last line, then the end", "GET /healthz HTTP/1.1\r\n\(Raw.host)", 400, endsInput: true),
        .closes("a whole request, then the end", Raw.get(), 200, endsInput: true),
        .closes("two requests and half of one, then the end", "\(Raw.get())\(Raw.get())GET /", 200, 200, 400, endsInput: true),
    ]

    @Test func `what is not HTTP, or not whole, is refused`() throws {
        try WireRunner().run(Self.other)
    }
}
