import Foundation
import TestSupport
import Testing

@Suite struct StreamTests {
    @Test func `memory stays flat however long the body is`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite", flags: ["--access-log", "false"])
        let connection = try server.connect()
        let padding = String(repeating: "x", count: 60_000)
        let lines = 3_500  // of 60 kB each: 210 MB
        try connection.send(
            Array(
                "POST /v1/decisions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .utf8))
        let answers = try onThreads(2) { thread -> Int in
            if thread == 0 {
                for number in 0..<lines {
                    let line =
                        Array(
                            #"{"documentType": "t", "documentId": "d-\#(number)", "fields": [{"name": "a", "value": "\#(padding)"}]}"#.utf8)
                        + [10]
                    try connection.send(Array("\(String(line.count, radix: 16))\r\n".utf8) + line + [13, 10])
                }
                try connection.send(Array("0\r\n\r\n".utf8))
                return 0
            }
            guard try connection.head().status == 200 else { return -1 }
            var count = 0
            while let piece = try connection.chunk() { count += piece.count(where: { $0 == 10 }) }
            return count
        }
        #expect(answers[1] == lines)
        #expect(try server.peakMemory() < 64 << 20)
        #expect(try server.decisions().count == lines)
    }

    @Test func `a client that does not read its answers stops the server reading, not growing`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(
            database: directory + "a.sqlite",
            flags: ["--access-log", "false", "--write-timeout-milliseconds", "1000", "--spill-bytes-max", "1000000"])
        let deaf = try server.connect()
        try deaf.send(
            Array(
                "POST /v1/decisions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .utf8))
        let line = Array(#"{"documentType": "t", "documentId": "d", "fields": [{"name": "a"}]}"#.utf8) + [10]
        let block = Array(repeatElement(line, count: 1_000).joined())
        let chunk = Array("\(String(block.count, radix: 16))\r\n".utf8) + block + [13, 10]
        // Until the server takes no more and, its answers not being taken, cuts the connection.
        #expect(throws: (any Error).self) { for _ in 0..<10_000 { try deaf.send(chunk) } }
        #expect(try server.peakMemory() < 96 << 20)
        #expect(try server.ask(.post(PolicyTests.result)).status == 201)
    }

    @Test func `a bad line is answered in its place and stops no other`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let good = String(decoding: PolicyTests.result, as: UTF8.self)
        let body = [good, "", "{", good, #"{"documentType": "t"}"#, "   ", good].joined(separator: "\r\n")
        let answer = try server.ask(.post(Array(body.utf8), type: "application/x-ndjson"))
        let lines = answer.body.split(separator: 10).map { Data($0) }
        #expect(lines.count == 5)
        let problems = try [lines[1], lines[3]].map { try JSONDecoder().decode(ProblemBody.self, from: $0) }
        #expect(problems.map(\.line) == [3, 5])
        #expect(problems.map(\.status) == [400, 400])
        for index in [0, 2, 4] { #expect(try JSONDecoder().decode(DecisionBody.self, from: lines[index]).documentId == "d") }
        #expect(try server.decisions().count == 3)
    }
}
