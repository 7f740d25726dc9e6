import Foundation
import Gzip
import Testing

/// Content codings of requests and answers (RFC 9110 §8.4, §12.5.3, RFC 1952).
@Suite struct `HTTP compression` {
    static func gzip(_ text: String) -> [UInt8] { GzipEncoder.encode(Array(text.utf8)) ?? [] }

    static func post(_ body: [UInt8], type: String = "application/json", _ fields: String = "Content-Encoding: gzip\r\n") -> [UInt8] {
        Array("POST /v1/decisions HTTP/1.1\r\n\(Raw.host)Content-Type: \(type)\r\n\(fields)Content-Length: \(body.count)\r\n\r\n".utf8)
            + body
    }

    static func chunks(_ body: [UInt8], of size: Int, type: String) -> [UInt8] {
        var bytes = Array(
            "POST /v1/decisions HTTP/1.1\r\n\(Raw.host)Content-Type: \(type)\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
                .utf8)
        for start in stride(from: 0, to: body.count, by: size) {
            let piece = body[start..<min(start + size, body.count)]
            bytes += Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [13, 10]
        }
        return bytes + Array("0\r\n\r\n".utf8)
    }

    static func expand(_ body: [UInt8]) throws -> [UInt8] {
        let decoder = try GzipDecoder()
        var output: [UInt8] = []
        var position = 0
        while position < body.count { position += try decoder.decode(body.span.extracting(position..<body.count), into: &output) }
        #expect(decoder.isComplete)
        return output
    }

    static let lines = "application/x-ndjson"

