import API
import JSON
import Ledger
import Routing
import Testing

/// "Equal to people is equal here", by the very code of the endpoint.
@Suite struct `What is equal to people` {
    private static let policy = """
        {"documentType":"*","threshold":0.9,"rules":[{"field":"Patient.*","threshold":0.8}],\
        "floors":[{"diagnosis":"J96.*","threshold":0.99},{"procedure":"992*","threshold":0.99}],\
        "requiredFields":["Patient Name"],"optionalFields":["box"],"requiredSections":["Impression"]}
        """

    private func router(_ policies: String...) throws -> OfflineRouter {
        let policies = try policies.map {
            CompiledPolicy(try PolicyCodec.read(json: Array($0.utf8)), version: PolicyVersion(1))
        }
        return OfflineRouter(policies: PolicySet(policies), salt: TestService.salt)
    }

    private func answer(_ members: String, by router: OfflineRouter) throws -> String {
        let line = #"{"documentType":"t","documentId":"d",\#(members)}"#
        return String(
            decoding: router.render(try router.decide(line: Array(line.utf8), review: .refused, at: Instant(milliseconds: 0))),
            as: UTF8.self)
    }

    private func faults(_ members: String) throws -> [String] {
        do {
            _ = try answer(members, by: router())
            return []
        } catch let faults as Faults {
            return faults.faults.map(\.detail)
        }
    }

