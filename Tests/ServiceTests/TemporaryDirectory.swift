import Foundation

/// A directory of its own for one test, removed when it goes out of use.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    func file(_ name: String, _ bytes: [UInt8], mode: Int = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        guard FileManager.default.createFile(atPath: file, contents: Data(bytes), attributes: [.posixPermissions: mode]) else {
            throw CocoaError(.fileWriteUnknown)
        }
        return file
    }

    func file(_ name: String, _ text: String, mode: Int = 0o600) throws -> String { try file(name, Array(text.utf8), mode: mode) }

    /// The lines of a file dealt out to so many new ones.
    func parts(of path: String, _ count: Int) throws -> [String] {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        return try (0..<count).map { part in
            let own = lines.enumerated().filter { $0.offset % count == part }.map { String($0.element) }
            return try file("part-\(part)-of-\(count).jsonl", own.joined(separator: "\n"))
        }
    }
}
