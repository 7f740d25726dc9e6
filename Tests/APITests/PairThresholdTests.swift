import API
import Ledger
import Routing
import Testing

@Suite struct `The threshold of a pair` {
    static let policy = """
        {"documentType":"t","threshold":0.9,"rules":[{"procedure":"71045","threshold":0.8},\
        {"procedure":"71046","diagnosis":"*","threshold":0.7}],"floors":[{"diagnosis":"J96.*","threshold":null}]}
        """

    private func service() throws -> (TestService, [String]) {
        let service = try TestService(policies: [Self.policy])
        return (service, Example.json + [try service.token("root", .admin)])
    }

    private func threshold(_ service: TestService, _ procedure: String, _ diagnosis: String) throws -> Value {
        let result =
            #"{"documentType":"t","documentId":"d","pairs":[{"procedure":"\#(procedure)","diagnosis":"\#(diagnosis)","confidence":1}]}"#
        return try service.decide(result).json()["items"][0]["threshold"]
    }

    @Test(
        arguments: [
            ("71045/J18.9", 0.8, "rule"), ("71045/*", 0.8, "rule"), ("71046/*", 0.7, "rule"), ("*/*", 0.9, "default"),
            ("9/J18.%2A", 0.9, "default"), ("9/J96.01", nil, "floor"), ("a%2Fb/c%20d", 0.9, "default"),
        ] as [(String, Double?, String)]) func `is told whether a rule names it or not`(path: String, value: Double?, source: String) throws
    {
        let (service, _) = try service()
        let reply = try service.ask("GET", "/v1/thresholds/t/\(path)")
        let json = try reply.json()
        #expect(json.names == ["documentType", "version", "procedure", "diagnosis", "threshold", "thresholdSource", "rule"])
        #expect(json["threshold"] == (value.map { .number($0) } ?? .null))
        #expect(json["thresholdSource"] == .string(source))
        #expect(try service.ask("GET", "/v1/thresholds/t/\(path)", ["If-None-Match: \(reply.field("ETag") ?? "")"]).status == 304)
    }

