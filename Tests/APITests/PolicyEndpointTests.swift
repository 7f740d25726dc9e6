import API
import Ledger
import Routing
import Testing

private let other = #"{"documentType":"cms-1500","threshold":0.4}"#

@Suite struct `Changing a policy` {
    @Test func `makes a version that is answered, tagged and in force`() throws {
        let service = try TestService(loops: 2)
        let admin = try service.token("root", .admin)
        let made = try service.ask("PUT", "/v1/policies/cms-1500", Example.json + [admin, "If-None-Match: *"], body: Example.policy)
        #expect(made.status == 201)
        #expect(made.field("ETag") == nil)
        #expect(made.field("Location") == "/v1/policies/cms-1500")
        let body = try made.json()
        #expect(body["version"] == 1)
        #expect(body["changedBy"] == "root")
        #expect(body["changedAt"] == "2026-03-02T08:30:58.000Z")
        #expect(body.names == ["documentType", "version", "changedAt", "changedBy", "threshold", "rules", "seen"])
        let shown = try service.ask("GET", "/v1/policies/cms-1500")
        #expect(made.text == shown.text.dropLast() + #","seen":0}"#)
        #expect(shown.field("ETag") == "\"1\"")
        #expect(shown.field("Cache-Control") == "private, no-cache")
        #expect(try service.decide(Example.body).json()["policyVersion"] == 1)
    }

    @Test func `takes back what GET answered, and an unchanged one makes no version`() throws {
        let service = try TestService(policies: [Example.policy])
        let admin = try service.token("root", .admin)
        let shown = try service.ask("GET", "/v1/policies/cms-1500")
        let put = try service.ask("PUT", "/v1/policies/cms-1500", Example.json + [admin, "If-Match: \"1\""], body: shown.text)
        #expect(put.status == 200)
        #expect(put.text == shown.text.dropLast() + #","seen":0}"#)
        // What PUT answered can be put back, too.
        let again = try service.ask("PUT", "/v1/policies/cms-1500", Example.json + [admin, "If-Match: \"1\""], body: put.text)
        #expect(again.status == 200)
        #expect(try service.ask("GET", "/v1/policies/cms-1500/versions").json()["items"].elements.count == 1)
    }

    @Test(
        arguments: [
            (["If-Match: \"1\""], 200), (["If-Match: \"7\", \"1\""], 200), (["If-Match: \"7\"", "If-Match: \"1\""], 200),
            (["If-Match: *"], 200),
            (["If-Match: \"2\""], 412), (["If-Match: W/\"1\""], 412), (["If-Match: \"01\""], 412), (["If-None-Match: *"], 412),
            (["If-Match: \"1\"", "If-None-Match: *"], 412), ([], 428), (["If-Match: 1"], 400), (["If-Match: \"1"], 400),
            (["If-None-Match: \"1\""], 400), (["If-Match: "], 400),
        ] as [([String], Int)]) func `needs the version that stands`(fields: [String], status: Int) throws
    {
        let service = try TestService(policies: [Example.policy])
        let admin = try service.token("root", .admin)
        let reply = try service.ask("PUT", "/v1/policies/cms-1500", Example.json + [admin] + fields, body: other)
        #expect(reply.status == status)
        let count = try service.ask("GET", "/v1/policies/cms-1500/versions").json()["items"].elements.count
        #expect(count == (status == 200 ? 2 : 1))
    }

    @Test(arguments: [(["If-Match: \"1\""], 412), (["If-Match: *"], 412), (["If-None-Match: *"], 201), ([], 428)] as [([String], Int)])
    func `where there is none makes one only when told so`(fields: [String], status: Int) throws {
        let service = try TestService()
        let admin = try service.token("root", .admin)
        #expect(try service.ask("PUT", "/v1/policies/cms-1500", Example.json + [admin] + fields, body: other).status == status)
    }

    @Test func `of another type than the path's is a contradiction`() throws {
        let service = try TestService()
        let admin = try service.token("root", .admin)
        let reply = try service.ask("PUT", "/v1/policies/cms-1501", Example.json + [admin, "If-None-Match: *"], body: other)
        #expect(reply.status == 422)
        #expect(try reply.faults() == ["/documentType: is not the document type of the path"])
    }

