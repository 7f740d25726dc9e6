/// Guesses which known word was meant by an unknown one.
package enum Spelling {
    /// The known word nearest to `word`, if it is near enough to be worth naming.
    package static func nearest(to word: String, among known: [String]) -> String? {
        let folded = fold(word)
        var best: (word: String, distance: Int)?
        for candidate in known {
            let distance = editDistance(folded, fold(candidate))
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        guard let best, best.distance <= max(2, folded.count / 3) else { return nil }
        return best.word
    }

    /// " (did you mean `port`?)", or nothing.
    package static func hint(for word: String, among known: [String]) -> String? {
        nearest(to: word, among: known).map { "did you mean `\($0)`?" }
    }

    /// Lower-case letters and digits alone: `body_bytes_max`, `--body-bytes-max` and `bodyBytesMax` are one word. Cut at 64.
    private static func fold(_ word: String) -> [UInt8] {
        word.utf8.lazy.filter { ($0 | 0x20 >= 97 && $0 | 0x20 <= 122) || ($0 >= 48 && $0 <= 57) }.prefix(64).map {
            $0 >= 65 ? $0 | 0x20 : $0
        }
    }

    /// The least number of insertions, removals and replacements (Levenshtein), by rows.
    private static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = x == y ? diagonal : 1 + min(diagonal, above, row[j])
                diagonal = above
            }
        }
        return row[b.count]
    }
}
