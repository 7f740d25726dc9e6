import Dispatch
import Foundation
import Glibc
import Routing
import Synchronization
import TestSupport
import Testing

@testable import Ledger

@Suite struct `A store` {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func mode(_ path: String) -> mode_t? { System.status(path).map { $0.mode & 0o777 } }

    private func put(_ ledger: Ledger, _ body: UInt8) throws {
        _ = try ledger.putPolicy(
            documentType: "t", body: [body], precondition: .none, action: "policy.put", by: "me", at: Instant(milliseconds: 1), reason: nil)
    }

    @Test func `is served by one server at a time`() throws {
        let first = try folder.open { $0.exclusive = true }
        #expect(throws: LedgerError.locked(path: folder.database)) { try folder.open { $0.exclusive = true } }
        // Commands are no servers.
        let command = try folder.open()
        try put(command, 1)
        first.close()
        let second = try folder.open { $0.exclusive = true }
        #expect(FileManager.default.fileExists(atPath: folder.database + "-lock"))
        second.close()
        #expect(FileManager.default.fileExists(atPath: folder.database + "-lock"))
    }

    @Test func `keeps all of its files to itself, whatever the umask`() throws {
        let previous = umask(0)
        defer { umask(previous) }
        let ledger = try folder.open { $0.exclusive = true }
        try ledger.logAll([try entry(1)])
        try ledger.backup(to: folder.path + "/backup") { _ in }
        for suffix in ["", "-wal", "-shm", "-lock"] { #expect(mode(folder.database + suffix) == 0o600, "\(suffix)") }
        #expect(mode(folder.path + "/backup") == 0o600)
        ledger.close()
        unsafe chmod(folder.database, 0o644)
        _ = try folder.open()
        #expect(mode(folder.database) == 0o600)
    }

    @Test func `that is no database of ours is left as it is`() throws {
        try Data("not a database, but long enough to look at; and a bit longer than that".utf8).write(
            to: URL(fileURLWithPath: folder.database))
        #expect(throws: LedgerError.notADatabase(path: folder.database)) { try folder.open() }
        let other = folder.path + "/other.sqlite"
        try Connection(path: other, busyTimeoutMilliseconds: 0).execute("CREATE TABLE theirs (a)")
        let before = try Data(contentsOf: URL(fileURLWithPath: other))
        #expect(throws: LedgerError.notADatabase(path: other)) { try Ledger(path: other, options: Ledger.Options()) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: other)) == before)
    }

    @Test(arguments: [true, false]) func `that does not exist is not made by those who only look`(readOnly: Bool) throws {
        #expect(throws: LedgerError.cannotOpen(path: folder.database, message: "No such file or directory")) {
            try folder.open {
                $0.readOnly = readOnly
                $0.migrate = false
            }
        }
        #expect(!FileManager.default.fileExists(atPath: folder.database))
    }

    @Test func `opened for reading shows everything and changes nothing`() throws {
        let writer = try folder.open()
        try writer.logAll([try entry(1)])
        try put(writer, 1)
        let reader = try folder.open { $0.readOnly = true }
        #expect(try reader.decisionCount() == 1)
        #expect(try reader.policies().count == 1)
        #expect(try reader.verify() == [])
        #expect(!reader.append(Recorder([try entry(2)])))
        #expect(throws: LedgerError.self) { try put(reader, 2) }
        reader.close()
        writer.close()
        let alone = try folder.open { $0.readOnly = true }
        #expect(try alone.decisionCount() == 1)
    }

    // MARK: Foreign changes

    @Test func `of a running server shows a command's change to its watcher before the command goes on`() throws {
        let server = try folder.open { $0.exclusive = true }
        let seen = Mutex<[[UInt8]]>([])
        server.watchForeignChanges { [unowned server] in
            let bodies = (try? server.policies().map(\.body)) ?? []
            seen.withLock { $0 += bodies }
            return true
        }
        let command = try folder.open()
        for body in 1...3 as ClosedRange<UInt8> {
            try put(command, body)
            #expect(try command.waitUntilSeen(timeoutMilliseconds: 10_000))
            #expect(seen.withLock { $0.last } == [body])
        }
        _ = try command.createToken(
            name: "n", role: .viewer, digest: [UInt8](repeating: 1, count: 32), by: "me", at: Instant(milliseconds: 1))
        #expect(try command.waitUntilSeen(timeoutMilliseconds: 10_000))
        #expect(seen.withLock { $0.count } == 4)
        server.close()
    }

    @Test func `of a running server shows a change to its watcher until that has taken it up`() throws {
        let server = try folder.open { $0.exclusive = true }
        let calls = Mutex(0)
        server.watchForeignChanges {
            calls.withLock { calls in
                calls += 1
                return calls == 2
            }
        }
        let command = try folder.open()
        try put(command, 1)
        #expect(try command.waitUntilSeen(timeoutMilliseconds: 60_000))
        #expect(calls.withLock { $0 } == 2)
        server.close()
    }

    @Test func `counts its own changes as seen, and decisions not as changes`() throws {
        let server = try folder.open { $0.exclusive = true }
        let calls = Mutex(0)
        server.watchForeignChanges {
            calls.withLock { $0 += 1 }
            return true
        }
        let command = try folder.open()
        try put(server, 1)
        #expect(try command.waitUntilSeen(timeoutMilliseconds: 10_000))
        try command.logBatch([try entry(1)])
        #expect(try command.waitUntilSeen(timeoutMilliseconds: 10_000))
        #expect(calls.withLock { $0 } == 0)
        // One more foreign change after one of its own.
        try put(server, 2)
        try put(command, 3)
        #expect(try command.waitUntilSeen(timeoutMilliseconds: 10_000))
        #expect(calls.withLock { $0 } == 1)
        server.close()
    }

