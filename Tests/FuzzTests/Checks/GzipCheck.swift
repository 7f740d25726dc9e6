import Gzip

/// Gzip under any bytes: any split gives the same bytes or the same fault; one call gives a bounded number; what expands too much is
/// stopped in time; and what is compressed comes out again.
enum GzipCheck {
    struct Outcome: Equatable {
        var fault: GzipDecoder.Fault?
        var isComplete = false
        var count = 0
        var fingerprint: UInt64 = 0
    }

    /// As the service has it.
    static let expansionMax = 200

    static func run(_ bytes: [UInt8]) throws(Finding) {
        let whole = try outcome(of: bytes, cut: .whole(bytes))
        for way in Cuts.ways(for: bytes) {
            let outcome = try outcome(of: bytes, cut: way)
            if outcome != whole { throw Finding("cut at \(way.ends.prefix(40)): \(outcome), and whole: \(whole)") }
        }
        _ = try outcome(of: bytes, cut: .whole(bytes), expansionMax: expansionMax)
        guard let coded = GzipEncoder.encode(bytes) else { throw Finding("it cannot be compressed") }
        let again = try outcome(of: coded, cut: .whole(coded))
        guard again == Outcome(isComplete: true, count: bytes.count, fingerprint: Cuts.fingerprint(bytes)) else {
            throw Finding("it changes: \(again)")
        }
    }

    private static func outcome(of bytes: [UInt8], cut: Cuts, expansionMax: Int? = nil) throws(Finding) -> Outcome {
        guard let decoder = try? GzipDecoder(expansionMax: expansionMax) else { throw Finding("no memory for a decoder") }
        var outcome = Outcome()
        var output: [UInt8] = []
        var start = 0
        pieces: for end in cut.ends {
            let input = Array(bytes[start..<end])
            var position = 0
            while true {
                let before = output.count
                let taken: Int
                do throws(GzipDecoder.Fault) {
                    taken = try decoder.decode(input.span.extracting(position..<input.count), into: &output)
                } catch {
                    outcome.fault = error
                    break pieces
                }
                position += taken
                guard 0...input.count ~= position else { throw Finding("position \(position) of \(input.count)") }
                guard output.count - before <= GzipDecoder.outputBytesMax else { throw Finding("\(output.count - before) bytes at once") }
                if let expansionMax, output.count > max(GzipDecoder.freeOutputBytes, expansionMax * (start + position + 1)) {
                    throw Finding("\(output.count) bytes out of \(start + position)")
                }
                if taken == 0, output.count == before { break }
            }
            guard position == input.count else { throw Finding("\(input.count - position) bytes are not taken") }
            start = end
        }
        outcome.isComplete = outcome.fault == nil && decoder.isComplete
        outcome.count = output.count
        outcome.fingerprint = Cuts.fingerprint(output)
        return outcome
    }
}
