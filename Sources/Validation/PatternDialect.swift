/// What a pattern may be made of: ECMA-262's regular expressions as JSON Schema has them, of which PCRE2 takes nearly all, and a few things
/// besides that mean one thing everywhere (docs/patterns.md).
///
/// PCRE2 knows more, and some of it differently. What could lift a limit, run other code, or mean another thing than in ECMA-262 is refused
/// here, by name; what is merely malformed is left to PCRE2, which says so better.
struct PatternDialect {
    private let pattern: [UInt8]
    private var position = 0
    private var groups = 0
    private var references: [(number: Int, offset: Int)] = []

    private init(_ pattern: [UInt8]) { self.pattern = pattern }

    static func check(_ pattern: [UInt8]) throws(PatternError) {
        var dialect = PatternDialect(pattern)
        try dialect.scan()
    }

    private mutating func scan() throws(PatternError) {
        while let byte = next() {
            switch byte {
            case UInt8(ascii: "\\"): try escape(inClass: false)
            case UInt8(ascii: "["): try characterClass()
            case UInt8(ascii: "("): try group()
            case UInt8(ascii: "{"):
                if peek() == UInt8(ascii: ",") { throw fault("{,n} has no least number of times: write {0,n}", back: 1) }
            default: break
            }
        }
        for reference in references where reference.number > groups {
            throw PatternError("\\\(reference.number) refers to a group that is not there", at: reference.offset, of: pattern)
        }
    }

    private func peek(_ ahead: Int = 0) -> UInt8? { position + ahead < pattern.count ? pattern[position + ahead] : nil }

    private mutating func next() -> UInt8? {
        defer { position += 1 }
        return peek()
    }

    private func fault(_ reason: String, back: Int) -> PatternError { PatternError(reason, at: max(0, position - back), of: pattern) }

    // MARK: Groups

    /// Behind an opening parenthesis.
    private mutating func group() throws(PatternError) {
        if peek() == UInt8(ascii: "*") {
            throw fault("(* begins a verb, which patterns here do not have: a star that is meant is \\*", back: 1)
        }
        guard peek() == UInt8(ascii: "?") else {
            groups += 1
            return
        }
        let kind = peek(1)
        switch kind {
        case UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: ">"): position += 2
        case UInt8(ascii: "<"):
            if peek(2) != UInt8(ascii: "="), peek(2) != UInt8(ascii: "!") { groups += 1 }
            position += 2
        default: try options()
        }
    }

    /// `(?i)`, `(?ms-i:…)`; anything else behind `(?` is a thing of its own.
    private mutating func options() throws(PatternError) {
        var ahead = 1
        while let byte = peek(ahead), "ims-".utf8.contains(byte) { ahead += 1 }
        guard ahead > 1, let end = peek(ahead), end == UInt8(ascii: ")") || end == UInt8(ascii: ":") else {
            throw fault("after (? there may be : = ! > <= <! <name> or the options i, m and s, and nothing else", back: 1)
        }
        position += ahead
    }

    // MARK: Classes

    /// Behind an opening bracket. `[]` is the class of nothing, `[^]` that of everything.
    private mutating func characterClass() throws(PatternError) {
        if peek() == UInt8(ascii: "^") { position += 1 }
        while let byte = next() {
            switch byte {
            case UInt8(ascii: "]"): return
            case UInt8(ascii: "\\"): try escape(inClass: true)
            case UInt8(ascii: "["):
                if let kind = peek(), ":.=".utf8.contains(kind) {
                    throw fault(
                        "[\(Character(UnicodeScalar(kind))) within brackets names a class elsewhere: a bracket that is meant is \\[",
                        back: 1)
                }
            default: break
            }
        }
    }

    // MARK: Escapes

    /// Behind a backslash.
    private mutating func escape(inClass: Bool) throws(PatternError) {
        // One at the end is PCRE2's to refuse.
        guard let byte = next() else { return }
        switch byte {
        case UInt8(ascii: "0"):
            if isDigit(peek()) { throw fault("\\0 may not be followed by a digit: \\u0000 has four", back: 2) }
        case UInt8(ascii: "1")...UInt8(ascii: "9"): try reference(inClass: inClass)
        case UInt8(ascii: "x"):
            guard areHexadecimal(2) else { throw fault("\\x has two hexadecimal digits: \\u{…} takes more", back: 2) }
        case UInt8(ascii: "u"):
            guard areHexadecimal(4) || isBraced() else { throw fault("\\u has four hexadecimal digits, or some in braces", back: 2) }
        case UInt8(ascii: "p"), UInt8(ascii: "P"):
            guard isBraced() else { throw fault("\\p names a property in braces, as in \\p{L}", back: 2) }
        case UInt8(ascii: "c"):
            guard let letter = peek(), isLetter(letter) else { throw fault("\\c is followed by a letter", back: 2) }
            position += 1
        case UInt8(ascii: "k"):
            guard !inClass, peek() == UInt8(ascii: "<") else { throw fault("\\k names a group, as in \\k<name>", back: 2) }
        default:
            guard isLetter(byte) else { return }
            let known = inClass ? "bdDsSwWfnrt" : "bBdDsSwWfnrtAzZ"
            if !known.utf8.contains(byte) {
                throw fault("\\\(Character(UnicodeScalar(byte))) is not an escape that patterns here have", back: 2)
            }
        }
    }

    private mutating func reference(inClass: Bool) throws(PatternError) {
        let offset = position - 2
        if inClass { throw fault("a reference to a group cannot stand within brackets", back: 2) }
        while isDigit(peek()) { position += 1 }
        // More digits than a pattern may have groups are a group that is not there.
        references.append((Int(String(decoding: pattern[(offset + 1)..<position], as: UTF8.self)) ?? .max, offset))
    }

    private func isDigit(_ byte: UInt8?) -> Bool { byte.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false }
    private func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }

    private func areHexadecimal(_ count: Int) -> Bool {
        (0..<count).allSatisfy { ahead in
            peek(ahead).map { isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0 | 0x20) } ?? false
        }
    }

    /// Whether something stands in braces here. What it is, PCRE2 checks.
    private func isBraced() -> Bool {
        guard peek() == UInt8(ascii: "{"), let end = pattern[position...].firstIndex(of: UInt8(ascii: "}")) else { return false }
        return end > position + 1
    }
}
