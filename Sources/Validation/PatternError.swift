/// Why a pattern is refused. Says nothing of a value.
package struct PatternError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, as the end of a sentence.
    package var reason: String
    /// The character at which it was seen, counted from 1 in Unicode scalars; nil where the whole is at fault. One behind the last is the end.
    package var position: Int?

    package init(_ reason: String, position: Int? = nil) {
        self.reason = reason
        self.position = position
    }

    /// - Parameters:
    ///   - offset: in bytes of UTF-8.
    ///   - pattern: in which `offset` is.
    init(_ reason: String, at offset: Int, of pattern: [UInt8]) {
        self.init(reason, position: 1 + pattern.prefix(offset).count { $0 & 0xC0 != 0x80 })
    }

    package var description: String { position.map { "at character \($0): \(reason)" } ?? reason }
}
