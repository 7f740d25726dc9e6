import Foundation
import Testing

/// Arrows point down only (docs/architecture.md): what each target may import.
@Suite struct LayerTests {
    /// The level of each Swift target.
    static let levels = [
        "sluice": 5, "Service": 4, "API": 3, "Ledger": 2, "Learning": 2, "HTTPServer": 1, "JSON": 1, "Gzip": 1, "Validation": 1,
        "HTTPWire": 0,
        "Routing": 0,
    ]

    /// What each target uses of the C targets and of what is not ours: this and nothing else, so that a line here is a fact.
    static let foreign: [String: Set<String>] = [
        "sluice": ["ArgumentParser"],
        "Service": ["CAssets", "Crypto", "Dispatch", "Glibc", "Logging", "Synchronization", "Yams"],
        "API": ["CAssets", "Crypto", "Dispatch", "Glibc", "Synchronization", "Yams"],
        "Ledger": ["CAssets", "Crypto", "Dispatch", "GRDB", "GRDBSQLite", "Glibc", "Synchronization"],
        "Learning": ["CXGBoost", "Crypto", "FoundationEssentials", "Glibc"], "Validation": ["CPCRE2", "FoundationEssentials"],
        "HTTPServer": ["CLinux", "Dispatch", "Glibc", "Synchronization"], "JSON": ["CSimdJSON", "Glibc", "Musl"], "Gzip": ["CZlib"],
        "HTTPWire": [], "Routing": ["Swift"],
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
        let allowed = try #require(Self.foreign[target])
        var used: Set<String> = []
        for file in try Repository.files(under: "Sources/\(target)", endings: [".swift"]) {
            for module in Self.imports(try Repository.text(file)) {
                used.insert(module)
                if let other = Self.levels[module] {
                    #expect(other < level, "\(file) imports \(module), which is not below it")
                } else {
                    #expect(allowed.contains(module), "\(file) imports \(module)")
                }
            }
        }
        #expect(allowed.subtracting(used) == [], "allowed, and imported by no file of \(target)")
    }

    @Test(arguments: levels.keys.sorted())
    func `a target depends in Package_swift on what it imports, and on nothing else`(target: String) throws {
        let declared = try Self.dependencies(of: target, in: Repository.text("Package.swift"))
        let used = Set(
            try Repository.files(under: "Sources/\(target)", endings: [".swift"]).flatMap { Self.imports(try Repository.text($0)) })
        let system: Set = ["Dispatch", "Glibc", "Musl", "Synchronization", "Swift", "Foundation", "FoundationEssentials"]
        #expect(declared == used.subtracting(system))
    }

    /// The names of targets and products that a target is declared to depend on.
    static func dependencies(of target: String, in manifest: String) throws -> Set<String> {
        let declarations = manifest.split(separator: /[.](?:target|executableTarget|testTarget|systemLibrary)[(]/).map(String.init)
        let own = try #require(declarations.first { $0.firstMatch(of: /^\s*name: "(\w+)"/).map { String($0.1) } == target })
        guard let list = own.components(separatedBy: "dependencies: [").dropFirst().first else { return [] }
        // The list ends before the settings, or with the target.
        let names = (list.components(separatedBy: "swiftSettings").first ?? list)
            .matches(of: /(?:[.]product[(]name: )?"([\w-]+)"(?:, package: "[^"]*"[)])?/)
        return Set(names.map { String($0.1) })
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
        for target in ["Routing", "HTTPWire", "Learning", "Validation"] {
            for file in try Repository.files(under: "Sources/\(target)", endings: [".swift"]) {
                let text = try Repository.text(file)
                for word in ["Date()", "ContinuousClock", "SystemRandomNumberGenerator", ".random(", "getenv", "open("] {
                    #expect(text.range(of: word, options: .literal) == nil, "\(file): \(word)")
                }
            }
        }
    }
}
