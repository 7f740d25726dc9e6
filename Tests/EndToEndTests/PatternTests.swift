import TestSupport
import Testing

/// Patterns of schemas, as a user meets them.
@Suite struct PatternTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Reviewed forms with one field, whose value is this.
    private func forms(_ count: Int, value: String) throws -> String {
        let lines = (0..<count).map { number in
            #"{"documentType":"form","documentId":"\#(number)","fields":[{"name":"note","value":"\#(value)","confidence":0.9}],"#
                + #""review":{"verdict":"approved","reviewedBy":"reviewer","at":"2026-03-03T00:00:00Z"}}"# + "\n"
        }
        return try directory.file("forms.jsonl", lines.joined())
    }

    private func schema(_ pattern: String) throws -> String {
        let escaped = pattern.replacing("\\", with: "\\\\")
        return try directory.file("schema.json", #"{"documentType":"form","fields":[{"name":"note","pattern":"\#(escaped)"}]}"#)
    }

    @Test(arguments: [
        ("^[A-Z", 6, "missing terminating ]"), (#"^\d{3}-\K\d$"#, 8, #"\K is not an escape"#),
        ("(*LIMIT_MATCH=1000000000)^(a+)+$", 1, "verb"),
        ("^(a|(?R))*$", 5, "nothing else"),
    ])
    func `a pattern that is refused is named with its field, place and reason`(pattern: String, position: Int, words: String) throws {
        let schema = try schema(pattern)
        for command in [
            ["thresholds", "suggest", try forms(2, value: "a"), "--target", "0.9"],
            ["model", "train", "--train", "a", "--tune", "b", "--out", directory + "m"],
        ] {
            let process = try ChildProcess(Program.path, command + ["--schema", schema])
            #expect(try process.wait() == .exited(65))
            #expect(
                process.errorText.contains("\(schema): the pattern of note is refused at character \(position): "), "\(process.errorText)")
            #expect(process.errorText.contains(words))
        }
    }

    @Test(arguments: ["^(a+)+$", "^(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
    func `a pattern that would take for ever is given up, and how often is said`(pattern: String) throws {
        let files = try forms(40, value: String(repeating: "a", count: 1_000) + "!")
        let done = try Program.run("thresholds", "suggest", files, "--target", "0.9", "--schema", try schema(pattern))
        #expect(done.ending == .exited(0), "\(done.errors)")
        #expect(done.errors.contains("note of form: 40 values could not be compared with the pattern"), "\(done.errors)")
        #expect(!done.errors.contains("aaaa") && !done.output.contains("aaaa"))
    }
}
