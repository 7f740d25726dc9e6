import API
import Ledger
import Routing
import Testing

@Suite struct `The language of policies` {
    private func read(_ json: String) throws -> Policy { try PolicyCodec.read(json: Array(json.utf8)) }

    private func faults(_ json: String) -> (status: UInt16, faults: [String]) {
        do {
            _ = try PolicyCodec.read(json: Array(json.utf8))
            return (200, [])
        } catch {
            return (
                error.status,
                error.faults.map { fault in
                    guard case .pointer(let pointer) = fault.place else { return "?" }
                    return "\(pointer): \(fault.detail)"
                }
            )
        }
    }

    @Test(arguments: [
        #"{"documentType":"t","threshold":null}"#,
        #"{"documentType":"t","threshold":0.5,"rules":[{"field":"a","threshold":null}],"floors":[{"diagnosis":"J*","threshold":null}]}"#,
        #"{"documentType":"t","threshold":null,"unlisted":"review","rules":[{"procedure":"1","threshold":0.5}]}"#,
    ]) func `says never by null, and what it says is written again`(json: String) throws {
        #expect(String(decoding: PolicyCodec.write(try read(json)), as: UTF8.self) == json)
    }

    @Test(arguments: ["threshold: null", "threshold: ~", "threshold:"]) func `says never in YAML`(line: String) throws {
        #expect(try PolicyCodec.read(yaml: "documentType: t\n\(line)\n").threshold == .never)
    }

    @Test func `takes null for absent elsewhere`() throws {
        let json = #"""
            {"documentType":"t","threshold":1,"unlisted":null,"rules":[{"field":null,"procedure":"1","diagnosis":null,"population":null,
            "payer":null,"effectiveFrom":null,"effectiveTo":null,"threshold":0.5}],"floors":null,"requiredFields":null,
            "optionalFields":null,"requiredSections":null,"qualityAssurance":{"sampleRate":null},"targets":{"risk":null},"seen":3,"warnings":[]}
            """#
        let written = #"{"documentType":"t","threshold":1,"rules":[{"procedure":"1","threshold":0.5}]}"#
        #expect(String(decoding: PolicyCodec.write(try read(json)), as: UTF8.self) == written)
        #expect(faults(#"{"documentType":null,"threshold":1}"#).status == 400)
        #expect(faults(#"{"documentType":"t","threshold":1,"rules":[{"field":"a"}]}"#).status == 400)
        #expect(
            faults(#"{"documentType":"t","threshold":1,"unlisted":"never"}"#).faults == [#"/unlisted: must be "default" or "review""#])
    }

    @Test(arguments: [("requiredFields", 1_000), ("optionalFields", 1_000), ("requiredSections", 1_000)])
    func `takes so many names and no more`(list: String, bound: Int) {
        func policy(_ count: Int) -> String {
            #"{"documentType":"t","threshold":1,"\#(list)":[\#((0..<count).map { "\"n\($0)\"" }.joined(separator: ","))]}"#
        }
        #expect(faults(policy(bound)).faults == [])
        #expect(faults(policy(bound + 1)) == (422, ["/\(list): has \(bound + 1) names; at most \(bound) are taken"]))
    }

    @Test(arguments: ["rules", "floors"]) func `takes so many rules and no more`(list: String) {
        let rules = (0..<100_001).map { #"{"field":"\#($0)","threshold":1}"# }.joined(separator: ",")
        #expect(
            faults(#"{"documentType":"t","threshold":1,"\#(list)":[\#(rules)]}"#)
                == (422, ["/\(list): has 100001 \(list); at most 100000 are taken"]))
    }
}

@Suite struct `A policy that is beyond the bounds or contradicts itself` {
    @Test func `decides on when it is in the store already`() throws {
        let service = try TestService()
        let names = (0..<1_500).map { "\"n\($0)\"" }.joined(separator: ",")
        let body = #"{"documentType":"t","threshold":0.5,"requiredFields":[\#(names)],"optionalFields":["n0"]}"#
        _ = try service.ledger.putPolicy(
            documentType: "t", body: Array(body.utf8), precondition: .absent, action: "policy.put", by: "an older version",
            at: service.clock.now(), reason: nil)
        try service.application.reload()
        let decision = try service.decide(#"{"documentType":"t","documentId":"d","fields":[{"name":"a","confidence":1}]}"#).json()
        #expect(decision["reasons"].elements.count == 1_500)
        #expect(try service.ask("GET", "/v1/policies/t").status == 200)
        let admin = try service.token("root", .admin)
        let reply = try service.ask("PUT", "/v1/policies/t", Example.json + [admin, "If-Match: \"1\""], body: body)
        #expect(reply.status == 422)
    }
}
