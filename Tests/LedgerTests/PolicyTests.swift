import Routing
import TestSupport
import Testing

@testable import Ledger

@Suite struct `Policies` {
    let folder: TemporaryFolder
    let ledger: Ledger

    init() throws {
        folder = try TemporaryFolder()
        ledger = try folder.open()
    }

    @discardableResult private func put(
        _ body: String, _ precondition: Ledger.Precondition = .none, for documentType: String = "cms-1500", at: Int64 = 1,
        reason: String? = nil
    ) throws(LedgerError) -> (stored: Ledger.StoredPolicy, isNew: Bool) {
        try ledger.putPolicy(
            documentType: documentType, body: Array(body.utf8), precondition: precondition, action: "policy.put", by: "admin-1",
            at: Instant(milliseconds: at), reason: reason)
    }

    private func trail() throws -> [Ledger.AuditEntry] {
        try Array(ledger.auditTrail(documentType: nil, action: nil, from: nil, to: nil, before: nil, limit: 100))
    }

    @Test func `are numbered from 1 for each document type, and every version stays`() throws {
        #expect(try put("a").stored.version == PolicyVersion(1))
        #expect(try put("b").stored.version == PolicyVersion(2))
        #expect(try put("other", for: "x").stored.version == PolicyVersion(1))
        #expect(try put("c").stored.version == PolicyVersion(3))
        #expect(try ledger.policies().map { "\($0.documentType) \($0.version.number)" } == ["cms-1500 3", "x 1"])
        #expect(try ledger.policy("cms-1500", version: nil)?.body == Array("c".utf8))
        #expect(try ledger.policy("cms-1500", version: PolicyVersion(1))?.body == Array("a".utf8))
        #expect(try ledger.policy("cms-1500", version: PolicyVersion(4)) == nil)
        #expect(try ledger.policy("none", version: nil) == nil)
        #expect(try ledger.policyVersions("cms-1500", before: nil, limit: 2).map(\.version.number) == [3, 2])
        #expect(try ledger.policyVersions("cms-1500", before: PolicyVersion(2), limit: 2).map(\.version.number) == [1])
    }

    private func putFirst(_ types: [String]) throws(LedgerError) -> Bool {
        try ledger.putFirstPolicies(
            types.map { ($0, Array($0.utf8)) }, action: "policy.put", by: "sluice", at: Instant(milliseconds: 3), reason: "first")
    }

    @Test func `of a new database are put all at once, and into no other`() throws {
        #expect(try putFirst(["a", "b"]))
        #expect(
            try trail().map { "\($0.documentType ?? "") \($0.action) \($0.by) \($0.reason ?? "")" } == [
                "b policy.put sluice first", "a policy.put sluice first",
            ])
        #expect(
            try ledger.policies().allSatisfy { $0.version == PolicyVersion(1) && $0.changedBy == "sluice" && $0.changeReason == "first" })
        #expect(try !putFirst(["c"]))
        #expect(try ledger.policies().map(\.documentType) == ["a", "b"])
        #expect(try trail().count == 2)
        #expect(try putFirst([]) == false)
    }

    @Test func `of a new database are not put when one of them cannot be`() throws {
        // The second of one type is a version that there is already.
        #expect(throws: LedgerError.self) { try putFirst(["a", "b", "a"]) }
        #expect(try ledger.policies().isEmpty)
        #expect(try trail().isEmpty)
        #expect(try putFirst(["a", "b"]))
    }

    @Test func `that are retired are in force no more, and keep their history`() throws {
        try put("a")
        try put("b", for: "other")
        func retire(_ precondition: Ledger.Precondition) throws(LedgerError) -> Ledger.StoredPolicy {
            try ledger.retirePolicy(
                documentType: "cms-1500", precondition: precondition, action: "policy.retire", by: "admin-1",
                at: Instant(milliseconds: 2), reason: "why")
        }
        #expect(throws: LedgerError.versionMismatch(current: PolicyVersion(1))) { try retire(.version(PolicyVersion(2))) }
        #expect(try retire(.version(PolicyVersion(1))).version == PolicyVersion(2))
        #expect(throws: LedgerError.notFound) { try retire(.none) }
        #expect(try ledger.policies().map(\.documentType) == ["other"])
        #expect(try ledger.policyInForce("cms-1500") == nil)
        #expect(try ledger.policyVersions("cms-1500", before: nil, limit: 9).map(\.isRetirement) == [true, false])
        #expect(try trail()[0].after == nil)
        #expect(try trail()[0].before == Array("a".utf8))
        #expect(throws: LedgerError.versionMismatch(current: nil)) { try put("a", .version(PolicyVersion(2))) }
        // The same body again is a change: there was none in force.
        #expect(try put("a", .absent).stored.version == PolicyVersion(3))
        #expect(try ledger.policies().count == 2)
        #expect(try trail()[0].before == nil)
    }

    @Test func `that do not change make no version and leave no trace in the trail`() throws {
        let first = try put("a", at: 5, reason: "why")
        let again = try put("a", at: 6)
        #expect(first.isNew)
        #expect(!again.isNew)
        #expect(again.stored == first.stored)
        #expect(try trail().count == 1)
        #expect(try put("b").isNew)
        // An older version's body makes a new one: that is how one rolls back.
        #expect(try put("a").stored.version == PolicyVersion(3))
    }

    @Test(
        arguments: [
            (0, Ledger.Precondition.absent, nil), (0, .none, nil),
            (0, .version(PolicyVersion(1)), .versionMismatch(current: nil)),
            (2, .absent, .versionMismatch(current: PolicyVersion(2))), (2, .none, nil),
            (2, .version(PolicyVersion(2)), nil),
            (2, .version(PolicyVersion(1)), .versionMismatch(current: PolicyVersion(2))),
            (2, .version(PolicyVersion(3)), .versionMismatch(current: PolicyVersion(2))),
        ] as [(Int, Ledger.Precondition, LedgerError?)]) func `change only under their precondition`(
            versions: Int, precondition: Ledger.Precondition, refusal: LedgerError?
        ) throws
    {
        for version in 0..<versions { try put("body \(version)") }
        if let refusal {
            #expect(throws: refusal) { try put("new", precondition) }
            #expect(try ledger.policyVersions("cms-1500", before: nil, limit: 9).count == versions)
        } else {
            #expect(try put("new", precondition).isNew)
        }
    }

    @Test func `leave in the trail who changed what, when and why`() throws {
        try put("before", at: 10)
        try put("after", at: 20, reason: "too many errors")
        #expect(
            try trail() == [
                Ledger.AuditEntry(
                    sequence: 2, at: Instant(milliseconds: 20), by: "admin-1", action: "policy.put", documentType: "cms-1500",
                    before: Array("before".utf8), after: Array("after".utf8), reason: "too many errors"),
                Ledger.AuditEntry(
                    sequence: 1, at: Instant(milliseconds: 10), by: "admin-1", action: "policy.put", documentType: "cms-1500",
                    before: nil, after: Array("before".utf8), reason: nil),
            ])
    }
}

