import API
import Ledger
import Routing
import Testing

@Suite struct `Who may do what` {
    struct Row: Sendable, CustomTestStringConvertible {
        var method: String
        var path: String
        var body: String?
        /// By anonymous (all roles but admin), engine, reviewer, viewer, admin.
        var statuses: [Int]
        var testDescription: String { "\(method) \(path)" }
    }

    static let threshold = #"{"threshold":0.5}"#

    @Test(arguments: [
        Row(method: "GET", path: "/healthz", statuses: [200, 200, 200, 200, 200]),
        Row(method: "GET", path: "/readyz", statuses: [200, 200, 200, 200, 200]),
        Row(method: "GET", path: "/version", statuses: [200, 200, 200, 200, 200]),
        Row(method: "GET", path: "/openapi.json", statuses: [200, 200, 200, 200, 200]),
        Row(method: "GET", path: "/metrics", statuses: [200, 403, 403, 200, 200]),
        Row(method: "POST", path: "/v1/decisions", body: Example.small, statuses: [201, 201, 403, 403, 201]),
        Row(method: "GET", path: "/v1/decisions", statuses: [200, 200, 403, 200, 200]),
        Row(method: "GET", path: "/v1/policies", statuses: [200, 403, 403, 200, 200]),
        Row(method: "GET", path: "/v1/policies/cms-1500", statuses: [200, 403, 403, 200, 200]),
        Row(method: "GET", path: "/v1/policies/cms-1500/versions", statuses: [200, 403, 403, 200, 200]),
        Row(method: "GET", path: "/v1/policies/cms-1500/versions/1", statuses: [200, 403, 403, 200, 200]),
        Row(method: "PUT", path: "/v1/policies/cms-1500?dryRun=true", body: Example.policy, statuses: [401, 403, 403, 403, 200]),
        Row(method: "GET", path: "/v1/policies/cms-1500/usage", statuses: [200, 403, 403, 200, 200]),
        Row(method: "DELETE", path: "/v1/policies/cms-1500", statuses: [401, 403, 403, 403, 428]),
        Row(method: "GET", path: "/v1/thresholds/cms-1500/a/b", statuses: [200, 200, 200, 200, 200]),
        Row(method: "PUT", path: "/v1/thresholds/cms-1500/a/b", body: threshold, statuses: [401, 403, 403, 403, 428]),
        Row(method: "DELETE", path: "/v1/thresholds/cms-1500/a/b", statuses: [401, 403, 403, 403, 428]),
        Row(method: "GET", path: "/v1/thresholds/cms-1500", statuses: [200, 200, 200, 200, 200]),
        Row(method: "GET", path: "/v1/thresholds/cms-1500/a", statuses: [200, 200, 200, 200, 200]),
        Row(method: "PUT", path: "/v1/thresholds/cms-1500", body: threshold, statuses: [401, 403, 403, 403, 428]),
        Row(method: "PUT", path: "/v1/thresholds/cms-1500/a", body: threshold, statuses: [401, 403, 403, 403, 428]),
        Row(method: "DELETE", path: "/v1/thresholds/cms-1500/a", statuses: [401, 403, 403, 403, 428]),
        Row(method: "GET", path: "/v1/audit", statuses: [200, 403, 403, 200, 200]),
    ]) func `is as the contract says`(row: Row) throws {
        let service = try TestService(policies: [Example.policy])
        let tokens = try [[]] + Ledger.Role.allCases.map { [try service.token($0.rawValue, $0)] }
        let client = try service.client()
        for (token, status) in zip(tokens, row.statuses) {
            let reply = try client.ask(row.method, row.path, (row.body == nil ? [] : Example.json) + token, body: row.body)
            #expect(reply.status == status, "\(token)")
            if status == 401 { #expect(reply.field("WWW-Authenticate") == #"Bearer realm="sluice""#) }
        }
    }

    @Test(arguments: [
        "Authorization: Bearer wrong", "Authorization: Bearer", "Authorization: Basic dTpw", "Authorization: ", "Authorization: Bearer a b",
    ]) func `a bad token is never taken for no token`(field: String) throws {
        let service = try TestService()
        let reply = try service.ask("GET", "/v1/decisions", [field])
        #expect(reply.status == 401)
        #expect(reply.field("WWW-Authenticate")?.hasPrefix("Bearer ") == true)
    }

    @Test func `two tokens are one too many`() throws {
        let service = try TestService()
        let token = try service.token("v", .viewer)
        #expect(try service.ask("GET", "/v1/decisions", [token, token]).status == 401)
    }

    @Test func `a token holds in any case of its scheme, and until it is revoked`() throws {
        let service = try TestService()
        let token = try service.token("v", .viewer)
        let client = try service.client()
        #expect(try client.ask("GET", "/v1/decisions", [token.replacing("Bearer ", with: "bEARER   ")]).status == 200)
        _ = try service.ledger.revokeToken(name: "v", by: "tests", at: service.clock.now())
        try service.application.reload()
        let reply = try client.ask("GET", "/v1/decisions", [token])
        #expect(reply.status == 401)
        #expect(reply.field("WWW-Authenticate") == #"Bearer realm="sluice", error="invalid_token""#)
    }

    @Test(
        arguments: [
            (["Host: localhost"], 200), (["Host: LOCALHOST:8080"], 200), (["Host: 127.0.0.1"], 200), (["Host: 127.1.2.3:1"], 200),
            (["Host: [::1]:8080"], 200), (["Host: localhost", "Origin: http://localhost"], 200),
            (["Host: example.org"], 401), (["Host: localhost.example.org"], 401), (["Host: 128.0.0.1"], 401),
            (["Host: 127.0.0.1.example"], 401),
            (["Host: [::2]"], 401), (["Host: localhost", "Origin: http://localhost:3000"], 401),
            (["Host: localhost", "Origin: null"], 401),
            (["Host: localhost", "Origin: http://evil.example", "Origin: http://localhost"], 401),
            (["Host: localhost", "Origin: http://evil.example"], 401), (["Host: localhost", "Forwarded: for=1.2.3.4"], 401),
            (["Host: localhost", "X-Forwarded-For: 1.2.3.4"], 401), (["Host: localhost", "x-forwarded-proto: https"], 401),
            (["Host: localhost", "Via: 1.1 proxy"], 401), (["Host: localhost", "X-Real-IP: 1.2.3.4"], 401),
            (["Host: localhost", "True-Client-Ip: 1.2.3.4"], 401), (["Host: localhost", "CF-Connecting-IP: 1.2.3.4"], 401),
            (["Host: localhost", "cf-ray: 8"], 401), (["Host: localhost", "CF-Ipcountry: DE"], 401),
            (["Host: localhost", "X-Forwarded-Host: localhost"], 401), (["Host: localhost", "Cf: 1", "X-Real: 1"], 200),
        ] as [([String], Int)]) func `callers without a token are local users, not proxies or pages`(fields: [String], status: Int) throws
    {
        let service = try TestService()
        #expect(try service.ask("GET", "/v1/decisions", fields).status == status)
    }

    @Test(arguments: ["Host: localhost", "Host: 127.0.0.1", "Connection: keep-alive"])
    func `who speaks HTTP 1.0, as proxies do, needs a token`(field: String) throws {
        let service = try TestService()
        let client = try service.client()
        try client.send("GET /v1/decisions HTTP/1.0\r\n\(field)\r\n\r\n")
        #expect(try client.reply().status == 401)
    }

    @Test(arguments: [
        ("viewer", "POST", "/v1/decisions", "engine or admin", "viewer"), ("engine", "GET", "/v1/policies", "viewer or admin", "engine"),
        ("reviewer", "GET", "/v1/decisions", "engine, viewer or admin", "reviewer"),
        ("viewer", "PUT", "/v1/thresholds/cms-1500", "admin", "viewer"),
    ]) func `a role that is too low is told the one that is needed`(
        role: String, method: String, path: String, needed: String, own: String
    ) throws {
        let service = try TestService()
        let token = try service.token("t", try #require(Ledger.Role(rawValue: role)))
        let reply = try service.ask(method, path, Example.json + [token], body: method == "GET" ? nil : "{}")
        #expect(reply.status == 403)
        #expect(
            try reply.json()["detail"] == .string("This needs a token of the role \(needed); this one has the role \(own)."))
    }

    @Test func `a socket file's callers are local too`() throws {
        let service = try TestService(onUnixSocket: true)
        let path = try #require(service.unixPath)
        #expect(try TestClient(unixPath: path).ask("GET", "/v1/decisions").status == 200)
        #expect(try TestClient(unixPath: path).ask("GET", "/v1/decisions", ["Host: example.org"]).status == 401)
    }

    @Test func `without anonymous roles a token is needed`() throws {
        let service = try TestService(settings: { $0.anonymousRoles = [] })
        #expect(try service.ask("GET", "/v1/thresholds/x").status == 401)
        #expect(try service.ask("GET", "/healthz").status == 200)
    }

    @Test func `an engine reads what its own token posted`() throws {
        let service = try TestService(policies: [Example.policy])
        let one = try service.token("one", .engine)
        let two = try service.token("two", .engine)
        let location = try #require(try service.decide(Example.small, [one]).field("Location"))
        try service.decide(Example.small, [two])
        try service.decide(Example.small)
        #expect(try service.ask("GET", location, [one]).status == 200)
        #expect(try service.ask("GET", location, [two]).status == 404)
        #expect(try service.ask("GET", "/v1/decisions", [one]).json()["items"].elements.count == 1)
        #expect(try service.ask("GET", "/v1/decisions", [try service.token("v", .viewer)]).json()["items"].elements.count == 3)
    }
}

@Suite struct `Paths and methods` {
    @Test(arguments: [
        "//", "/v1", "/v1/", "/problem", "/problems/a/b", "/v1/decisions/", "/v2/decisions", "/v1/policies/a/b", "/v1/policies//versions",
        "/v1/thresholds",
        "/v1/audit/x",
        "/healthz/", "/v1/queues", "/v1/decisions/not-an-id", "/v1/decisions/00000000-0000-7000-8000-000000000000",
        "/v1/policies/none", "/v1/policies/a%20b", "/v1/policies/cms-1500/versions/2", "/v1/policies/cms-1500/versions/01",
    ]) func `that are unknown are 404`(path: String) throws {
        let service = try TestService(policies: [Example.policy])
        let reply = try service.ask("GET", path)
        #expect(reply.status == 404)
        #expect(try reply.json()["type"] == "/problems/not-found")
    }

