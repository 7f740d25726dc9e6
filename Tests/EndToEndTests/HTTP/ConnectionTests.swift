import Testing

/// Persistence, order, pipelining and closing (RFC 9110 §7.6.1, RFC 9112 §9), and Expect (RFC 9110 §10.1.1).
@Suite struct `HTTP connections` {
    static func old(_ fields: String = "") -> String { "GET /healthz HTTP/1.0\r\n\(fields)\r\n" }

    static let persistence: [WireCase] = [
        .stays("HTTP/1.1 goes on", Raw.get(), 200),
        .stays("keep-alive changes nothing", Raw.get("Connection: keep-alive\r\n"), 200),
        .stays("an unknown option changes nothing", Raw.get("Connection: foo, \"close\"\r\n"), 200),
        .stays("an empty Connection changes nothing", Raw.get("Connection:\r\nConnection: ,,\r\n"), 200),
        .stays("an option that begins with close", Raw.get("Connection: closed, close-notify\r\n"), 200),
        .closes("close", Raw.get("Connection: close\r\n"), 200),
        .closes("close in capitals", Raw.get("Connection: CLOSE\r\n"), 200),
        .closes("close among others", Raw.get("Connection: keep-alive, foo ,\tClose , TE\r\n"), 200),
        .closes("close on another line", Raw.get("Connection: keep-alive\r\nConnection: close\r\n"), 200),
        .closes("close on the first line", Raw.get("Connection: close\r\nConnection: keep-alive\r\n"), 200),
        .closes("close with an empty list element", Raw.get("Connection: ,close,\r\n"), 200),
        .closes("close with a body", Raw.post("Connection: close\r\n"), 201),
        .closes("close with a chunked body", Raw.chunked(Raw.chunk(Raw.result) + "0\r\n\r\n", fields: "Connection: close\r\n"), 201),
        .closes("close with an error", "GET /nothing HTTP/1.1\r\n\(Raw.host)Connection: close\r\n\r\n", 404),
        .closes("close with HEAD", "HEAD /healthz HTTP/1.1\r\n\(Raw.host)Connection: close\r\n\r\n", 200),
        .closes("close with OPTIONS", "OPTIONS * HTTP/1.1\r\n\(Raw.host)Connection: close\r\n\r\n", 204),
        .closes("nothing behind close is read", Raw.get("Connection: close\r\n") + Raw.smuggled, 200),
        .closes("HTTP/1.0 ends", old() + Raw.smuggled, 200),
        .stays("HTTP/1.0 with keep-alive goes on", old("Connection: keep-alive\r\n"), 200, fields: [("connection", "keep-alive")]),
        .stays("keep-alive in capitals", old("Connection: Keep-Alive\r\n"), 200, fields: [("connection", "keep-alive")]),
        .closes("HTTP/1.0 with keep-alive and close", old("Connection: keep-alive, close\r\n"), 200),
        .closes("HTTP/1.0 with keep-alive of a proxy", old("Proxy-Connection: keep-alive\r\n"), 200),
        .closes("two of HTTP/1.0, one kept alive", old("Connection: keep-alive\r\n") + old(), 200, 200),
        .closes("HTTP/1.0 with a HEAD", "HEAD /healthz HTTP/1.0\r\n\r\n", 200),
        .stays("an error does not end it", "\(Raw.target("/nothing"))\(Raw.get())", 404, 200),
        .stays(
            "a refused body that is short does not end it", Raw.post(fields: "Content-Encoding: x\r\nContent-Length: 3\r\n", "abc"), 415),
        .closes("a malformed request ends it", "\(Raw.get())GET /healthz HTTP/1.1\r\n\r\n\(Raw.smuggled)", 200, 400),
    ]

    /// A result by HTTP/1.0, for which a token is needed wherever it comes from.
    private static func oldPost(_ token: String, _ fields: String = "") -> String {
        "POST /v1/decisions HTTP/1.0\r\n\(Raw.host)\(Raw.json)Authorization: Bearer \(token)\r\n\(fields)"
            + "Content-Length: \(Raw.result.utf8.count)\r\n\r\n\(Raw.result)"
    }

