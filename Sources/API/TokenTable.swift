import JSON
import Ledger
import Routing
import Synchronization

/// What callers may do. `admin` may do all.
struct Roles: OptionSet, Sendable {
    let rawValue: UInt8
    static let engine = Roles(rawValue: 1)
    static let reviewer = Roles(rawValue: 2)
    static let viewer = Roles(rawValue: 4)
    static let admin = Roles(rawValue: 8)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// As a sentence names them: `engine, viewer or admin`.
    var names: String {
        let names = Ledger.Role.allCases.filter { contains(Roles($0)) }.map(\.rawValue)
        return names.count > 1 ? names.dropLast().joined(separator: ", ") + " or \(names[names.count - 1])" : names.first ?? "none"
    }

    init(_ role: Ledger.Role) {
        switch role {
        case .engine: self = .engine
        case .reviewer: self = .reviewer
        case .viewer: self = .viewer
        case .admin: self = .admin
        }
    }
}

/// Who calls: a token, or nobody in particular.
final class Caller: Sendable {
    /// 0 for anonymous callers.
    let id: Int64
    let name: String
    /// The name as a JSON string, for the log.
    let quotedName: [UInt8]
    let roles: Roles
    /// That the caller was known by; nil for anonymous callers.
    let secret: SecretInForce?

    init(id: Int64, name: String, roles: Roles, secret: SecretInForce? = nil) {
        self.id = id
        self.secret = secret
        self.name = name
        self.roles = roles
        var json = JSONWriter(reserving: 32)
        json.string(name)
        quotedName = json.bytes
    }

    /// Who nobody asked for: on the endpoints that are open.
    static let unknown = Caller(id: 0, name: "anonymous", roles: [])

    /// The decisions the caller may read: nil for all, else those of this token.
    var readsOnly: Int64? { roles.isDisjoint(with: [.viewer, .admin]) ? id : nil }
}

/// One secret of a token, and on which day it was used last.
final class SecretInForce: Sendable {
    let id: Int64
    private let expiresAt: Instant?
    /// In days since 1970-01-01.
    private let lastUsed: Atomic<Int32>

    init(_ secret: Ledger.Token.Secret) {
        id = secret.id
        expiresAt = secret.expiresAt
        lastUsed = Atomic(secret.lastUsed?.days ?? .min)
    }

    func isExpired(at now: Instant) -> Bool { expiresAt.map { $0 <= now } ?? false }

    /// Whether this is its first use on a later day than that of all others before; true for one of several at a time.
    func isFirstUse(on day: CivilDate) -> Bool {
        let last = lastUsed.load(ordering: .relaxed)
        if day.days <= last { return false }
        return lastUsed.compareExchange(expected: last, desired: day.days, ordering: .relaxed).exchanged
    }
}

/// The secrets of the tokens in force, by digest.
struct TokenTable: Sendable {
    private struct Entry: Sendable {
        var digest: [UInt8]
        var caller: Caller
    }

    /// By the digest's first 8 bytes. Whoever learns these by timing look-ups has learnt a part of a SHA-256, which opens nothing.
    private let entries: [UInt64: [Entry]]
    private let secrets: [Int64: SecretInForce]

    /// Revoked tokens are left out. Secrets that have expired are kept, to say so.
    init(_ tokens: [Ledger.Token]) {
        var entries: [UInt64: [Entry]] = [:]
        var secrets: [Int64: SecretInForce] = [:]
        for token in tokens where token.revokedAt == nil {
            for secret in token.secrets {
                let inForce = SecretInForce(secret)
                let caller = Caller(id: token.id, name: token.name, roles: Roles(token.role), secret: inForce)
                entries[TokenTable.key(secret.digest), default: []].append(Entry(digest: secret.digest, caller: caller))
                secrets[secret.id] = inForce
            }
        }
        self.entries = entries
        self.secrets = secrets
    }

    func caller(digest: [UInt8]) -> Caller? {
        entries[TokenTable.key(digest)]?.first { TokenTable.areEqual($0.digest, digest) }?.caller
    }

    /// Whether a caller who was let in is still to be: always, when anonymous.
    func stillHolds(_ caller: Caller, at now: Instant) -> Bool {
        guard let secret = caller.secret else { return true }
        return secrets[secret.id].map { !$0.isExpired(at: now) } ?? false
    }

    private static func key(_ digest: [UInt8]) -> UInt64 { digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

    /// Takes the same time wherever they differ.
    private static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        var difference: UInt8 = 0
        for index in a.indices { difference |= a[index] ^ b[index] }
        return difference == 0
    }
}
