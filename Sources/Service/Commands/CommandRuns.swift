import API
import Ledger
import Routing

/// The commands `policy …` from settings to text: each opens the database, does one thing, closes it.
extension PolicyCommands {
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
        PrettyJSON.text(try look(settings) { try $0.stored(documentType, version: version.map(PolicyVersion.init)) }.body)
    }

    package static func history(_ settings: Settings, _ documentType: String) throws -> [String] {
        let versions = try look(settings) { try $0.history(documentType) }
        return TextTable.lines(
            head: ["version", "changed", "by", "reason"],
            rows: versions.map { [String($0.version.number), $0.changedAt.rfc3339, $0.changedBy, $0.changeReason ?? "-"] })
    }

    /// - Returns: what was done, for people.
    package static func put(_ settings: Settings, file: String, ifMatch: Int64?, reason: String?) throws -> String {
        let (policy, ownReason) = try PolicyText.readWithReason(path: file)
        let reason = reason ?? ownReason
        let (stored, isNew) = try Store.with(settings, for: .changeOrMake, now: SystemClock.now()) { ledger in
            try PolicyCommands(ledger).put(
                policy, ifMatch: ifMatch.map(PolicyVersion.init), reason: reason, by: Author.commandLine, at: SystemClock.now())
        }
        return isNew
            ? "\(stored.documentType): version \(stored.version.number)"
            : "\(stored.documentType): unchanged (version \(stored.version.number))"
    }

    /// What differs between two versions, the second nil for the one in force; no lines when they are equal.
    package static func difference(_ settings: Settings, _ documentType: String, from old: Int64, to new: Int64?) throws -> [String] {
        try look(settings) { try $0.difference(documentType, from: PolicyVersion(old), to: new.map(PolicyVersion.init)) }
    }

    /// What a file would change of the policy in force.
    package static func difference(_ settings: Settings, file: String) throws -> [String] {
        let policy = try PolicyText.read(path: file)
        return try look(settings) { try $0.difference(fromCurrentTo: policy, name: file) }
    }

    private static func look<R>(_ settings: Settings, _ body: (PolicyCommands) throws -> R) throws -> R {
        try Store.with(settings, for: .read, now: SystemClock.now()) { try body(PolicyCommands($0)) }
    }
}

/// The commands `token …` from settings to text.
extension TokenCommands {
    package static let roleNames = Ledger.Role.allCases.map(\.rawValue)

    package static func list(_ settings: Settings) throws -> [String] {
        let tokens = try Store.with(settings, for: .read, now: SystemClock.now()) { try TokenCommands($0).list() }
        return TextTable.lines(
            head: ["name", "role", "created", "revoked"],
            rows: tokens.map { [$0.name, $0.role.rawValue, $0.createdAt.rfc3339, $0.revokedAt?.rfc3339 ?? "-"] })
    }

    /// - Returns: the token, which is in no other place, and what was done, for people.
    package static func create(_ settings: Settings, name: String, role: String) throws -> (text: String, note: String) {
        guard let role = Ledger.Role(rawValue: role) else {
            throw Failure(.usage, "`\(shown(role))` is not a role. Choose one of \(roleNames.joined(separator: ", ")).")
        }
        let (text, token) = try Store.with(settings, for: .changeOrMake, now: SystemClock.now()) { ledger in
            try TokenCommands(ledger).create(name: name, role: role, by: Author.commandLine, at: SystemClock.now())
        }
        return (text, "token \(token.name) (\(token.role.rawValue)) made; it is shown this once only")
    }

    /// - Returns: what was done, for people.
    package static func revoke(_ settings: Settings, name: String) throws -> String {
        let token = try Store.with(settings, for: .change, now: SystemClock.now()) { ledger in
            try TokenCommands(ledger).revoke(name: name, by: Author.commandLine, at: SystemClock.now())
        }
        return "token \(token.name) (\(token.role.rawValue)) revoked"
    }
}