    @Test(arguments: ["/v1/policies/%", "/v1/policies/%zz", "/v1/policies/%ff"]) func `that can't be decoded are 400`(path: String) throws {
        let service = try TestService()
        #expect(try service.ask("GET", path).status == 400)
    }

    @Test func `are found whatever is encoded in them`() throws {
        let service = try TestService(policies: [Example.policy])
        #expect(try service.ask("GET", "/v1/%70olicies/cms%2D1500").status == 200)
        #expect(try service.ask("GET", "/%76ersion").json()["version"] == "1.2.3")
    }

    @Test(arguments: [
        ("DELETE", "/v1/decisions", "GET, HEAD, OPTIONS, POST"), ("POST", "/v1/policies", "GET, HEAD, OPTIONS"),
        ("PATCH", "/v1/policies/a", "DELETE, GET, HEAD, OPTIONS, PUT"), ("POST", "/v1/thresholds/a/b", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("PUT", "/healthz", "GET, HEAD, OPTIONS"), ("TRACE", "/v1/audit", "GET, HEAD, OPTIONS"),
    ]) func `take the methods that Allow names`(method: String, path: String, allowed: String) throws {
        let service = try TestService()
        let reply = try service.ask(method, path)
        #expect(reply.status == 405)
        #expect(reply.field("Allow") == allowed)
        let options = try service.ask("OPTIONS", path)
        #expect(options.status == 204)
        #expect(options.field("Allow") == allowed)
    }

    @Test func `OPTIONS asks the server as a whole`() throws {
        let service = try TestService()
        let reply = try service.ask("OPTIONS", "*")
        #expect(reply.status == 204)
        #expect(reply.field("Allow") == "DELETE, GET, HEAD, OPTIONS, POST, PUT")
    }

    @Test(arguments: ["abc-1", String(repeating: "~", count: 128)]) func `a request id is taken and answered`(id: String) throws {
        let service = try TestService()
        for (method, path) in [("GET", "/healthz"), ("GET", "/none"), ("GET", "/v1/decisions"), ("OPTIONS", "/version")] {
            #expect(try service.ask(method, path, ["X-Request-Id: \(id)"]).field("X-Request-Id") == id)
        }
    }

    @Test(arguments: ["", "a b", "é", String(repeating: "x", count: 129)]) func `another is made where it is none`(id: String) throws {
        let service = try TestService()
        let made = try #require(try service.ask("GET", "/healthz", ["X-Request-Id: \(id)"]).field("X-Request-Id"))
        #expect(made.utf8.count == 16)
        #expect(made != id)
    }
}