    @Test(arguments: ["J96.01", "J9601", "j96.01", " J96.01", "J96 01", "j9.6.0.1 ", "J96\\u00a001"])
    func `meets the floor of a code, and is answered as it was sent`(code: String) throws {
        let text = try answer(#""pairs":[{"procedure":"71046","diagnosis":"\#(code)","confidence":0.98}]"#, by: router(Self.policy))
        #expect(
            text.contains(#""threshold":0.99,"thresholdSource":"floor","rule":{"diagnosis":"J96.*","threshold":0.99},"accepted":false"#))
        #expect(text.contains(#""diagnosis":"\#(code.replacing("\\u00a0", with: "\u{A0}"))""#))
    }

    @Test(arguments: ["patient name", " PATIENT  NAME", "Patient\\u2003Name", "pATIENT nAME "])
    func `is the field that is required, in the section that is`(name: String) throws {
        let members =
            #""sections":["IMPRESSION "],"fields":[{"name":"\#(name)","value":"x","confidence":1},{"name":"Box","confidence":null}]"#
        #expect(try answer(members, by: router(Self.policy)).contains(#""route":"confident""#))
    }

    @Test(arguments: [
        #""fields":[{"name":"Total"},{"name":"total"}]"#, #""fields":[{"name":"\u00e9"},{"name":"e\u0301"}]"#,
        #""fields":[{"name":"a  b"},{"name":" A B"}]"#,
        #""pairs":[{"procedure":"1","diagnosis":"J18.9"},{"procedure":" 1","diagnosis":"j189"}]"#,
        #""pairs":[{"procedure":"1","diagnosis":"a","modifiers":["RT","59"],"line":2},{"procedure":"1","diagnosis":"A","modifiers":["59","rt"],"line":2}]"#,
    ])
    func `may occur once`(members: String) throws {
        #expect(try faults(members).count == 1)
    }

    @Test(arguments: [
        #""pairs":[{"procedure":"1","diagnosis":"a","modifiers":["RT"]},{"procedure":"1","diagnosis":"a","modifiers":["LT"]}]"#,
        #""pairs":[{"procedure":"1","diagnosis":"a","line":1},{"procedure":"1","diagnosis":"a","line":2},{"procedure":"1","diagnosis":"a"}]"#,
        #""fields":[{"name":"a b"},{"name":"ab"}]"#, #""pairs":[{"procedure":"12","diagnosis":"3"},{"procedure":"1","diagnosis":"23"}]"#,
    ])
    func `is told from what is not`(members: String) throws {
        #expect(try faults(members).isEmpty)
    }

    @Test func `is found among many`() throws {
        let fields = (0..<20_000).map { #"{"name":"Field \#($0)"}"# } + [#"{"name":"FIELD  777"}"#]
        #expect(try faults("\"fields\":[\(fields.joined(separator: ","))]") == ["is the name of /fields/777 already"])
    }

    @Test func `answers modifiers and lines as they came`() throws {
        let text = try answer(
            #""pairs":[{"procedure":"20610","diagnosis":"M17.0","modifiers":["rt","59"],"line":7,"primary":true}]"#, by: router())
        #expect(
            text.contains(#""procedure":"20610","diagnosis":"M17.0","primary":true,"modifiers":["rt","59"],"line":7,"confidence":null"#))
    }

    @Test func `makes two rules one in a policy that is put, and not in one that is stored`() throws {
        let json =
            #"{"documentType":"t","threshold":0.9,"rules":[{"diagnosis":"J18.9","threshold":0.8},{"diagnosis":"j189","threshold":0.7}]}"#
        #expect(throws: Faults.self) { try PolicyCodec.read(json: Array(json.utf8)) }
        let service = try TestService()
        _ = try service.ledger.putPolicy(
            documentType: "t", body: Array(json.utf8), precondition: .absent, action: "policy.put", by: "an older version",
            at: Instant(milliseconds: 0), reason: nil)
        try service.application.reload()
        let reply = try service.decide(
            #"{"documentType":"t","documentId":"d","pairs":[{"procedure":"1","diagnosis":"J18.9","confidence":0.8}]}"#)
        #expect(reply.text.contains(#""thresholdSource":"rule""#))
    }
}

/// Empty results, null for absent, values of every kind.
@Suite struct `What engines send` {
    private static let policy = #"{"documentType":"t","threshold":0.5,"requiredFields":["a"],"optionalFields":["b"]}"#

    @Test(arguments: [#""fields":[]"#, #""pairs":[]"#, #""fields":[],"pairs":[]"#, #""fields":null,"pairs":[]"#])
    func `is decided where nothing was read`(members: String) throws {
        let service = try TestService(policies: [Self.policy])
        let reply = try service.decide(#"{"documentType":"t","documentId":"d",\#(members)}"#)
        #expect(reply.text.contains(#""route":"review""#) && reply.text.contains(#""confidence":null,"weakestItem":null"#))
        #expect(reply.text.contains(#""reasons":[{"code":"missing-required-field","field":"a"},{"code":"nothing-read"}],"items":[]}"#))
        let id = try #require(reply.text.firstMatch(of: /"id":"([^"]+)"/)).1
        #expect(try service.ask("GET", "/v1/decisions/\(id)").text == reply.text)
    }

    @Test func `may have null for every optional member`() throws {
        let service = try TestService(policies: [Self.policy])
        let reply = try service.decide(
            #"""
            {"documentType":"t","documentId":"d","population":null,"payer":null,"serviceDate":null,"receivedAt":null,"engine":null,
            "sections":null,"context":null,"fields":[{"name":"a","value":"x","confidence":0.9,"evidence":null}],"pairs":null}
            """#)
        #expect(reply.text.contains(#""route":"confident""#))
        let more = try service.decide(
            #"""
            {"documentType":"t","documentId":"d","engine":{"name":null,"version":null},"fields":[{"name":"a","value":true,"confidence":1}],
            "pairs":[{"procedure":"1","diagnosis":"2","primary":null,"confidence":1,"modifiers":null,"line":null,"evidence":null}]}
            """#)
        #expect(more.text.contains(#""route":"confident""#) && !more.text.contains("modifiers") && !more.text.contains("line"))
    }

    @Test(arguments: [
        ("12.0", false), ("0", false), ("false", false), (#"" x""#, false), (#"" ""#, true), (#""\t\u00a0\u3000""#, true), ("null", true),
    ])
    func `has values that say something or nothing`(value: String, isEmpty: Bool) throws {
        let router = OfflineRouter(
            policies: PolicySet([CompiledPolicy(try PolicyCodec.read(json: Array(Self.policy.utf8)), version: PolicyVersion(1))]),
            salt: TestService.salt)
        let body =
            #"{"documentType":"t","documentId":"d","fields":[{"name":"a","value":\#(value),"confidence":1},{"name":"b","value":\#(value)}]}"#
        let decision = try router.decide(line: Array(body.utf8), review: .refused, at: Instant(milliseconds: 0)).decision
        #expect(decision.items[0].accepted == !isEmpty && decision.items[1].accepted == isEmpty)
        #expect(decision.items[0].reasons == (isEmpty ? .missingRequiredField : []))
    }

    @Test func `may begin with a byte order mark, in JSON and in lines`() throws {
        let service = try TestService(policies: [Self.policy])
        let line = #"{"documentType":"t","documentId":"d","fields":[]}"#
        try service.decide("\u{FEFF}" + line)
        let reply = try service.ask(
            "POST", "/v1/decisions", ["Content-Type: application/x-ndjson"],
            body: "\u{FEFF}" + line + "\n" + line + "\n\u{FEFF}\u{FEFF}" + line)
        let answers = reply.text.split(separator: "\n")
        #expect(answers.count == 3 && answers[0].contains("nothing-read") && answers[1].contains("nothing-read"))
        #expect(answers[2].contains(#""line":3"#))
        let blank = try service.ask("POST", "/v1/decisions", ["Content-Type: application/x-ndjson"], body: "\u{FEFF}\n" + line)
        #expect(blank.text.split(separator: "\n").count == 1 && blank.text.contains("nothing-read"))
        #expect(try PolicyCodec.read(yaml: "\u{FEFF}documentType: t\nthreshold: 0.9").documentType.string == "t")
        #expect(try PolicyCodec.read(json: Array("\u{FEFF}\(Self.policy)".utf8)).documentType.string == "t")
    }

    @Test func `has reviews that compare as people do, with modifiers and lines`() throws {
        func outcome(_ line: String) throws -> ImportedReview? {
            try OfflineRouter(policies: PolicySet([]), salt: TestService.salt)
                .decide(line: Array(line.utf8), review: .kept, at: Instant(milliseconds: 0)).review
        }
        let pairs = try outcome(
            #"""
            {"documentType":"t","documentId":"d","pairs":[{"procedure":"20610","diagnosis":"M17.0","primary":true,"modifiers":["RT"]},
            {"procedure":"20610","diagnosis":"M17.0","modifiers":["LT"]}],"review":{"verdict":"modified","reviewedBy":null,"at":null,
            "corrected":[{"procedure":"20610 ","diagnosis":"m170","primary":true,"modifiers":["rt"],"line":null},
            {"procedure":"99213","diagnosis":"M17.0","primary":null,"modifiers":["25"],"line":2}]}}
            """#)
        #expect(pairs?.items == [.kept, .removed])
        #expect(pairs?.added.map { "\($0.first) \($0.modifiers[0]) \($0.line?.number ?? 0)" } == ["99213 25 2"])
        let fields = try outcome(
            #"""
            {"documentType":"t","documentId":"d","fields":[{"name":"Total","value":12.50},{"name":"Note","value":" "},{"name":"x","value":true}],
            "review":{"verdict":"modified","corrected":{"total":"12.5","NOTE":null,"X":false,"new":7}}}
            """#)
        #expect(fields?.items == [.kept, .kept, .changed])
        #expect(fields?.added.map(\.first.string) == ["new"])
    }
}
