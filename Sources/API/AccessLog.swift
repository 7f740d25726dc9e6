import HTTPWire
import JSON
import Ledger
import Routing

/// One line a request: what was asked by its template, how it ended, who asked. Never a query, a body, or an id from a path.
package enum AccessLog {
    package enum Format: String, Sendable { case json, text, off }
}

/// A line in the making.
struct AccessLogLine {
    var scope: RequestScope
    var status: UInt16
    var nanoseconds: UInt64
    /// Of the answer's body.
    var bytes: Int
    /// Of a decision.
    var decision: (id: DecisionID, route: Route)?
    /// For the operator: what went wrong behind a 500 or 503.
    var note: String?

    /// What a client alone can cause is not our error: methods (501) and versions (505) that are not served.
    private var level: StaticString {
        switch status {
        case 501, 505, 400..<500: "warning"
        case 500...: "error"
        default: "info"
        }
    }

    func appendJSON(at time: Instant, to out: inout [UInt8]) {
        // Literals, three numbers, two ids, a time; of the foreign parts what escaping may make of them.
        let bytesMax = 512 + scope.requestId.count * JSONOutput.escapedBytesMax + scope.caller.quotedName.count
        JSONOutput.append(upTo: bytesMax, needsNoEscapes: false, to: &out) { json in
            json.literal(#"{"time":""#)
            json.ascii(upTo: Instant.textBytes) { time.write(to: &$0) }
            json.literal(#"","level":""#)
            json.literal(level)
            json.literal(#"","requestId":"#)
            // Safe: the bytes are read during the call only.
            unsafe scope.requestId.withUnsafeBufferPointer { unsafe json.string($0) }
            json.literal(#","method":""#)
            json.literal(scope.method?.literal ?? "-")
            json.literal(#"","endpoint":""#)
            json.literal(scope.endpoint.template)
            json.literal(#"","status":"#)
            json.integer(UInt64(status))
            json.literal(#","durationMicroseconds":"#)
            json.integer(nanoseconds / 1000)
            json.literal(#","bytes":"#)
            json.integer(UInt64(bytes))
            json.literal(#","caller":"#)
            json.raw(scope.caller.quotedName)
            if let decision {
                json.literal(#","decision":""#)
                json.ascii(upTo: DecisionID.textBytes) { decision.id.write(to: &$0) }
                json.literal(#"","route":""#)
                json.literal(decision.route.literal)
                json.literal(#"""#)
            }
        }
        if let note {
            var json = JSONWriter(reserving: note.utf8.count + 16)
            json.key("note")
            json.string(note)
            out.append(UInt8(ascii: ","))
            out += json.bytes
        }
        out.append(literal: "}\n")
    }

    func appendText(at time: Instant, to out: inout [UInt8]) {
        time.append(to: &out)
        word(level, &out)
        word(scope.method?.literal ?? "-", &out)
        word(scope.endpoint.template, &out)
        word("\(status)", &out)
        word("\(nanoseconds / 1000)us", &out)
        word("\(bytes)B", &out)
        out.append(literal: " caller=")
        out.append(contentsOf: scope.caller.quotedName)
        out.append(literal: " request=")
        appendWord(scope.requestId, to: &out)
        if let decision {
            out.append(literal: " decision=")
            decision.id.append(to: &out)
            out.append(literal: " route=")
            out.append(literal: decision.route.literal)
        }
        if let note {
            var quoted = JSONWriter(reserving: note.utf8.count + 2)
            quoted.string(note)
            out.append(literal: " note=")
            out.append(contentsOf: quoted.bytes)
        }
        out.append(UInt8(ascii: "\n"))
    }

    /// A caller's text, visible ASCII: as it is while it is one plain word, else as a JSON string, so that it cannot look like more of
    /// the line.
    private func appendWord(_ text: [UInt8], to out: inout [UInt8]) {
        if text.allSatisfy({ $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            out.append(contentsOf: text)
        } else {
            var quoted = JSONWriter(reserving: text.count + 8)
            quoted.string(utf8: text)
            out.append(contentsOf: quoted.bytes)
        }
    }

    private func word(_ literal: StaticString, _ out: inout [UInt8]) {
        out.append(UInt8(ascii: " "))
        out.append(literal: literal)
    }

    private func word(_ text: String, _ out: inout [UInt8]) {
        out.append(UInt8(ascii: " "))
        out.append(contentsOf: text.utf8)
    }
}

/// The lines of one loop's turn, handed over together.
struct AccessLogBuffer {
    /// Lines are handed over early beyond this.
    static let bytesMax = 64 << 10

    private let format: AccessLog.Format
    private let sink: @Sendable ([UInt8]) -> Void
    private var lines: [UInt8] = []

    init(format: AccessLog.Format, sink: @escaping @Sendable ([UInt8]) -> Void) {
        self.format = format
        self.sink = sink
    }

    mutating func add(_ line: AccessLogLine, at time: @autoclosure () -> Instant) {
        switch format {
        case .json: line.appendJSON(at: time(), to: &lines)
        case .text: line.appendText(at: time(), to: &lines)
        case .off: return
        }
        if lines.count > AccessLogBuffer.bytesMax { flush() }
    }

    mutating func flush() {
        if lines.isEmpty { return }
        sink(lines)
        lines.removeAll(keepingCapacity: true)
    }
}
