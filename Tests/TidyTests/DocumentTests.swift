import Foundation
import Testing

/// What the documents say is there.
@Suite struct DocumentTests {
    @Test func `every make target that a document names exists`() throws {
        let makefile = try Repository.text("Makefile")
        for document in try Repository.documents() + [".ci/run", "Dockerfile"] {
            for match in try Repository.text(document).matches(of: /(?:^|[`\s])make ([a-z][a-z-]+)[`\s]/.anchorsMatchLineEndings()) {
                let isCommand = ["run", "build", "test", "demo", "bench", "check"].contains(String(match.1)) || match.0.contains("`")
                if isCommand { #expect(makefile.contains("\n\(match.1):"), "\(document): make \(match.1)") }
            }
        }
    }

    @Test func `every link to a file leads somewhere`() throws {
        for document in try Repository.documents() {
            let folder = document.split(separator: "/").dropLast().joined(separator: "/")
            for match in try Repository.text(document).matches(of: /\]\(([^)#:]+)(?:#[^)]*)?\)/) {
                let path = folder.isEmpty ? String(match.1) : "\(folder)/\(match.1)"
                #expect(Repository.exists(path), "\(document): \(match.1)")
            }
        }
    }

    @Test func `README names every setting and no other`() throws {
        let settings = try Repository.text("config/sluice.yaml").split(separator: "\n").compactMap { line in
            line.firstMatch(of: /^([a-zA-Z]+):/).map { String($0.1) }
        }
        #expect(settings.count > 10)
        let readme = try Repository.text("README.md")
        let section = try #require(
            readme.components(separatedBy: "## Configuration").dropFirst().first?.components(separatedBy: "\n## ").first)
        let named = section.matches(of: /^\| `([a-zA-Z]+)` \|/.anchorsMatchLineEndings()).map { String($0.1) }
        #expect(named == settings)
    }

    @Test func `README names every endpoint of openapi.yaml`() throws {
        let readme = try Repository.text("README.md")
        let paths = try Repository.text("openapi.yaml").split(separator: "\n").compactMap { line in
            line.firstMatch(of: /^  (\/[^:]*):$/).map { String($0.1) }
        }
        #expect(paths.count > 10)
        for path in paths { #expect(readme.contains("`\(path)`"), "\(path)") }
    }

    @Test func `every decision record has its parts`() throws {
        let records = try Repository.files(under: "docs/decisions", endings: [".md"])
        #expect(!records.isEmpty)
        for (number, record) in records.enumerated() {
            let text = try Repository.text(record)
            #expect(
                record.hasPrefix("docs/decisions/" + String(repeating: "0", count: 4 - String(number + 1).count) + "\(number + 1)-"),
                "\(record)")
            for part in ["## Problem", "## Choice", "## Reasons", "## Rejected", "## Price"] {
                #expect(text.contains(part), "\(record): \(part)")
            }
        }
    }

    @Test func `documents speak of the product alone`() throws {
        let files =
            try Repository.documents() + ["openapi.yaml", "Makefile", "config/sluice.yaml"]
            + Repository.files(under: "config/policies", endings: [".yaml"])
            + ["Sources", "Tests"].flatMap { try Repository.files(under: $0, endings: [".swift"]) }
        for file in files {
            let text = try Repository.text(file)
            for word in ["/wo" + "rk/", "/ro" + "ot/", "lead en" + "gineer"] {
                #expect(text.range(of: word, options: .literal) == nil, "\(file): \(word)")
            }
        }
    }
}
