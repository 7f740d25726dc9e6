package import Routing

extension Ledger {
    package enum Role: String, Sendable, CaseIterable { case engine, reviewer, viewer, admin }

    package struct Token: Sendable, Equatable {
        package var id: Int64
        package var name: String
        package var role: Role
        /// SHA-256 of the whole token text.
        package var digest: [UInt8]
        package var createdAt: Instant
        package var revokedAt: Instant?
        package init(id: Int64, name: String, role: Role, digest: [UInt8], createdAt: Instant, revokedAt: Instant?) {
            self.id = id
            self.name = name
            self.role = role
            self.digest = digest
            self.createdAt = createdAt
            self.revokedAt = revokedAt
        }
    }

    private static let tokenColumns = "id, name, role, digest, created_at, revoked_at"

    /// All that ever were, revoked ones too, in the order they were made.
    package func tokens() throws(LedgerError) -> [Token] {
        try read { connection throws(LedgerError) in
            try Ledger.tokens(connection.prepare("SELECT \(Ledger.tokenColumns) FROM tokens ORDER BY id"))
        }
    }

    /// `alreadyExists` when the name was ever used.
    package func createToken(name: String, role: Role, digest: [UInt8], by: String, at: Instant) throws(LedgerError) -> Token {
        try changeWatched { connection throws(LedgerError) in
            let insert = try connection.prepare(
                """
                INSERT INTO tokens (name, role, digest, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING
                RETURNING \(Ledger.tokenColumns)
                """)
            insert.bind(1, name)
            insert.bind(2, role.rawValue)
            insert.bind(3, digest)
            insert.bind(4, at.milliseconds)
            guard let token = try Ledger.tokens(insert).first else { throw .alreadyExists }
            try Ledger.audit(token, action: "token.create", before: false, by: by, at: at, connection)
            return (token, true)
        }
    }

    /// `notFound` when there never was one of that name. A token revoked before stays as it is.
    package func revokeToken(name: String, by: String, at: Instant) throws(LedgerError) -> Token {
        try changeWatched { connection throws(LedgerError) in
            let select = try connection.prepare("SELECT \(Ledger.tokenColumns) FROM tokens WHERE name = ?1")
            select.bind(1, name)
            guard var token = try Ledger.tokens(select).first else { throw .notFound }
            if token.revokedAt != nil { return (token, false) }
            let update = try connection.prepare("UPDATE tokens SET revoked_at = ?1 WHERE id = ?2")
            update.bind(1, at.milliseconds)
            update.bind(2, token.id)
            try update.run()
            token.revokedAt = at
            try Ledger.audit(token, action: "token.revoke", before: true, by: by, at: at, connection)
            return (token, true)
        }
    }

    private static func tokens(_ select: Statement) throws(LedgerError) -> [Token] {
        var tokens: [Token] = []
        while try select.step() {
            guard let role = Role(rawValue: select.text(2)) else { throw .corrupt("token \(select.int64(0)) has an unknown role") }
            tokens.append(
                Token(
                    id: select.int64(0), name: select.text(1), role: role, digest: select.bytes(3),
                    createdAt: Instant(milliseconds: select.int64(4)),
                    revokedAt: select.optionalInt64(5).map { Instant(milliseconds: $0) }))
        }
        return tokens
    }

    /// The trail tells name, role and whether it is revoked: before (where there was one) and after.
    private static func audit(
        _ token: Token, action: String, before: Bool, by: String, at: Instant, _ connection: Connection
    ) throws(LedgerError) {
        let json = try connection.prepare("SELECT json_object('name', ?1, 'role', ?2, 'revoked', json(?3))")
        func body(revoked: Bool) throws(LedgerError) -> [UInt8] {
            json.bind(1, token.name)
            json.bind(2, token.role.rawValue)
            json.bind(3, revoked ? "true" : "false")
            defer { json.reset() }
            return try json.step() ? json.bytes(0) : []
        }
        try audit(
            AuditEntry(
                sequence: 0, at: at, by: by, action: action, documentType: nil, before: before ? try body(revoked: false) : nil,
                after: try body(revoked: token.revokedAt != nil), reason: nil), connection)
    }
}
