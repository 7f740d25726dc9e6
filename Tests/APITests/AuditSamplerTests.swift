import API
import Ledger
import Routing
import Testing

@Suite struct `The audit sample` {
    /// Made with another implementation: first 8 bytes of SHA-256 of salt ‖ ":" ‖ type ‖ ":" ‖ id.
    @Test(
        arguments: [
            ("salt", "cms-1500", "claim-000123", 0x28659b832d6805fd),
            ("", "*", "d", 0xfbf93a22ac0d0504),
            ("the salt of the tests", "radiology-report", "Bürgerstraße 5", 0x4e8bed588f4d30cd),
        ] as [(String, String, String, UInt64)]) func `draws the hash that any implementation draws`(
            salt: String, documentType: String, documentId: String, expected: UInt64
        )
    {
        let sampler = AuditSampler(salt: Array(salt.utf8))
        #expect(sampler.hash(documentType: documentType.utf8, documentId: documentId.utf8) == expected)
    }

    @Test func `tells salts apart without telling them`() {
        #expect(AuditSampler(salt: Array("salt".utf8)).saltId == 0xb711a01235944bd6)
        #expect(AuditSampler(salt: Array("other".utf8)).saltId != AuditSampler(salt: Array("salt".utf8)).saltId)
    }

    @Test func `is drawn of every document and stored with its decision`() throws {
        let service = try TestService(policies: [#"{"documentType":"*","threshold":0.5,"qualityAssurance":{"sampleRate":1}}"#])
        let reply = try service.decide(Example.small)
        #expect(try reply.json()["qualityAssurance"] == true)
        let logged = try #require(try service.ledger.decision(sequence: 1))
        let sampler = AuditSampler(salt: TestService.salt)
        #expect(logged.decision.audit.hash == sampler.hash(documentType: "cms-1500".utf8, documentId: "d".utf8))
        #expect(logged.decision.audit.saltId == sampler.saltId)
        #expect(logged.decision.audit.sampleRate == 1)
    }

    @Test func `takes the documents whose hash is below the rate`() throws {
        let policy = #"{"documentType":"*","threshold":0,"qualityAssurance":{"sampleRate":0.25}}"#
        let service = try TestService(policies: [policy])
        let client = try service.client()
        let sampler = AuditSampler(salt: TestService.salt)
        for number in 0..<64 {
            let body = #"{"documentType":"t","documentId":"d\#(number)","fields":[{"name":"a","confidence":1}]}"#
            let reply = try client.ask("POST", "/v1/decisions", Example.json, body: body)
            let isBelow = sampler.hash(documentType: "t".utf8, documentId: "d\(number)".utf8) < 1 << 62
            #expect(try reply.json()["qualityAssurance"] == .bool(isBelow))
        }
    }
}

@Suite struct `A token's text` {
    @Test func `is a prefix and 43 characters of base64url, never the same twice`() {
        let made = (0..<100).map { _ in TokenText.make() }
        #expect(Set(made.map(\.text)).count == 100)
        for token in made {
            #expect(token.text.hasPrefix("sluice_"))
            #expect(token.text.utf8.count == 50)
            #expect(token.text.dropFirst(7).allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
            #expect(token.digest == TokenText.digest(token.text))
            #expect(token.digest.count == 32)
        }
    }

    @Test func `is stored as its SHA-256`() {
        // FIPS 180-2, appendix B.1.
        #expect(
            TokenText.digest("abc").map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}

@Suite struct `A replay of the log` {
    @Test func `finds what was decided, under every version`() throws {
        let service = try TestService(policies: [Example.policy])
        try service.decide(Example.body)
        let admin = try service.token("root", .admin)
        let changed = Example.policy.replacing("0.92", with: "0.5")
        _ = try service.ask("PUT", "/v1/policies/cms-1500", Example.json + [admin, #"If-Match: "1""#], body: changed)
        try service.decide(Example.body)
        try service.decide(Example.small.replacing("cms-1500", with: "unknown"))
        let replayer = Replayer(ledger: service.ledger, salt: TestService.salt)
        var differences: [String?] = []
        try service.ledger.forEachDecision(after: 0) { logged in differences.append(try replayer.difference(logged)) }
        #expect(differences == [nil, nil, nil])
    }

    @Test func `names what differs and no value`() throws {
        let service = try TestService(policies: [Example.policy])
        try service.decide(Example.body)
        var logged = try #require(try service.ledger.decision(sequence: 1))
        logged.decision.route = .confident
        logged.decision.items[1].accepted = true
        let replayer = Replayer(ledger: service.ledger, salt: TestService.salt)
        #expect(try replayer.difference(logged) == "route; item 1: accepted")
    }

    @Test func `draws the hash again only with the salt it was drawn with`() throws {
        let service = try TestService(policies: [Example.policy])
        try service.decide(Example.body)
        var logged = try #require(try service.ledger.decision(sequence: 1))
        #expect(try Replayer(ledger: service.ledger, salt: [1]).difference(logged) == nil)
        logged.decision.audit.hash ^= 1
        #expect(try Replayer(ledger: service.ledger, salt: TestService.salt).difference(logged) == "audit hash")
    }
}
