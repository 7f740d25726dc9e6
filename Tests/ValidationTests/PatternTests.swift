import Testing

@testable import Validation

/// What a pattern means, what is refused, and what it may cost.
@Suite struct PatternTests {
    private let matcher = PatternMatcher()

    private func verdict(_ pattern: String, _ value: String) throws -> Pattern.Verdict {
        try Pattern(pattern).verdict(on: value, by: matcher)
    }

    // MARK: Meaning

    @Test(
        arguments: [
            ("b", "abc", true), ("^b", "abc", false), ("", "", true), ("", "x", true), ("^$", "", true), ("^$", "x", false),
            // The end is the end, not what stands before a last line feed; lines are no ends without (?m).
            ("^a$", "a\n", false), ("^b$", "a\nb\nc", false), ("(?m)^b$", "a\nb\nc", true),
            // Digits, letters and spaces are those of ASCII.
            (#"^\d+$"#, "0123456789", true), (#"^\d$"#, "٢", false), (#"^\w+$"#, "a_Z9", true), (#"^\w$"#, "é", false),
            (#"^[\d\s-]+$"#, "1 - 2", true), (#"^\S+$"#, "é", true),
            // A character is a Unicode scalar.
            ("^.$", "😀", true), ("^..$", "e\u{301}", true), ("^.$", "\u{E9}", true), ("^\u{E9}$", "e\u{301}", false),
            (#"^\p{L}+$"#, "Müller", true), (#"^\p{Lu}\P{Lu}$"#, "Éa", true), (#"^[\p{Greek}]+$"#, "λόγος", true),
            (#"^\u0041\x42\u{43}$"#, "ABC", true), (#"^\cJ\t$"#, "\n\t", true), (#"^\0$"#, "\0", true),
            // Look-around: a social security number, a password, an amount without a currency before it.
            (#"^(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$"#, "123-45-6789", true),
            (#"^(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$"#, "666-45-6789", false), (#"^(?=.*\d)(?=.*[a-z]).{4,}$"#, "ab1c", true),
            (#"(?<!\$)\b\d+$"#, "17", true), (#"(?<=\$)\d+$"#, "$17", true),
            // Groups that are referred to; one that took no part matches nothing.
            (#"^(['"]).*\1$"#, "'a'", true), (#"^(?<quote>['"]).*\k<quote>$"#, "'a\"", false), (#"^(?:(a)|b)\1$"#, "b", true),
            // [] is nothing, [^] everything; brackets need no escape within.
            ("[]", "a", false), ("^[^]$", "\n", true), ("^[a[]$", "[", true), (#"^[\]]$"#, "]", true),
            ("^(?i)md|do$", "MD", true), ("^(?i:md)x$", "MDX", false), ("^a{2,3}$", "aaa", true), ("^a{$", "a{", true),
            (#"^\(\*\)$"#, "(*)", true), ("^[(*]$", "*", true), ("^[(?R)]$", "?", true),
        ] as [(String, String, Bool)])
    func `a pattern means what it does in ECMA-262`(pattern: String, value: String, isMatched: Bool) throws {
        #expect(try verdict(pattern, value) == (isMatched ? .matches : .differs))
    }

    // MARK: Refusals

    @Test(
        arguments: [
            // Malformed, in PCRE2's words.
            ("(", 2, "missing closing parenthesis"), ("a)", 2, "unmatched closing parenthesis"), ("[a", 3, "missing terminating ]"),
            ("*a", 1, "quantifier"), (#"a\"#, 3, #"\ at end of pattern"#), ("a{3,2}", 6, "out of order"), ("[z-a]", 4, "out of order"),
            (#"\p{Nonsense}"#, 13, "unknown property"), ("(?<a>b)(?<a>c)", 13, "same name"), ("é(", 3, "missing closing parenthesis"),
            (#"\ud83d"#, 7, "disallowed Unicode code point"), ("(?<=a+)b", 1, "lookbehind assertion is not fixed length"),
            // Verbs, which could lift limits, switch the machine code off, or accept what is not there.
            ("(*LIMIT_MATCH=4294967295)^(a+)+$", 1, "verb"), ("(*NO_JIT)a", 1, "verb"), ("(*UTF)(*UCP)a", 1, "verb"),
            ("a(*ACCEPT)b", 2, "verb"), ("(*LIMIT_HEAP=99999999)a", 1, "verb"), ("(*CRLF)a", 1, "verb"), ("a(*SKIP)(*F)|b", 2, "verb"),
            ("(*pla:a)", 1, "verb"), ("(*NO_START_OPT)a", 1, "verb"), ("((*COMMIT)a)", 2, "verb"),
            // Recursion and subroutines, conditions, callouts, comments, other names for groups, options of other kinds.
            ("^(a|(?R))*$", 5, "nothing else"), ("(a)(?1)", 4, "nothing else"), ("(?-1)", 1, "nothing else"),
            ("(a)(?+1)", 4, "nothing else"),
            ("(?<n>a)(?&n)", 8, "nothing else"), ("(?P<n>a)", 1, "nothing else"), ("(?P>n)", 1, "nothing else"),
            ("(a)?(?(1)b|c)", 5, "nothing else"), ("(?C)a", 1, "nothing else"), ("(?C1)a", 1, "nothing else"), ("(?#a)", 1, "nothing else"),
            ("(?|(a)|(b))", 1, "nothing else"), ("(?'n'a)", 1, "nothing else"), ("(?x) a", 1, "nothing else"), ("(?J)a", 1, "nothing else"),
            ("(?^)a", 1, "nothing else"), ("(?U)a+", 1, "nothing else"), ("(?i", 1, "nothing else"),
            // Escapes that are PCRE2's alone, or mean another thing there.
            (#"a\Kb"#, 2, #"\K is not an escape"#), (#"\Ca"#, 1, #"\C is not"#), (#"\Qa*\E"#, 1, #"\Q is not"#),
            (#"\Ga"#, 1, #"\G is not"#),
            (#"\R"#, 1, #"\R is not"#), (#"\X+"#, 1, #"\X is not"#), (#"\N{U+41}"#, 1, #"\N is not"#), (#"\h"#, 1, #"\h is not"#),
            (#"a\v"#, 2, #"\v is not"#),
            (#"(a)\g{1}"#, 4, #"\g is not"#), (#"\o{101}"#, 1, #"\o is not"#), (#"[\B]"#, 2, #"\B is not"#), (#"[\A]"#, 2, #"\A is not"#),
            (#"\x{41}"#, 1, "two hexadecimal digits"), (#"\xg1"#, 1, "two hexadecimal digits"), (#"\u12"#, 1, "four hexadecimal digits"),
            (#"\pL"#, 1, "in braces"), (#"\c1"#, 1, "followed by a letter"), (#"\k'n'"#, 1, "names a group"),
            (#"\01"#, 1, "followed by a digit"),
            (#"(a)\2"#, 4, "group that is not there"), (#"\1"#, 1, "group that is not there"), (#"[\1]"#, 2, "within brackets"),
            (#"(a)\99999999999999999999"#, 4, "group that is not there"), ("[[:alpha:]]", 2, "names a class elsewhere"),
            ("[[.a.]]", 2, "elsewhere"),
            ("a{,3}", 2, "{0,n}"),
        ] as [(String, Int, String)])
    func `what is malformed, or is more than ECMA-262 has, is refused with its place`(pattern: String, position: Int, words: String) {
        #expect {
            try Pattern(pattern)
        } throws: {
            let error = $0 as? PatternError
            return error?.position == position && error?.reason.contains(words) == true
        }
    }

    @Test(
        arguments: [
            String(repeating: "a", count: 1_025), "(?:ab){1,5000}", "(((a{1,100}){1,100}){1,100}){1,100}", "a{1,65536}",
            String(repeating: "(", count: 65) + String(repeating: ")", count: 65), "(?:(?:[a-z]{1,255}){1,255}){1,255}",
            "(?:\\p{L}{1,500}|\\p{N}{1,500}){1,500}",
        ])
    func `what could not be bounded is refused before anything is compared with it`(pattern: String) {
        #expect(throws: PatternError.self) { try Pattern(pattern) }
    }

    @Test func `a refusal says what is wrong and where, and nothing of PCRE2's codes`() {
        #expect(PatternError("missing closing parenthesis", position: 7).description == "at character 7: missing closing parenthesis")
        #expect(PatternError("it is longer than 9 bytes").description == "it is longer than 9 bytes")
    }

    // MARK: Bounds

    /// Patterns that take a time which doubles, or grows with a high power, with every character of these values.
    static let bombs: [(pattern: String, value: String)] = [
        ("^(a+)+$", String(repeating: "a", count: 1_000) + "!"), ("^(a|aa)+$", String(repeating: "a", count: 60) + "!"),
        ("(a|aa)+$", String(repeating: "a", count: 60) + "!"), ("^(.*a){20}$", String(repeating: "a", count: 1_000) + "!"),
        ("(.*a){20}", String(repeating: "ba", count: 19) + String(repeating: "b", count: 900)),
        ("^(([a-z])+.)+[A-Z]([a-z])+$", String(repeating: "a", count: 1_000)),
        ("^((((a*)*)*)*)*$", String(repeating: "a", count: 500) + "!"),
        (#"^(\w+\s?)*$"#, String(repeating: "word", count: 100) + "!"), (#"^(a+)\1+\1+\1+$"#, String(repeating: "a", count: 1_000) + "!"),
        ("^x*x*x*x*x*[yz]$", String(repeating: "x", count: 1_000)), ("^(?:x|x|x){1,200}[yz]$", String(repeating: "x", count: 1_000)),
        ("^(?=(a+)+$)", String(repeating: "a", count: 1_000) + "!"), ("^(?:(?!x*x*[yz])x)*[yz]$", String(repeating: "x", count: 1_000)),
        ("x*(?=x*(?=x*(?=x*[yz])))", String(repeating: "x", count: 1_000)),
        ("^x{0,200}x{0,200}x{0,200}x{0,200}[yz]$", String(repeating: "x", count: 1_000)),
        ("(?i)^X*x*X*x*[yz]$", String(repeating: "x", count: 1_000)),
        (#"^\p{L}*\p{L}*\p{L}*\p{L}*[yz]$"#, String(repeating: "é", count: 500)),
    ]

    @Test(arguments: bombs.indices)
    func `a comparison that would take for ever is given up`(index: Int) throws {
        let (pattern, value) = Self.bombs[index]
        // Never a match: none of the values is as its pattern asks.
        #expect(try verdict(pattern, value) == .beyondLimits)
        // The matcher is as good as new.
        #expect(try verdict("^a$", "a") == .matches)
    }

    @Test func `the same patterns judge the values that people send`() throws {
        #expect(try verdict("^(a+)+$", "aaaaaaaaaaaaaaaaaaaa") == .matches)
        #expect(try verdict("^(([a-z])+.)+[A-Z]([a-z])+$", "some.thing.Else") == .matches)
        #expect(try verdict("(a|aa)+$", "baaa") == .matches)
        #expect(try verdict("^(a+)+$", "aaab") == .differs)
    }

    @Test func `a value beyond the limit of bytes is not looked at, one at the limit is`() throws {
        let limit = PatternLimits().valueBytesMax
        #expect(try verdict("^a*$", String(repeating: "a", count: limit)) == .matches)
        #expect(try verdict("^a*$", String(repeating: "a", count: limit + 1)) == .beyondLimits)
        #expect(try verdict("^é*$", String(repeating: "é", count: limit / 2 + 1)) == .beyondLimits)
    }

    @Test func `a comparison has the steps that its matcher allows`() throws {
        var limits = PatternLimits()
        limits.stepsMax = 3
        let value = "ababab"
        let pattern = try Pattern("^(?:a|b|ab)+[cd]$")
        #expect(pattern.verdict(on: value, by: matcher) == .differs)
        #expect(pattern.verdict(on: value, by: PatternMatcher(limits: limits)) == .beyondLimits)
    }

    @Test func `a pattern is compared on many threads at once`() async throws {
        let pattern = try Pattern(#"^(\d{4})-(\d{2})$"#)
        let verdicts = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let matcher = PatternMatcher()
                    return (0..<1_000).allSatisfy { round in
                        let isRight = (round + number) % 2 == 0
                        return pattern.verdict(on: isRight ? "2026-01" : "2026-x1", by: matcher) == (isRight ? .matches : .differs)
                    }
                }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(verdicts == Array(repeating: true, count: 8))
    }
}
