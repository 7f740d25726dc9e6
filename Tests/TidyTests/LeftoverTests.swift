import Foundation
import Testing

/// Nothing unfinished, and nothing that a client could end the process by.
@Suite struct LeftoverTests {
    /// Words are put together here so that this file does not hold them itself.
    static let unfinished = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
    static let deadly = ["fatal" + "Error(", "try" + "!", "as" + "!"]
    /// Waiting for time to pass by name, by a poll of no descriptor, and by giving the processor away in a loop.
    static let naps = [
        "sle" + "ep(", "usle" + "ep(", "nanosle" + "ep(", "asyncAf" + "ter", "fd: " + "-1", "sched_" + "yield",
    ]

    static func hits(_ words: [String], in files: [String]) throws -> [String] {
        try files.flatMap { file -> [String] in
            let text = try Repository.text(file)
            let words = words.filter { text.range(of: $0, options: .literal) != nil }
            if words.isEmpty { return [] }
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            return lines.enumerated().flatMap { number, line in
                words.filter { word in
                    line.ranges(of: word).contains { range in
                        // A word of its own: EXAMPLE_XXXXXX is a template of mkdtemp(3), not a note.
                        let isLetter = { (index: Substring.Index) in
                            line.indices.contains(index) && (line[index].isLetter || line[index] == "_")
                        }
                        let before = range.lowerBound > line.startIndex && isLetter(line.index(before: range.lowerBound))
                        return !before && !(word.last?.isLetter == true && isLetter(range.upperBound))
                    }
                }.map { "\(file):\(number + 1): \($0)" }
            }
        }
    }

    @Test func `nothing is left to be done`() throws {
        let files =
            try ["Sources", "Tests"].flatMap { try Repository.files(under: $0, endings: [".swift", ".c", ".cpp", ".h"]) }
            + Repository.files(under: "scripts", endings: [".py", ".sh"]) + Repository.documents()
        #expect(try Self.hits(Self.unfinished, in: files).isEmpty)
    }

    @Test func `nothing that a client can cause ends the process`() throws {
        #expect(try Self.hits(Self.deadly, in: Repository.files(under: "Sources", endings: [".swift"])).isEmpty)
    }

    /// Their threads are shared with whatever else uses them: work that must not be held up has a queue, or a loop, of its own.
    @Test func `nothing runs on the global queues`() throws {
        #expect(try Self.hits(["DispatchQueue.glo" + "bal("], in: Repository.files(under: "Sources", endings: [".swift"])).isEmpty)
    }

    @Test func `no test waits for time to pass`() throws {
        #expect(try Self.hits(Self.naps, in: Repository.files(under: "Tests", endings: [".swift"])).isEmpty)
    }

    @Test func `no file is longer than 450 lines`() throws {
        let files = try ["Sources", "Tests"].flatMap { try Repository.files(under: $0, endings: [".swift"]) }
        for file in files {
            let count = try Repository.text(file).split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(count <= 450, "\(file) has \(count) lines")
        }
    }

    @Test func `a word is found where it stands alone, and only there`() throws {
        #expect(try !Self.hits(["import"], in: ["Tests/TidyTests/LeftoverTests.swift"]).isEmpty)
        #expect(try Self.hits(["mport"], in: ["Tests/TidyTests/LeftoverTests.swift"]).count == 1)
    }
}
