import API
import Ledger
import Routing

/// The commands `policy …` from settings to text: each opens the database, does one thing, closes it.
extension PolicyCommands {
    /// What a command has to say: its output, and notes for people beside it.
    package struct Outcome: Sendable {
        package var lines: [String] = []
        package var notes: [String] = []

        package init(lines: [String] = [], notes: [String] = []) {
            self.lines = lines
            self.notes = notes
        }
    }

    /// A version as it is written on a command line, `12` or `"12"`; nil for anything else.
    package static func versionNumber(_ text: String) -> Int64? {
        let isQuoted = text.hasPrefix("\"") && text.hasSuffix("\"") && text.utf8.count > 2
        let digits = isQuoted ? String(text.dropFirst().dropLast()) : text
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let number = Int64(digits), number > 0 else { return nil }
        return number
    }

    package static func list(_ settings: Settings) throws -> [String] {
        let policies = try look(settings) { try $0.list() }
        return TextTable.lines(
            head: ["document type", "version", "changed", "by", "reason"],
            rows: policies.map { [$0.documentType, String($0.version.number), $0.changedAt.rfc3339, $0.changedBy, $0.changeReason ?? "-"] })
    }

    package static func show(_ settings: Settings, _ documentType: String, version: Int64?) throws -> String {
        let stored = try look(settings) { try $0.stored(documentType, version: version.map(PolicyVersion.init)) }
        if stored.isRetirement {
            throw Failure(
                .noInput,
                "version \(stored.version.number) of \(documentType) says that the policy was retired. See: sluice policy history \(documentType)"
            )
        }
        return PrettyJSON.text(stored.body)
    }

    package static func history(_ settings: Settings, _ documentType: String) throws -> [String] {
        let versions = try look(settings) { try $0.history(documentType) }
        return TextTable.lines(
            head: ["version", "changed", "by", "what", "reason"],
            rows: versions.map {
                [
                    String($0.version.number), $0.changedAt.rfc3339, $0.changedBy, $0.isRetirement ? "retired" : "put",
                    $0.changeReason ?? "-",
                ]
            })
    }

    package static func put(_ settings: Settings, file: String, ifMatch: Int64?, reason: String?) throws -> Outcome {
        let (policy, ownReason) = try PolicyText.readWithReason(path: file)
        let now = SystemClock.now()
        return try Store.with(settings, for: .changeOrMake, now: now) { ledger in
            let commands = PolicyCommands(ledger)
            let warnings = try commands.warnings(of: policy, on: now.date)
            let (stored, isNew) = try commands.put(
                policy, ifMatch: ifMatch.map(PolicyVersion.init), reason: reason ?? ownReason, by: Author.commandLine, at: now)
            let done =
                isNew
                ? "\(stored.documentType): version \(stored.version.number)"
                : "\(stored.documentType): unchanged (version \(stored.version.number))"
            return Outcome(notes: [done] + warnings.map { "warning: \($0)" })
        }
    }

    /// What `put` would do, without doing it.
    package static func tryPut(_ settings: Settings, file: String, ifMatch: Int64?) throws -> Outcome {
        let policy = try PolicyText.read(path: file)
        let type = policy.documentType.string
        return try look(settings) { commands in
            let versions = try commands.versions(of: type)
            if let ifMatch, versions.inForce?.number != ifMatch { throw LedgerError.versionMismatch(current: versions.inForce) }
            let lines = try commands.difference(fromCurrentTo: policy, name: file)
            let next = (versions.latest?.number ?? 0) + 1
            let note =
                lines.isEmpty && versions.inForce != nil
                ? "\(type): unchanged (version \(next - 1))" : "\(type): would be version \(next); nothing was changed"
            let warnings = try commands.warnings(of: policy, on: SystemClock.now().date)
            return Outcome(lines: lines, notes: [note] + warnings.map { "warning: \($0)" })
        }
    }

    /// - Returns: what was done, for people.
    package static func retire(_ settings: Settings, _ documentType: String, ifMatch: Int64?, reason: String?) throws -> String {
        let retired = try Store.with(settings, for: .change, now: SystemClock.now()) { ledger in
            try PolicyCommands(ledger).retire(
                documentType, ifMatch: ifMatch.map(PolicyVersion.init), reason: reason, by: Author.commandLine, at: SystemClock.now())
        }
        return "\(documentType): retired (version \(retired.version.number)); its documents are decided by the policy of *, if there is one"
    }

    /// What differs between two versions, the second nil for the one in force; no lines when they are equal.
    package static func difference(_ settings: Settings, _ documentType: String, from old: Int64, to new: Int64?) throws -> [String] {
        try look(settings) { try $0.difference(documentType, from: PolicyVersion(old), to: new.map(PolicyVersion.init)) }
    }

    /// What a file would change of the policy in force.
    package static func difference(_ settings: Settings, file: String) throws -> Outcome {
        let policy = try PolicyText.read(path: file)
        return try look(settings) { commands in
            let warnings = try commands.warnings(of: policy, on: SystemClock.now().date)
            return Outcome(
                lines: try commands.difference(fromCurrentTo: policy, name: file), notes: warnings.map { "warning: \($0)" })
        }
    }

    /// What is suspicious about the policies in force, about one of them, or about that of a file.
    package static func lint(_ settings: Settings, _ what: String?) throws -> [String] {
        let today = SystemClock.now().date
        return try look(settings) { commands in
            guard let what else {
                return try commands.list().flatMap { try commands.warnings(of: try PolicyCodec.read(stored: $0.body), on: today) }
            }
            if let stored = try commands.inForce(what) {
                return try commands.warnings(of: try PolicyCodec.read(stored: stored.body), on: today)
            }
            if what == InputFile.standardInputName || (try? System.status(of: what)) != nil {
                return try commands.warnings(of: try PolicyText.read(path: what), on: today)
            }
            throw Failure(.noInput, "`\(shown(what))` is neither a document type that has a policy nor a file. See: sluice policy list")
        }
    }

    private static func look<R>(_ settings: Settings, _ body: (PolicyCommands) throws -> R) throws -> R {
        try Store.with(settings, for: .read, now: SystemClock.now()) { try body(PolicyCommands($0)) }
    }
}
