import Ledger
import Routing

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
