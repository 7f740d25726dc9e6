import Foundation
import Testing

/// The fuzzers' seeds, and what they found, against the same checks as in `Fuzz`: what was found stays found.
@Suite struct ReplayTests {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path(percentEncoded: false)).sorted()
    }

    static func inputs(_ folder: String, _ check: Check) throws -> [(name: String, bytes: [UInt8])] {
        let path = "Fuzz/\(folder)/\(check.rawValue)"
        return try names(in: path).map { ($0, Array(try Data(contentsOf: root.appending(path: path).appending(path: $0)))) }
    }

    /// The checks that have found something since they were written.
    static let withFindings = ((try? names(in: "Fuzz/Findings")) ?? []).compactMap(Check.init)

    /// A folder of another name would never be replayed.
    @Test(arguments: ["Seeds", "Findings"])
    func `every folder of inputs is that of a check`(folder: String) throws {
        let names = try Self.names(in: "Fuzz/\(folder)")
        #expect(!names.isEmpty)
        for name in names { #expect(Check(rawValue: name) != nil, "Fuzz/\(folder)/\(name)") }
    }

    @Test(arguments: Check.allCases)
    func `every seed holds`(check: Check) throws {
        let inputs = try Self.inputs("Seeds", check)
        #expect(!inputs.isEmpty)
        for (name, bytes) in inputs { #expect(throws: Never.self, "\(name)") { try check.run(bytes) } }
    }

    @Test(arguments: withFindings)
    func `nothing that was found comes back`(check: Check) throws {
        let inputs = try Self.inputs("Findings", check)
        #expect(!inputs.isEmpty)
        for (name, bytes) in inputs { #expect(throws: Never.self, "\(name)") { try check.run(bytes) } }
    }

    @Test(arguments: Check.allCases)
    func `no byte, and any one byte, hold`(check: Check) throws {
        #expect(throws: Never.self) { try check.run([]) }
        for byte in UInt8.min...UInt8.max { #expect(throws: Never.self, "byte \(byte)") { try check.run([byte]) } }
    }
}
