import JSON
package import Logging
package import Routing

/// swift-log's records as one JSON object or one line of text each, into a `LogSink`.
package struct RecordHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let label: String
    private let format: LogFormat
    private let write: @Sendable ([UInt8]) -> Void
    private let now: @Sendable () -> Instant

    /// - Parameter format: json or text; `automatic` must have been resolved, and is taken as json.
    package init(
        label: String, format: LogFormat, level: Logger.Level, now: @escaping @Sendable () -> Instant,
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.label = label
        self.format = format
        self.logLevel = level
        self.now = now
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        if let more = event.metadata { all.merge(more) { _, new in new } }
        if let error = event.error { all["error"] = "\(error)" }
        write(RecordHandler.render(event.level, event.message.description, all, label: label, format: format, at: now()))
    }

    // MARK: Rendering

    /// One record as it is written, with its newline.
    package static func render(
        _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata, label: String, format: LogFormat, at: Instant
    ) -> [UInt8] {
        let pairs = metadata.sorted { $0.key < $1.key }
        return format == .text
            ? text(level, message, pairs, label: label, at: at) : json(level, message, pairs, label: label, at: at)
    }

    /// Names that are the record's own; metadata of the same name is written with a `_` before it.
    private static let ownNames: Set<String> = ["time", "level", "logger", "message"]

    private static func json(
        _ level: Logger.Level, _ message: String, _ pairs: [(key: String, value: Logger.MetadataValue)], label: String, at: Instant
    ) -> [UInt8] {
        var writer = JSONWriter(reserving: 256)
        writer.beginObject()
        writer.key("time")
        writer.string(at.rfc3339)
        writer.key("level")
        writer.string(level.rawValue)
        writer.key("logger")
        writer.string(label)
        writer.key("message")
        writer.string(message)
        for (key, value) in pairs {
            writer.key(ownNames.contains(key) ? "_" + key : key)
            write(value, to: &writer)
        }
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func write(_ value: Logger.MetadataValue, to writer: inout JSONWriter) {
        switch value {
        case .string(let text): writer.string(text)
        case .stringConvertible(let number as Int): writer.int(Int64(number))
        case .stringConvertible(let other): writer.string(other.description)
        case .array(let values):
            writer.beginArray()
            for value in values { write(value, to: &writer) }
            writer.endArray()
        case .dictionary(let members):
            writer.beginObject()
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                writer.key(key)
                write(value, to: &writer)
            }
            writer.endObject()
        }
    }

    private static func text(
        _ level: Logger.Level, _ message: String, _ pairs: [(key: String, value: Logger.MetadataValue)], label: String, at: Instant
    ) -> [UInt8] {
        var line = "\(at.rfc3339) \(level.rawValue) \(label): \(escaped(message))"
        for (key, value) in pairs { line += " \(key)=\(word("\(value)"))" }
        return Array(line.utf8) + [UInt8(ascii: "\n")]
    }

    /// A value as it is while it is one plain word, else in quotes: it cannot look like more of the line.
    private static func word(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !Array(#""=\"#.utf8).contains($0) }
        return isPlain ? text : "\"\(escaped(text, quotes: true))\""
    }

    /// One record is one line, whatever it holds, and does nothing to a terminal: characters that are not shown are written as escapes.
    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        text.unicodeScalars.reduce(into: "") { out, scalar in
            switch scalar {
            case "\n": out += "\\n"
            case "\"" where quotes, "\\" where quotes: out += "\\\(scalar)"
            default:
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator: out += "\\u{\(String(scalar.value, radix: 16))}"
                default: out.unicodeScalars.append(scalar)
                }
            }
        }
    }
}
