import Foundation
import Testing

/// Every test can fail by what it says: it expects something itself, or calls a function of its target that does.
@Suite struct AssertionTests {
    /// Put together here, so that this file is not taken for one with expectations and tests where it only speaks of them.
    static let marks: Set = ["#" + "expect", "#" + "require", "Issue" + ".record"]
    static let attribute = "@" + "Test"

    struct Function {
        let name: String
        let isTest: Bool
        /// The words of its body: what it may call, and the marks.
        let words: Set<String>

        var asserts: Bool { !words.isDisjoint(with: AssertionTests.marks) }
    }

    /// The functions of a source as swift-format leaves it: one ends at the brace that stands where its first line begins.
    static func functions(in text: String) -> [Function] {
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Array($0) }
        let indents = lines.map { $0.prefix { $0 == UInt8(ascii: " ") }.count }
        let names = lines.map(declaredName)
        return lines.indices.compactMap { index in
            guard let name = names[index] else { return nil }
            // Attributes may fill some lines before the name.
            var first = index
            while !begins(lines[first], attribute), first > 0, names[first - 1] == nil, let last = lines[first - 1].last,
                last != UInt8(ascii: "}")
            { first -= 1 }
            let isTest = begins(lines[first], attribute)
            let start = indents[isTest ? first : index]
            let isOneLine = lines[index].last == UInt8(ascii: "}")
            let end = isOneLine ? index : lines[index...].indices.first { indents[$0] == start && begins(lines[$0], "}") } ?? index
            return Function(name: name, isTest: isTest, words: Set(lines[index...end].flatMap(words)))
        }
    }

    /// Whether this is the first that stands on a line.
    private static func begins(_ line: [UInt8], _ word: String) -> Bool {
        line.drop { $0 == UInt8(ascii: " ") }.starts(with: word.utf8)
    }

    /// The name behind `func`, nil on any other line.
    private static func declaredName(_ line: [UInt8]) -> String? {
        guard let keyword = line.firstRange(of: Array("func ".utf8)) else { return nil }
        let before = String(decoding: line[..<keyword.lowerBound].drop { $0 == UInt8(ascii: " ") }, as: UTF8.self)
        let isDeclared =
            before.isEmpty || before.hasPrefix("@") || before.hasPrefix("]") || before.hasPrefix(")")
            || before.allSatisfy { $0.isLetter || $0 == " " }
        guard isDeclared else { return nil }
        let rest = line[keyword.upperBound...]
        let isRaw = rest.first == UInt8(ascii: "`")
        return String(decoding: isRaw ? rest.dropFirst().prefix { $0 != UInt8(ascii: "`") } : rest.prefix(while: isPart), as: UTF8.self)
    }

    private static func isPart(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func words(_ line: [UInt8]) -> [String] {
        let whole = String(decoding: line, as: UTF8.self)
        var words = line.split { !isPart($0) }.map { String(decoding: $0, as: UTF8.self) }
        // The marks are more than words.
        for mark in marks where words.contains(String(mark.drop { $0 == "#" }.prefix { $0 != "." })) && whole.contains(mark) {
            words.append(mark)
        }
        return words
    }

    /// Tests that expect nothing, neither themselves nor through what they call.
    static func idle(_ functions: [Function]) -> [String] {
        var helpers = Set(functions.filter { !$0.isTest && $0.asserts }.map(\.name))
        while true {
            let more = functions.filter { !$0.isTest && !helpers.contains($0.name) && !helpers.isDisjoint(with: $0.words) }
            if more.isEmpty { break }
            helpers.formUnion(more.map(\.name))
        }
        return functions.filter { $0.isTest && !$0.asserts && helpers.isDisjoint(with: $0.words) }.map(\.name)
    }

    @Test func `every test expects something`() throws {
        let files = try Repository.files(under: "Tests", endings: [".swift"])
        for (target, files) in Dictionary(grouping: files, by: { $0.split(separator: "/")[1] }).sorted(by: { $0.key < $1.key }) {
            let functions = try files.flatMap { Self.functions(in: try Repository.text($0)) }
            #expect(target == "TestSupport" || functions.contains { $0.isTest }, "\(target) has tests")
            #expect(Self.idle(functions) == [], "\(target)")
        }
    }

    @Test func `a test without an expectation is found, one that has it elsewhere is not`() {
        let (test, expectation, requirement) = (Self.attribute, "#" + "expect", "#" + "require")
        let text = """
            struct SomeTests {
                \(test) func `says nothing`() {
                    run()
                    if true {
                    }
                }

                \(test)(arguments: [
                    1, 2,
                ]) func `throws alone`(_ number: Int) throws { try make(number) }

                \(test) func `speaks through another`() { hold(1) }

                \(test)(.enabled(if: true))
                func `speaks itself`() {
                    \(expectation)(true)
                }

                \(test) func `speaks of expectations`() { run("expect") }

                private func hold(_ number: Int) {
                    check { try \(requirement)($0 == number) }
                }
                func make(_ number: Int) throws {}
            }
            """
        let functions = Self.functions(in: text)
        #expect(
            functions.map(\.name) == [
                "says nothing", "throws alone", "speaks through another", "speaks itself", "speaks of expectations", "hold", "make",
            ])
        #expect(functions.map(\.isTest) == [true, true, true, true, true, false, false])
        #expect(Self.idle(functions) == ["says nothing", "throws alone", "speaks of expectations"])
    }
}
