import Foundation
import Testing

/// What answers look like (RFC 9110 §6, §8, §9.3.2, §15), conditional requests (§13) and what may be kept (RFC 9111).
@Suite struct `HTTP responses` {
    static let policy = #"{"documentType": "t", "threshold": 0.9, "rules": [{"field": "a", "threshold": 0.5}]}"#

    /// A server with a policy of `t` in version 1, and an admin's Authorization line.
    private static func prepared() throws -> (runner: WireRunner, admin: String) {
        let runner = try WireRunner()
        let token = try runner.token("admin")
        #expect(try runner.server.ask(.put("/v1/policies/t", policy, token: token, ("If-None-Match", "*"))).status == 201)
        return (runner, "Authorization: Bearer \(token)\r\n")
    }

    static let readable = [
        "/healthz", "/readyz", "/version", "/openapi.json", "/v1/decisions", "/v1/policies", "/v1/policies/t", "/v1/policies/t/versions",
        "/v1/policies/t/versions/1", "/v1/thresholds/t", "/v1/thresholds/t/a", "/v1/audit", "/nothing", "/v1/policies/none",
        "/v1/decisions?limit=0",
        "/%2e%2e/..",
    ]

    @Test func `HEAD is answered as GET is, field for field, without the body`() throws {
        let (runner, admin) = try Self.prepared()
        let connection = try runner.server.connect()
        for coding in ["", "Accept-Encoding: gzip\r\n"] {
            for path in Self.readable {
                let fields = "\(Raw.host)\(admin)\(coding)X-Request-Id: 1\r\n"
                let get = try connection.raw("GET \(path) HTTP/1.1\r\n\(fields)\r\n")
                let head = try connection.raw("HEAD \(path) HTTP/1.1\r\n\(fields)\r\n")
                #expect(head.status == get.status, "\(path)")
                #expect(
                    head.fields.filter { $0.name != "Date" }.map { "\($0.name): \($0.value)" }
                        == get.fields.filter { $0.name != "Date" }.map { "\($0.name): \($0.value)" }, "\(path)")
                #expect(get.value("content-length") == "\(get.body.count)", "\(path)")
                #expect(get.faults == [] && head.faults == [], "\(path)")
            }
        }
        // Metrics change from one to the next.
        #expect(try connection.raw("HEAD /metrics HTTP/1.1\r\n\(Raw.host)\(admin)\r\n").status == 200)
        #expect(try connection.ask(.get("/healthz")).status == 200)
    }

    static let heads: [WireCase] = [
        .stays("of an unknown path", "HEAD /nothing HTTP/1.1\r\n\(Raw.host)\r\n", 404),
        .stays("where it is not allowed", "HEAD /v1/policies/t/versions/x HTTP/1.1\r\n\(Raw.host)\r\n", 404),
        .stays("without a token", "HEAD /v1/audit HTTP/1.1\r\nHost: other.example\r\n\r\n", 401),
        .closes("without Host", "HEAD /healthz HTTP/1.1\r\n\r\n", 400),
        .closes("with a malformed field", "HEAD /healthz HTTP/1.1\r\n\(Raw.host)A : b\r\n\r\n", 400),
        .closes("with a malformed target", "HEAD /% HTTP/1.1\r\n\(Raw.host)\r\n", 400),
        .closes("with a malformed version", "HEAD / HTTP/1.x\r\n\(Raw.host)\r\n", 400),
        .closes("with another version", "HEAD / HTTP/2.0\r\n\(Raw.host)\r\n", 505),
        .closes("with a target too long", "HEAD /\(String(repeating: "a", count: 9_000)) HTTP/1.1\r\n\(Raw.host)\r\n", 414),
        .closes("with too many fields", "HEAD / HTTP/1.1\r\n\(Raw.host)\(`HTTP fields`.lines(200))\r\n", 431),
        .closes("with two lengths", "HEAD / HTTP/1.1\r\n\(Raw.host)Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        .closes("with an unknown expectation", "HEAD / HTTP/1.1\r\n\(Raw.host)Expect: x\r\n\r\n", 417),
        .closes("behind an empty line", "\r\n\(Raw.get())HEAD /healthz HTTP/1.1\r\n\(Raw.host)Connection: close\r\n\r\n", 200, 200),
    ]

    @Test func `no refusal of a HEAD request has a body`() throws {
        let runner = try WireRunner()
        try runner.run(Array(Self.heads.dropLast()))
        let connection = try runner.server.connect()
        try connection.send(Self.heads.last?.bytes ?? [])
        #expect(try connection.raw().status == 200)
        #expect(try connection.raw(isHead: true).status == 200)
        #expect(try connection.rest() == [])
    }

    @Test func `answers that may change are not kept, those with a tag are asked for again`() throws {
        let (runner, admin) = try Self.prepared()
        let connection = try runner.server.connect()
        for (path, caching) in [
            ("/healthz", "no-store"), ("/readyz", "no-store"), ("/version", "no-store"), ("/metrics", "no-store"),
            ("/v1/decisions", "no-store"),
            ("/v1/policies", "no-store"), ("/v1/audit", "no-store"), ("/v1/policies/t", "private, no-cache"),
            ("/v1/policies/t/versions/1", "private, no-cache"), ("/v1/thresholds/t", "private, no-cache"),
            ("/v1/thresholds/t/a", "private, no-cache"), ("/openapi.json", "no-cache"), ("/nothing", "no-store"),
        ] {
            let answer = try connection.raw("GET \(path) HTTP/1.1\r\n\(Raw.host)\(admin)\r\n")
            #expect(answer.value("cache-control") == caching, "\(path)")
            #expect(answer.values("etag").count == (caching == "no-store" ? 0 : 1), "\(path)")
            #expect(answer.faults == [], "\(path)")
        }
        let made = try connection.raw(Raw.post())
        #expect(made.value("cache-control") == "no-store")
        let location = try #require(made.value("location"))
        #expect(try connection.raw(Raw.target(location)).body == made.body)
    }

    static let tagged = ["/v1/policies/t", "/v1/policies/t/versions/1", "/v1/thresholds/t", "/v1/thresholds/t/a", "/openapi.json"]

    @Test func `a tag that holds is answered 304, with the fields of the 200 and no body`() throws {
        let (runner, _) = try Self.prepared()
        let connection = try runner.server.connect()
        for path in Self.tagged {
            let full = try connection.raw(Raw.target(path))
            let tag = try #require(full.value("etag"), "\(path)")
            #expect(tag.hasPrefix("\""))
            func ask(_ fields: String, method: String = "GET") throws -> RawAnswer {
                let answer = try connection.raw("\(method) \(path) HTTP/1.1\r\n\(Raw.host)\(fields)\r\n")
                #expect(answer.faults == [], "\(path) \(fields)")
                return answer
            }
            for known in [
                "If-None-Match: \(tag)", "If-None-Match: W/\(tag)", "If-None-Match: *", "If-None-Match: \"x\", \(tag)",
                "if-none-match:\(tag) ,\"y\"",
                "If-None-Match: \"x\"\r\nIf-None-Match: \(tag)", "If-None-Match: ,, \(tag),", "If-None-Match: \"a,b\", W/\"\", \(tag)",
                "If-None-Match: \(tag)\r\nIf-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT", "If-None-Match: \(tag)\r\nRange: bytes=0-1",
            ] {
                for method in ["GET", "HEAD"] {
                    let answer = try ask(known + "\r\n", method: method)
                    #expect(answer.status == 304, "\(path) \(known)")
                    #expect(answer.value("etag") == tag, "\(path) \(known)")
                    for field in ["cache-control", "vary"] { #expect(answer.value(field) == full.value(field), "\(path) \(field)") }
                    #expect(answer.values("content-type").isEmpty)
                }
            }
            for unknown in [
                "If-None-Match: \"x\"", "If-None-Match: W/\"x\"", "If-None-Match: \"\(tag.dropFirst().dropLast())x\"",
                "If-None-Match: \"\"",
                "If-None-Match: \(tag.dropFirst().dropLast())", "If-None-Match:", "If-None-Match: w/\(tag)", "If-None-Match: \"*\"",
                "If-None-Match: \"unclosed",
                "If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT", "If-Modified-Since: nonsense",
                "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
                "If-None-Match: \"x\"\r\nIf-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT", "If-Match: *", "If-Match: \(tag)",
                "If-Match: \"x\", \(tag)",
                "If-Range: \(tag)\r\nRange: bytes=0-1",
            ] {
                let answer = try ask(unknown + "\r\n")
                #expect(answer.status == 200 && answer.body == full.body, "\(path) \(unknown)")
            }
            for failing in ["If-Match: \"x\"", "If-Match: W/\(tag)", "If-Match: \"x\"\r\nIf-None-Match: \(tag)"] {
                #expect(try ask(failing + "\r\n").status == 412, "\(path) \(failing)")
            }
        }
        // Conditions come behind everything else (RFC 9110 §13.2.1).
        #expect(try connection.raw("GET /v1/policies/none HTTP/1.1\r\n\(Raw.host)If-None-Match: *\r\n\r\n").status == 404)
        #expect(try connection.raw("GET /v1/policies/none HTTP/1.1\r\n\(Raw.host)If-Match: \"x\"\r\n\r\n").status == 404)
        #expect(
            try connection.raw("GET /v1/audit HTTP/1.1\r\n\(Raw.host)Authorization: Bearer x\r\nIf-None-Match: *\r\n\r\n").status == 401)
        #expect(try connection.raw("GET /healthz HTTP/1.1\r\n\(Raw.host)If-None-Match: *\r\n\r\n").status == 200)
    }

    @Test func `a change gives the whole, and 204 has neither length nor type`() throws {
        let (runner, admin) = try Self.prepared()
        let connection = try runner.server.connect()
        func put(_ fields: String) throws -> RawAnswer {
            let body = #"{"threshold": 0.8}"#
            return try connection.raw(
                "PUT /v1/thresholds/t/b HTTP/1.1\r\n\(Raw.host)\(admin)\(Raw.json)If-Match: *\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
        }
        let partial = try put("Content-Range: bytes 0-17/18\r\n")
        #expect(partial.status == 400)
        #expect(partial.faults == [])
        let added = try put("")
        #expect(added.status == 201)
        #expect(added.faults == [])
        let removed = try connection.raw("DELETE /v1/thresholds/t/b HTTP/1.1\r\n\(Raw.host)\(admin)If-Match: *\r\n\r\n")
        #expect(removed.status == 204)
        #expect(removed.faults == [])
        #expect(try connection.ask(.get("/healthz")).status == 200)
    }

    static let refusals: [(name: String, request: String, status: Int, field: String, value: String)] = [
        ("no token", "GET /v1/audit HTTP/1.1\r\nHost: other.example\r\n\r\n", 401, "www-authenticate", #"Bearer realm="sluice""#),
        (
            "a wrong token", "GET /v1/policies HTTP/1.1\r\n\(Raw.host)Authorization: Bearer wrong\r\n\r\n", 401, "www-authenticate",
            #"Bearer realm="sluice", error="invalid_token""#
        ),
        (
            "two tokens", "GET /v1/policies HTTP/1.1\r\n\(Raw.host)Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", 401,
            "www-authenticate",
            #"Bearer realm="sluice", error="invalid_request""#
        ),
        (
            "another scheme", "GET /v1/policies HTTP/1.1\r\n\(Raw.host)Authorization: Basic YTpi\r\n\r\n", 401, "www-authenticate",
            #"Bearer realm="sluice""#
        ),
        (
            "a malformed token", "GET /v1/policies HTTP/1.1\r\n\(Raw.host)Authorization: Bearer a b\r\n\r\n", 401, "www-authenticate",
            #"Bearer realm="sluice", error="invalid_token""#
        ),
        (
            "no media type", "POST /v1/decisions HTTP/1.1\r\n\(Raw.host)Content-Length: 2\r\n\r\n{}", 415, "accept-post",
            "application/json, application/x-ndjson, application/ndjson, application/jsonl"
        ),
        (
            "two media types", "POST /v1/decisions HTTP/1.1\r\n\(Raw.host)\(Raw.json)\(Raw.json)Content-Length: 2\r\n\r\n{}", 415,
            "accept-post",
            "application/json, application/x-ndjson, application/ndjson, application/jsonl"
        ),
        ("another coding", Raw.post("Content-Encoding: br\r\n"), 415, "accept-encoding", "gzip, identity"),
        ("not allowed", "DELETE /v1/decisions HTTP/1.1\r\n\(Raw.host)\r\n", 405, "allow", "GET, HEAD, OPTIONS, POST"),
    ]

    @Test func `a refusal says what would be taken`() throws {
        let runner = try WireRunner()
        let connection = try runner.server.connect()
        for row in Self.refusals {
            let answer = try connection.raw(row.request)
            #expect(answer.status == row.status, "\(row.name)")
            #expect(answer.value(row.field) == row.value, "\(row.name)")
            // It says that a coding was at fault, and must not be there for another reason (RFC 9110 §12.5.3).
            #expect(answer.values("accept-encoding").isEmpty == (row.field != "accept-encoding"), "\(row.name)")
            #expect(answer.faults == [], "\(row.name)")
        }
    }

    @Test(arguments: [
        ("application/json", 201), ("Application/JSON", 201), ("application/json;charset=utf-8", 201),
        ("application/json ; charset=\"UTF-8\"", 201),
        ("application/json; charset=utf-8; x=y", 201), ("application/json;", 201), ("application/json; charset=iso-8859-1", 415),
        ("text/json", 415),
        ("application/*", 415), ("application/jsonx", 415), ("application/json, text/plain", 415), ("application/problem+json", 415),
        ("", 415),
        ("application", 415), ("application/", 415), ("multipart/form-data; boundary=x", 415), ("application/x-www-form-urlencoded", 415),
    ])
    func `the media type decides, its parameters but the charset do not`(type: String, status: Int) throws {
        let runner = try WireRunner()
        let text =
            "POST /v1/decisions HTTP/1.1\r\n\(Raw.host)Content-Type: \(type)\r\nContent-Length: \(Raw.result.utf8.count)\r\n\r\n\(Raw.result)"
        let answer = try runner.server.connect().raw(text)
        #expect(answer.status == status)
        #expect(answer.faults == [])
    }

    @Test func `a caller's id is answered when it is visible ASCII, else one is made`() throws {
        let runner = try WireRunner()
        let connection = try runner.server.connect()
        #expect(try connection.raw(Raw.get("X-Request-Id: a!~9\r\n")).value("x-request-id") == "a!~9")
        for bad in ["", "a b", "\u{E9}", String(repeating: "a", count: 129)] {
            let id = try connection.raw(Raw.get("X-Request-Id: \(bad)\r\n")).value("x-request-id")
            #expect(id?.wholeMatch(of: /[0-9a-f]{16}/) != nil, "\(bad)")
        }
    }
}
