import API
import Ledger
import Routing
import Testing

/// The policy and the result of the contract's examples.
enum Example {
    static let policy = """
        { "documentType": "cms-1500", "threshold": 0.9,
          "rules": [
            {"field": "note.*", "threshold": 0.5},
            {"procedure": "7104*", "diagnosis": "J18.*", "threshold": 0.92} ] }
        """

    static let body = """
        { "documentType": "cms-1500", "documentId": "claim-000123",
          "population": "northside", "payer": "medicare", "serviceDate": "2026-03-01", "receivedAt": "2026-03-02T08:30:58Z",
          "engine": {"name": "tesseract", "version": "5.3.0"},
          "sections": ["findings", "impression"],
          "context": {"sex": "F", "age": 61, "noteLength": 812},
          "fields": [ {"name": "patient.dateOfBirth", "value": "1980-01-02", "confidence": 0.93, "evidence": {"words": 1}} ],
          "pairs":  [ {"procedure": "71045", "diagnosis": "J18.9", "primary": true, "confidence": 0.91, "evidence": {"region": "impression"}} ] }
        """

    static func answer(id: String) -> String {
        """
        {"id":"\(id)","documentId":"claim-000123","documentType":"cms-1500","decidedAt":"2026-03-02T08:30:58.000Z",\
        "route":"review","queue":"review/cms-1500","qualityAssurance":false,"confidence":0.91,"weakestItem":"71045/J18.9",\
        "policy":"cms-1500","policyVersion":1,"modelVersion":null,"reasons":[],\
        "items":[{"field":"patient.dateOfBirth","confidence":0.93,"threshold":0.9,"thresholdSource":"default","accepted":true,"reasons":[]},\
        {"procedure":"71045","diagnosis":"J18.9","primary":true,"confidence":0.91,"threshold":0.92,"thresholdSource":"rule",\
        "rule":{"procedure":"7104*","diagnosis":"J18.*","threshold":0.92},"accepted":false,"reasons":[{"code":"below-threshold"}]}]}
        """
    }

    static let small = #"{"documentType":"cms-1500","documentId":"d","fields":[{"name":"a","confidence":0.95}]}"#
    static let json = ["Content-Type: application/json"]
}

@Suite struct `Posting one result` {
    @Test func `the contract's example is answered byte for byte`() throws {
        let service = try TestService(policies: [Example.policy])
        let reply = try service.decide(Example.body)
        let id = try #require(try reply.json()["id"].string)
        #expect(reply.text == Example.answer(id: id))
        #expect(reply.field("Location") == "/v1/decisions/\(id)")
        #expect(reply.field("Content-Type") == "application/json")
        #expect(reply.field("Cache-Control") == "no-store")
        #expect(reply.field("X-Request-Id")?.count == 16)
    }

    @Test func `an id is a UUIDv7 of the moment`() throws {
        let service = try TestService(policies: [Example.policy])
        let id = try #require(try service.decide(Example.small).json()["id"].string)
        let milliseconds = service.clock.now().milliseconds
        let hex = String(milliseconds, radix: 16)
        #expect(id.count == 36)
        #expect((String(repeating: "0", count: 12 - hex.count) + hex) == id.prefix(8) + id.dropFirst(9).prefix(4))
        #expect(id.dropFirst(14).first == "7")
        #expect("89ab".contains(id.dropFirst(19).prefix(1)))
    }

    @Test func `a decision is read as it was answered`() throws {
        let service = try TestService(policies: [Example.policy])
        let reply = try service.decide(Example.body)
        let location = try #require(reply.field("Location"))
        let again = try service.ask("GET", location)
        #expect(again.status == 200)
        #expect(again.text == reply.text)
        #expect(try service.ask("GET", location.uppercased().replacing("/V1/DECISIONS", with: "/v1/decisions")).text == reply.text)
        let head = try service.ask("HEAD", location)
        #expect(head.field("Content-Length") == "\(reply.body.count)")
    }

