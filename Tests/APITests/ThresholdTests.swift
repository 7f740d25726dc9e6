import API
import Ledger
import Routing
import Testing

@Suite struct `The thresholds in force` {
    static let policy = """
        {"documentType":"t","threshold":0.9,"rules":[{"field":"note.*","threshold":0.5},{"field":"name","threshold":0.97},\
        {"field":"name","population":"north","threshold":0.99},{"procedure":"71*","threshold":0.8},\
        {"procedure":"71045","diagnosis":"J18.9","effectiveFrom":"2027-01-01","threshold":0.6},{"payer":"medicare","threshold":0.7}],\
        "floors":[{"field":"note.private","risk":"high","threshold":0.95},{"diagnosis":"J96.*","threshold":0.99}]}
        """

    private func row(_ json: Value) -> String {
        let item = json["field"].string ?? "\(json["procedure"].string ?? "-")/\(json["diagnosis"].string ?? "-")"
        return "\(item) \(json["threshold"].number ?? -1) \(json["thresholdSource"].string ?? "?")"
    }

    private func rows(_ json: Value) -> [String] { (json["fields"].elements + json["pairs"].elements).map(row) }

    @Test func `are a row for each pattern, as if it were an item`() throws {
        let service = try TestService(policies: [Self.policy])
        let reply = try service.ask("GET", "/v1/thresholds/t")
        let json = try reply.json()
        #expect(json.names == ["documentType", "version", "threshold", "fields", "pairs", "next"])
        #expect(json["version"] == 1)
        #expect(json["threshold"] == 0.9)
        #expect(
            rows(json) == [
                "note.* 0.5 rule", "name 0.97 rule", "note.private 0.95 floor", "71*/- 0.8 rule", "71045/J18.9 0.8 rule",
                "-/J96.* 0.99 floor",
            ])
        #expect(json["fields"][0].names == ["field", "threshold", "thresholdSource", "rule"])
        #expect(json["fields"][2]["rule"] == (try Value(Array(#"{"field":"note.private","risk":"high","threshold":0.95}"#.utf8))))
        #expect(json["pairs"][0].names == ["procedure", "diagnosis", "threshold", "thresholdSource", "rule"])
        #expect(json["next"] == nil)
    }

    @Test(arguments: [
        ("population=north", "name 0.99 rule"), ("payer=medicare", "name 0.97 rule"), ("serviceDate=2027-01-01", "71045/J18.9 0.6 rule"),
        ("serviceDate=2026-12-31", "71045/J18.9 0.8 rule"),
    ]) func `are those of scopes and a date`(query: String, expected: String) throws {
        let service = try TestService(policies: [Self.policy])
        #expect(try rows(service.ask("GET", "/v1/thresholds/t?\(query)").json()).contains(expected))
    }

    @Test(arguments: [
        ("name", "", "name 0.97 rule"), ("name", "?population=north", "name 0.99 rule"), ("other", "", "other 0.9 default"),
        ("other", "?payer=medicare", "other 0.7 rule"), ("note.x", "", "note.x 0.5 rule"), ("note.%2A", "", "note.* 0.5 rule"),
        ("a%2Fb%20c", "", "a/b c 0.9 default"),
    ]) func `of one field are told whether a rule names it or not`(field: String, query: String, expected: String) throws {
        let service = try TestService(policies: [Self.policy])
        let json = try service.ask("GET", "/v1/thresholds/t/\(field)\(query)").json()
        #expect(row(json) == expected)
        #expect(json.names == ["documentType", "version", "field", "threshold", "thresholdSource", "rule"])
    }

    @Test func `of a type without a policy are those of the general one`() throws {
        let service = try TestService(policies: [#"{"documentType":"*","threshold":1}"#])
        let json = try service.ask("GET", "/v1/thresholds/t").json()
        #expect(json["documentType"] == "*")
        #expect(json["threshold"] == 1)
        #expect(try TestService().ask("GET", "/v1/thresholds/t").status == 404)
    }

    @Test func `are paged over fields, then pairs, of one version`() throws {
        let service = try TestService(policies: [Self.policy])
        let admin = try service.token("root", .admin)
        var seen: [String] = []
        var next: String? = "/v1/thresholds/t?limit=2&population=north"
        while let path = next {
            let reply = try service.ask("GET", path)
            #expect(try reply.json()["version"] == 1)
            seen += try rows(reply.json())
            next = reply.nextPath
            let body = #"{"documentType":"t","threshold":0.\#(seen.count)}"#
            _ = try service.ask("PUT", "/v1/policies/t", Example.json + [admin, "If-Match: *"], body: body)
        }
        #expect(seen.map { $0.prefix { $0 != " " } } == ["note.*", "name", "note.private", "71*/-", "71045/J18.9", "-/J96.*"])
        let foreign = try service.ask("GET", "/v1/thresholds/t?limit=1")
        #expect(foreign.nextPath == nil)
    }

    @Test func `are paged as they stood on the day of the first page, by the policy that held then`() throws {
        let general = Self.policy.replacing(#""documentType":"t""#, with: #""documentType":"*""#)
        let service = try TestService(policies: [general])
        let admin = try service.token("root", .admin)
        let lastDay = try #require(Instant(rfc3339: "2026-12-31T23:59:59Z".utf8))
        service.clock.advance(milliseconds: lastDay.milliseconds - service.clock.now().milliseconds)
        let first = try service.ask("GET", "/v1/thresholds/t?limit=4")
        service.clock.advance(milliseconds: 1_000)
        let body = #"{"documentType":"t","threshold":0.1}"#
        #expect(try service.ask("PUT", "/v1/policies/t", Example.json + [admin, "If-None-Match: *"], body: body).status == 201)
        let second = try service.ask("GET", try #require(first.nextPath)).json()
        #expect(second["documentType"] == "*")
        #expect(rows(second) == ["71045/J18.9 0.8 rule", "-/J96.* 0.99 floor"])
        let path = try #require(first.nextPath) + "&serviceDate=2026-12-31"
        #expect(try service.ask("GET", path).status == 400)
    }

    @Test func `have a tag of their own, of version, query and date`() throws {
        let service = try TestService(policies: [Self.policy])
        func tag(_ query: String) throws -> String { try #require(try service.ask("GET", "/v1/thresholds/t\(query)").field("ETag")) }
        let plain = try tag("")
        #expect(plain != "\"1\"")
        #expect(try tag("") == plain)
        let others = try [tag("?population=north"), tag("?serviceDate=2027-01-01"), tag("?limit=3"), tag("/name")]
        #expect(Set(others + [plain]).count == 5)
        #expect(try service.ask("GET", "/v1/thresholds/t", ["If-None-Match: \(plain)"]).status == 304)
        service.clock.advance(milliseconds: 86_400_000)
        #expect(try tag("") != plain)
        let admin = try service.token("root", .admin)
        let put = try service.ask("PUT", "/v1/thresholds/t", Example.json + [admin, "If-Match: \(plain)"], body: #"{"threshold":0.1}"#)
        #expect(put.status == 412)
        let fresh = try tag("")
        let taken = try service.ask("PUT", "/v1/thresholds/t", Example.json + [admin, "If-Match: \(fresh)"], body: #"{"threshold":0.1}"#)
        #expect(taken.status == 200)
    }

    @Test(arguments: [
        ("?population=", "population: must be 1 to 256 bytes without control characters"),
        ("?serviceDate=today", "serviceDate: must be a date as YYYY-MM-DD, for example 2026-03-01"),
        ("?color=1", "color: is not a parameter of this endpoint"),
        ("?payer=a&payer=b", "payer: occurs twice"), ("?limit=0", "limit: must be a whole number from 1 to 1000"),
        ("?limit=1001", "limit: must be a whole number from 1 to 1000"), ("?limit=+5", "limit: must be a whole number from 1 to 1000"),
        ("?cursor=x", "cursor: is not a cursor of this list with these filters"), ("?payer=%ff", "payer: is not percent-encoded UTF-8"),
    ]) func `are refused to a faulty query`(query: String, fault: String) throws {
        let service = try TestService(policies: [Self.policy])
        let reply = try service.ask("GET", "/v1/thresholds/t\(query)")
        #expect(reply.status == 400)
        #expect(try reply.faults() == [fault])
    }
}

@Suite struct `Changing a threshold` {
    private func service() throws -> (TestService, [String]) {
        let service = try TestService(policies: [`The thresholds in force`.policy])
        return (service, Example.json + [try service.token("root", .admin)])
    }

    @Test func `adds a rule, changes it, and removes it`() throws {
        let (service, fields) = try service()
        let added = try service.ask(
            "PUT", "/v1/thresholds/t/zip%2A", fields + ["If-Match: \"1\""], body: #"{"threshold":0.3,"payer":null}"#)
        #expect(added.status == 201)
        #expect(added.field("ETag") == nil)
        let shown =
            #"{"documentType":"t","version":2,"field":"zip*","threshold":0.3,"thresholdSource":"rule","rule":{"field":"zip*","threshold":0.3},"#
            + #""seen":0,"warnings":[{"pointer":"/rules/6","detail":"met nothing: no decision of this document type is logged yet"}]}"#
        #expect(added.text == shown)
        let changed = try service.ask("PUT", "/v1/thresholds/t/zip*", fields + ["If-Match: \"2\""], body: #"{"threshold":0.4}"#)
        #expect(changed.status == 200)
        #expect(
            try service.decide(#"{"documentType":"t","documentId":"d","fields":[{"name":"zipcode"}]}"#).json()["items"][0]["threshold"]
                == 0.4)
        let removed = try service.ask("DELETE", "/v1/thresholds/t/zip*", fields + ["If-Match: \"3\""])
        #expect(removed.status == 204)
        #expect(removed.field("ETag") == nil)
        #expect(try service.ask("GET", "/v1/thresholds/t/zipcode").json()["thresholdSource"] == "default")
        #expect(try service.ask("DELETE", "/v1/thresholds/t/zip*", fields + ["If-Match: \"4\""]).status == 404)
        let first = try service.ask("GET", "/v1/policies/t/versions/1").json()
        let last = try service.ask("GET", "/v1/policies/t").json()
        #expect(first["rules"] == last["rules"])
        let actions = try service.ask("GET", "/v1/audit?limit=3", fields).json()["items"].elements.map { $0["action"] }
        #expect(actions == ["threshold.delete", "threshold.put", "threshold.put"])
    }

    @Test func `is about exactly these scopes`() throws {
        let (service, fields) = try service()
        let body = #"{"threshold":0.31,"population":"north","payer":"medicare"}"#
        let added = try service.ask("PUT", "/v1/thresholds/t/name", fields + ["If-Match: \"1\""], body: body)
        #expect(added.status == 201)
        #expect(try added.json()["threshold"] == 0.31)
        let changed = try service.ask(
            "PUT", "/v1/thresholds/t/name", fields + ["If-Match: *"], body: #"{"threshold":0.32,"population":"north"}"#)
        #expect(changed.status == 200)
        #expect(try service.ask("DELETE", "/v1/thresholds/t/name?payer=medicare", fields + ["If-Match: *"]).status == 404)
        #expect(try service.ask("DELETE", "/v1/thresholds/t/name?population=north&payer=medicare", fields + ["If-Match: *"]).status == 204)
        let left = try service.ask("GET", "/v1/thresholds/t/name?population=north&payer=medicare").json()
        #expect(left["threshold"] == 0.32)
    }

    @Test func `changes the default`() throws {
        let (service, fields) = try service()
        let reply = try service.ask("PUT", "/v1/thresholds/t", fields + ["If-Match: \"1\""], body: #"{"threshold":0.25}"#)
        #expect(reply.status == 200)
        #expect(
            reply.text == #"{"documentType":"t","version":2,"threshold":0.25,"seen":0,"warnings":[{"pointer":"/threshold","#
                + #""detail":"decides nothing: no decision of this document type is logged yet"}]}"#)
        #expect(try service.ask("GET", "/v1/policies/t").json()["threshold"] == 0.25)
        let scoped = try service.ask("PUT", "/v1/thresholds/t", fields + ["If-Match: *"], body: #"{"threshold":0.2,"payer":null}"#)
        #expect(try scoped.faults() == ["/payer: is not a member of a threshold"])
    }

    @Test func `that overlaps a dated rule is a contradiction`() throws {
        let policy = #"{"documentType":"t","threshold":0,"rules":[{"field":"a","effectiveFrom":"2027-01-01","threshold":1}]}"#
        let service = try TestService(policies: [policy])
        let admin = try service.token("root", .admin)
        let reply = try service.ask("PUT", "/v1/thresholds/t/a", Example.json + [admin, "If-Match: *"], body: #"{"threshold":1}"#)
        #expect(reply.status == 422)
        #expect(try reply.faults() == ["field: overlaps in time with /rules/0 of the policy, of the same scopes"])
    }

    @Test(
        arguments: [
            ("PUT", "t/a", [], #"{"threshold":1}"#, 428), ("PUT", "t/a", ["If-Match: \"2\""], #"{"threshold":1}"#, 412),
            ("PUT", "t/a", ["If-None-Match: *"], #"{"threshold":1}"#, 428),
            ("PUT", "none/a", ["If-Match: \"1\""], #"{"threshold":1}"#, 404),
            ("PUT", "t/a", ["If-Match: \"1\""], "{}", 400), ("PUT", "t/a", ["If-Match: \"1\""], #"{"threshold":2}"#, 400),
            ("PUT", "t/a*b", ["If-Match: \"1\""], #"{"threshold":1}"#, 422),
            ("PUT", "t/%00", ["If-Match: \"1\""], #"{"threshold":1}"#, 400),
            ("DELETE", "t/name", [], nil, 428), ("DELETE", "t/name", ["If-Match: \"2\""], nil, 412),
            ("DELETE", "t/a", ["If-Match: \"2\""], nil, 404),
            ("DELETE", "t/name?x=1", ["If-Match: \"1\""], nil, 400), ("PUT", "none", ["If-Match: \"1\""], #"{"threshold":1}"#, 404),
        ] as [(String, String, [String], String?, Int)]) func `is refused`(
            method: String, path: String, fields: [String], body: String?, status: Int
        ) throws
    {
        let (service, common) = try service()
        let reply = try service.ask(method, "/v1/thresholds/\(path)", common + fields, body: body)
        #expect(reply.status == status)
        #expect(try service.ask("GET", "/v1/policies/t").json()["version"] == 1)
    }

    @Test func `names the faults of path, query, head and body together`() throws {
        let (service, common) = try service()
        let fields = common + ["If-Match: 1", "Change-Reason: \(String(repeating: "x", count: 1001))"]
        let put = try service.ask("PUT", "/v1/thresholds/t/a*b?x=1", fields, body: #"{"threshold":2}"#)
        #expect(put.status == 400)
        #expect(
            try put.faults().map { $0.prefix { $0 != ":" } } == ["x", "Change-Reason", "If-Match", "field", "/threshold"])
        let deleted = try service.ask("DELETE", "/v1/thresholds/t/a*b?x=1", fields)
        #expect(deleted.status == 400)
        #expect(try deleted.faults().map { $0.prefix { $0 != ":" } } == ["x", "Change-Reason", "If-Match", "field"])
    }
}