@Suite struct `The audit trail` {
    @Test func `is filtered and paged, newest first`() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.open()
        for number in 1...6 as ClosedRange<Int64> {
            _ = try ledger.putPolicy(
                documentType: number % 2 == 0 ? "even" : "odd", body: [UInt8(number)], precondition: .none,
                action: number > 4 ? "threshold.put" : "policy.put", by: "me", at: Instant(milliseconds: number * 10), reason: nil)
        }
        func sequences(
            _ documentType: String? = nil, _ action: String? = nil, from: Int64? = nil, to: Int64? = nil, before: Int64? = nil,
            limit: Int = 9
        ) throws -> [Int64] {
            try ledger.auditTrail(
                documentType: documentType, action: action, from: from.map { Instant(milliseconds: $0) },
                to: to.map { Instant(milliseconds: $0) }, before: before, limit: limit
            ).map(\.sequence)
        }
        #expect(try sequences() == [6, 5, 4, 3, 2, 1])
        #expect(try sequences("even") == [6, 4, 2])
        #expect(try sequences(nil, "threshold.put") == [6, 5])
        #expect(try sequences("odd", "policy.put") == [3, 1])
        #expect(try sequences(from: 20, to: 50) == [4, 3, 2])
        #expect(try sequences(before: 4, limit: 2) == [3, 2])
    }
}

@Suite struct `Tokens` {
    let ledger: Ledger
    let folder: TemporaryFolder
    init() throws {
        folder = try TemporaryFolder()
        ledger = try folder.open()
    }

    private func create(_ name: String, _ digest: UInt8, _ role: Ledger.Role = .engine) throws(LedgerError) -> Ledger.Token {
        try ledger.createToken(
            name: name, role: role, digest: [UInt8](repeating: digest, count: 32), by: "root", at: Instant(milliseconds: 1))
    }