    @Test func `names the faults of path, query, head and body together`() throws {
        let service = try TestService()
        let admin = try service.token("root", .admin)
        let fields = Example.json + [admin, "If-Match: x", "Change-Reason: \(String(repeating: "r", count: 1001))"]
        let reply = try service.ask("PUT", "/v1/policies/a%20b?dryRun=yes&x=1", fields, body: #"{"documentType":"t"}"#)
        #expect(reply.status == 400)
        #expect(
            try reply.faults() == [
                "x: is not a parameter of this endpoint", "dryRun: must be true or false",
                "documentType: must be 1 to 128 of A-Za-z0-9._-, or *",
                "Change-Reason: must be one text of at most 1000 bytes without control characters",
                "If-Match: must be * or a list of entity tags, in quotes: \"12\"", "/documentType: is not the document type of the path",
                "/threshold: is required: a number from 0 to 1, or null for never",
            ])
    }

    @Test func `may be tried without being made`() throws {
        let service = try TestService(policies: [Example.policy])
        let admin = try service.token("root", .admin)
        let reply = try service.ask("PUT", "/v1/policies/cms-1500?dryRun=true", Example.json + [admin, "If-Match: \"1\""], body: other)
        #expect(reply.status == 200)
        #expect(try reply.json()["version"] == 2)
        #expect(reply.field("ETag") == nil)
        #expect(try service.ask("GET", "/v1/policies/cms-1500").json()["version"] == 1)
        let stale = try service.ask("PUT", "/v1/policies/cms-1500?dryRun=true", Example.json + [admin, "If-Match: \"9\""], body: other)
        #expect(stale.status == 412)
        let faulty = try service.ask("PUT", "/v1/policies/cms-1500?dryRun=true", Example.json + [admin], body: "{}")
        #expect(faulty.status == 400)
    }

    @Test func `no connection decides by the old version after the answer`() throws {
        let service = try TestService(policies: [Example.policy], loops: 2)
        let admin = try service.token("root", .admin)
        let clients = try (0..<6).map { _ in try service.client() }
        for version in 1..<20 {
            let threshold = Double(version) / 100
            let body = #"{"documentType":"cms-1500","threshold":\#(threshold)}"#
            let put = try service.ask("PUT", "/v1/policies/cms-1500", Example.json + [admin, "If-Match: \"\(version)\""], body: body)
            #expect(put.status == 200)
            for client in clients {
                let decision = try client.ask("POST", "/v1/decisions", Example.json, body: Example.small).json()
                #expect(decision["policyVersion"] == .number(Double(version + 1)))
                #expect(decision["items"][0]["threshold"] == .number(threshold))
            }
        }
    }

    @Test func `of racing changes to one version one wins`() throws {
        let service = try TestService(policies: [Example.policy], loops: 2)
        let admin = try service.token("root", .admin)
        let clients = try (0..<8).map { _ in try service.client() }
        for (number, client) in clients.enumerated() {
            let body = #"{"documentType":"cms-1500","threshold":0.1\#(number + 1)}"#
            try client.send(TestClient.request("PUT", "/v1/policies/cms-1500", Example.json + [admin, "If-Match: \"1\""], body: body))
        }
        let statuses = try clients.map { try $0.reply().status }
        #expect(statuses.filter { $0 == 200 }.count == 1)
        #expect(statuses.filter { $0 == 412 }.count == 7)
    }
}

@Suite struct `Reading policies` {
    @Test func `shows old versions for good, the newest first`() throws {
        let service = try TestService(policies: [Example.policy])
        let admin = try service.token("root", .admin)
        let first = try service.ask("GET", "/v1/policies/cms-1500")
        _ = try service.ask("PUT", "/v1/policies/cms-1500", Example.json + [admin, "If-Match: \"1\""], body: other)
        #expect(try service.ask("GET", "/v1/policies/cms-1500/versions/1").body == first.body)
        let items = try service.ask("GET", "/v1/policies/cms-1500/versions").json()["items"].elements
        #expect(items.map { $0["version"] } == [2, 1])
        #expect(try service.ask("GET", "/v1/policies/nothing/versions").status == 404)
    }

