import Foundation
import Testing

/// Arrows point down only (docs/architecture.md): what each target may import.
@Suite struct LayerTests {
    /// The level of each Swift target.
    static let levels = [
        "sluice": 5, "Service": 4, "API": 3, "Ledger": 2, "Learning": 2, "HTTPServer": 1, "JSON": 1, "Gzip": 1, "HTTPWire": 0,
        "Routing": 0,
    ]

    /// Who may speak to the C targets and to what is not ours.
    static let foreign: [String: Set<String>] = [
        "CLinux": ["HTTPServer"], "CSimdJSON": ["JSON"], "CAssets": ["Ledger", "API", "Service"], "CZlib": ["Gzip"],
        "CXGBoost": ["Learning"], "Musl": ["JSON"],
        "GRDB": ["Ledger"], "GRDBSQLite": ["Ledger"], "ArgumentParser": ["sluice"], "Logging": ["Service", "API"],
        "Yams": ["Service", "API"],
        "Crypto": ["Ledger", "Learning", "API", "Service"], "Dispatch": ["Service", "API", "Ledger", "HTTPServer"],
        "Glibc": ["sluice", "Service", "API", "Ledger", "Learning", "HTTPServer", "JSON"],
        "Synchronization": ["Service", "API", "Ledger", "HTTPServer"], "Foundation": ["Ledger"],
        "FoundationEssentials": ["Ledger", "Learning"], "Swift": ["Routing"],
    ]

    /// The modules that a source imports.
    static func imports(_ text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            guard line.utf8.firstRange(of: "import ".utf8) != nil else { return nil }
            return line.firstMatch(
                of:
                    /^\s*(?:@[\w()]+\s+)*(?:(?:public|package|internal|private)\s+)?import\s+(?:(?:struct|class|enum|func|protocol|var|let|typealias)\s+)?(\w+)/
            )
            .map { String($0.1) }
        }
    }

    @Test func `every Swift target has a level`() throws {
        let folders = Set(try Repository.files(under: "Sources", endings: [".swift"]).map { String($0.split(separator: "/")[1]) })
        #expect(folders == Set(Self.levels.keys))
    }

    @Test(arguments: levels.keys.sorted())
    func `a target imports lower ones and what it may of others`(target: String) throws {
        let level = try #require(Self.levels[target])
        for file in try Repository.files(under: "Sources/\(target)", endings: [".swift"]) {
            for module in Self.imports(try Repository.text(file)) {
                if let other = Self.levels[module] {
                    #expect(other < level, "\(file) imports \(module), which is not below it")
                } else {
                    #expect(Self.foreign[module]?.contains(target) == true, "\(file) imports \(module)")
                }
            }
        }
    }

    @Test func `imports are found in all their spellings`() {
        let text = """
            import A
            package import B
            @preconcurrency import C
            import struct D.E
            @_spi(X) package import F
            // import G
            let important = 1
            """
        #expect(Self.imports(text) == ["A", "B", "C", "D", "F"])
    }

    @Test func `the pure targets know no clock, file or random number`() throws {
        for target in ["Routing", "HTTPWire"] {
            for file in try Repository.files(under: "Sources/\(target)", endings: [".swift"]) {
                let text = try Repository.text(file)
                for word in ["Date()", "ContinuousClock", "SystemRandomNumberGenerator", ".random(", "getenv", "open("] {
                    #expect(text.range(of: word, options: .literal) == nil, "\(file): \(word)")
                }
            }
        }
    }
}
