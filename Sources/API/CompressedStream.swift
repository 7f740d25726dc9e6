import Gzip
import HTTPServer

/// A body of NDJSON that comes compressed: decompressed in small pieces, and only as far as its lines find room.
extension LoopHandler {
    /// Bytes decompressed for one stream in one turn of the loop; then the others have theirs.
    private static let decodedBytesPerTurn = 256 << 10

    /// Takes the coding off what came, and the lines of what comes out.
    func decompress(_ stream: ResultStream, _ decoder: GzipDecoder) {
        var decoded = 0
        var position = 0
        let coded = stream.coded
        stream.coded = []
        defer { if position < coded.count { stream.coded = Array(coded[position...]) } }
        while !stream.isBodyComplete, !stream.isOver, stream.isSkipping || stream.hasRoom {
            guard decoded < LoopHandler.decodedBytesPerTurn else { return goOn(stream) }
            let before = stream.backlog.count
            var taken = 0
            do throws(GzipDecoder.Fault) {
                taken = try decoder.decode(coded.span.extracting(position..<coded.count), into: &stream.backlog)
                if taken == 0, stream.backlog.count == before {
                    guard stream.isCodedComplete else { return }
                    guard decoder.isComplete else { throw .damaged(reason: "it ends too early") }
                    stream.isBodyComplete = true
                }
            } catch {
                position = coded.count
                return breakOff(stream, Problem(error))
            }
            position += taken
            decoded += stream.backlog.count - before
            takeLines(stream)
        }
    }

    private func goOn(_ stream: ResultStream) {
        if stream.isDecodingScheduled { return }
        stream.isDecodingScheduled = true
        let exchange = stream.exchange
        loop.execute { [self] in
            guard let stream = exchange.context as? ResultStream else { return }
            stream.isDecodingScheduled = false
            advance(stream)
        }
    }

    /// No more lines can be read: the answer says so, as the whole answer when nothing has been said yet, else as a last line before the
    /// stream is cut.
    private func breakOff(_ stream: ResultStream, _ problem: Problem) {
        stream.backlog = []
        stream.scannedCount = 0
        stream.isSkipping = false
        stream.isBodyComplete = true
        if !stream.hasBegun, stream.isAnswered {
            release(stream)
            return answer(stream.exchange, stream.scope, problem)
        }
        stream.isBroken = true
        stream.lineNumber += 1
        stream.fill(stream.expectAnswer(), with: .refused(problem))
    }
}
