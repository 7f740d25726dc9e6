import Dispatch
import Foundation
import JSON
import Logging
import Routing
import Synchronization
import Testing

@testable import Service

struct LogTests {
    private final class Lines: Sendable {
        let bytes = Mutex<[UInt8]>([])
        private let end = DispatchSemaphore(value: 0)

        /// Reads a pipe on a thread of its own.
        func collect(_ pipe: Pipe) {
            Thread.detachNewThread { [self] in
                let all = try? pipe.fileHandleForReading.readToEnd()
                bytes.withLock { $0 = Array(all ?? Data()) }
                pipe.fileHandleForReading.closeFile()
                end.signal()
            }
        }

        /// What `collect` read, once the pipe has ended.
        func all() -> [Substring] {
            end.wait()
            return bytes.withLock { String(decoding: $0, as: UTF8.self) }.split(separator: "\n")
        }
    }

    private func logged(_ format: LogFormat, level: Logger.Level = .trace, _ body: (inout Logger) -> Void) -> [UInt8] {
        let lines = Lines()
        var logger = Logger(label: "sluice.test") { label in
            RecordHandler(label: label, format: format, level: level, now: { Instant(milliseconds: 1_772_440_258_007) }) { bytes in
                lines.bytes.withLock { $0 += bytes }
            }
        }
        body(&logger)
        return lines.bytes.withLock { $0 }
    }

    @Test func `a JSON record is one line of valid JSON with its own members first`() throws {
        let bytes = logged(.json) { logger in
            logger[metadataKey: "loop"] = .stringConvertible(3)
            logger.warning(
                "a \"quoted\"\nmessage\u{1}",
                metadata: ["list": ["a", "b"], "map": ["k": "v"], "level": "mine", "salt": .stringConvertible(Secret("horse"))])
        }
        #expect(bytes.last == UInt8(ascii: "\n"))
        #expect(bytes.count(where: { $0 == UInt8(ascii: "\n") }) == 1)
        try JSONParser().parse(Array(bytes.dropLast())) { record in
            #expect(record["time"]?.string == "2026-03-02T08:30:58.007Z")
            #expect(record["level"]?.string == "warning")
            #expect(record["logger"]?.string == "sluice.test")
            #expect(record["message"]?.string == "a \"quoted\"\nmessage\u{1}")
            #expect(record["loop"]?.int == 3)
            #expect(record["list"]?.count == 2)
            #expect(record["map"]?["k"]?.string == "v")
            #expect(record["_level"]?.string == "mine")
            #expect(record["salt"]?.string == Secret.redacted)
        }
    }

    @Test(arguments: [
        ("two\nlines", "plain", #"two\nlines key=plain"#), ("m", "a\tb", #"m key="a\u{9}b""#),
        ("m", "x level=error", #"m key="x level=error""#),
        ("m", #"say "hi""#, #"m key="say \"hi\"""#), ("m", "red\u{1B}[31m", #"m key="red\u{1b}[31m""#),
        ("m", "c1\u{9B}31m", #"m key="c1\u{9b}31m""#), ("m", "\u{202E}abc", #"m key="\u{202e}abc""#), ("m", "", #"m key="""#),
        ("\u{2028}m", "größer", #"\u{2028}m key="größer""#),
    ]) func `a text record is one line whose values cannot look like more of it`(message: String, value: String, rest: String) {
        let bytes = logged(.text) { $0.error("\(message)", metadata: ["key": "\(value)"]) }
        #expect(String(decoding: bytes, as: UTF8.self) == "2026-03-02T08:30:58.007Z error sluice.test: \(rest)\n")
    }

    @Test func `records below the level are not written`() {
        #expect(logged(.text, level: .notice) { $0.info("quiet") }.isEmpty)
        #expect(!logged(.text, level: .notice) { $0.notice("heard") }.isEmpty)
    }

    @Test func `what several threads hand over is written whole, line by line`() throws {
        let pipe = Pipe()
        let sink = LogSink(descriptor: pipe.fileHandleForWriting.fileDescriptor) { _ in [] }
        let collected = Lines()
        collected.collect(pipe)
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for line in 0..<500 { sink.write(Array("\(thread) \(line) \(String(repeating: "x", count: 100))\n".utf8)) }
        }
        sink.flush(timeoutMilliseconds: 60_000)
        try pipe.fileHandleForWriting.close()
        let lines = collected.all()
        #expect(lines.count == 4_000)
        for thread in 0..<8 {
            let mine = lines.filter { $0.hasPrefix("\(thread) ") }
            #expect(mine == (0..<500).map { "\(thread) \($0) \(String(repeating: "x", count: 100))" })
        }
    }

    @Test func `a reader that does not read costs lines, which are counted, and blocks nobody`() throws {
        let pipe = Pipe()
        let sink = LogSink(descriptor: pipe.fileHandleForWriting.fileDescriptor, pendingBytesMax: 100_000) { Array("dropped \($0)\n".utf8) }
        let line = Array((String(repeating: "y", count: 999) + "\n").utf8)
        for _ in 0..<2_000 { sink.write(line) }
        let collected = Lines()
        collected.collect(pipe)
        sink.flush(timeoutMilliseconds: 60_000)
        try pipe.fileHandleForWriting.close()
        let lines = collected.all()
        let kept = lines.filter { $0.hasPrefix("y") }.count
        let dropped = lines.filter { $0.hasPrefix("dropped ") }.compactMap { Int($0.dropFirst(8)) }.reduce(0, +)
        #expect(dropped > 0)
        #expect(kept + dropped == 2_000)
    }
}
