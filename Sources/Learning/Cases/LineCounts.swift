/// What became of the lines that a command was given, of a file or of a part: every line but a blank one is counted as read, and once more
/// for what it came to.
package struct LineCounts: Sendable, Hashable, Codable {
    package var read = 0
    /// Reviewed documents that the command took.
    package var used = 0
    /// Documents that nobody has reviewed: left aside, or counted as wrong where accuracy is promised.
    package var unreviewed = 0
    /// Not results, or with a review that cannot be read.
    package var refused = 0
    /// Documents that stand in an earlier line.
    package var repeated = 0
    /// Not asked for: of another document type or population, or without an item to learn from.
    package var leftOut = 0

    package init() {}

    /// Whether every line that was read is accounted for.
    package var isBalanced: Bool { read == used + unreviewed + refused + repeated + leftOut }

    package static func += (sum: inout LineCounts, other: LineCounts) {
        sum.read += other.read
        sum.used += other.used
        sum.unreviewed += other.unreviewed
        sum.refused += other.refused
        sum.repeated += other.repeated
        sum.leftOut += other.leftOut
    }
}

/// What a command does with lines that would otherwise end it.
package struct LineRules: Sendable, Hashable, Codable {
    /// Go on without the lines that are refused. What was asked for is written into the result: it says nothing of their documents.
    package var skipsRefused: Bool
    package var repeats: Repeats

    /// A document that is there again is not independent work.
    package enum Repeats: String, Sendable, Hashable, Codable, CaseIterable {
        case refuse
        /// Take the first of each and count the others.
        case first
    }

    private enum CodingKeys: String, CodingKey {
        case skipsRefused = "skipRefused"
        case repeats
    }

    package init(skipsRefused: Bool = false, repeats: Repeats = .refuse) {
        self.skipsRefused = skipsRefused
        self.repeats = repeats
    }
}

/// All that was read of a part of a command's documents, as models and certificates keep it. There are no names of files in it: the same
/// documents give the same bytes, whatever file they are in.
package struct Accounting: Sendable, Hashable, Codable {
    package var lines: LineCounts
    package var rules: LineRules

    package init(lines: LineCounts, rules: LineRules) {
        self.lines = lines
        self.rules = rules
    }
}

/// The lines of one file.
package struct FileAccount: Sendable, Hashable, Encodable {
    /// For example `certify`.
    package var part: String
    /// As it was named.
    package var file: String
    package var lines: LineCounts

    package init(part: String, file: String, lines: LineCounts = LineCounts()) {
        self.part = part
        self.file = file
        self.lines = lines
    }

    private enum CodingKeys: CodingKey { case part, file }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(part, forKey: .part)
        try members.encode(file, forKey: .file)
        try lines.encode(to: encoder)
    }
}

/// The lines of all files of a command, and the rules they were taken by.
package struct Accounts: Sendable, Hashable, Encodable {
    package var files: [FileAccount]
    package var rules: LineRules

    package init(files: [FileAccount] = [], rules: LineRules = LineRules()) {
        self.files = files
        self.rules = rules
    }

    /// Of one part.
    package func accounting(of part: String) -> Accounting {
        Accounting(lines: files.filter { $0.part == part }.reduce(into: LineCounts()) { $0 += $1.lines }, rules: rules)
    }

    /// Of all.
    package var total: LineCounts { files.reduce(into: LineCounts()) { $0 += $1.lines } }
}
