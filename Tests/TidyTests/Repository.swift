import Foundation

/// The repository these tests were built from.
enum Repository {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String { try String(contentsOf: root.appending(path: path), encoding: .utf8) }

    /// Paths, relative to the root, of the files under a folder with one of the endings, in order.
    static func files(under folder: String, endings: [String]) throws -> [String] {
        let base = root.appending(path: folder).path(percentEncoded: false)
        let names = try FileManager.default.subpathsOfDirectory(atPath: base).filter { name in
            endings.contains { name.hasSuffix($0) } && !name.contains("/.build") && !name.hasPrefix(".build")
        }
        guard !names.isEmpty else { throw NothingFound(folder: folder, endings: endings) }
        return names.sorted().map { folder.isEmpty || folder == "." ? $0 : "\(folder)/\($0)" }
    }

    /// A rule over no files would hold whatever they say.
    struct NothingFound: Error {
        let folder: String
        let endings: [String]
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path(percentEncoded: false))
    }

    /// Every document a reader is sent to.
    static func documents() throws -> [String] {
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"] + (try files(under: "docs", endings: [".md"]))
            + (try files(under: "examples", endings: [".md"]))
    }
}
