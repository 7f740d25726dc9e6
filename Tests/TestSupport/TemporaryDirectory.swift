import Foundation
import Glibc

/// A directory of one test's own. It is removed, with all that is in it, when the test lets go of it.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() throws(MakingError) {
        var template = Array("/tmp/sluice-tests-XXXXXX".utf8CString)
        // mkdtemp(3) changes the template in place and keeps its length.
        guard unsafe mkdtemp(&template) != nil else { throw MakingError(call: "mkdtemp", code: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    package func file(_ name: String, _ bytes: [UInt8], mode: Int = 0o600) throws -> String {
        let file = self + name
        guard FileManager.default.createFile(atPath: file, contents: Data(bytes), attributes: [.posixPermissions: mode]) else {
            throw CocoaError(.fileWriteUnknown)
        }
        return file
    }

    package func file(_ name: String, _ text: String, mode: Int = 0o600) throws -> String { try file(name, Array(text.utf8), mode: mode) }

    /// The path of what has this name in it.
    package static func + (directory: TemporaryDirectory, name: String) -> String { "\(directory.path)/\(name)" }
}

/// A directory or a file system that a test needs could not be made.
package struct MakingError: Error, CustomStringConvertible {
    package let call: String
    package let code: Int32
    package var description: String { "\(call): error \(code)" }
}
