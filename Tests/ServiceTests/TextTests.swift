import Testing

@testable import Service

struct TextTests {
    // MARK: JSON for people

    @Test func `a container that holds no other stands on one line, others an element a line`() {
        let json = #"{"documentType":"a","rules":[{"field":"x","threshold":0.9},{"field":"{\"y\\","threshold":1}],"floors":[]}"#
        #expect(
            PrettyJSON.text(Array(json.utf8)) == #"""
                {
                  "documentType": "a",
                  "rules": [
                    {"field": "x", "threshold": 0.9},
                    {"field": "{\"y\\", "threshold": 1}
                  ],
                  "floors": []
                }
                """#)
    }

    @Test(arguments: ["{}", "[]", "1", "\"a,b:c\"", "[1, 2, null]", "{\"a\": true}"])
    func `small JSON stays on its line`(text: String) {
        let compact = text == "\"a,b:c\"" ? text : text.replacing(" ", with: "")
        #expect(PrettyJSON.text(Array(compact.utf8)) == text)
    }

    @Test func `a long list is broken into lines`() {
        let names = (0..<30).map { "\"name-\($0)\"" }
        let lines = PrettyJSON.lines(Array("[\(names.joined(separator: ","))]".utf8))
        #expect(lines.count == 32)
        #expect(lines[1] == "  \"name-0\",")
    }

    @Test func `JSON cut anywhere is laid out as far as it goes, and loses nothing`() {
        let json = Array(#"{"a":[1,{"b":["\"",[]]}],"c":"\\"}"#.utf8)
        for count in 0...json.count {
            let laidOut = PrettyJSON.text(Array(json[..<count])).utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") }
            #expect(laidOut == Array(json[..<count]), "cut at byte \(count)")
        }
    }

    // MARK: Differences

    @Test func `a difference shows what went, what came and a little around it`() {
        let old = (1...20).map { "line \($0)" }
        var new = old
        new[9] = "line ten"
        new.append("line 21")
        #expect(
            LineDiff.lines(from: old, to: new) == [
                "  … 6 equal lines", "  line 7", "  line 8", "  line 9", "- line 10", "+ line ten", "  line 11", "  line 12", "  line 13",
                "  … 4 equal lines", "  line 18", "  line 19", "  line 20", "+ line 21",
            ])
    }

    @Test func `equal texts have no difference, canonically equivalent ones do`() {
        #expect(LineDiff.lines(from: ["a", "b"], to: ["a", "b"]).isEmpty)
        #expect(LineDiff.lines(from: ["\u{E9}"], to: ["e\u{301}"]) == ["- \u{E9}", "+ e\u{301}"])
        #expect(LineDiff.lines(from: [], to: ["a"]) == ["+ a"])
    }

    @Test func `two policies differ by the lines of their rules`() {
        let old = Array(#"{"documentType":"a","threshold":0.9,"rules":[{"field":"x","threshold":0.9}]}"#.utf8)
        let new = Array(#"{"documentType":"a","threshold":0.9,"rules":[{"field":"x","threshold":0.95}]}"#.utf8)
        let difference = PolicyCommands.difference(from: old, to: new)
        #expect(difference.contains(#"-     {"field": "x", "threshold": 0.9}"#))
        #expect(difference.contains(#"+     {"field": "x", "threshold": 0.95}"#))
        #expect(difference.filter { $0.hasPrefix("-") || $0.hasPrefix("+") }.count == 2)
    }

    // MARK: Progress

    private final class Screen {
        var text = ""
        var now: UInt64 = 0
    }

    @Test func `progress off a terminal is a line every few seconds`() {
        let screen = Screen()
        let progress = Progress(title: "import", isTerminal: false, clock: { screen.now }) {
            screen.text += String(decoding: $0, as: UTF8.self)
        }
        for second in 0..<12 {
            screen.now = UInt64(second) * 1_000_000_000
            progress.update(share: Double(second) / 12, count: second, of: "documents")
        }
        progress.finish()
        #expect(screen.text == "import: 41 %, 5 documents\nimport: 83 %, 10 documents\n")
    }

    @Test func `progress on a terminal is a bar that is taken away at the end`() {
        let screen = Screen()
        let progress = Progress(title: "import", isTerminal: true, clock: { screen.now }) {
            screen.text += String(decoding: $0, as: UTF8.self)
        }
        screen.now = 200_000_000
        progress.update(share: 0.5, count: 7, of: "documents")
        progress.update(share: 0.6, count: 8, of: "documents")
        progress.finish()
        let bar = String(repeating: "█", count: 15) + String(repeating: "░", count: 15)
        #expect(screen.text == "\rimport \(bar) 50 % 7 documents\u{1B}[K\r\u{1B}[K")
    }

    // MARK: Arguments

    @Test(
        arguments: [("12", 12), ("\"12\"", 12), ("0", nil), ("+1", nil), ("", nil), ("\"", nil), ("\"\"", nil), ("1 ", nil), ("９", nil)]
            as [(String, Int64?)])
    func `a version is read strictly`(text: String, expected: Int64?) {
        #expect(PolicyCommands.versionNumber(text) == expected)
    }

    @Test func `a table has aligned columns`() {
        #expect(
            TextTable.lines(head: ["a", "n"], rows: [["long", "1"], ["b", "100"]], numbersFrom: 1) == [
                "a       n", "long    1", "b     100",
            ])
        #expect(TextTable.lines(head: ["a", "b"], rows: [["x", ""]]) == ["a  b", "x"])
    }
}