    @Test(arguments: [("\"1\"", 304), ("W/\"1\"", 304), ("*", 304), ("\"2\", \"1\"", 304), ("\"2\"", 200), ("1", 200)])
    func `answers 304 to who has it`(tag: String, status: Int) throws {
        let service = try TestService(policies: [Example.policy])
        let reply = try service.ask("GET", "/v1/policies/cms-1500", ["If-None-Match: \(tag)"])
        #expect(reply.status == status)
        if status == 304 {
            #expect(reply.field("ETag") == "\"1\"")
            #expect(reply.body.isEmpty)
        }
    }

    @Test(arguments: [("\"1\"", 200), ("*", 200), ("\"2\", \"1\"", 200), ("\"2\"", 412), ("W/\"1\"", 412), ("1", 400)])
    func `answers 412 to who wants another`(tag: String, status: Int) throws {
        let service = try TestService(policies: [Example.policy])
        #expect(try service.ask("GET", "/v1/policies/cms-1500", ["If-Match: \(tag)"]).status == status)
    }

    @Test func `goes through all of them page by page`() throws {
        let types = ["B", "a", "a.b", "b", "*"]
        let service = try TestService(policies: types.map { #"{"documentType":"\#($0)","threshold":1}"# })
        var seen: [String] = []
        var next: String? = "/v1/policies?limit=2"
        while let path = next {
            let reply = try service.ask("GET", path)
            seen += try reply.json()["items"].elements.compactMap { $0["documentType"].string }
            next = reply.nextPath
            #expect((next == nil) == (try reply.json()["next"] == nil))
        }
        #expect(seen == ["*", "B", "a", "a.b", "b"])
    }
}

extension Reply {
    /// The target of `Link: <…>; rel="next"`.
    var nextPath: String? {
        guard let link = field("Link"), link.hasPrefix("<"), link.hasSuffix(">; rel=\"next\"") else { return nil }
        return String(link.dropFirst().dropLast(">; rel=\"next\"".count))
    }
}

@Suite struct `The audit trail` {
    @Test func `says who changed what, when and why`() throws {
        let service = try TestService(policies: [Example.policy])
        let admin = try service.token("root", .admin)
        service.clock.advance(milliseconds: 1)
        let fields = Example.json + [admin, "If-Match: \"1\"", "Change-Reason: the audit of März"]
        _ = try service.ask("PUT", "/v1/policies/cms-1500", fields, body: other)
        let items = try service.ask("GET", "/v1/audit", [admin]).json()["items"].elements
        #expect(items[0].names == ["at", "by", "action", "documentType", "before", "after", "reason"])
        #expect(items[0]["at"] == "2026-03-02T08:30:58.001Z")
        #expect(items[0]["by"] == "root")
        #expect(items[0]["action"] == "policy.put")
        #expect(items[0]["documentType"] == "cms-1500")
        #expect(items[0]["before"]["threshold"] == 0.9)
        #expect(items[0]["after"]["threshold"] == 0.4)
        #expect(items[0]["reason"] == "the audit of März")
        #expect(items.count == 3)
    }

    @Test func `is filtered and paged`() throws {
        let service = try TestService(policies: [Example.policy, #"{"documentType":"t","threshold":0}"#])
        let admin = try service.token("root", .admin)
        func count(_ query: String) throws -> Int { try service.ask("GET", "/v1/audit?\(query)", [admin]).json()["items"].elements.count }
        #expect(try count("documentType=t") == 1)
        #expect(try count("action=policy.put") == 2)
        #expect(try count("from=2026-03-02T08:30:58Z") == 3)
        #expect(try count("from=2026-03-02T08:30:58.001Z") == 0)
        #expect(try count("to=2026-03-02T08:30:58Z") == 0)
        #expect(try count("to=2026-03-03") == 3)
        let first = try service.ask("GET", "/v1/audit?limit=2", [admin])
        let second = try service.ask("GET", try #require(first.nextPath), [admin])
        #expect(try first.json()["items"].elements.count == 2)
        #expect(try second.json()["items"].elements.count == 1)
        #expect(second.nextPath == nil)
    }
}
