import API
import Ledger
import Routing
import Testing

/// The faults of a result, as `place: detail`, by the very code of the endpoint.
private func faults(_ body: String, review: ReviewMember = .refused) -> (status: UInt16, faults: [String]) {
    let router = OfflineRouter(policies: PolicySet([]), salt: TestService.salt)
    do throws(Faults) {
        _ = try router.decide(line: Array(body.utf8), review: review, at: Instant(milliseconds: 0))
        return (201, [])
    } catch {
        let told = error.faults.map { fault in
            switch fault.place {
            case .pointer(let text), .parameter(let text), .header(let text): "\(text): \(fault.detail)"
            }
        }
        return (error.status, told)
    }
}

private func result(_ members: String) -> String { #"{"documentType":"t","documentId":"d",\#(members)}"# }

@Suite struct `A faulty result` {
    struct Row: Sendable, CustomTestStringConvertible {
        var body: String
        var faults: [String]
        var status: UInt16 = 400
        var testDescription: String { String(body.prefix(120)) }
    }

    static let name = "must be 1 to 256 bytes without control characters"
    static let confidence = "must be a number from 0 to 1, or null"
    static let required = "/fields: fields or pairs are required; where nothing was read, an empty array"
    static let twice = "already; modifiers or a line tell apart what a claim bills twice"
    static let modifiers = "must be an array of modifiers, for example [\"RT\", \"59\"]"
    static let modifier = "must be a string of two letters or digits, for example \"RT\""
    static let line = "must be a whole number from 1 to 999"
    static let day = "is a day that no calendar has"
    static let time = "must be a time with Z or an offset, for example 2026-03-01T08:30:58Z"

    private static func pair(_ members: String) -> String { #""pairs":[{"procedure":"p","diagnosis":"d",\#(members)}]"# }

    static let rows: [Row] = [
        Row(body: "", faults: [": is empty; JSON is needed, at byte 0"]),
        Row(body: "{\n\"a\":,", faults: [": is not valid JSON, at byte 6 (line 2)"]),
        Row(body: "[]", faults: [": must be an object"]),
        Row(
            body: "{}",
            faults: [
                "/documentType: is required", "/documentId: is required", required,
            ]),
        Row(body: #"{"documentType":"t","documentId":"d"}"#, faults: [required]),
        Row(body: result(#""fields":{}"#), faults: ["/fields: must be an array"]),
        Row(body: result(#""pairs":null"#), faults: [required]),
        Row(body: result(#""fields":null,"pairs":null"#), faults: [required]),
        Row(
            body: #"{"documentType":null,"documentId":null,"fields":[{"name":null}],"pairs":[{"procedure":null,"diagnosis":null}]}"#,
            faults: [
                "/fields/0/name: is required", "/pairs/0/procedure: is required", "/pairs/0/diagnosis: is required",
                "/documentType: is required", "/documentId: is required",
            ]),
        Row(body: result(#""fields":[1,null]"#), faults: ["/fields/0: must be an object", "/fields/1: must be an object"]),
        Row(body: result(#""fields":[{}]"#), faults: ["/fields/0/name: is required"]),
        Row(body: result(#""fields":[{"name":1}]"#), faults: ["/fields/0/name: must be a string"]),
        Row(body: result(#""fields":[{"name":""}]"#), faults: ["/fields/0/name: \(name)"]),
        Row(body: result(#""fields":[{"name":"a\u0000"}]"#), faults: ["/fields/0/name: \(name)"]),
        Row(body: result(#""fields":[{"name":"a\u0085"}]"#), faults: ["/fields/0/name: \(name)"]),
        Row(body: result(#""fields":[{"name":"\#(String(repeating: "é", count: 128))x"}]"#), faults: ["/fields/0/name: \(name)"]),
        Row(
            body: result(#""fields":[{"name":"a","value":[1]},{"name":"b","value":{}}]"#),
            faults: [
                "/fields/0/value: must be a string, a number, true, false or null",
                "/fields/1/value: must be a string, a number, true, false or null",
            ]),
        Row(body: result(#""fields":[{"name":"a","confidence":"1"}]"#), faults: ["/fields/0/confidence: \(confidence)"]),
        Row(body: result(#""fields":[{"name":"a","confidence":1.0000001}]"#), faults: ["/fields/0/confidence: \(confidence)"]),
        Row(body: result(#""fields":[{"name":"a","confidence":-1e-9}]"#), faults: ["/fields/0/confidence: \(confidence)"]),
        Row(body: result(#""fields":[{"name":"a","a/b~c":1}]"#), faults: ["/fields/0/a~1b~0c: is not a member of a field"]),
        Row(body: result(#""pairs":[{"procedure":"p"}]"#), faults: ["/pairs/0/diagnosis: is required"]),
        Row(body: result(pair(#""primary":1"#)), faults: ["/pairs/0/primary: must be true or false"]),
        Row(body: result(pair(#""modifiers":"RT""#)), faults: ["/pairs/0/modifiers: \(modifiers)"]),
        Row(
            body: result(pair(#""modifiers":["R","RTX","é",59,null," R"]"#)),
            faults: (0..<4).map { "/pairs/0/modifiers/\($0): \(modifier)" } + ["/pairs/0/modifiers: must have 4 modifiers at most"]),
        Row(body: result(pair(#""line":0"#)), faults: ["/pairs/0/line: \(line)"]),
        Row(body: result(pair(#""line":1000"#)), faults: ["/pairs/0/line: \(line)"]),
        Row(body: result(pair(#""line":1.5"#)), faults: ["/pairs/0/line: \(line)"]),
        Row(body: result(pair(#""line":"1""#)), faults: ["/pairs/0/line: \(line)"]),
        Row(
            body: result(#""pairs":[{"procedure":"p","diagnosis":"d","value":"x"}]"#), faults: ["/pairs/0/value: is not a member of a pair"]
        ),
        Row(
            body: result(#""fields":[{"name":"a"},{"name":"b"},{"name":"a"}]"#),
            faults: ["/fields/2/name: is the name of /fields/0 already"], status: 422),
        Row(
            body: result(#""fields":[{"name":7},{"name":"a"},{"name":"a"}]"#),
            faults: ["/fields/0/name: must be a string", "/fields/2/name: is the name of /fields/1 already"]),
        Row(
            body: result(#""pairs":[{"procedure":"p","diagnosis":"q"},{"procedure":"p","diagnosis":"q","primary":true}]"#),
            faults: ["/pairs/1: has the codes of /pairs/0 \(twice)"], status: 422),
        Row(
            body: result(
                #""pairs":[{"diagnosis":"q","procedure":"p"},{"procedure":"pq","diagnosis":"r"},{"diagnosis":"q","procedure":"p"}]"#),
            faults: ["/pairs/2: has the codes of /pairs/0 \(twice)"], status: 422),
        Row(
            body: result(#""pairs":[{"procedure":"p"},{"procedure":"p"}]"#),
            faults: ["/pairs/0/diagnosis: is required", "/pairs/1/diagnosis: is required"]),
        Row(body: result(#""fields":[{"name":"a"}],"engine":[]"#), faults: ["/engine: must be an object"]),
        Row(
            body: result(#""fields":[{"name":"a"}],"engine":{"name":"","model":"x"}"#),
            faults: ["/engine/name: \(name)", "/engine/model: is not a member of an engine"]),
        Row(body: result(#""fields":[{"name":"a"}],"sections":"findings""#), faults: ["/sections: must be an array"]),
        Row(body: result(#""fields":[{"name":"a"}],"sections":["ok",""]"#), faults: ["/sections/1: \(name)"]),
        Row(body: result(#""fields":[{"name":"a"}],"serviceDate":"2026-02-29""#), faults: ["/serviceDate: \(day)"]),
        Row(
            body: result(#""fields":[{"name":"a"}],"receivedAt":"2026-02-28""#),
            faults: ["/receivedAt: \(time)"]),
        Row(
            body: result(#""fields":[],"serviceDate":"01.03.2026","receivedAt":"2026-03-01T08:30:58""#),
            faults: ["/serviceDate: must be a date as YYYY-MM-DD, for example 2026-03-01", "/receivedAt: lacks its offset: \(time)"]),
        Row(
            body: result(#""fields":[{"name":"a"}],"population":null,"payer":5,"sections":[null]"#),
            faults: ["/payer: must be a string", "/sections/0: must be a string"]),
        Row(body: result(#""fields":[{"name":"a"}],"review":{}"#), faults: ["/review: is not a member of a result"]),
        Row(
            body: #"{"documentType":"a b","documentId":"d","fields":[{"name":"a"}]}"#,
            faults: ["/documentType: must be 1 to 128 of A-Za-z0-9._-, or *"]),
        Row(body: result(#""fields":[{"name":"a","name":"b"}]"#), faults: ["/fields/0/name: occurs twice in its object"]),
        Row(body: result(#""fields":[{"name":"\ud800"}]"#), faults: [": has a lone surrogate, at byte 56"]),
        Row(
            body: result(#""fields":[{"name":"a","confidence":1e999}]"#),
            faults: [": has a number beyond a double's range, at byte 72"]),
        Row(body: result(#""fields":[{"name":"a"}]"#) + "x", faults: [": has bytes behind its end, at byte 61"]),
    ]

    @Test(arguments: rows) func `names every fault where it stands`(row: Row) {
        let told = faults(row.body)
        #expect(told.faults == row.faults)
        #expect(told.status == row.status)
    }

    @Test func `names of members are cut at 128 bytes, between characters`() {
        let member = "x" + String(repeating: "é", count: 100)
        let told = faults(result(#""fields":[{"name":"a"}],"\#(member)":1"#)).faults
        #expect(told == ["/x\(String(repeating: "é", count: 63)): is not a member of a result"])
    }

    @Test func `a hundred faults are told, and one of shape decides the status`() {
        let pairs = (0..<150).map { _ in #"{"procedure":"p","diagnosis":"d"}"# } + [#"{"procedure":"p"}"#]
        let told = faults(result("\"pairs\":[\(pairs.joined(separator: ","))]"))
        #expect(told.faults.count == 100)
        #expect(told.status == 400)
        #expect(told.faults.first == "/pairs/150/diagnosis: is required")
    }

    @Test func `a value is never told`() {
        let body = result(#""fields":[{"name":"a","value":{"ssn":"078-05-1120"},"confidence":"078-05-1120"}]"#)
        #expect(!faults(body).faults.joined().contains("078"))
    }

    @Test func `pairs before fields are numbered and ordered all the same`() throws {
        let router = OfflineRouter(policies: PolicySet([]), salt: TestService.salt)
        let body = result(#""pairs":[{"procedure":"p","diagnosis":"q"}],"fields":[{"name":"f"}]"#)
        let entry = try router.decide(line: Array(body.utf8), review: .refused, at: Instant(milliseconds: 0))
        #expect(entry.result.items.map(\.kind) == [.field, .pair])
    }

    @Test(arguments: [
        #"{"documentType":"t","documentId":"d","context":{"Jane Roe":1,"Jane Roe":2},"fields":[]}"#,
        #"{"documentType":"t","documentId":"d","fields":[{"name":"a","evidence":{"x":[{"Jane Roe":1,"Jane Roe":2}]}}]}"#,
        #"{"documentType":"t","documentId":"d","pairs":[{"evidence":{"Jane Roe":{"a":1,"a":2}}}]}"#,
    ])
    func `what context and evidence hold is never told, not even where a member occurs twice`(body: String) {
        let told = faults(body).faults
        #expect(told.count == 1)
        #expect(
            told[0].contains("occurs twice") && !told[0].contains("Jane") && (told[0].contains("context") || told[0].contains("evidence")))
    }

    @Test func `one of many names that occurs twice is found`() {
        let fields = (0..<20_000).map { #"{"name":"field-\#($0)"}"# } + [#"{"name":"field-777"}"#]
        let told = faults(result("\"fields\":[\(fields.joined(separator: ","))]"))
        #expect(told.faults == ["/fields/20000/name: is the name of /fields/777 already"])
    }
}

@Suite struct `A problem document` {
    @Test func `has the members of RFC 9457 and every fault`() throws {
        let service = try TestService()
        let reply = try service.ask(
            "POST", "/v1/decisions", Example.json, body: #"{"documentType":"t","fields":[{"name":"a"},{"name":"a"}]}"#)
        #expect(reply.status == 400)
        #expect(reply.field("Content-Type") == "application/problem+json")
        #expect(reply.field("Cache-Control") == "no-store")
        let expected = """
            {"type":"/problems/invalid-request","title":"The request is not of the right shape","status":400,\
            "detail":"2 faults were found in the request; see errors.","errors":[{"pointer":"/documentId","detail":"is required"},\
            {"pointer":"/fields/1/name","detail":"is the name of /fields/0 already"}]}
            """
        #expect(reply.text == expected)
    }

    @Test func `of contradictions alone is 422`() throws {
        let service = try TestService()
        let body = #"{"documentType":"t","documentId":"d","fields":[{"name":"a"},{"name":"a"}]}"#
        let reply = try service.ask("POST", "/v1/decisions", Example.json, body: body)
        #expect(reply.status == 422)
        #expect(try reply.json()["type"] == "/problems/contradiction")
        #expect(try service.ledger.decisionCount() == 0)
    }
}

@Suite struct `A review beside a result` {
    private static let pairs =
        #""pairs":[{"procedure":"1","diagnosis":"a","primary":true},{"procedure":"1","diagnosis":"b"},{"procedure":"2","diagnosis":"c"}]"#
    private static let fields = #""fields":[{"name":"x","value":"1"},{"name":"y","value":""},{"name":"z"}]"#

    private func review(_ items: String, _ review: String) throws -> ImportedReview {
        let router = OfflineRouter(policies: PolicySet([]), salt: TestService.salt)
        let line = result("\(items),\"review\":\(review)")
        return try #require(try router.decide(line: Array(line.utf8), review: .kept, at: Instant(milliseconds: 0)).review)
    }

    @Test func `says of each pair whether it was kept, changed or removed`() throws {
        let made = try review(
            Self.pairs,
            """
            {"verdict":"modified","reviewedBy":"coder-7","at":"2026-01-01T00:00:00Z","corrected":[\
            {"procedure":"1","diagnosis":"a","primary":true},{"procedure":"1","diagnosis":"b","primary":true},\
            {"procedure":"3","diagnosis":"d","primary":false}]}
            """)
        #expect(made.items == [.kept, .changed, .removed])
        #expect(made.added.map(\.first.string) == ["3"])
        #expect(made.reviewer?.string == "coder-7")
        #expect(made.at == Instant(milliseconds: 1_767_225_600_000))
    }

    @Test func `says of each field whether its value was right`() throws {
        let made = try review(Self.fields, #"{"verdict":"modified","corrected":{"x":"2","y":null,"w":"new"}}"#)
        #expect(made.items == [.changed, .kept, .kept])
        #expect(made.added.map(\.first.string) == ["w"])
    }

    @Test func `that rejects leaves nothing`() throws {
        #expect(try review(Self.fields, #"{"verdict":"rejected"}"#).items == [.removed, .removed, .removed])
    }

    @Test(arguments: [
        (#"{"verdict":"approved","corrected":{"x":"2"}}"#, "/review/corrected: changes what the verdict approves"),
        (#"{"verdict":"modified","corrected":{"x":"1"}}"#, "/review/corrected: changes nothing, but the verdict says so"),
        (#"{"verdict":"fine"}"#, "/review/verdict: must be approved, modified or rejected"),
        (#"{"corrected":{}}"#, "/review/verdict: is required"),
        (#"{"verdict":"approved","corrected":1}"#, "/review/corrected: must be an array of pairs or an object of fields"),
        (#"{"verdict":"approved","mood":1}"#, "/review/mood: is not a member of a review"),
    ]) func `must agree with itself`(review: String, fault: String) {
        #expect(faults(result("\(Self.fields),\"review\":\(review)"), review: .kept).faults == [fault])
    }
}
