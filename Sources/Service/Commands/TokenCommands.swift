import API
package import Ledger
package import Routing

/// The commands `token …`, on an open ledger. A running server works by every change when it returns.
package struct TokenCommands {
    private let ledger: Ledger
    package init(_ ledger: Ledger) { self.ledger = ledger }

    package func list() throws -> [Ledger.Token] { try ledger.tokens() }

    /// Makes a token; the text is in no other place than the answer.
    package func create(name: String, role: Ledger.Role, by author: String, at now: Instant) throws -> (text: String, token: Ledger.Token) {
        guard let name = Name(name) else {
            throw Failure(.usage, "a token's name has 1 to \(Name.bytesMax) bytes and no control characters. Choose another.")
        }
        let (text, digest) = TokenText.make()
        do {
            let token = try ledger.createToken(name: name.string, role: role, digest: digest, by: author, at: now)
            try Store.waitUntilSeen(ledger)
            return (text, token)
        } catch LedgerError.alreadyExists {
            throw Failure(
                .cannotCreate, "there is or was a token called `\(shown(name.string))`, and names are never used twice. Choose another.")
        }
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
