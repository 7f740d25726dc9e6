import API
import Ledger
import Routing
import Testing

/// A type whose log has fields and codes, under a policy with rules that meet them and rules that were mistyped.
private let policy = """
    {"documentType":"t","threshold":0.9,"rules":[{"field":"patient.*","threshold":0.5},{"field":"patient.nmae","threshold":0.97},\
    {"diagnosis":"J18","threshold":0.8},{"field":"J18.9","threshold":0.8},{"procedure":"71045","population":"nroth","threshold":0.7}],\
    "floors":[{"diagnosis":"J96.*","threshold":null}],"requiredFields":["patient.dob"]}
    """

private func service() throws -> (TestService, [String]) {
    let service = try TestService(policies: [policy])
    for number in 0..<3 {
        try service.decide(
            """
            {"documentType":"t","documentId":"d\(number)","population":"north","fields":[{"name":"patient.name","value":"x","confidence":0.6},\
            {"name":"patient.dateOfBirth","value":"x","confidence":0.4}],"pairs":[{"procedure":"71045","diagnosis":"J18.9","confidence":0.95},\
            {"procedure":"71046","diagnosis":"J96.01","confidence":1}]}
            """)
    }
    try service.decide(#"{"documentType":"other","documentId":"d","fields":[{"name":"patient.nmae","confidence":1}]}"#)
    return (service, Example.json + [try service.token("root", .admin)])
}

@Suite struct `The usage of a policy's rules` {
    @Test func `is counted over the newest decisions of the type`() throws {
        let (service, _) = try service()
        let usage = try service.ask("GET", "/v1/policies/t/usage").json()
        #expect(usage.names == ["documentType", "version", "decisions", "since", "items", "byDefault", "rules", "floors", "warnings"])
        #expect(usage["decisions"] == 3)
        #expect(usage["items"] == 12)
        #expect(usage["rules"].elements.map { $0["matches"] } == [6, 0, 0, 0, 0])
        #expect(usage["rules"][0]["accepted"] == 3)
        #expect(usage["rules"][0]["rule"]["field"] == "patient.*")
        #expect(usage["rules"][0]["lastSeen"] == "2026-03-02T08:30:58.000Z")
        #expect(usage["rules"][1]["lastSeen"] == .null)
        #expect(usage["floors"][0]["matches"] == 3)
        #expect(usage["floors"][0]["accepted"] == 0)
        #expect(usage["byDefault"]["matches"] == 6)
        #expect(try service.ask("GET", "/v1/policies/none/usage").status == 404)
        #expect(try service.ask("GET", "/v1/policies/t/usage?x=1").status == 400)
    }

    @Test func `warns of what met nothing, and guesses what was meant`() throws {
        let (service, _) = try service()
        let warnings = try service.ask("GET", "/v1/policies/t/usage").json()["warnings"].elements
        let words = warnings.map { "\($0["pointer"].string ?? "") \($0["detail"].string ?? "")" }
        #expect(
            words == [
                "/rules/1 met no item of the last 3 decisions; did you mean `patient.name`?",
                "/rules/2 met no item of the last 3 decisions; did you mean `J18*`, as of `J18.9`?",
                "/rules/3 met no item of the last 3 decisions; `J18.9` is a diagnosis: name it as `diagnosis`, not as `field`",
                "/rules/4 met no item of the last 3 decisions; did you mean the population `north`?",
                "/requiredFields/0 is a field in none of the last 3 decisions",
            ])
    }

    @Test func `of the policy of all others is that of types without one`() throws {
        let service = try TestService(policies: [policy, #"{"documentType":"*","threshold":null,"rules":[{"field":"a","threshold":1}]}"#])
        for type in ["x", "t", "y", "x"] {
            try service.decide(#"{"documentType":"\#(type)","documentId":"d","fields":[{"name":"a","confidence":1}]}"#)
        }
        let usage = try service.ask("GET", "/v1/policies/*/usage").json()
        #expect(usage["decisions"] == 3)
        #expect(usage["rules"][0]["accepted"] == 3)
    }
}

@Suite struct `What a change has seen` {
    @Test(arguments: [
        ("patient.name", #"{"threshold":0.3}"#, 3), ("patient.*", #"{"threshold":0.3}"#, 6), ("patient.na*", #"{"threshold":null}"#, 3),
        ("*", #"{"threshold":0.3}"#, 6), ("patient.name", #"{"threshold":0.3,"population":"north"}"#, 3),
        ("71045/J18.9", #"{"threshold":0.3}"#, 3), ("71*/J*", #"{"threshold":null}"#, 6), ("*/J18.9", #"{"threshold":0.3}"#, 3),
        ("PATIENT.name", #"{"threshold":0.3}"#, 3), ("71045/j189", #"{"threshold":0.3}"#, 3), ("71045/J96*", #"{"threshold":0.3}"#, 0),
    ]) func `are the items of recent decisions that its pattern meets`(path: String, body: String, seen: Int) throws {
        let (service, fields) = try service()
        let path = path.replacing("*", with: "%2A")
        let tried = try service.ask("PUT", "/v1/thresholds/t/\(path)?dryRun=true", fields, body: body)
        #expect(tried.status == 200)
        let put = try service.ask("PUT", "/v1/thresholds/t/\(path)", fields + ["If-Match: \"1\""], body: body)
        #expect(put.status == (path == "patient.%2A" ? 200 : 201))
        #expect(tried.body == put.body)
        let json = try put.json()
        #expect(json["seen"] == .number(Double(seen)))
        #expect((json["warnings"] == .null) == (seen > 0))
    }

    @Test(arguments: [
        ("J18.9", #"{"threshold":0.3}"#, "is a diagnosis"), ("71046", #"{"threshold":0.3}"#, "is a procedure"),
        ("patient.dateOfBrith", #"{"threshold":0.3}"#, "did you mean `patient.dateOfBirth`?"),
        ("patient.name", #"{"threshold":0.3,"population":"nort"}"#, "did you mean the population `north`?"),
        ("patient.name", #"{"threshold":0.3,"payer":"medicare"}"#, "no document says its payer"),
        ("71045/J96", #"{"threshold":0.3}"#, "did you mean `J96*`"), ("J18.9/71045", #"{"threshold":0.3}"#, "is a diagnosis"),
        ("71045/J96.01", #"{"threshold":0.3}"#, "in other pairs"),
    ]) func `is nothing where the pattern is another's, with a word on it`(path: String, body: String, word: String) throws {
        let (service, fields) = try service()
        let json = try service.ask("PUT", "/v1/thresholds/t/\(path)", fields + ["If-Match: \"1\""], body: body).json()
        #expect(json["seen"] == 0)
        #expect(json["warnings"][0]["detail"].string?.contains(word) == true, "\(json)")
    }

    @Test func `is told of a whole policy, tried or put`() throws {
        let (service, fields) = try service()
        let tried = try service.ask("PUT", "/v1/policies/t?dryRun=true", fields, body: policy)
        #expect(try tried.json()["seen"] == 9)
        #expect(try tried.json()["warnings"].elements.count == 5)
        let put = try service.ask("PUT", "/v1/thresholds/t", fields + ["If-Match: \"1\""], body: #"{"threshold":null}"#).json()
        #expect(put["threshold"] == .null)
        #expect(put["seen"] == 6)
    }
}
