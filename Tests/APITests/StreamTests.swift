import API
import Ledger
import Routing
import Testing

private let ndjson = ["Content-Type: application/x-ndjson"]

private func chunked(_ pieces: [String]) -> String {
    pieces.filter { !$0.isEmpty }.map { String($0.utf8.count, radix: 16) + "\r\n" + $0 + "\r\n" }.joined() + "0\r\n\r\n"
}

/// A stream's lines without what differs from run to run.
private func lines(_ reply: Reply) throws -> [Value] {
    try reply.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { try Value(Array($0.utf8)) }
}

/// `documentId`, or `line/status` of a problem.
private func gist(_ line: Value) -> String {
    line["documentId"].string ?? "\(Int(line["line"].number ?? -1))/\(Int(line["status"].number ?? -1))"
}

@Suite struct `A stream of results` {
    /// Blank lines, a CRLF, two bad lines, and no newline at the end.
    static let body = [
        #"{"documentType":"t","documentId":"one","fields":[{"name":"a"}]}"#, "",
        #"{"documentType":"t","documentId":"two","fields":[{"name":"ä"}]}"# + "\r", " \t\r", "{]", "{}",
        #" {"documentType":"t","documentId":"three","pairs":[{"procedure":"p","diagnosis":"q"}]} "#,
    ].joined(separator: "\n")

    static let answers = ["one", "two", "5/400", "6/400", "three"]

