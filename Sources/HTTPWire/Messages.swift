/// A request method this server knows (RFC 9110 §9, RFC 5789). An unknown token is refused with 501 before a handler sees it.
package enum Method: UInt8, Sendable { case get, head, post, put, delete, options, patch, connect, trace }

package enum Version: UInt8, Sendable { case http10, http11 }

/// A request's head, parsed and framed: nothing here is malformed or ambiguous.
package struct RequestHead: Sendable, Equatable {
    /// The head's bytes; the ranges below point into it.
    package var bytes: [UInt8]
    package var method: Method
    package var version: Version
    /// The path, percent-encoded as it came, beginning with "/" (of an absolute-form target its path), or "*".
    package var path: Range<Int>
    /// What stands behind the first "?", percent-encoded as it came.
    package var query: Range<Int>?
    /// In the order received.
    package var fields: [Field]

    package struct Field: Sendable, Equatable {
        package var name: Range<Int>
        /// Without surrounding whitespace.
        package var value: Range<Int>
        package init(name: Range<Int>, value: Range<Int>) {
            self.name = name
            self.value = value
        }
    }

    package init(bytes: [UInt8], method: Method, version: Version, path: Range<Int>, query: Range<Int>?, fields: [Field]) {
        self.bytes = bytes
        self.method = method
        self.version = version
        self.path = path
        self.query = query
        self.fields = fields
    }

    /// The range of the only or first value of a field; `name` is lower-case ASCII. For the hot path.
    package func first(_ name: StaticString) -> Range<Int>? { nil }
    /// All values of a field, in order; `name` is lower-case ASCII.
    package func values(_ name: StaticString) -> [String] { [] }
}

/// A response, complete. The server adds Date, Content-Length, Connection; nobody else writes those.
package struct Response: Sendable {
    /// 200…599.
    package var status: UInt16
    /// Rendered field lines, each ended by CRLF; made by `addField`.
    package private(set) var fieldLines: [UInt8]
    package var body: [UInt8]

    package init(status: UInt16, body: [UInt8] = []) {
        self.status = status
        self.fieldLines = []
        self.body = body
    }

    /// Adds a field line. Control characters in the value (a bug or an echo of foreign text) are replaced by spaces.
    package mutating func addField(_ name: StaticString, _ value: String) {}
    /// The same with a value already in bytes.
    package mutating func addField(_ name: StaticString, bytes: some Collection<UInt8>) {}
    package mutating func addField(_ name: StaticString, _ value: StaticString) {}
}