    @Test func `is added, changed and removed, and decides`() throws {
        let (service, fields) = try service()
        let added = try service.ask(
            "PUT", "/v1/thresholds/t/71045/J18.9", fields + ["If-Match: \"1\""], body: #"{"threshold":0.99}"#)
        #expect(added.status == 201)
        #expect(try threshold(service, "71045", "J18.9") == 0.99)
        let changed = try service.ask("PUT", "/v1/thresholds/t/71045/J18.9", fields + ["If-Match: \"2\""], body: #"{"threshold":null}"#)
        #expect(changed.status == 200)
        #expect(try threshold(service, "71045", "J18.9") == .null)
        #expect(try service.ask("DELETE", "/v1/thresholds/t/71045/J18.9", fields + ["If-Match: \"3\""]).status == 204)
        #expect(try threshold(service, "71045", "J18.9") == 0.8)
        #expect(try service.ask("DELETE", "/v1/thresholds/t/71045/J18.9", fields + ["If-Match: \"4\""]).status == 404)
    }

    @Test func `of any code is the rule that leaves the code out, or names it by a star`() throws {
        let (service, fields) = try service()
        for (path, rule) in [("71045/*", 0), ("71046/*", 1)] {
            let put = try service.ask("PUT", "/v1/thresholds/t/\(path)", fields + ["If-Match: *"], body: #"{"threshold":0.1}"#)
            #expect(put.status == 200)
            let rules = try service.ask("GET", "/v1/policies/t").json()["rules"].elements
            #expect(rules.count == 2)
            #expect(rules[rule]["threshold"] == 0.1)
        }
        let all = try service.ask("PUT", "/v1/thresholds/t/*/*", fields + ["If-Match: *"], body: #"{"threshold":0.2}"#)
        #expect(all.status == 201)
        #expect(try threshold(service, "1", "2") == 0.2)
    }

    @Test(arguments: [
        ("a*b/c", 422, "procedure: may have one *, at its end"), ("a/**", 422, "diagnosis: may have one *, at its end"),
        ("a/\(String(repeating: "x", count: 257))", 400, "diagnosis: must be 1 to 256 bytes without control characters"),
    ]) func `is refused to what is not a pattern`(path: String, status: Int, fault: String) throws {
        let (service, fields) = try service()
        for (method, body) in [("GET", nil), ("PUT", #"{"threshold":1}"#), ("DELETE", nil)] as [(String, String?)] {
            let reply = try service.ask(method, "/v1/thresholds/t/\(path)", fields + ["If-Match: *"], body: body)
            #expect(reply.status == status)
            #expect(try reply.faults() == [fault])
        }
        #expect(try service.ask("PUT", "/v1/thresholds/t/a/b/c", fields, body: "{}").status == 404)
    }
}

@Suite struct `The tag that a change names` {
    static let paths = ["/v1/thresholds/t", "/v1/thresholds/t/a", "/v1/thresholds/t/z%2A", "/v1/thresholds/t/71045/J18.9"]

    private func service() throws -> (TestService, [String]) {
        // Long enough that the list is compressed.
        let rules = (0..<40).map { #"{"field":"field\#($0)","threshold":0.5}"# }.joined(separator: ",")
        let policy =
            #"{"documentType":"t","threshold":0.9,"rules":[{"field":"a","threshold":0.5},{"procedure":"71045","diagnosis":"J18.9","threshold":1},\#(rules)]}"#
        let service = try TestService(policies: [policy])
        return (service, Example.json + [try service.token("root", .admin)])
    }

    @Test(arguments: paths, ["", "Accept-Encoding: gzip"])
    func `is the policy's, or that of the same URL while it is true`(path: String, coding: String) throws {
        let (service, fields) = try service()
        func change(_ tag: String, _ threshold: Double) throws -> Reply {
            try service.ask("PUT", path, fields + ["If-Match: \(tag)"], body: #"{"threshold":\#(threshold)}"#)
        }
        let known = coding.isEmpty ? [] : [coding]
        let own = try #require(try service.ask("GET", path, known).field("ETag"))
        #expect(own != "\"1\"")
        let first = try change(own, 0.1)
        #expect(first.status == 200 || first.status == 201)
        #expect(first.field("ETag") == nil)
        // Neither is true any more.
        for stale in [own, "\"1\""] {
            let refused = try change(stale, 0.2)
            #expect(refused.status == 412)
            #expect(refused.text.contains(#"If-Match: \"2\" is wanted"#))
        }
        #expect(try change("\"\(Int(try first.json()["version"].number ?? 0))\"", 0.3).status == 200)
        let elsewhere = try #require(try service.ask("GET", "/v1/thresholds/t/elsewhere").field("ETag"))
        #expect(try change(elsewhere, 0.4).status == 412)
    }

    @Test func `is needed, and the answer says which`() throws {
        let (service, fields) = try service()
        for (method, path, body, word) in [
            ("PUT", "/v1/policies/t", Self.policy("t"), #"If-Match is needed: \"1\""#),
            ("PUT", "/v1/policies/u", Self.policy("u"), "If-None-Match: * is needed"), ("DELETE", "/v1/policies/t", nil, #"\"1\""#),
            ("PUT", "/v1/thresholds/t", #"{"threshold":1}"#, #"If-Match is needed: \"1\", the policy's version"#),
            ("DELETE", "/v1/thresholds/t/a", nil, "or the ETag that GET of this URL answers"),
        ] as [(String, String, String?, String)] {
            let reply = try service.ask(method, path, fields, body: body)
            #expect(reply.status == 428)
            #expect(reply.text.contains(word), "\(reply.text)")
        }
        let made = try service.ask("PUT", "/v1/policies/t", fields + ["If-None-Match: *"], body: Self.policy("t"))
        #expect(made.status == 412)
        #expect(made.text.contains(#"If-Match: \"1\" is wanted"#))
        let unquoted = try service.ask("PUT", "/v1/thresholds/t", fields + ["If-Match: 1"], body: #"{"threshold":1}"#)
        #expect(try unquoted.faults() == [#"If-Match: must be * or a list of entity tags, in quotes: "12""#])
    }

    private static func policy(_ type: String) -> String { #"{"documentType":"\#(type)","threshold":1}"# }

    @Test(
        arguments: [
            (["Change-Reason: a b"], "", "a b"), (["Change-Reason: Pr\u{FC}fer fanden Fehler"], "", "Prüfer fanden Fehler"),
            ([], "?reason=Pr%C3%BCfer+fanden%20%C5%BD", "Prüfer fanden Ž"), ([], "", nil),
        ] as [([String], String, String?)]) func `comes with a reason`(header: [String], query: String, reason: String?) throws
    {
        let (service, fields) = try service()
        for (method, path, body) in [
            ("PUT", "/v1/thresholds/t/a", #"{"threshold":0.1}"#), ("DELETE", "/v1/thresholds/t/a", nil),
            ("PUT", "/v1/policies/t", Self.policy("t")), ("DELETE", "/v1/policies/t", nil),
        ] as [(String, String, String?)] {
            let reply = try service.ask(method, path + query, fields + header + ["If-Match: *"], body: body)
            #expect(reply.status == 200 || reply.status == 204, "\(reply.text)")
            #expect(
                try service.ask("GET", "/v1/audit?limit=1", fields).json()["items"][0]["reason"] == (reason.map { .string($0) } ?? .null))
        }
    }

    @Test func `takes a reason in Latin-1, as many clients send it`() throws {
        let (service, fields) = try service()
        let client = try service.client()
        let head = TestClient.request(
            "PUT", "/v1/thresholds/t/a", fields + ["If-Match: *", "Change-Reason: Pr?fer, Caf?"], body: #"{"threshold":0.1}"#)
        var latin1: [UInt8] = [0xFC, 0xE9]
        let mark = Array("Change-Reason".utf8)
        let start = head.indices.first { head[$0...].starts(with: mark) } ?? 0
        try client.send(
            head.enumerated().map { index, byte in
                index > start && byte == UInt8(ascii: "?") && !latin1.isEmpty ? latin1.removeFirst() : byte
            })
        #expect(try client.reply().status == 200)
        #expect(try service.ask("GET", "/v1/audit?limit=1", fields).json()["items"][0]["reason"] == "Prüfer, Café")
    }

    @Test func `has one reason`() throws {
        let (service, fields) = try service()
        let reply = try service.ask(
            "DELETE", "/v1/thresholds/t/a?reason=x", fields + ["If-Match: *", "Change-Reason: y"])
        #expect(try reply.faults() == ["reason: is given by Change-Reason too: give one of them"])
    }
}

@Suite struct `Retiring a policy` {
    private func service() throws -> (TestService, [String]) {
        let service = try TestService(policies: [Example.policy, #"{"documentType":"*","threshold":null}"#], loops: 2)
        return (service, Example.json + [try service.token("root", .admin)])
    }

    @Test func `leaves the type to the policy of all others, at once and on every connection`() throws {
        let (service, fields) = try service()
        let clients = try (0..<4).map { _ in try service.client() }
        func policies() throws -> Set<String> {
            Set(try clients.map { try $0.ask("POST", "/v1/decisions", Example.json, body: Example.small).json()["policy"].string ?? "-" })
        }
        #expect(try policies() == ["cms-1500"])
        #expect(try service.ask("DELETE", "/v1/policies/cms-1500", fields + ["If-Match: \"1\""]).status == 204)
        #expect(try policies() == ["*"])
        #expect(try service.ask("DELETE", "/v1/policies/*", fields + ["If-Match: \"1\""]).status == 204)
        let decision = try service.decide(Example.small).json()
        #expect(decision["policy"] == .null)
        #expect(decision["reasons"][0]["code"] == "unknown-document-type")
        // And after the policies are read again.
        try service.application.reload()
        #expect(try policies() == ["-"])
    }

    @Test func `is a version of its history, and the trail says so`() throws {
        let (service, fields) = try service()
        _ = try service.ask("DELETE", "/v1/policies/cms-1500?reason=misspelt", fields + ["If-Match: \"1\""])
        let shown = try service.ask("GET", "/v1/policies/cms-1500")
        #expect(shown.status == 404)
        #expect(shown.text.contains("retired as version 2"))
        let versions = try service.ask("GET", "/v1/policies/cms-1500/versions").json()["items"].elements
        #expect(versions.map { $0["version"] } == [2, 1])
        #expect(versions[0].names == ["documentType", "version", "changedAt", "changedBy", "retired"])
        #expect(try service.ask("GET", "/v1/policies/cms-1500/versions/2").json()["retired"] == .bool(true))
        #expect(try service.ask("GET", "/v1/policies").json()["items"].elements.map { $0["documentType"] } == ["*"])
        let entry = try service.ask("GET", "/v1/audit?action=policy.retire", fields).json()["items"][0]
        #expect(entry["after"] == .null)
        #expect(entry["before"]["threshold"] == 0.9)
        #expect(entry["reason"] == "misspelt")
        for (method, path, body) in [
            ("DELETE", "/v1/policies/cms-1500", nil), ("PUT", "/v1/thresholds/cms-1500/a", #"{"threshold":1}"#),
            ("GET", "/v1/policies/cms-1500/usage", nil),
        ] as [(String, String, String?)] {
            #expect(try service.ask(method, path, fields + (method == "GET" ? [] : ["If-Match: *"]), body: body).status == 404)
        }
    }

    @Test(arguments: [("If-Match: \"2\"", 412), ("If-Match: *", 412), ("X: y", 428), ("If-None-Match: *", 201)])
    func `is undone by a policy that is made anew`(condition: String, status: Int) throws {
        let (service, fields) = try service()
        _ = try service.ask("DELETE", "/v1/policies/cms-1500", fields + ["If-Match: \"1\""])
        let put = try service.ask("PUT", "/v1/policies/cms-1500", fields + [condition], body: Example.policy)
        #expect(put.status == status)
        #expect(try service.decide(Example.small).json()["policyVersion"] == (status == 201 ? 3 : 1))
    }

    @Test(arguments: [("If-Match: \"2\"", 412), ("X: y", 428), ("If-Match: 1", 400)])
    func `needs the version that stands`(condition: String, status: Int) throws {
        let (service, fields) = try service()
        #expect(try service.ask("DELETE", "/v1/policies/cms-1500", fields + [condition]).status == status)
        #expect(try service.ask("GET", "/v1/policies/cms-1500").status == 200)
    }
}

@Suite struct `A time in a query` {
    @Test(arguments: [
        ("2026-03-01T08:30:58+01:00", "has a space where its offset begins: a + is written %2B in a query"),
        ("2026-03-01T08:30:58.25+23:00", "has a space where its offset begins: a + is written %2B in a query"),
        ("2026-03-01T08:30:58", "lacks its offset: must be a time with Z or an offset, as 2026-03-01T08:30:58Z, or a date, as 2026-03-01"),
        ("2026-02-30", "is a day that no calendar has"),
        ("now", "must be a time with Z or an offset, as 2026-03-01T08:30:58Z, or a date, as 2026-03-01"),
    ]) func `that cannot be read says how it is written`(text: String, detail: String) throws {
        let service = try TestService()
        for path in ["/v1/decisions?from=", "/v1/audit?to="] {
            let reply = try service.ask("GET", path + text)
            #expect(reply.status == 400)
            #expect(try reply.faults().map { $0.drop { $0 != " " }.dropFirst() } == [Substring(detail)])
        }
    }

    @Test func `with its plus encoded is read`() throws {
        #expect(try TestService().ask("GET", "/v1/decisions?from=2026-03-01T08:30:58%2B01:00").status == 200)
    }
}
