import Testing

@testable import HTTPWire

/// The outcome of decoding a body: its bytes and what is left, or the fault.
enum ChunkOutcome: Equatable {
    case body(String, rest: String)
    case more(String)
    case fault(WireFault)
}

private func decode(_ bytes: [UInt8], cuts: [Int], limits: WireLimits = WireLimits()) -> ChunkOutcome {
    var decoder = ChunkDecoder()
    var body: [UInt8] = []
    var used = 0
    for end in cuts + [bytes.count] {
        let input = Array(bytes[used..<end])
        var position = 0
        reading: while true {
            do throws(WireFault) {
                switch try decoder.next(input.span, consumed: &position, limits: limits) {
                case .data(let range): body += input[range]
                case .more: break reading
                case .end:
                    return .body(String(decoding: body, as: UTF8.self), rest: String(decoding: bytes[(used + position)...], as: UTF8.self))
                }
            } catch {
                return .fault(error)
            }
        }
        used = end
    }
    return .more(String(decoding: body, as: UTF8.self))
}

private func decodeEveryWay(_ text: String) -> (outcome: ChunkOutcome, differingCuts: [Int]) {
    let bytes = text.unicodeScalars.map { UInt8($0.value) }
    let whole = decode(bytes, cuts: [])
    var differing = (0...bytes.count).filter { decode(bytes, cuts: [$0]) != whole }
    if decode(bytes, cuts: Array(0..<bytes.count)) != whole { differing.append(-1) }
    return (whole, differing)
}

@Suite struct ChunkDecoderTests {
    @Test(arguments: [
        ("0\r\n\r\n", ""), ("3\r\nabc\r\n0\r\n\r\n", "abc"), ("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"),
        ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("a\r\n0123456789\r\n0\r\n\r\n", "0123456789"), ("00000000000000000003\r\nabc\r\n000\r\n\r\n", "abc"),
        ("3;x\r\nabc\r\n0;y=z\r\n\r\n", "abc"), ("3;x=\"a;\\\"b\"\r\nabc\r\n0\r\n\r\n", "abc"),
        ("3 ; x = y ; z\r\nabc\r\n0\r\n\r\n", "abc"), ("3\t;\tx\r\nabc\r\n0\r\n\r\n", "abc"),
        ("3\r\nabc\r\n0\r\nA: b\r\nC:\t\r\n\r\n", "abc"),
        ("3\r\n\r\n\r\r\n0\r\n\r\n", "\r\n\r"),
    ])
    func `a chunked body is its chunks' bytes, however it is cut`(text: String, body: String) {
        let (outcome, differing) = decodeEveryWay(text + "GET")
        #expect(outcome == .body(body, rest: "GET"))
        #expect(differing == [])
    }

    @Test(arguments: [
        ("\r\n", 0), (" 3\r\nabc", 0), ("-3\r\n", 0), ("+3\r\n", 0), ("0x3\r\n", 1), ("g\r\n", 0), ("3 \r\nabc", 2), ("3\t\r\nabc", 2),
        ("3\nabc", 1),
        ("3\r\r\nabc", 2), ("3\rabc", 2), (";x\r\n", 0), ("3;\r\nabc", 2), ("3;=a\r\nabc", 2), ("3;x=\r\nabc", 4), ("3;x=\"a\r\nabc", 6),
        ("3;x y\r\n", 4), ("3;x=a b\r\n", 6), ("3;x=a \r\n", 6), ("3;x\u{00}\r\n", 3), ("3;x=\"\n\"\r\n", 5), ("3\r\nabcd\r\n0\r\n\r\n", 6),
        ("3\r\nabc0\r\n\r\n", 6), ("3\r\nabc\n0\r\n\r\n", 6), ("3\r\nabc\r0\r\n\r\n", 7), ("0\r\n\n", 3), ("0\r\n\rX", 4),
        ("0\r\nA\r\n\r\n", 4),
        ("0\r\n: a\r\n\r\n", 3), ("0\r\nA : b\r\n\r\n", 4), ("0\r\n A: b\r\n\r\n", 3), ("0\r\nA: b\r\n c\r\n\r\n", 9),
        ("0\r\nA: \u{00}\r\n\r\n", 6),
        ("0\r\nA: b\nC: d\r\n\r\n", 7), ("0\r\nA: b\rC", 8), ("1\r\n\u{00}0\r\n", 4),
    ])
    func `a faulty chunk is refused at its byte`(text: String, offset: Int) {
        let (outcome, differing) = decodeEveryWay(text)
        #expect(outcome == .fault(.malformedChunk(offset: offset)))
        #expect(differing == [])
    }

    @Test(arguments: ["10000000000000000\r\n", "FFFFFFFFFFFFFFFF\r\n", "fffffffffffffffff\r\n"])
    func `a chunk size beyond any body is refused`(text: String) {
        let (outcome, differing) = decodeEveryWay(text)
        guard case .fault(.chunkTooLarge) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(differing == [])
    }

    @Test func `extensions, leading zeros and trailers have bounds`() {
        let limits = WireLimits(headBytesMax: 200, fieldsMax: 3, targetBytesMax: 10)
        func outcome(_ text: String) -> ChunkOutcome { decode(Array(text.utf8), cuts: [], limits: limits) }
        #expect(outcome("3;" + String(repeating: "x", count: 2_000)) == .fault(.chunkExtensionsTooLong))
        #expect(outcome(String(repeating: "0", count: 2_000)) == .fault(.chunkExtensionsTooLong))
        let drip = "1;" + String(repeating: "x", count: 1_000) + "\r\na\r\n"
        #expect(outcome(String(repeating: drip, count: 20)) == .fault(.chunkExtensionsTooLong))
        #expect(outcome("0\r\nA: " + String(repeating: "x", count: 300)) == .fault(.trailersTooLarge(bytesMax: 200)))
        #expect(outcome("0\r\nA:\r\nB:\r\nC:\r\n\r\n") == .body("", rest: ""))
        #expect(outcome("0\r\nA:\r\nB:\r\nC:\r\nD:\r\n\r\n") == .fault(.trailersTooLarge(bytesMax: 200)))
    }
}
