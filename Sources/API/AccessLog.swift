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

    private var level: StaticString { status >= 500 ? "error" : status >= 400 ? "warning" : "info" }

    func appendJSON(at time: Instant, to out: inout JSONWriter) {
        out.beginObject()
        out.key("time")
        out.time(time)
        out.key("level")
        out.string(level)
        out.key("requestId")
        out.string(utf8: scope.requestId)
        out.key("method")
        out.string(scope.method?.literal ?? "-")
        out.key("endpoint")
        out.string(scope.endpoint.template)
        out.key("status")
        out.int(Int64(status))
        out.key("durationMicroseconds")
        out.int(Int64(nanoseconds / 1000))
        out.key("bytes")
        out.int(Int64(bytes))
        out.key("caller")
        out.raw(scope.caller.quotedName)
        if let decision {
            out.key("decision")
            out.string(utf8: decision.id.text)
            out.key("route")
            out.string(decision.route.literal)
        }
        if let note {
            out.key("note")
            out.string(note)
        }
        out.endObject()
        out.bytes.append(UInt8(ascii: "\n"))
    }

    func appendText(at time: Instant, to out: inout JSONWriter) {
        time.append(to: &out.bytes)
        word(level, &out.bytes)
        word(scope.method?.literal ?? "-", &out.bytes)
        word(scope.endpoint.template, &out.bytes)
        word("\(status)", &out.bytes)
        word("\(nanoseconds / 1000)us", &out.bytes)
        word("\(bytes)B", &out.bytes)
        out.bytes.append(literal: " caller=")
        out.bytes.append(contentsOf: scope.caller.quotedName)
        out.bytes.append(literal: " request=")
        out.bytes.append(contentsOf: scope.requestId)
        if let decision {
            out.bytes.append(literal: " decision=")
            out.bytes.append(contentsOf: decision.id.text)
            out.bytes.append(literal: " route=")
            out.bytes.append(literal: decision.route.literal)
        }
        if let note {
            // Behind a newline no comma is written.
            var quoted = JSONWriter(reserving: note.utf8.count + 2)
            quoted.string(note)
            out.bytes.append(literal: " note=")
            out.bytes.append(contentsOf: quoted.bytes)
        }
        out.bytes.append(UInt8(ascii: "\n"))
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
    private var lines = JSONWriter(reserving: 0)

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
        if lines.bytes.count > AccessLogBuffer.bytesMax { flush() }
    }

    mutating func flush() {
        if lines.bytes.isEmpty { return }
        sink(lines.bytes)
        lines.bytes.removeAll(keepingCapacity: true)
    }
}
