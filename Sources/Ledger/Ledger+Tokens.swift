package import Routing

/// Who may call: names with a role, each with one secret or several.
extension Ledger {
    package enum Role: String, Sendable, CaseIterable { case engine, reviewer, viewer, admin }

    package struct Token: Sendable, Equatable {
        /// What decisions and idempotency keys are kept under.
        package var id: Int64
        /// Never used for another token, not even when this one is revoked.
        package var name: String
        package var role: Role
        package var createdAt: Instant
        package var revokedAt: Instant?
        /// In the order they were made, expired ones too.
        package var secrets: [Secret]
        package init(id: Int64, name: String, role: Role, createdAt: Instant, revokedAt: Instant?, secrets: [Secret]) {
            self.id = id
            self.name = name
            self.role = role
            self.createdAt = createdAt
            self.revokedAt = revokedAt
            self.secrets = secrets
        }

        package struct Secret: Sendable, Equatable {
            package var id: Int64
            /// SHA-256 of the whole token text.
            package var digest: [UInt8]
            package var createdAt: Instant
            /// Refused from then on; nil: never.
            package var expiresAt: Instant?
            /// The last day on which a server took it; nil: none.
            package var lastUsed: CivilDate?
            package init(id: Int64, digest: [UInt8], createdAt: Instant, expiresAt: Instant?, lastUsed: CivilDate?) {
                self.id = id
                self.digest = digest
                self.createdAt = createdAt
                self.expiresAt = expiresAt
                self.lastUsed = lastUsed
            }

            package func isExpired(at now: Instant) -> Bool { expiresAt.map { $0.milliseconds <= now.milliseconds } ?? false }
        }
    }

    /// All that ever were, revoked ones too, in the order they were made.
    package func tokens() throws(LedgerError) -> [Token] {
        try readSnapshot { connection throws(LedgerError) in try Ledger.tokens(connection, "?1 IS NULL", nil) }
    }

    /// `alreadyExists` when the name was ever used, or the digest is that of another secret.
    package func createToken(
        name: String, role: Role, digest: [UInt8], expiresAt: Instant? = nil, by: String, at: Instant
    ) throws(LedgerError) -> Token {
        try changeWatched { connection throws(LedgerError) in
            let insert = try connection.prepare(
                "INSERT INTO tokens (name, role, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING RETURNING id")
            insert.bind(1, name)
            insert.bind(2, role.rawValue)
            insert.bind(3, at.milliseconds)
            guard try insert.step() else { throw .alreadyExists }
            let id = insert.int64(0)
            try insert.run()
            try Ledger.addSecret(id, digest, expiresAt, at, connection)
            let token = try Ledger.token(named: name, connection)
            try Ledger.audit(id, action: "token.create", before: nil, by: by, at: at, connection)
            return (token, true)
        }
    }

    /// Gives a token a new secret, and lets those that it has go on until `keptUntil` at most.
    ///
    /// `notFound` when there never was one of that name, `revoked` when it is, `alreadyExists` when the digest is that of another secret.
    package func rotateToken(
        name: String, digest: [UInt8], keptUntil: Instant, expiresAt: Instant?, by: String, at: Instant
    ) throws(LedgerError) -> Token {
        try changeWatched { connection throws(LedgerError) in
            let before = try Ledger.token(named: name, connection)
            if let revokedAt = before.revokedAt { throw .revoked(at: revokedAt) }
            let body = try Ledger.body(before.id, connection)
            let update = try connection.prepare(
                "UPDATE token_secrets SET expires_at = ?1 WHERE token = ?2 AND (expires_at IS NULL OR expires_at > ?1)")
            update.bind(1, keptUntil.milliseconds)
            update.bind(2, before.id)
            try update.run()
            try Ledger.addSecret(before.id, digest, expiresAt, at, connection)
            let token = try Ledger.token(named: name, connection)
            try Ledger.audit(token.id, action: "token.rotate", before: body, by: by, at: at, connection)
            return (token, true)
        }
    }

    /// `notFound` when there never was one of that name. A token revoked before stays as it is.
    package func revokeToken(name: String, by: String, at: Instant) throws(LedgerError) -> Token {
        try changeWatched { connection throws(LedgerError) in
            let before = try Ledger.token(named: name, connection)
            if before.revokedAt != nil { return (before, false) }
            let body = try Ledger.body(before.id, connection)
            let update = try connection.prepare("UPDATE tokens SET revoked_at = ?1 WHERE id = ?2")
            update.bind(1, at.milliseconds)
            update.bind(2, before.id)
            try update.run()
            let token = try Ledger.token(named: name, connection)
            try Ledger.audit(token.id, action: "token.revoke", before: body, by: by, at: at, connection)
            return (token, true)
        }
    }

