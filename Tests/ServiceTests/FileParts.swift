import Foundation
import TestSupport

extension TemporaryDirectory {
    /// The lines of a file dealt out to so many new ones.
    func parts(of path: String, _ count: Int) throws -> [String] {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        return try (0..<count).map { part in
            let own = lines.enumerated().filter { $0.offset % count == part }.map { String($0.element) }
            return try file("part-\(part)-of-\(count).jsonl", own.joined(separator: "\n"))
        }
    }
}