    /// A result with so many bytes of value.
    static func result(_ name: String, valueBytes: Int) -> String {
        var state: UInt64 = 1
        let value = String(
            decoding: (0..<valueBytes).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(ascii: "a") + UInt8(state >> 60)
            }, as: UTF8.self)
        return #"{"documentType":"t","documentId":"\#(name)","fields":[{"name":"a","value":"\#(value)","confidence":0.5}]}"#
    }

    // MARK: Requests

    @Test func `a compressed result is decided like any other, short or long, whole or in chunks`() throws {
        let runner = try WireRunner()
        let connection = try runner.server.connect()
        for bytes in [10, 1_000, 200_000, 300_000, 8_000_000] {
            let body = Self.gzip(Self.result("d-\(bytes)", valueBytes: bytes))
            try connection.send(Self.post(body))
            let answer = try connection.raw()
            #expect(answer.status == 201, "\(bytes): \(answer.text.prefix(300))")
            #expect(answer.faults == [])
            try connection.send(Self.chunks(body, of: 1_000, type: "application/json"))
            #expect(try connection.raw().status == 201, "\(bytes) in chunks")
        }
        #expect(try runner.server.decisions().count == 10)
    }

    @Test(arguments: [
        ("Content-Encoding: gzip\r\n", 201), ("Content-Encoding: GZIP\r\n", 201), ("Content-Encoding: x-gzip\r\n", 201),
        ("Content-Encoding: \t gzip \r\n", 201), ("Content-Encoding: identity, gzip\r\n", 201), ("Content-Encoding: ,gzip,\r\n", 201),
        ("Content-Encoding: identity\r\nContent-Encoding: gzip\r\n", 201), ("Content-Encoding: gzip, gzip\r\n", 415),
        ("Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n", 415), ("Content-Encoding: deflate\r\n", 415),
        ("Content-Encoding: br\r\n", 415),
        ("Content-Encoding: zstd\r\n", 415), ("Content-Encoding: gzip;q=1\r\n", 415), ("Content-Encoding: \"gzip\"\r\n", 415),
        ("Content-Encoding: gzip, br\r\n", 415), ("Content-Encoding: *\r\n", 415), ("Content-Encoding: chunked\r\n", 415),
        ("Content-Encoding: identity\r\n", 400), ("Content-Encoding:\r\n", 400), ("", 400),
    ])
    func `the field decides how a body is read, and codings that are not known are 415`(fields: String, status: Int) throws {
        let runner = try WireRunner()
        let connection = try runner.server.connect()
        try connection.send(Self.post(Self.gzip(Raw.result), fields))
        let answer = try connection.raw()
        #expect(answer.status == status, "\(answer.text)")
        #expect(answer.faults == [])
        if status == 415 { #expect(answer.value("accept-encoding") == "gzip, identity") }
        try connection.send(Self.post(Array(Raw.result.utf8), "Content-Encoding: identity\r\n"))
        #expect(try connection.raw().status == 201)
    }

    @Test func `a body that is not whole gzip is 400, and the connection goes on`() throws {
        let runner = try WireRunner()
        let connection = try runner.server.connect()
        let whole = Self.gzip(Self.result("d", valueBytes: 400))
        var rows: [(String, [UInt8])] = (0..<whole.count).map { ("\($0) bytes of it", Array(whole[..<$0])) }
        rows += [
            ("plain JSON", Array(Raw.result.utf8)), ("a byte behind it", whole + [0]), ("JSON behind it", whole + Array("{}".utf8)),
            ("half a member behind it", whole + whole.prefix(20)), ("zeros behind it", whole + [UInt8](repeating: 0, count: 512)),
            ("gzip of no JSON", Self.gzip("hello")), ("gzip of nothing", Self.gzip("")), ("two documents", whole + whole),
        ]
        for index in [0, 1, 2, whole.count / 2, whole.count - 8, whole.count - 4, whole.count - 1] {
            var damaged = whole
            damaged[index] ^= 0x10
            rows.append(("byte \(index) changed", damaged))
        }
        for (name, body) in rows {
            try connection.send(Self.post(body))
            let answer = try connection.raw()
            #expect(answer.status == 400, "\(name): \(answer.text)")
            #expect(answer.faults == [], "\(name)")
        }
        #expect(try runner.server.decisions().isEmpty)
        // What comes in two members is one body.
        let text = Raw.result
        try connection.send(Self.post(Self.gzip(String(text.prefix(20))) + Self.gzip(String(text.dropFirst(20)))))
        #expect(try connection.raw().status == 201)
    }

    @Test func `a bomb is 413, costs little memory and harms no other`() throws {
        let runner = try WireRunner("--access-log", "false")
        let connection = try runner.server.connect()
        for bytes in [4 << 20, 8 << 20, 64 << 20] {
            for level: Int32 in [1, 9] {
                let body = GzipEncoder.encode([UInt8](repeating: 0x20, count: bytes) + Array(Raw.result.utf8), level: level) ?? []
                try connection.send(Self.post(body))
                let answer = try connection.raw()
                #expect(answer.status == 413, "\(bytes)")
                #expect(answer.faults == [])
            }
        }
        let random = Self.result("d", valueBytes: 9 << 20)
        let long = Self.gzip(random)
        #expect(long.count < 8 << 20)
        try connection.send(Self.post(long))
        #expect(try connection.raw().status == 413)
        #expect(try connection.ask(.post(Array(Raw.result.utf8))).status == 201)
        #expect(try runner.server.peakMemory() < 128 << 20)
    }

    @Test func `a key knows the result again, compressed or not`() throws {
        let runner = try WireRunner()
        let connection = try runner.server.connect()
        let key = "Idempotency-Key: k\r\n"
        try connection.send(Self.post(Array(Raw.result.utf8), key))
        let first = try connection.raw()
        #expect(first.status == 201)
        try connection.send(Self.post(Self.gzip(Raw.result), key + "Content-Encoding: gzip\r\n"))
        let second = try connection.raw()
        #expect(second.status == 200 && second.value("idempotency-replayed") == "true" && second.body == first.body)
        try connection.send(Self.post(Self.gzip(Raw.result + " "), key + "Content-Encoding: gzip\r\n"))
        #expect(try connection.raw().status == 422)
        #expect(try runner.server.decisions().count == 1)
    }

    @Test func `a policy may be put compressed`() throws {
        let runner = try WireRunner()
        let token = try runner.token("admin")
        func put(_ body: [UInt8]) throws -> RawAnswer {
            let connection = try runner.server.connect()
            try connection.send(
                Array(
                    "PUT /v1/policies/t HTTP/1.1\r\n\(Raw.host)Authorization: Bearer \(token)\r\n\(Raw.json)If-None-Match: *\r\nContent-Encoding: gzip\r\nContent-Length: \(body.count)\r\n\r\n"
                        .utf8) + body)
            return try connection.raw()
        }
        #expect(try put(Self.gzip(`HTTP responses`.policy) + [1]).status == 400)
        #expect(try put(GzipEncoder.encode([UInt8](repeating: 0x20, count: 100 << 20)) ?? []).status == 413)
        #expect(try put(Self.gzip(`HTTP responses`.policy)).status == 201)
    }

    // MARK: Streams

    @Test func `compressed lines are answered one by one, however they are cut`() throws {
        let runner = try WireRunner()
        let count = 3_000
        let text = (0..<count).map { Self.result("d-\($0)", valueBytes: $0 % 700) }.joined(separator: "\n")
        for (size, trailing) in [(1 << 20, ""), (777, "\n"), (61, "\n\n \r\n")] {
            let connection = try runner.server.connect()
            let bytes = Self.chunks(Self.gzip(text + trailing), of: size, type: Self.lines)
            let results = try onThreads(2) { thread -> [String] in
                if thread == 0 {
                    try connection.send(bytes)
                    return []
                }
                return try connection.raw().text.split(separator: "\n").map(String.init)
            }
            #expect(results[1].count == count)
            let ids = try results[1].map { try JSONDecoder().decode(DecisionBody.self, from: Data($0.utf8)).documentId }
            #expect(ids == (0..<count).map { "d-\($0)" })
            #expect(try connection.ask(.get("/healthz")).status == 200)
        }
    }

    @Test func `memory stays flat however long a compressed stream is`() throws {
        let runner = try WireRunner("--access-log", "false")
        let connection = try runner.server.connect()
        let count = 1_000
        let results = try onThreads(2) { thread -> Int in
            if thread == 0 {
                try connection.send(Array(Self.chunks([], of: 1, type: Self.lines).dropLast(5)))
                for number in 0..<count {
                    // 60 MB in all, half as much compressed: each line in a member of its own.
                    let member = Self.gzip("\(Self.result("d-\(number)", valueBytes: 60_000))\n")
                    try connection.send(Array("\(String(member.count, radix: 16))\r\n".utf8) + member + [13, 10])
                }
                try connection.send(Array("0\r\n\r\n".utf8))
                return 0
            }
            return try connection.raw().body.count { $0 == 10 }
        }
        #expect(results[1] == count)
        #expect(try runner.server.peakMemory() < 64 << 20)
    }

    @Test func `many lines in few bytes wait until their answers are read`() throws {
        let runner = try WireRunner("--access-log", "false")
        let connection = try runner.server.connect()
        let count = 30_000
        let body = Self.gzip(String(repeating: "\(Raw.result)\n", count: count))
        #expect(body.count < 64 << 10)
        try connection.send(Self.chunks(body, of: 1 << 20, type: Self.lines))
        // Another client is served meanwhile; this one has read nothing yet.
        for _ in 0..<100 { #expect(try runner.server.ask(.get("/healthz")).status == 200) }
        let decided = try runner.server.decisions().count
        #expect(decided < count)
        #expect(try connection.raw().body.count { $0 == 10 } == count)
        #expect(try runner.server.peakMemory() < 64 << 20)
    }

    @Test func `answers come while a compressed stream goes on`() throws {
        let runner = try WireRunner()
        let connection = try runner.server.connect()
        try connection.send(Array(Self.chunks([], of: 1, type: Self.lines).dropLast(5)))
        // Each member ends a deflate stream, so that its lines are there.
        for number in 0..<3 {
            let member = Self.gzip("\(Self.result("d-\(number)", valueBytes: 5))\n")
            try connection.send(Array("\(String(member.count, radix: 16))\r\n".utf8) + member + [13, 10])
            if number == 0 { #expect(try connection.head().status == 200) }
            let line = try #require(try connection.chunk())
            #expect(try JSONDecoder().decode(DecisionBody.self, from: Data(line)).documentId == "d-\(number)")
        }
        try connection.send(Array("0\r\n\r\n".utf8))
        #expect(try connection.chunk() == nil)
    }

    @Test func `a stream that is damaged from its start, or empty, is refused as a whole`() throws {
        let runner = try WireRunner()
        let connection = try runner.server.connect()
        let member = Self.gzip("\(Raw.result)\n")
        for body in [Array("\(Raw.result)\n".utf8), [], Array(member.prefix(9)), [0x1F, 0x8B, 0xFF]] {
            try connection.send(Self.chunks(body, of: 1_000, type: Self.lines))
            let answer = try connection.raw()
            #expect(answer.status == 400, "\(answer.text)")
            #expect(answer.faults == [])
        }
        try connection.send(Self.chunks(Self.gzip(""), of: 100, type: Self.lines))
        let empty = try connection.raw()
        #expect(empty.status == 200 && empty.body.isEmpty)
        // 64 MiB of line ends: nothing to answer, and no reason to go through it all.
        let bomb = GzipEncoder.encode([UInt8](repeating: 0x0A, count: 64 << 20), level: 9) ?? []
        try connection.send(Self.chunks(bomb, of: 1 << 20, type: Self.lines))
        #expect(try connection.raw().status == 413)
        #expect(try runner.server.peakMemory() < 64 << 20)
    }

    @Test func `a stream that is damaged later answers its lines, says so with a last one, and is cut`() throws {
        let runner = try WireRunner()
        let good = Self.gzip("\(Self.result("d-0", valueBytes: 5))\n\(Self.result("d-1", valueBytes: 5))\n")
        for rest in [Array("{}".utf8), Array(good.prefix(30)), [0x1F, 0x8B, 0x00, 0x00], [0x00]] {
            let connection = try runner.server.connect()
            try connection.send(Self.chunks(good + rest, of: 1 << 16, type: Self.lines))
            #expect(try connection.head().status == 200)
            var text: [UInt8] = []
            // Without a last chunk the end comes in its place.
            #expect(throws: (any Error).self) { while let piece = try connection.chunk() { text += piece } }
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 3)
            let problem = try JSONDecoder().decode(ProblemBody.self, from: Data((lines.last ?? "").utf8))
            #expect(problem.status == 400)
            #expect(problem.line == 3)
        }
        #expect(try runner.server.decisions().count == 8)
    }

    @Test func `a compressed line over the limit is answered 413 and those behind it are decided`() throws {
        let runner = try WireRunner("--line-bytes-max", "100000")
        let connection = try runner.server.connect()
        let text = "\(Raw.result)\n\(Self.result("d", valueBytes: 3_000_000))\n\(Raw.result)\n"
        try connection.send(Self.chunks(Self.gzip(text), of: 5_000, type: Self.lines))
        let answers = try connection.raw().text.split(separator: "\n")
        #expect(answers.count == 3)
        #expect(answers[1].contains("\"status\":413"))
        #expect(try runner.server.decisions().count == 2)
    }

    // MARK: Answers

    static let encodings: [(accepted: String?, isCoded: Bool)] = [
        (nil, false), ("", false), ("gzip", true), ("GZIP", true), ("x-gzip", true), ("*", true), ("br, gzip", true),
        ("gzip, deflate, br, zstd", true),
        ("gzip;q=1", true), ("gzip;q=0.001", true), ("gzip; q=0.5", true), ("gzip;q=1.000", true), ("gzip;q=0", false),
        ("gzip;q=0.0", false),
        ("gzip;q=0.000", false), ("*;q=0", false), ("gzip;q=0, *", false), ("*, gzip;q=0", false), ("identity", false),
        ("identity, gzip", true),
        ("identity;q=0, gzip", true), ("identity;q=1, gzip;q=0.5", false), ("identity;q=0.5, gzip;q=1", true), ("br", false),
        ("deflate", false),
        ("gzip;q=2", false), ("gzip;q=x", false), ("gzip;q=", false), ("gzip;q=0.1234", false), ("gzip;x=y", false), ("gzipped", false),
        ("identity;q=0", false),
        ("*;q=0, gzip", true), (", gzip ,", true), ("br;q=1\r\nAccept-Encoding: gzip;q=0.5", true),
    ]

    @Test func `a long list is compressed when it is asked for, and only then`() throws {
        let runner = try WireRunner()
        let connection = try runner.server.connect()
        for _ in 0..<5 { #expect(try connection.ask(.post(Array(Raw.result.utf8))).status == 201) }
        let list = "/v1/decisions?limit=5"
        let plain = try connection.raw(Raw.target(list))
        #expect(plain.body.count > 1_024)
        for (accepted, isCoded) in Self.encodings {
            let field = accepted.map { "Accept-Encoding: \($0)\r\n" } ?? ""
            let answer = try connection.raw("GET \(list) HTTP/1.1\r\n\(Raw.host)\(field)\r\n")
            #expect(answer.status == 200 && answer.faults == [], "\(accepted ?? "none")")
            #expect(answer.value("vary") == "Accept-Encoding")
            #expect(answer.value("content-encoding") == (isCoded ? "gzip" : nil), "\(accepted ?? "none")")
            #expect(try (isCoded ? Self.expand(answer.body) : answer.body) == plain.body, "\(accepted ?? "none")")
            if isCoded { #expect(answer.body.count < plain.body.count / 2) }
        }
        for path in ["/v1/policies", "/v1/thresholds/cms-1500", "/openapi.json", "/metrics"] {
            let answer = try connection.raw("GET \(path) HTTP/1.1\r\n\(Raw.host)Accept-Encoding: gzip\r\n\r\n")
            #expect(answer.value("content-encoding") == "gzip", "\(path)")
            #expect(answer.value("vary")?.contains("Accept-Encoding") == true)
            #expect(answer.faults == [])
            if path != "/metrics" { #expect(try Self.expand(answer.body) == connection.raw(Raw.target(path)).body, "\(path)") }
        }
        for path in ["/v1/decisions?limit=1", "/healthz", "/v1/policies/cms-1500", "/nothing", "/v1/decisions?limit=x"] {
            let answer = try connection.raw("GET \(path) HTTP/1.1\r\n\(Raw.host)Accept-Encoding: gzip\r\n\r\n")
            #expect(answer.values("content-encoding").isEmpty, "\(path)")
        }
        let decision = try connection.raw(Raw.post("Accept-Encoding: gzip\r\n"))
        #expect(decision.status == 201 && decision.values("content-encoding").isEmpty)
    }

    @Test func `what is compressed has a tag of its own, and either holds`() throws {
        let runner = try WireRunner()
        let connection = try runner.server.connect()
        for path in ["/openapi.json", "/v1/thresholds/cms-1500"] {
            func ask(_ fields: String, method: String = "GET") throws -> RawAnswer {
                try connection.raw("\(method) \(path) HTTP/1.1\r\n\(Raw.host)\(fields)\r\n")
            }
            let gzip = "Accept-Encoding: gzip\r\n"
            let strong = try #require(try ask("").value("etag"))
            let coded = try ask(gzip)
            let other = "\(strong.dropLast())-gzip\""
            #expect(coded.value("etag") == other)
            #expect(try ask("", method: "HEAD").value("content-length") == "\(ask("").body.count)")
            #expect(try ask(gzip, method: "HEAD").value("content-length") == "\(coded.body.count)")
            #expect(try ask(gzip, method: "HEAD").value("content-encoding") == "gzip")
            for known in [strong, other, "W/\(strong)", "*"] {
                for coding in ["", gzip] {
                    let answer = try ask("If-None-Match: \(known)\r\n\(coding)")
                    #expect(answer.status == 304)
                    #expect(answer.value("etag") == (coding.isEmpty ? strong : other))
                    #expect(answer.value("vary") == coded.value("vary"))
                }
            }
            #expect(try ask("If-Match: W/\(strong)\r\n\(gzip)").status == 412)
            #expect(try ask("If-Match: \(other)\r\n\(gzip)").status == 200)
        }
    }
}
