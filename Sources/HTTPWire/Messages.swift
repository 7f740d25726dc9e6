/// A request method this server knows (RFC 9110 §9, RFC 5789). An unknown token is refused with 501 before a handler sees it.
public enum Method: UInt8, Sendable {
    case get, head, post, put, delete, options, patch, connect, trace

    /// The method is read-only by definition (RFC 9110 §9.2.1).
    public var isSafe: Bool {
        switch self {
        case .get, .head, .options, .trace: true
        case .post, .put, .delete, .patch, .connect: false
        }
    }
}

public enum Version: UInt8, Sendable { case http10, http11 }

/// A request's head, parsed and framed: nothing here is malformed or ambiguous.
public struct RequestHead: Sendable, Equatable {
    /// The head's bytes; the ranges below point into it.
    public var bytes: [UInt8]
    public var method: Method
    public var version: Version
    /// The path, percent-encoded as it came, beginning with "/" (of an absolute-form target its path), or "*".
    public var path: Range<Int>
    /// What stands behind the first "?", percent-encoded as it came.
    public var query: Range<Int>?
    /// In the order received. The value of Host is the target's own authority where the target has one (RFC 9112 §3.2.2).
    public var fields: [Field]

    public struct Field: Sendable, Equatable {
        public var name: Range<Int>
        /// Without surrounding whitespace.
        public var value: Range<Int>
        public init(name: Range<Int>, value: Range<Int>) {
            self.name = name
            self.value = value
        }
    }

    public init(bytes: [UInt8], method: Method, version: Version, path: Range<Int>, query: Range<Int>?, fields: [Field]) {
        self.bytes = bytes
        self.method = method
        self.version = version
        self.path = path
        self.query = query
        self.fields = fields
    }

    /// The range of the only or first value of a field; `name` is lower-case ASCII. For the hot path.
    public func first(_ name: StaticString) -> Range<Int>? {
        for field in fields where field.name.count == name.utf8CodeUnitCount && isNamed(field, name) { return field.value }
        return nil
    }

    /// All values of a field, in order; `name` is lower-case ASCII.
    public func values(_ name: StaticString) -> [String] {
        var values: [String] = []
        for field in fields where field.name.count == name.utf8CodeUnitCount && isNamed(field, name) {
            values.append(String(decoding: bytes[field.value], as: UTF8.self))
        }
        return values
    }

    private func isNamed(_ field: Field, _ name: StaticString) -> Bool {
        let bytes = bytes.span
        // Safe: a StaticString's bytes live as long as the program, and the caller compared the lengths.
        return name.withUTF8Buffer { wanted in
            for index in 0..<wanted.count {
                guard unsafe bytes[field.name.lowerBound + index].lowercased == wanted[index] else { return false }
            }
            return true
        }
    }
}

/// A response, complete. The server adds Date, Content-Length, Connection; nobody else writes those.
public struct Response: Sendable {
    /// 200…599.
    public var status: UInt16
    /// Rendered field lines, each ended by CRLF; made by `addField`.
    public private(set) var fieldLines: [UInt8]
    public var body: [UInt8]

    public init(status: UInt16, body: [UInt8] = []) {
        self.status = status
        self.fieldLines = []
        self.body = body
    }

    /// Adds a field line. Control characters in the value (a bug or an echo of foreign text) are replaced by spaces.
    public mutating func addField(_ name: StaticString, _ value: String) {
        beginLine(name, valueCount: value.utf8.count)
        let start = fieldLines.count
        fieldLines.append(contentsOf: value.utf8)
        endLine(valueStart: start)
    }

    /// The same with a value already in bytes.
    public mutating func addField(_ name: StaticString, bytes: some Collection<UInt8>) {
        beginLine(name, valueCount: bytes.count)
        let start = fieldLines.count
        fieldLines.append(contentsOf: bytes)
        endLine(valueStart: start)
    }

    public mutating func addField(_ name: StaticString, _ value: StaticString) {
        beginLine(name, valueCount: value.utf8CodeUnitCount)
        let start = fieldLines.count
        fieldLines.append(value)
        endLine(valueStart: start)
    }

    /// The same with a value that `write` appends.
    public mutating func addField(_ name: StaticString, _ write: (inout [UInt8]) -> Void) {
        beginLine(name, valueCount: 0)
        let start = fieldLines.count
        write(&fieldLines)
        endLine(valueStart: start)
    }

    private mutating func beginLine(_ name: StaticString, valueCount: Int) {
        if fieldLines.isEmpty { fieldLines.reserveCapacity(max(128, name.utf8CodeUnitCount + valueCount + 4)) }
        fieldLines.append(name)
        fieldLines.append(0x3A)
        fieldLines.append(0x20)
    }

    private mutating func endLine(valueStart: Int) {
        for index in valueStart..<fieldLines.count where fieldLines[index].isControl { fieldLines[index] = 0x20 }
        fieldLines.append(0x0D)
        fieldLines.append(0x0A)
    }
}