    @Test func `is answered line by line, in order, as NDJSON`() throws {
        let service = try TestService(policies: [#"{"documentType":"t","threshold":0.5}"#])
        let reply = try service.ask("POST", "/v1/decisions", ndjson, body: Self.body)
        #expect(reply.status == 200)
        #expect(reply.field("Content-Type") == "application/x-ndjson")
        #expect(reply.field("Cache-Control") == "no-store")
        #expect(reply.text.hasSuffix("\n"))
        #expect(try lines(reply).map(gist) == Self.answers)
        #expect(try service.ledger.decisionCount() == 3)
        let problem = try lines(reply)[3]
        #expect(problem.names == ["type", "title", "status", "detail", "line", "errors"])
        #expect(problem.faults.first == "/documentType: is required")
        let id = try #require(try lines(reply)[0]["id"].string)
        #expect(reply.text.hasPrefix(try service.ask("GET", "/v1/decisions/\(id)").text + "\n"))
    }

    @Test func `is the same however its body is cut`() throws {
        let service = try TestService(policies: [#"{"documentType":"t","threshold":0.5}"#])
        let client = try service.client()
        let bytes = Array(Self.body.utf8)
        for cut in 0...bytes.count {
            let head = TestClient.request("POST", "/v1/decisions", ndjson + ["Transfer-Encoding: chunked"])
            var request = head
            for piece in [bytes[..<cut], bytes[cut...]] where !piece.isEmpty {
                request += Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8)
            }
            try client.send(request + Array("0\r\n\r\n".utf8))
            let told = try lines(client.reply()).map(gist)
            #expect(told == Self.answers, "cut at \(cut)")
        }
        #expect(try service.ledger.decisionCount() == Int64(3 * (bytes.count + 1)))
    }

    @Test func `is the same byte by byte`() throws {
        let service = try TestService(policies: [#"{"documentType":"t","threshold":0.5}"#])
        let pieces = Self.body.utf8.map { [$0] }
        var request = TestClient.request("POST", "/v1/decisions", ndjson + ["Transfer-Encoding: chunked"])
        for piece in pieces { request += Array("1\r\n".utf8) + piece + Array("\r\n".utf8) }
        let client = try service.client()
        try client.send(request + Array("0\r\n\r\n".utf8))
        #expect(try lines(client.reply()).map(gist) == Self.answers)
    }

    @Test func `is answered while it is being sent`() throws {
        let service = try TestService()
        let client = try service.client()
        try client.send(TestClient.request("POST", "/v1/decisions", ndjson + ["Transfer-Encoding: chunked"]))
        let line = Example.small + "\n"
        try client.send(String(line.utf8.count, radix: 16) + "\r\n" + line + "\r\n")
        // The head and the first line come before the end of the body is sent.
        try client.waitForInput(containing: #""documentId":"d""#)
        try client.send("0\r\n\r\n")
        #expect(try lines(client.reply()).count == 1)
    }

    @Test func `without a line has an empty answer`() throws {
        let service = try TestService()
        for body in ["", "\n\n \r\n"] {
            let reply = try service.ask("POST", "/v1/decisions", ndjson, body: body)
            #expect(reply.status == 200)
            #expect(reply.text == "")
        }
    }

    @Test func `refuses a line that is too long and goes on`() throws {
        let service = try TestService(settings: { $0.lineBytesMax = 1000 })
        let long = String(repeating: "x", count: 1001)
        let pieces = [Example.small + "\n" + long.prefix(500), String(long.dropFirst(500)) + "yyy", "zzz\n" + Example.small, "\n" + long]
        let client = try service.client()
        try client.send(TestClient.request("POST", "/v1/decisions", ndjson + ["Transfer-Encoding: chunked"]))
        try client.send(chunked(pieces))
        #expect(try lines(client.reply()).map(gist) == ["d", "2/413", "d", "4/413"])
    }

    @Test(arguments: [
        (Example.small + Example.small, "were newlines lost"), (Example.small + " " + Example.small + Example.small, "--data-binary"),
        (Example.small + "," + Example.small, "were newlines lost"), ("[\(Example.small)]", "leave out the brackets"),
        ("[", "leave out the brackets"), ("{", "one whole result"), (#"  "documentId": "d","#, "one whole result"),
        (#"{"documentType": "a } b","#, "one whole result"),
    ]) func `says of a line of another shape what to do`(line: String, advice: String) throws {
        let service = try TestService()
        let reply = try service.ask("POST", "/v1/decisions", ndjson, body: "\(line)\n\(Example.small)")
        #expect(try lines(reply).map(gist) == ["1/400", "d"])
        #expect(try lines(reply)[0].faults.first?.contains(advice) == true, "\(reply.text)")
    }

    @Test func `says of a faulty result no more than the fault`() throws {
        let service = try TestService()
        let reply = try service.ask("POST", "/v1/decisions", ndjson, body: #"{"documentType":"t","documentId":"d","fields":[],"x":1}"#)
        for fault in try lines(reply)[0].faults { #expect(!fault.contains("line")) }
    }

    @Test func `takes long lines in their order`() throws {
        let service = try TestService()
        let note = String(repeating: "x", count: 400_000)
        let long = Example.small.replacing(#""documentId":"d""#, with: #""documentId":"long","context":"\#(note)""#)
        let reply = try service.ask(
            "POST", "/v1/decisions", ndjson, body: [long, Example.small, long, Example.small].joined(separator: "\n"))
        #expect(try lines(reply).map(gist) == ["long", "d", "long", "d"])
    }

    @Test func `of many lines is answered whole`() throws {
        let service = try TestService(policies: [Example.policy])
        let count = 5000
        let body = (0..<count).map { Example.small.replacing(#""d""#, with: "\"d\($0)\"") }.joined(separator: "\n")
        let reply = try service.ask("POST", "/v1/decisions", ndjson, body: body)
        #expect(try lines(reply).map(gist) == (0..<count).map { "d\($0)" })
        #expect(try service.ledger.decisionCount() == Int64(count))
    }

    @Test func `is held back, not refused, by a full queue`() throws {
        var options = Ledger.Options()
        options.queueEntriesMax = 1
        let service = try TestService(loops: 2, options: options)
        let body = (0..<600).map { Example.small.replacing(#""d""#, with: "\"d\($0)\"") }.joined(separator: "\n")
        let clients = try (0..<4).map { _ in try service.client() }
        for client in clients { try client.send(TestClient.request("POST", "/v1/decisions", ndjson, body: body)) }
        for client in clients { #expect(try lines(client.reply()).map(gist) == (0..<600).map { "d\($0)" }) }
        #expect(try service.ledger.decisionCount() == 2400)
    }

    @Test func `acts on its key line by line`() throws {
        let service = try TestService()
        let other = Example.small.replacing(#""d""#, with: #""e""#)
        let fields = ndjson + ["Idempotency-Key: K"]
        let first = try service.ask("POST", "/v1/decisions", fields, body: "\n\(Example.small)\n\(other)")
        #expect(try service.ledger.decisionCount() == 2)
        let again = try service.ask("POST", "/v1/decisions", fields, body: "\n\(Example.small)\r\n\(other)\n\(other)")
        let (one, two) = (try lines(first), try lines(again))
        #expect(Array(two.prefix(2)) == one)
        #expect(try service.ledger.decisionCount() == 3)
        let changed = try lines(try service.ask("POST", "/v1/decisions", fields, body: "\n\(other)\n\(other)"))
        #expect(changed.map(gist) == ["2/422", "e"])
        let single = try service.ask("POST", "/v1/decisions", Example.json + ["Idempotency-Key: K:2"], body: Example.small)
        #expect(single.status == 200)
        #expect(try single.json() == one[0])
    }

    @Test func `with a malformed key is refused as a whole`() throws {
        let service = try TestService()
        let reply = try service.ask("POST", "/v1/decisions", ndjson + ["Idempotency-Key: a b"], body: Example.small)
        #expect(reply.status == 400)
        #expect(
            try reply.faults() == [
                "Idempotency-Key: must be 1 to 255 visible ASCII characters, without spaces: for example a hash of document type and id"
            ])
    }

    @Test func `stops deciding when its token is revoked`() throws {
        let service = try TestService()
        let token = try service.token("engine", .engine)
        let client = try service.client()
        try client.send(TestClient.request("POST", "/v1/decisions", ndjson + [token, "Transfer-Encoding: chunked"]))
        let line = Example.small + "\n"
        let chunk = String(line.utf8.count, radix: 16) + "\r\n" + line + "\r\n"
        try client.send(chunk)
        try client.waitForInput(containing: #""documentId":"d""#)
        _ = try service.ledger.revokeToken(name: "engine", by: "tests", at: service.clock.now())
        try service.application.reload()
        try client.send(chunk + "0\r\n\r\n")
        #expect(try lines(client.reply()).map(gist) == ["d", "2/401"])
    }

    @Test func `that is cut leaves the service well`() throws {
        let service = try TestService()
        do {
            let client = try service.client()
            try client.send(TestClient.request("POST", "/v1/decisions", ndjson + ["Transfer-Encoding: chunked"]))
            let line = Example.small + "\n"
            try client.send(String(line.utf8.count, radix: 16) + "\r\n" + line + "\r\n")
            try client.waitForInput(containing: #""documentId":"d""#)
        }
        #expect(try service.ask("POST", "/v1/decisions", Example.json, body: Example.small).status == 201)
        // The line before the cut was answered, so it is logged, once.
        #expect(try service.ledger.decisionCount() == 2)
    }
}

@Suite struct `A log that takes no writes` {
    private func fullService() throws -> TestService {
        var options = Ledger.Options()
        options.pagesMax = 60
        return try TestService(options: options)
    }

    @Test func `is told to every caller, and lines say so one by one`() throws {
        let service = try fullService()
        let client = try service.client()
        // The database has few pages: it is full after a while.
        let name = String(repeating: "n", count: 200)
        let fields = (0..<100).map { #"{"name":"\#(name)\#($0)"}"# }.joined(separator: ",")
        let body = #"{"documentType":"t","documentId":"d","fields":[\#(fields)]}"#
        var statuses: Set<Int> = []
        var last: Reply?
        for _ in 0..<200 where !statuses.contains(503) {
            last = try client.ask("POST", "/v1/decisions", Example.json, body: body)
            statuses.insert(last?.status ?? 0)
        }
        let refused = try #require(last)
        #expect(refused.status == 503)
        #expect(refused.field("Retry-After") == "1")
        #expect(try refused.json()["type"] == "/problems/log-unavailable")
        let stream = try client.ask("POST", "/v1/decisions", ndjson, body: "\(body)\n\(body)")
        #expect(stream.status == 200)
        #expect(try lines(stream).map(gist) == ["1/503", "2/503"])
        let readiness = try client.ask("GET", "/readyz")
        #expect(readiness.status == 503)
        #expect(try readiness.json()["detail"] == "The log takes no writes: the disk is full.")
        #expect(try client.ask("GET", "/healthz").status == 200)
    }
}