    /// Remembers the day on which a secret was used. Not a change that anybody waits for: what is in force stays the same.
    package func noteUse(ofSecret id: Int64, on day: CivilDate) throws(LedgerError) {
        try writer().change { connection, _ throws(LedgerError) in
            let update = try connection.prepare(
                "UPDATE token_secrets SET last_used = ?1 WHERE id = ?2 AND (last_used IS NULL OR last_used < ?1)")
            update.bind(1, Int64(day.days))
            update.bind(2, id)
            try update.run()
        }
    }

    private static func addSecret(
        _ token: Int64, _ digest: [UInt8], _ expiresAt: Instant?, _ at: Instant, _ connection: Connection
    ) throws(LedgerError) {
        let insert = try connection.prepare(
            "INSERT INTO token_secrets (token, digest, created_at, expires_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")
        insert.bind(1, token)
        insert.bind(2, digest)
        insert.bind(3, at.milliseconds)
        insert.bind(4, expiresAt?.milliseconds)
        try insert.run()
        if connection.changes == 0 { throw .alreadyExists }
    }

    private static func token(named name: String, _ connection: Connection) throws(LedgerError) -> Token {
        guard let token = try tokens(connection, "t.name = ?1", name).first else { throw .notFound }
        return token
    }

    private static func tokens(_ connection: Connection, _ condition: String, _ name: String?) throws(LedgerError) -> [Token] {
        let select = try connection.prepare(
            """
            SELECT t.id, t.name, t.role, t.created_at, t.revoked_at, s.id, s.digest, s.created_at, s.expires_at, s.last_used
            FROM tokens AS t LEFT JOIN token_secrets AS s ON s.token = t.id WHERE \(condition) ORDER BY t.id, s.id
            """)
        select.bind(1, name)
        var tokens: [Token] = []
        while try select.step() {
            if tokens.last?.id != select.int64(0) {
                guard let role = Role(rawValue: select.text(2)) else { throw .corrupt("token \(select.int64(0)) has an unknown role") }
                tokens.append(
                    Token(
                        id: select.int64(0), name: select.text(1), role: role, createdAt: Instant(milliseconds: select.int64(3)),
                        revokedAt: select.optionalInt64(4).map { Instant(milliseconds: $0) }, secrets: []))
            }
            guard !select.isNull(5) else { continue }
            tokens[tokens.count - 1].secrets.append(
                Token.Secret(
                    id: select.int64(5), digest: select.bytes(6), createdAt: Instant(milliseconds: select.int64(7)),
                    expiresAt: select.optionalInt64(8).map { Instant(milliseconds: $0) },
                    lastUsed: select.optionalInt64(9).map { CivilDate(days: Int32(clamping: $0)) }))
        }
        return tokens
    }

    /// As the trail tells of it: name, role, whether it is revoked, and when each secret was made and expires.
    private static func body(_ token: Int64, _ connection: Connection) throws(LedgerError) -> [UInt8] {
        let select = try connection.prepare(
            """
            SELECT json_object('name', t.name, 'role', t.role, 'revoked', json(iif(t.revoked_at IS NULL, 'false', 'true')), 'secrets', (
                SELECT json_group_array(json_object(
                    'createdAt', strftime('%Y-%m-%dT%H:%M:%fZ', s.created_at / 1000.0, 'unixepoch'),
                    'expiresAt', strftime('%Y-%m-%dT%H:%M:%fZ', s.expires_at / 1000.0, 'unixepoch')))
                FROM (SELECT * FROM token_secrets WHERE token = t.id ORDER BY id) AS s))
            FROM tokens AS t WHERE t.id = ?1
            """)
        select.bind(1, token)
        return try select.step() ? select.bytes(0) : []
    }

    private static func audit(
        _ token: Int64, action: String, before: [UInt8]?, by: String, at: Instant, _ connection: Connection
    ) throws(LedgerError) {
        try audit(
            AuditEntry(
                sequence: 0, at: at, by: by, action: action, documentType: nil, before: before, after: try body(token, connection),
                reason: nil), connection)
    }
}
