import Foundation

/// The program as it was built, and the repository it was built from.
enum Program {
    /// Beside the test bundle: both are products of one build.
    static let path: String = {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
        return own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/sluice"
    }()

    /// The repository's root.
    static let root = (0..<4).reduce(URL(filePath: #filePath).resolvingSymlinksInPath()) { url, _ in url.deletingLastPathComponent() }
        .path(percentEncoded: false).replacing(/\/$/, with: "")

    static func file(_ path: String) throws -> [UInt8] { try System.contents(of: "\(root)/\(path)") }
    static func text(_ path: String) throws -> String { String(decoding: try file(path), as: UTF8.self) }

    struct Outcome {
        var ending: ChildProcess.Ending
        var output: String
        var errors: String
    }

    /// Runs a command to its end, in an environment of nothing but what is given.
    static func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
        let process = try ChildProcess(path, arguments, environment: environment)
        let ending = try process.wait()
        return Outcome(ending: ending, output: process.outputText, errors: process.errorText)
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// The first place of a tool on the usual paths.
    static func tool(_ name: String) -> String? {
        ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"].lazy.map { "\($0)/\(name)" }.first { unsafe access($0, X_OK) == 0 }
    }
}