    @Test func `whether a connection goes on follows from version and options`() throws {
        let runner = try WireRunner()
        try runner.run(Self.persistence + [.closes("HTTP/1.0 with a body", Self.oldPost(try runner.token("engine")), 201)])
    }

    @Test func `pipelined requests are answered in their order, whatever they are`() throws {
        let runner = try WireRunner()
        let connection = try runner.server.connect()
        let requests: [(String, Int)] = [
            (Raw.get(), 200), (Raw.post(), 201), (Raw.target("/openapi.json"), 200), (Raw.target("/v1/decisions?limit=1"), 200),
            (Raw.chunked(Raw.chunk(Raw.result) + "0\r\n\r\n"), 201), (Raw.target("/nothing"), 404), (Raw.post(body: "{"), 400),
            ("HEAD /version HTTP/1.1\r\n\(Raw.host)\r\n", 200), ("OPTIONS * HTTP/1.1\r\n\(Raw.host)\r\n", 204),
            ("DELETE /healthz HTTP/1.1\r\n\(Raw.host)\r\n", 405), (Raw.get(), 200),
        ]
        let numbered = (0..<5).flatMap { round in
            requests.enumerated().map { index, request in
                (
                    request.0.replacing(
                        "\r\nHost: localhost", with: "\r\nX-Request-Id: \(round)-\(index)\r\nHost: localhost", maxReplacements: 1),
                    request.1
                )
            }
        }
        try connection.send(Array(numbered.map(\.0).joined().utf8))
        for (number, (text, status)) in numbered.enumerated() {
            let answer = try connection.raw(isHead: text.hasPrefix("HEAD"))
            #expect(answer.status == status)
            #expect(answer.value("x-request-id") == "\(number / requests.count)-\(number % requests.count)")
            #expect(answer.faults == [])
        }
    }

    @Test func `a request that comes byte by byte is answered like any other`() throws {
        let runner = try WireRunner()
        for text in [Raw.get(), Raw.post(), Raw.chunked(Raw.chunk(Raw.result, extensions: ";a=\"b\"") + "0\r\nX-A: b\r\n\r\n")] {
            let connection = try runner.server.connect()
            for byte in text.utf8 { try connection.send([byte]) }
            #expect(try (200...201).contains(connection.raw().status))
            #expect(try connection.ask(.get("/healthz")).status == 200)
        }
    }

    @Test func `a refusal reaches a client that goes on sending`() throws {
        let runner = try WireRunner()
        for text in [
            Raw.post(fields: "Content-Length: 20000000\r\n", ""),
            Raw.post(fields: "Content-Encoding: x\r\nContent-Length: 8000000\r\n", ""),
            "GET /\(String(repeating: "a", count: 9_000)) HTTP/1.1\r\n", "BREW / HTTP/1.1\r\n\(Raw.host)\r\n",
        ] {
            let connection = try runner.server.connect()
            try connection.send(Array(text.utf8))
            try connection.send([UInt8](repeating: 0x78, count: 4_000_000))
            let answer = try connection.raw()
            #expect([413, 415, 414, 501].contains(answer.status))
            #expect(answer.value("connection") == "close")
            #expect(try connection.rest() == [])
        }
    }

    @Test func `a client that has ended its half gets all its answers`() throws {
        let runner = try WireRunner()
        let connection = try runner.server.connect()
        try connection.send(Array((Raw.post() + Raw.target("/v1/decisions") + Raw.get()).utf8))
        connection.endOutput()
        #expect(try [connection.raw().status, connection.raw().status, connection.raw().status] == [201, 200, 200])
        #expect(try connection.rest() == [])
    }

    // MARK: Expect

    @Test func `100 Continue is sent when a body is wanted, once, and before it is read`() throws {
        let runner = try WireRunner()
        for framing in ["Content-Length: \(Raw.result.utf8.count)", "Transfer-Encoding: chunked"] {
            for expectation in ["100-continue", "100-Continue", "100-CONTINUE", " \t100-continue\t"] {
                let connection = try runner.server.connect()
                let interim = try connection.raw(Raw.post(fields: "\(framing)\r\nExpect:\(expectation)\r\n", ""))
                #expect(interim.status == 100)
                #expect(interim.fields.isEmpty)
                let body = framing.hasPrefix("C") ? Raw.result : Raw.chunk(Raw.result) + "0\r\n\r\n"
                let answer = try connection.raw(body)
                #expect(answer.status == 201)
                #expect(try connection.ask(.get("/healthz")).status == 200)
            }
        }
    }

