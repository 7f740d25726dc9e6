import Foundation
import TestSupport
import Testing

@testable import Service

/// Output paths are tried before the work, and nothing is overwritten unasked.
struct OutputFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func refusal(_ paths: [String?], overwrites: Bool = false) -> Failure? {
        do throws(Failure) {
            try OutputFiles(overwrites: overwrites).check(paths)
            return nil
        } catch {
            return error
        }
    }

    @Test func `new files in directories that are there may be made, and trying leaves nothing`() throws {
        #expect(refusal(["\(directory.path)/a", nil, "-", "\(directory.path)/b.json", "-"]) == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }

    @Test func `paths that cannot be written are named with the reason`() throws {
        let file = try directory.file("file", "x")
        for (path, words) in [
            ("\(directory.path)/none/a", "cannot be written"), ("\(file)/a", "cannot be written"), (directory.path, "is a directory"),
            ("/dev/null", "is not a file"), ("/proc/none", "cannot be written"), (file, "is there already"),
        ] {
            let failure = try #require(refusal([path]))
            #expect(failure.status == .cannotCreate)
            #expect(failure.message.contains(path) && failure.message.contains(words), "\(failure.message)")
        }
        #expect(refusal(["\(directory.path)/a", "\(directory.path)/a"])?.status == .usage)
    }

    @Test func `a file that is there is written over when that was asked for, and nothing else`() throws {
        let file = try directory.file("file", "old")
        #expect(refusal([file], overwrites: true) == nil)
        try OutputFiles(overwrites: true).write(Array("new".utf8), to: file)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "new")
        #expect(throws: Failure.self) { try OutputFiles().write(Array("third".utf8), to: file) }
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "new")
        for path in [directory.path, "/dev/null"] { #expect(refusal([path], overwrites: true)?.status == .cannotCreate) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["file"])
    }

    @Test func `figures go to a file, or to standard output in place of the words`() throws {
        let outputs = OutputFiles()
        let path = "\(directory.path)/figures.json"
        #expect(try outputs.lines(["words"], figures: { Array("{}\n".utf8) }, to: nil) == ["words"])
        #expect(try outputs.lines(["words"], figures: { Array("{}\n".utf8) }, to: "-") == ["{}"])
        #expect(try outputs.lines(["words"], figures: { Array("{}\n".utf8) }, to: path) == ["words", "figures: \(path)"])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "{}\n")
    }
}