    @Test func `a decision is read in the words of the policy version that made it`() throws {
        let service = try TestService(policies: [Example.policy])
        let reply = try service.decide(Example.body)
        let admin = try service.token("root", .admin)
        let changed = Example.policy.replacing("0.92", with: "0.5")
        let put = try service.ask("PUT", "/v1/policies/cms-1500", Example.json + [admin, #"If-Match: "1""#], body: changed)
        #expect(put.status == 200)
        #expect(try service.ask("GET", try #require(reply.field("Location"))).text == reply.text)
        #expect(try service.decide(Example.body).json()["policyVersion"] == 2)
    }

    @Test func `without any policy a human looks`() throws {
        let service = try TestService()
        let json = try service.decide(Example.small).json()
        #expect(json["route"] == "review")
        #expect(json["policy"] == nil)
        #expect(json["policyVersion"] == nil)
        #expect(json["reasons"] == [try Value(Array(#"{"code":"unknown-document-type"}"#.utf8))])
        #expect(json["items"][0]["threshold"] == nil)
        #expect(json["items"][0]["thresholdSource"] == nil)
        #expect(json["items"][0].names == ["field", "confidence", "threshold", "thresholdSource", "accepted", "reasons"])
    }

    @Test func `past the log's queue a result is refused at once, and what was accepted is in the log`() throws {
        var options = Ledger.Options()
        options.queueEntriesMax = 1
        let service = try TestService(options: options)
        let clients = try (0..<50).map { _ in try service.client() }
        var accepted = 0
        var refused = 0
        // Whether one is refused depends on how fast the disk is: some round finds it busy.
        for _ in 0..<100 where refused == 0 {
            for client in clients { try client.send(TestClient.request("POST", "/v1/decisions", Example.json, body: Example.small)) }
            for client in clients {
                let reply = try client.reply()
                if reply.status == 201 {
                    accepted += 1
                } else {
                    refused += 1
                    #expect(reply.status == 503)
                    #expect(reply.field("Retry-After") == "1")
                    #expect(try reply.json()["type"] == "/problems/overloaded")
                }
            }
        }
        #expect(refused > 0)
        #expect(accepted > 0)
        #expect(try service.ledger.decisionCount() == Int64(accepted))
    }

    @Test func `a released document waits in no queue`() throws {
        let service = try TestService(policies: [Example.policy])
        let json = try service.decide(Example.small).json()
        #expect(json["route"] == "confident")
        #expect(json["queue"] == nil)
        #expect(json.names.contains("queue"))
    }

    @Test func `what is missing is named`() throws {
        let policy = """
            {"documentType":"t","threshold":0,"requiredFields":["a","b\\"c"],"requiredSections":["s"],\
            "floors":[{"field":"x*","risk":"high","threshold":0.5}]}
            """
        let service = try TestService(policies: [policy])
        let body = #"{"documentType":"t","documentId":"d","fields":[{"name":"a","value":""},{"name":"xy","confidence":1e-7}]}"#
        let reply = try service.decide(body)
        let json = try reply.json()
        #expect(json["route"] == "manual")
        #expect(json["queue"] == "manual/t")
        let expected = """
            "reasons":[{"code":"missing-required-field","field":"b\\"c"},{"code":"missing-required-section","section":"s"}],\
            "items":[{"field":"a","confidence":null,"threshold":0,"thresholdSource":"default","accepted":false,\
            "reasons":[{"code":"no-confidence"},{"code":"missing-required-field","field":"a"}]},\
            {"field":"xy","confidence":1e-7,"threshold":0.5,"thresholdSource":"floor",\
            "rule":{"field":"x*","risk":"high","threshold":0.5},"accepted":false,"reasons":[{"code":"below-threshold"}]}]}
            """
        #expect(reply.text.hasSuffix(expected))
        #expect(json["weakestItem"] == "a")
        #expect(json["confidence"] == nil)
    }

    @Test(arguments: [1, 300 << 10]) func `large results are decided as small ones are`(padding: Int) throws {
        let service = try TestService(policies: [Example.policy])
        let context = #""context": {"note": "\#(String(repeating: "x", count: padding))", "sex""#
        let reply = try service.decide(Example.body.replacing(#""context": {"sex""#, with: context))
        let id = try #require(try reply.json()["id"].string)
        #expect(reply.text == Example.answer(id: id))
    }

    @Test func `results on one connection are answered in their order`() throws {
        let service = try TestService(policies: [Example.policy])
        let client = try service.client()
        var requests: [UInt8] = []
        for number in 0..<20 {
            let body = Example.small.replacing(#""d""#, with: "\"d\(number)\"")
            requests += TestClient.request("POST", "/v1/decisions", Example.json, body: body)
        }
        try client.send(requests)
        for number in 0..<20 {
            let reply = try client.reply()
            #expect(reply.status == 201)
            #expect(try reply.json()["documentId"].string == "d\(number)")
        }
    }
}

@Suite struct `The media type of a result` {
    @Test(arguments: [
        ("application/json", 201), ("Application/JSON", 201), ("application/json; charset=utf-8", 201),
        ("application/json;charset=\"UTF-8\"", 201), ("application/json; profile=x", 201),
        ("application/json; charset=utf8", 201), ("application/json;charset=\"Utf8\"", 201), ("application/json; a=b ;charset=UTF-8 ", 201),
        ("application/json; charset=\"utf8", 415), ("application/json; charset=utf-16", 415), ("application/json; charset=latin1", 415),
        ("text/json", 415), ("application/jsonx", 415), ("", 415),
    ]) func `decides whether it is read`(type: String, status: Int) throws {
        let service = try TestService(policies: [Example.policy])
        let reply = try service.ask("POST", "/v1/decisions", ["Content-Type: \(type)"], body: Example.small)
        #expect(reply.status == status)
        if status == 415 {
            #expect(reply.field("Accept-Post") == "application/json, application/x-ndjson, application/ndjson, application/jsonl")
        }
    }

    @Test(arguments: [
        "application/x-ndjson", "application/ndjson", "application/jsonl", "APPLICATION/JSONL", "application/ndjson; charset=utf8",
    ]) func `may be any of the names of NDJSON`(type: String) throws {
        let service = try TestService(policies: [Example.policy])
        let reply = try service.ask("POST", "/v1/decisions", ["Content-Type: \(type)"], body: Example.small + "\n" + Example.small)
        #expect(reply.status == 200)
        #expect(reply.text.split(separator: "\n").count == 2)
    }

    @Test(arguments: [
        ("Content-Type: application/x-www-form-urlencoded", "--json in place of -d"), ("Content-Type: text/csv", "application/x-ndjson"),
        ("X: y", "There is no Content-Type"), ("Content-Type: application/json; charset=cp1252", "UTF-8"),
    ]) func `that is refused is told what to do`(field: String, word: String) throws {
        let service = try TestService()
        let reply = try service.ask("POST", "/v1/decisions", [field], body: Example.small)
        #expect(reply.status == 415)
        #expect(try reply.json()["detail"].string?.contains(word) == true, "\(reply.text)")
    }

    @Test(arguments: [
        ("[\(Example.small)]", "/: ; this takes one result; many"), (" \n[]", "this takes one result; many"),
        (Example.small + "\n" + Example.small, "another result follows; many are sent one a line"),
        (Example.small + "," + Example.small, "another result follows; many"),
    ]) func `of many results is named where they come as one`(body: String, advice: String) throws {
        let service = try TestService()
        let reply = try service.ask("POST", "/v1/decisions", Example.json, body: body)
        #expect(reply.status == 400)
        let detail = try #require(try reply.faults().first)
        #expect(detail.contains(advice.replacing("/: ; ", with: "")) && detail.contains("application/x-ndjson"), "\(detail)")
    }

    @Test func `must be there, once, and not in an unknown coding`() throws {
        let service = try TestService(policies: [Example.policy])
        #expect(try service.ask("POST", "/v1/decisions", [], body: Example.small).status == 415)
        #expect(try service.ask("POST", "/v1/decisions", Example.json + Example.json, body: Example.small).status == 415)
        let encoded = try service.ask("POST", "/v1/decisions", Example.json + ["Content-Encoding: br"], body: Example.small)
        #expect(encoded.status == 415)
        #expect(encoded.field("Accept-Encoding") == "gzip, identity")
    }

    @Test func `a body over the limit is refused before it is sent`() throws {
        let service = try TestService { $0.bodyBytesMax = 1000 }
        let client = try service.client()
        try client.send("POST /v1/decisions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1001\r\n\r\n")
        let reply = try client.reply()
        #expect(reply.status == 413)
        #expect(try reply.json()["type"] == "/problems/content-too-large")
    }
}

@Suite struct `Idempotency keys` {
    @Test func `the same key and body get the first answer again`() throws {
        let service = try TestService(policies: [Example.policy])
        let first = try service.decide(Example.body, ["Idempotency-Key: k-1"])
        service.clock.advance(milliseconds: 5000)
        let again = try service.ask("POST", "/v1/decisions", Example.json + ["Idempotency-Key: k-1"], body: Example.body)
        #expect(again.status == 200)
        #expect(again.field("Idempotency-Replayed") == "true")
        #expect(again.body == first.body)
        #expect(again.field("Location") == first.field("Location"))
        #expect(first.field("Idempotency-Replayed") == nil)
        #expect(try service.ledger.decisionCount() == 1)
    }

    @Test func `the same key with another body is a contradiction`() throws {
        let service = try TestService(policies: [Example.policy])
        try service.decide(Example.body, ["Idempotency-Key: k-1"])
        let other = try service.ask("POST", "/v1/decisions", Example.json + ["Idempotency-Key: k-1"], body: Example.body + " ")
        #expect(other.status == 422)
        #expect(try other.faults() == ["Idempotency-Key: was used with another body"])
        #expect(try service.ledger.decisionCount() == 1)
    }

    @Test func `keys are each token's own`() throws {
        let service = try TestService(policies: [Example.policy])
        let one = try service.token("one", .engine)
        let two = try service.token("two", .engine)
        for token in [[], [one], [two]] { try service.decide(Example.body, ["Idempotency-Key: k"] + token) }
        #expect(try service.ledger.decisionCount() == 3)
    }

    @Test func `a refusal uses up no key`() throws {
        let service = try TestService(policies: [Example.policy])
        let refused = try service.ask("POST", "/v1/decisions", Example.json + ["Idempotency-Key: k"], body: "{}")
        #expect(refused.status == 400)
        try service.decide(Example.body, ["Idempotency-Key: k"])
    }

    @Test func `of racing twins one is made and the others get its answer`() throws {
        let service = try TestService(policies: [Example.policy], loops: 2)
        let clients = try (0..<16).map { _ in try service.client() }
        let request = TestClient.request("POST", "/v1/decisions", Example.json + ["Idempotency-Key: race"], body: Example.body)
        for client in clients { try client.send(request) }
        let replies = try clients.map { try $0.reply() }
        #expect(replies.filter { $0.status == 201 }.count == 1)
        #expect(replies.filter { $0.status == 200 }.count == 15)
        #expect(Set(replies.map(\.body)).count == 1)
        #expect(try service.ledger.decisionCount() == 1)
    }

    @Test(arguments: ["", "a b", "é", String(repeating: "k", count: 256)]) func `a malformed key is a fault of shape`(key: String) throws {
        let service = try TestService(policies: [Example.policy])
        let reply = try service.ask("POST", "/v1/decisions", Example.json + ["Idempotency-Key: \(key)"], body: Example.body)
        #expect(reply.status == 400)
        #expect(
            try reply.faults() == [
                "Idempotency-Key: must be 1 to 255 visible ASCII characters, without spaces: for example a hash of document type and id"
            ])
    }

    @Test(arguments: ["application/json", "application/x-ndjson"])
    func `parameters are refused, and nothing is decided`(type: String) throws {
        let service = try TestService()
        let reply = try service.ask("POST", "/v1/decisions?dryRun=true", ["Content-Type: \(type)"], body: Example.small)
        #expect(reply.status == 400)
        #expect(try reply.faults() == ["dryRun: is not a parameter of this endpoint"])
        #expect(try service.ledger.decisionCount() == 0)
        #expect(try service.ask("POST", "/v1/decisions?", ["Content-Type: \(type)"], body: Example.small).status < 300)
    }

    @Test func `a length given twice is that length`() throws {
        let service = try TestService()
        let body = Example.small + String(repeating: " ", count: 1_000 - Example.small.utf8.count)
        let head = "POST /v1/decisions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000, 1000\r\n\r\n"
        let client = try service.client()
        try client.send(head + body)
        #expect(try client.reply().status == 201)
    }

    @Test func `faults of the head and the body are told together`() throws {
        let service = try TestService(policies: [Example.policy])
        let fields = Example.json + ["Idempotency-Key: a", "Idempotency-Key: b"]
        let reply = try service.ask("POST", "/v1/decisions", fields, body: #"{"documentId":"d","fields":[{"name":"a"}]}"#)
        #expect(reply.status == 400)
        #expect(try reply.faults() == ["Idempotency-Key: occurs more than once", "/documentType: is required"])
    }
}
