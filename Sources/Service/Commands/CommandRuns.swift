import Ledger
import Routing

/// The commands `token …` from settings to text.
extension TokenCommands {
    package static let roleNames = Ledger.Role.allCases.map(\.rawValue)

    package static func list(_ settings: Settings) throws -> [String] {
        let now = SystemClock.now()
        let tokens = try Store.with(settings, for: .read, now: now) { try TokenCommands($0).list() }
        return TextTable.lines(
            head: ["name", "role", "secret of", "last used", "expires", "revoked"],
            rows: tokens.flatMap { token in
                token.secrets.map { secret in
                    let expires = secret.expiresAt.map { $0.rfc3339 + ($0 <= now ? " (expired)" : "") }
                    return [
                        token.name, token.role.rawValue, secret.createdAt.rfc3339, secret.lastUsed?.iso8601 ?? "-", expires ?? "-",
                        token.revokedAt?.rfc3339 ?? "-",
                    ]
                }
            })
    }

    /// - Returns: the token, which is in no other place, and what was done, for people.
    package static func create(
        _ settings: Settings, name: String, role: String, expires: String? = nil
    ) throws -> (text: String, note: String) {
        let now = SystemClock.now()
        let expiresAt = try expires.map { try LifeTime.end($0, now: now) }
        guard let role = Ledger.Role(rawValue: role) else {
            throw Failure(.usage, "`\(shown(role))` is not a role. Choose one of \(roleNames.joined(separator: ", ")).")
        }
        let (text, token) = try Store.with(settings, for: .changeOrMake, now: now) { ledger in
            try TokenCommands(ledger).create(name: name, role: role, expiresAt: expiresAt, by: Author.commandLine, at: now)
        }
        return (text, "token \(token.name) (\(token.role.rawValue)) made\(until(expiresAt)); it is shown this once only")
    }

    /// Gives a name a new secret beside those that it has, which go on for a while.
    /// - Parameter keep: how long those go on, e.g. `24h`.
    /// - Returns: the token, which is in no other place, and what was done, for people.
    package static func rotate(
        _ settings: Settings, name: String, keep: String, expires: String?
    ) throws -> (text: String, note: String) {
        let now = SystemClock.now()
        let keptUntil = Instant(milliseconds: now.milliseconds + (try LifeTime.milliseconds(keep)))
        let expiresAt = try expires.map { try LifeTime.end($0, now: now) }
        let (text, token) = try Store.with(settings, for: .change, now: now) { ledger in
            try TokenCommands(ledger).rotate(name: name, keptUntil: keptUntil, expiresAt: expiresAt, by: Author.commandLine, at: now)
        }
        let kept = keptUntil == now ? "those before are refused from now on" : "those before are taken until \(keptUntil.rfc3339)"
        return (
            text, "token \(token.name) (\(token.role.rawValue)) has a new secret\(until(expiresAt)); it is shown this once only; \(kept)"
        )
    }

    private static func until(_ expiresAt: Instant?) -> String { expiresAt.map { ", valid until \($0.rfc3339)" } ?? "" }

    /// - Returns: what was done, for people.
    package static func revoke(_ settings: Settings, name: String) throws -> String {
        let token = try Store.with(settings, for: .change, now: SystemClock.now()) { ledger in
            try TokenCommands(ledger).revoke(name: name, by: Author.commandLine, at: SystemClock.now())
        }
        return "token \(token.name) (\(token.role.rawValue)) revoked"
    }
}
