/// Text that is never shown: printing, logging or dumping it gives `<redacted>`.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    package init(_ text: String) { self.text = text }

    /// The secret itself, as UTF-8: for the one place that needs it.
    package var bytes: [UInt8] { Array(text.utf8) }

    package static let redacted = "<redacted>"
    package var description: String { Secret.redacted }
    package var debugDescription: String { Secret.redacted }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
