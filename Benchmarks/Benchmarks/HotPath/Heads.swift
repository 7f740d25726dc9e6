import Benchmark
import HTTPWire

/// What reading a request's head costs, beside the least that could be done with the same bytes: looking for their end.
enum Heads {
    /// As an engine's client library sends it: 8 fields.
    static let typical = Array(
        """
        POST /v1/decisions HTTP/1.1\r
        Host: sluice.internal:8080\r
        User-Agent: python-requests/2.32.3\r
        Accept-Encoding: gzip, deflate, br\r
        Accept: */*\r
        Connection: keep-alive\r
        Content-Type: application/json\r
        Authorization: Bearer sluice_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG\r
        Content-Length: 2048\r
        \r

        """.utf8)

    static func parse(_ bytes: [UInt8], _ limits: WireLimits) -> Int {
        var parser = HeadParser()
        guard let (request, length) = try? parser.parse(bytes.span, limits: limits) else { fatalError("the head is well-formed") }
        blackHole(request.head.fields.count)
        return length
    }

    /// Where the first empty line ends, byte by byte.
    static func scan(_ bytes: [UInt8]) -> Int {
        let input = bytes.span
        var index = 3
        while index < input.count {
            if input[index] == 0x0A, input[index - 1] == 0x0D, input[index - 2] == 0x0A, input[index - 3] == 0x0D { return index + 1 }
            index += 1
        }
        return 0
    }

    static func register() {
        let limits = WireLimits()
        let bytes = typical
        precondition(parse(bytes, limits) == bytes.count && scan(bytes) == bytes.count, "both read the whole head")
        Benchmark("HTTP: parse a head of 8 fields, \(bytes.count) bytes") { benchmark in
            for _ in benchmark.scaledIterations { blackHole(parse(bytes, limits)) }
        }
        Benchmark("HTTP: scan the same bytes for CRLF CRLF") { benchmark in
            for _ in benchmark.scaledIterations { blackHole(scan(bytes)) }
        }
        Benchmark("HTTP: decode a chunked body of 2 KB in one chunk") { benchmark in
            let coded = Array("800\r\n".utf8) + [UInt8](repeating: 0x20, count: 2_048) + Array("\r\n0\r\n\r\n".utf8)
            for _ in benchmark.scaledIterations { blackHole(decode(coded, limits)) }
        }
    }

    private static func decode(_ coded: [UInt8], _ limits: WireLimits) -> Int {
        var decoder = ChunkDecoder()
        var consumed = 0
        var count = 0
        while let piece = try? decoder.next(coded.span, consumed: &consumed, limits: limits) {
            switch piece {
            case .data(let range): count += range.count
            case .more, .end: return count
            }
        }
        return count
    }
}