    @Test func `without a server keeps no command waiting, with a deaf one only for the time asked`() throws {
        let command = try folder.open()
        try put(command, 1)
        #expect(try command.waitUntilSeen(timeoutMilliseconds: 60_000))
        let deaf = try folder.open { $0.exclusive = true }
        try put(command, 2)
        #expect(try !command.waitUntilSeen(timeoutMilliseconds: 20))
        deaf.close()
        #expect(try command.waitUntilSeen(timeoutMilliseconds: 60_000))
    }

    // MARK: What stays

    @Test(arguments: [
        "UPDATE decisions SET route = 0", "DELETE FROM decisions", "UPDATE records SET record = x''", "DELETE FROM records",
        "UPDATE reviews SET verdict = 0", "DELETE FROM reviews", "UPDATE policy_versions SET body = x''", "DELETE FROM policy_versions",
        "UPDATE audit_trail SET reason = 'x'", "DELETE FROM audit_trail", "DELETE FROM tokens", "UPDATE tokens SET role = 'admin'",
        "UPDATE tokens SET revoked_at = NULL", "DELETE FROM token_secrets", "UPDATE token_secrets SET digest = zeroblob(32)",
        "UPDATE token_secrets SET expires_at = NULL", "UPDATE token_secrets SET expires_at = expires_at + 1",
        "INSERT INTO token_secrets (token, digest, created_at) VALUES (1, zeroblob(32), 1)",
        "INSERT OR REPLACE INTO policy_versions SELECT document_type, version, x'00', body_digest, changed_at, changed_by, change_reason FROM policy_versions",
        "INSERT INTO policy_versions SELECT document_type, version + 2, body, body_digest, changed_at, changed_by, change_reason FROM policy_versions",
        "INSERT INTO reviews SELECT sequence + 1000, verdict, reviewer, reviewed_at, outcomes, added FROM reviews",
    ]) func `refuses to change what is logged`(sql: String) throws {
        let ledger = try folder.open()
        try ledger.logAll([
            try entry(1, review: ImportedReview(verdict: .modified, reviewer: nil, at: nil, items: [.kept, .kept], added: []))
        ])
        try put(ledger, 1)
        _ = try ledger.createToken(
            name: "n", role: .viewer, digest: [UInt8](repeating: 1, count: 32), expiresAt: Instant(milliseconds: 9), by: "me",
            at: Instant(milliseconds: 1))
        _ = try ledger.revokeToken(name: "n", by: "me", at: Instant(milliseconds: 2))
        #expect(throws: LedgerError.self) {
            try ledger.writer().withConnection { connection throws(LedgerError) in try connection.execute(sql) }
        }
        #expect(try ledger.verify() == [])
    }

    // MARK: Backups and checks

    @Test func `is backed up while it is written to`() throws {
        let ledger = try folder.open()
        try ledger.logAll(try (1...500 as ClosedRange<UInt64>).map { try entry($0) })
        let isDone = Mutex(false)
        let writing = DispatchGroup()
        let more = try (0..<200 as Range<UInt64>).map { Recorder([try entry(1_000 + $0)]) }
        DispatchQueue(label: "writing").async(group: writing) {
            for recorder in more where !isDone.withLock({ $0 }) {
                if ledger.append(recorder) { _ = recorder.wait() }
            }
        }
        let path = folder.path + "/backup"
        var shares: [Double] = []
        try ledger.backup(to: path) { shares.append($0) }
        isDone.withLock { $0 = true }
        writing.wait()
        #expect(shares.last == 1)
        #expect(throws: LedgerError.cannotOpen(path: path, message: "File exists")) { try ledger.backup(to: path) { _ in } }
        let copy = try Ledger(path: path, options: Ledger.Options())
        #expect(try copy.verify() == [])
        #expect(try copy.decisionCount() >= 500)
        #expect(try copy.decision(sequence: 500) == ledger.decision(sequence: 500))
    }

    @Test(arguments: [
        (
            "DROP TRIGGER policy_versions_no_update; UPDATE policy_versions SET body = x'02'",
            "policies: version 1 of t is not what was stored: its hash differs"
        ),
        ("DROP TRIGGER policy_versions_no_delete; DELETE FROM policy_versions WHERE version = 1", "policies: version 1 of t is missing"),
        (
            "DROP TRIGGER records_no_update; UPDATE records SET record = CAST(substr(record, 1, 30) || x'00' || substr(record, 32) AS BLOB) WHERE sequence = 2",
            "log: decision 2: a record of the log is damaged"
        ),
        ("DROP TRIGGER records_no_delete; DELETE FROM records WHERE sequence = 1", "log: decision 1: has no record"),
        (
            "DROP TRIGGER decisions_no_update; UPDATE decisions SET route = 0 WHERE sequence = 2",
            "log: decision 2: its card and its record differ"
        ),
        ("DROP TRIGGER decisions_no_delete; DELETE FROM decisions WHERE sequence = 1", "log: 1 decisions, but the last one is number 2"),
        (
            "PRAGMA foreign_keys=OFF; INSERT INTO reviews VALUES (77, 0, NULL, NULL, x'', x'')",
            "references: row 77 of reviews refers to nothing"
        ),
        ("UPDATE migrations SET digest = x'00'", "migrations: migration 0001_initial.sql"),
    ]) func `says what is damaged`(damage: String, fault: String) throws {
        let ledger = try folder.open()
        try ledger.logAll([try entry(1), try entry(2)])
        try put(ledger, 1)
        try put(ledger, 3)
        #expect(try ledger.verify() == [])
        try folder.connection().execute(damage)
        let faults = try ledger.verify()
        #expect(faults.contains { $0.hasPrefix(fault) }, "\(faults)")
    }
}
