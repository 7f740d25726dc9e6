import JSON
import Ledger

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

    init(id: Int64, name: String, roles: Roles) {
        self.id = id
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

/// The tokens in force, by digest.
struct TokenTable: Sendable {
    private struct Entry: Sendable {
        var digest: [UInt8]
        var caller: Caller
    }

    /// By the digest's first 8 bytes. Whoever learns these by timing look-ups has learnt a part of a SHA-256, which opens nothing.
    private let entries: [UInt64: [Entry]]
    private let ids: Set<Int64>

    /// Revoked tokens are left out.
    init(_ tokens: [Ledger.Token]) {
        var entries: [UInt64: [Entry]] = [:]
        var ids: Set<Int64> = []
        for token in tokens where token.revokedAt == nil {
            let caller = Caller(id: token.id, name: token.name, roles: Roles(token.role))
            entries[TokenTable.key(token.digest), default: []].append(Entry(digest: token.digest, caller: caller))
            ids.insert(token.id)
        }
        self.entries = entries
        self.ids = ids
    }

    func caller(digest: [UInt8]) -> Caller? {
        entries[TokenTable.key(digest)]?.first { TokenTable.areEqual($0.digest, digest) }?.caller
    }

    /// Whether a caller who was let in is still to be: always, when anonymous.
    func stillHolds(_ caller: Caller) -> Bool { caller.id == 0 || ids.contains(caller.id) }

    private static func key(_ digest: [UInt8]) -> UInt64 { digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

    /// Takes the same time wherever they differ.
    private static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        var difference: UInt8 = 0
        for index in a.indices { difference |= a[index] ^ b[index] }
        return difference == 0
    }
}
