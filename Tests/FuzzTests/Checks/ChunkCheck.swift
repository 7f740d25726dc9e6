import HTTPWire

/// The chunked coding under any bytes: any split gives the same body, rest or fault; pieces are within the input, in order and not empty.
enum ChunkCheck {
    static let limits = WireLimits(headBytesMax: 512, fieldsMax: 6, targetBytesMax: 64)

    enum Outcome: Equatable {
        case body([UInt8], end: Int)
        case more([UInt8])
        case fault(WireFault, after: [UInt8])
    }

    static func run(_ bytes: [UInt8]) throws(Finding) {
        let whole = try outcome(of: bytes, cut: .whole(bytes))
        for way in Cuts.ways(for: bytes) {
            let outcome = try outcome(of: bytes, cut: way)
            if outcome != whole { throw Finding("cut at \(way.ends.prefix(40)): \(outcome), and whole: \(whole)") }
        }
        try runCoded(bytes)
    }

    /// The bytes as a body, chunked: they come out again.
    private static func runCoded(_ bytes: [UInt8]) throws(Finding) {
        var coded: [UInt8] = []
        var start = 0
        for end in Cuts.ways(for: bytes)[2].ends {
            coded += Array("\(String(end - start, radix: 16))\r\n".utf8) + bytes[start..<end] + [0x0D, 0x0A]
            start = end
        }
        coded += Array("0\r\n\r\n".utf8)
        guard try outcome(of: coded, cut: .whole(coded)) == .body(bytes, end: coded.count) else { throw Finding("a body changes") }
    }

    private static func outcome(of bytes: [UInt8], cut: Cuts) throws(Finding) -> Outcome {
        var decoder = ChunkDecoder()
        var body: [UInt8] = []
        var start = 0
        for end in cut.ends {
            let input = Array(bytes[start..<end])
            var position = 0
            reading: while true {
                let before = position
                let piece: ChunkDecoder.Piece
                do throws(WireFault) {
                    piece = try decoder.next(input.span, consumed: &position, limits: limits)
                } catch {
                    return .fault(error, after: body)
                }
                switch piece {
                case .data(let range):
                    guard before <= range.lowerBound, !range.isEmpty, range.upperBound == position, position <= input.count else {
                        throw Finding("a piece at \(range) of \(before)..<\(position)")
                    }
                    body += input[range]
                case .more:
                    guard position == input.count else { throw Finding("more is wanted at \(position) of \(input.count)") }
                    break reading
                case .end:
                    return .body(body, end: start + position)
                }
            }
            start = end
        }
        return .more(body)
    }
}
