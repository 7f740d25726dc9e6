import API
package import Ledger
package import Routing

/// The commands `token …`, on an open ledger. A running server works by every change when it returns.
package struct TokenCommands {
    private let ledger: Ledger
    package init(_ ledger: Ledger) { self.ledger = ledger }

    package func list() throws -> [Ledger.Token] { try ledger.tokens() }

    /// Makes a token; the text is in no other place than the answer.
    package func create(
        name: String, role: Ledger.Role, expiresAt: Instant?, by author: String, at now: Instant
    ) throws -> (text: String, token: Ledger.Token) {
        guard let name = Name(name) else {
            throw Failure(.usage, "a token's name has 1 to \(Name.bytesMax) bytes and no control characters. Choose another.")
        }
        let (text, digest) = TokenText.make()
        do {
            let token = try ledger.createToken(name: name.string, role: role, digest: digest, expiresAt: expiresAt, by: author, at: now)
            try Store.waitUntilSeen(ledger)
            return (text, token)
        } catch LedgerError.alreadyExists {
            throw Failure(.cannotCreate, try taken(name.string))
        }
    }

    /// Gives a name a new secret; those that it has go on until `keptUntil` at most.
    package func rotate(
        name: String, keptUntil: Instant, expiresAt: Instant?, by author: String, at now: Instant
    ) throws -> (text: String, token: Ledger.Token) {
        let (text, digest) = TokenText.make()
        do {
            let token = try ledger.rotateToken(
                name: name, digest: digest, keptUntil: keptUntil, expiresAt: expiresAt, by: author, at: now)
            try Store.waitUntilSeen(ledger)
            return (text, token)
        } catch LedgerError.notFound {
            throw Failure(.noInput, "there is no token called `\(shown(name))`. See: sluice token list")
        } catch LedgerError.revoked {
            throw Failure(.cannotCreate, try taken(name))
        }
    }

    /// Why a name cannot be had.
    private func taken(_ name: String) throws -> String {
        let shownName = shown(name)
        if let revokedAt = try ledger.tokens().first(where: { $0.name.utf8.elementsEqual(name.utf8) })?.revokedAt {
            return "the token `\(shownName)` was revoked on \(revokedAt.rfc3339), and a revoked name is never used again. Choose another."
        }
        return "there is a token called `\(shownName)` already. For a new secret of the same name: sluice token rotate \(shownName)"
    }

    package func revoke(name: String, by author: String, at now: Instant) throws -> Ledger.Token {
        do {
            let token = try ledger.revokeToken(name: name, by: author, at: now)
            try Store.waitUntilSeen(ledger)
            return token
        } catch LedgerError.notFound {
            throw Failure(.noInput, "there is no token called `\(shown(name))` in force. See: sluice token list")
        }
    }
}