    @Test func `are listed as they were made, and as revoked after that`() throws {
        let first = try create("engine \"1\"", 1)
        let second = try create("admin-1", 2, .admin)
        #expect(first.id > 0)
        #expect(try ledger.tokens() == [first, second])
        let revoked = try ledger.revokeToken(name: "engine \"1\"", by: "root", at: Instant(milliseconds: 9))
        #expect(revoked.revokedAt == Instant(milliseconds: 9))
        #expect(try ledger.tokens() == [revoked, second])
        #expect(try ledger.revokeToken(name: "engine \"1\"", by: "root", at: Instant(milliseconds: 10)) == revoked)
        let trail = try ledger.auditTrail(documentType: nil, action: nil, from: nil, to: nil, before: nil, limit: 9)
        #expect(trail.map(\.action) == ["token.revoke", "token.create", "token.create"])
        #expect(
            trail[0].before.map { String(decoding: $0, as: UTF8.self) }
                == #"{"name":"engine \"1\"","role":"engine","revoked":false,"secrets":[{"createdAt":"1970-01-01T00:00:00.001Z","expiresAt":null}]}"#
        )
        #expect(
            trail[0].after.map { String(decoding: $0, as: UTF8.self) }
                == #"{"name":"engine \"1\"","role":"engine","revoked":true,"secrets":[{"createdAt":"1970-01-01T00:00:00.001Z","expiresAt":null}]}"#
        )
        #expect(trail[1].before == nil)
    }

    private func rotate(_ name: String, _ digest: UInt8, keptUntil: Int64, expires: Int64? = nil, at: Int64) throws(LedgerError)
        -> Ledger.Token
    {
        try ledger.rotateToken(
            name: name, digest: [UInt8](repeating: digest, count: 32), keptUntil: Instant(milliseconds: keptUntil),
            expiresAt: expires.map { Instant(milliseconds: $0) }, by: "root", at: Instant(milliseconds: at))
    }

    @Test func `have a new secret beside those before, which end no later than they did`() throws {
        let first = try create("scanner", 1)
        _ = try create("other", 9)
        let second = try rotate("scanner", 2, keptUntil: 100, expires: 5_000, at: 10)
        #expect(second.id == first.id && second.createdAt == first.createdAt)
        #expect(second.secrets.map(\.expiresAt?.milliseconds) == [100, 5_000])
        // Kept for longer than it would have lived, and for less.
        let third = try rotate("scanner", 3, keptUntil: 900, at: 20)
        #expect(third.secrets.map(\.expiresAt?.milliseconds) == [100, 900, nil])
        let fourth = try rotate("scanner", 4, keptUntil: 30, at: 30)
        #expect(fourth.secrets.map(\.expiresAt?.milliseconds) == [30, 30, 30, nil])
        #expect(fourth.secrets.map { $0.isExpired(at: Instant(milliseconds: 29)) } == [false, false, false, false])
        #expect(fourth.secrets.map { $0.isExpired(at: Instant(milliseconds: 30)) } == [true, true, true, false])
        #expect(try ledger.tokens().map(\.secrets.count) == [4, 1])
        let trail = try ledger.auditTrail(documentType: nil, action: "token.rotate", from: nil, to: nil, before: nil, limit: 9)
        #expect(trail.count == 3)
        #expect(
            trail[2].before.map { String(decoding: $0, as: UTF8.self) }
                == #"{"name":"scanner","role":"engine","revoked":false,"secrets":[{"createdAt":"1970-01-01T00:00:00.001Z","expiresAt":null}]}"#
        )
        #expect(
            trail[2].after.map { String(decoding: $0, as: UTF8.self) }
                == #"{"name":"scanner","role":"engine","revoked":false,"secrets":[{"createdAt":"1970-01-01T00:00:00.001Z","expiresAt":"1970-01-01T00:00:00.100Z"},{"createdAt":"1970-01-01T00:00:00.010Z","expiresAt":"1970-01-01T00:00:05.000Z"}]}"#
        )
    }

    @Test func `are not given a secret when they are revoked, or unknown, or it is another's`() throws {
        _ = try create("a", 1)
        _ = try create("b", 2)
        #expect(throws: LedgerError.alreadyExists) { try rotate("a", 2, keptUntil: 9, at: 5) }
        #expect(throws: LedgerError.notFound) { try rotate("c", 3, keptUntil: 9, at: 5) }
        _ = try ledger.revokeToken(name: "a", by: "root", at: Instant(milliseconds: 6))
        #expect(throws: LedgerError.revoked(at: Instant(milliseconds: 6))) { try rotate("a", 4, keptUntil: 9, at: 7) }
        #expect(try ledger.tokens().map { $0.secrets.map(\.expiresAt) } == [[nil], [nil]])
    }

    @Test func `remember the last day of each secret's use, which never goes back`() throws {
        _ = try create("a", 1)
        let ids = try rotate("a", 2, keptUntil: 9_999, at: 5).secrets.map(\.id)
        for (secret, day) in [(ids[0], 20_000), (ids[1], 20_001), (ids[0], 20_003), (ids[0], 20_002)] as [(Int64, Int32)] {
            try ledger.noteUse(ofSecret: secret, on: CivilDate(days: day))
        }
        #expect(try ledger.tokens()[0].secrets.map(\.lastUsed?.days) == [20_003, 20_001])
    }

    @Test func `never use a name twice`() throws {
        _ = try create("a", 1)
        #expect(throws: LedgerError.alreadyExists) { try create("a", 2) }
        _ = try ledger.revokeToken(name: "a", by: "root", at: Instant(milliseconds: 2))
        #expect(throws: LedgerError.alreadyExists) { try create("a", 3) }
        #expect(throws: LedgerError.alreadyExists) { try create("b", 1) }
        #expect(throws: LedgerError.notFound) { try ledger.revokeToken(name: "b", by: "root", at: Instant(milliseconds: 2)) }
        #expect(try ledger.tokens().count == 1)
    }
}

@Suite struct `The audit salt` {
    @Test func `is made once and stays`() throws {
        let folder = try TemporaryFolder()
        let first = try folder.open()
        let salt = try first.auditSalt()
        #expect(salt.count == 32)
        #expect(try first.auditSalt() == salt)
        first.close()
        #expect(try folder.open().auditSalt() == salt)
        let other = try TemporaryFolder()
        #expect(try other.open().auditSalt() != salt)
    }
}
