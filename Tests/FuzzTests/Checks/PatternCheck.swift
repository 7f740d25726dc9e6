import Validation

/// Patterns and values from any bytes, the two parted by the first zero byte.
///
/// 1. A pattern is refused the same way again, at a place within it; one that is taken gives the same verdict again, also to a new matcher.
/// 2. A value whose characters are all escaped is a pattern that matches it, and nothing else.
/// 3. No pattern holds what could lift a limit. That none takes long is for the fuzzer's own time limit.
enum PatternCheck {
    static func run(_ bytes: [UInt8]) throws(Finding) {
        let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        let text = String(decoding: parts[0], as: UTF8.self)
        let value = String(decoding: parts.count > 1 ? parts[1] : [], as: UTF8.self)
        let matcher = PatternMatcher()
        let first = compiled(text)
        switch (first, compiled(text)) {
        case (.failure(let error), .failure(let again)):
            guard error == again else { throw Finding("refused with \(error), then with \(again)") }
            if let position = error.position, !(1...text.unicodeScalars.count + 1 ~= position) {
                throw Finding("refused at \(position) of \(text.unicodeScalars.count)")
            }
            guard !error.reason.isEmpty else { throw Finding("refused without a reason") }
        case (.success(let pattern), .success(let again)):
            let verdict = pattern.verdict(on: value, by: matcher)
            let others = [
                pattern.verdict(on: value, by: matcher), again.verdict(on: value, by: matcher),
                pattern.verdict(on: value, by: PatternMatcher()),
            ]
            guard others.allSatisfy({ $0 == verdict }) else { throw Finding("\(verdict), then \(others)") }
        default: throw Finding("taken and refused")
        }
        try runLiteral(value, matcher)
    }

    private static func runLiteral(_ value: String, _ matcher: PatternMatcher) throws(Finding) {
        var literal = "^"
        for scalar in value.unicodeScalars {
            let isPlain = !scalar.isASCII || ("0"..."9").contains(scalar) || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            literal += isPlain ? String(scalar) : "\\\(scalar)"
        }
        literal += "$"
        guard literal.utf8.count <= PatternLimits().patternBytesMax else { return }
        guard case .success(let pattern) = compiled(literal) else { throw Finding("an escaped text is refused: \(literal)") }
        guard pattern.verdict(on: value, by: matcher) == .matches, pattern.verdict(on: value + "x", by: matcher) == .differs else {
            throw Finding("an escaped text does not match itself alone: \(literal)")
        }
    }

    private static func compiled(_ text: String) -> Result<Pattern, PatternError> {
        do throws(PatternError) { return .success(try Pattern(text)) } catch { return .failure(error) }
    }
}