    @Test func `a stream of lines is waved on too`() throws {
        let runner = try WireRunner()
        let connection = try runner.server.connect()
        let head =
            "POST /v1/decisions HTTP/1.1\r\n\(Raw.host)Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
        #expect(try connection.raw(head).status == 100)
        #expect(try connection.raw(Raw.chunk(Raw.result + "\n") + "0\r\n\r\n").status == 200)
    }

    static let expectations: [WireCase] =
        [
            .stays("none when the body is here already", Raw.post("Expect: 100-continue\r\n"), 201),
            .stays("none without a body", Raw.get("Expect: 100-continue\r\n"), 200),
            .stays("none with a body of zero bytes", Raw.post(fields: "Content-Length: 0\r\nExpect: 100-continue\r\n", ""), 400),
            .stays("none when no body is announced", Raw.post(fields: "Expect: 100-continue\r\n", ""), 400),
            .closes("an unknown expectation of HTTP/1.0 is ignored", "GET /healthz HTTP/1.0\r\nExpect: tea\r\n\r\n", 200),
            .stays("an empty Expect", Raw.get("Expect:\r\n"), 200),
            .stays("a GET with a body that is here", Raw.get("Content-Length: 2\r\nExpect: 100-continue\r\n") + "ab", 200),
            .closes("413 before the body", Raw.post(fields: "Content-Length: 99999999\r\nExpect: 100-continue\r\n", ""), 413),
            .closes(
                "415 before the body",
                "POST /v1/decisions HTTP/1.1\r\n\(Raw.host)Content-Type: text/plain\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
                415),
            .closes(
                "415 for its coding before the body",
                Raw.post(fields: "Content-Encoding: br\r\nContent-Length: 9\r\nExpect: 100-continue\r\n", ""), 415),
            .closes(
                "401 before the body", Raw.post(fields: "Authorization: Bearer wrong\r\nContent-Length: 9\r\nExpect: 100-continue\r\n", ""),
                401),
            .closes(
                "401 before the body of a change",
                "PUT /v1/policies/t HTTP/1.1\r\n\(Raw.host)\(Raw.json)Content-Length: 9\r\nExpect: 100-continue\r\n\r\n", 401),
            .closes("404 before the body", "POST /nothing HTTP/1.1\r\n\(Raw.host)Content-Length: 9\r\nExpect: 100-continue\r\n\r\n", 404),
            .closes("405 before the body", "POST /healthz HTTP/1.1\r\n\(Raw.host)Content-Length: 9\r\nExpect: 100-continue\r\n\r\n", 405),
            .closes(
                "405 before a chunked body",
                "POST /healthz HTTP/1.1\r\n\(Raw.host)Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n", 405),
        ]
        + [
            "tea", "200-ok", "100-continued", "100-continue, tea", "100-continue;a=b", "\"100-continue\"", "100 continue", "100-continue=1",
            "meaning=\"a,b\"",
        ].map {
            .closes("Expect: \($0)", Raw.post(fields: "Content-Length: 9\r\nExpect: \($0)\r\n", ""), 417)
        } + [
            .closes(
                "an unknown expectation on a second line",
                Raw.post(fields: "Expect: 100-continue\r\nExpect: tea\r\nContent-Length: 9\r\n", ""), 417),
            .closes("an unknown expectation of a GET", Raw.get("Expect: tea\r\n"), 417),
            .closes("an unknown expectation, with its body", Raw.post("Expect: tea\r\n", body: Raw.smuggled), 417),
        ]

    @Test func `a refusal takes the place of 100 Continue, and unknown expectations are 417`() throws {
        let runner = try WireRunner()
        let old = Self.oldPost(try runner.token("engine"), "Expect: 100-continue\r\n")
        try runner.run(Self.expectations + [.closes("none for HTTP/1.0", old, 201)])
    }
}
