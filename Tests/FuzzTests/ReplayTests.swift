import Foundation
import Testing

/// The fuzzers' seeds, and what they found, against the same checks as in `Fuzz`: what was found stays found.
@Suite struct ReplayTests {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func inputs(_ folder: String, _ check: Check) throws -> [(name: String, bytes: [UInt8])] {
        let base = root.appending(path: "Fuzz/\(folder)/\(check.rawValue)")
        guard FileManager.default.fileExists(atPath: base.path(percentEncoded: false)) else { return [] }
        let names = try FileManager.default.contentsOfDirectory(atPath: base.path(percentEncoded: false)).sorted()
        return try names.map { ($0, Array(try Data(contentsOf: base.appending(path: $0)))) }
    }

    @Test(arguments: Check.allCases)
    func `every seed holds`(check: Check) throws {
        let inputs = try Self.inputs("Seeds", check)
        #expect(!inputs.isEmpty)
        for (name, bytes) in inputs { #expect(throws: Never.self, "\(name)") { try check.run(bytes) } }
    }

    @Test(arguments: Check.allCases)
    func `nothing that was found comes back`(check: Check) throws {
        for (name, bytes) in try Self.inputs("Findings", check) {
            #expect(throws: Never.self, "\(name)") { try check.run(bytes) }
        }
    }

    @Test(arguments: Check.allCases)
    func `no byte, and any one byte, hold`(check: Check) throws {
        try check.run([])
        for byte in UInt8.min...UInt8.max { try check.run([byte]) }
    }
}
