import Foundation
import Routing
import TestSupport
import Testing

@testable import Ledger

@Suite struct `Migrations` {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// A database of an older version, made as that version's program made it, with something in every table.
    struct Version: Sendable, CustomTestStringConvertible {
        /// Migrations it has.
        let count: Int
        let data: String
        /// What the newest program finds in it.
        let decisions: Int64
        let policies: Int
        var testDescription: String { "version \(count)" }
    }

    private static let firstData = """
        INSERT INTO decisions (sequence, id, decided_at, caller, document_type, document_id, population, route, quality_assurance, document_key)
        VALUES (1, x'00000000000000000000000000000001', 5, 1, 'cms-1500', 'claim-258', 'northside', 1, 0, 3817778793);
        INSERT INTO records VALUES (1, x'\(goldenRecord)');
        INSERT INTO reviews VALUES (1, 0, 'coder-7', 9, x'0000', x'');
        INSERT INTO idempotency_keys VALUES (1, 5, 1, 'key', zeroblob(32));
        INSERT INTO policy_versions VALUES ('cms-1500', 1, x'01', x'4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a', 1, 'me', NULL);
        INSERT INTO tokens VALUES (1, 'engine-1', 'engine', zeroblob(32), 1, NULL);
        INSERT INTO audit_trail VALUES (1, 1, 'me', 'policy.put', 'cms-1500', NULL, x'01', NULL);
        INSERT INTO imports VALUES ('source', 3);
        UPDATE meta SET value = 2 WHERE name = 'generation';
        """

    private static let secondData = """
        INSERT INTO decisions (sequence, id, decided_at, caller, document_type, document_id, population, route, quality_assurance, document_key)
        VALUES (1, x'00000000000000000000000000000001', 5, 1, 'cms-1500', 'claim-258', 'northside', 1, 0, 3817778793);
        INSERT INTO records VALUES (1, x'\(goldenRecord)');
        INSERT INTO idempotency_keys VALUES (1, 5, 1, 'key', zeroblob(32));
        INSERT INTO tokens VALUES (1, 'engine-1', 'engine', 1, NULL);
        INSERT INTO token_secrets VALUES (1, 1, zeroblob(32), 1, NULL, 20000), (2, 1, randomblob(32), 2, 9, NULL);
        INSERT INTO meta VALUES ('clock', 77);
        UPDATE meta SET value = 2 WHERE name = 'generation';
        """

    /// For a new migration, add the version before it, with data as its program wrote it.
    static let versions = [
        Version(count: 0, data: "", decisions: 0, policies: 0),
        Version(count: 1, data: firstData, decisions: 1, policies: 1),
        Version(count: 2, data: secondData, decisions: 1, policies: 0),
        Version(
            count: 3, data: secondData + "INSERT INTO imported_documents VALUES (x'000102030405060708090a0b0c0d0e0f', 1);", decisions: 1,
            policies: 0),
    ]

    @Test(arguments: versions) func `bring a database of every older version to today's, with its data`(version: Version) throws {
        let older = try folder.connection()
        try Migrator(migrations: Array(Migration.all.prefix(version.count))).migrate(older)
        try older.execute(version.data)
        older.close()
        let ledger = try folder.open()
        #expect(try ledger.decisionCount() == version.decisions)
        #expect(try ledger.policies().count == version.policies)
        #expect(try ledger.verify() == [])
        try ledger.logAll([try entry(1)])
        #expect(try ledger.decisions(Ledger.DecisionFilter(), before: nil, limit: 9).count == Int(version.decisions) + 1)
    }

    @Test func `take a token's digest into a secret of its name, and let its keys hold`() throws {
        let older = try folder.connection()
        try Migrator(migrations: Array(Migration.all.prefix(1))).migrate(older)
        try older.execute(Self.versions[1].data)
        try older.execute(
            """
            INSERT INTO tokens VALUES (3, 'gone', 'admin', x'\(String(repeating: "07", count: 32))', 4, 6);
            INSERT INTO tokens VALUES (7, 'late', 'viewer', x'\(String(repeating: "08", count: 32))', 5, NULL);
            """)
        older.close()
        let ledger = try folder.open()
        func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }
        func secret(_ id: Int64, _ digest: UInt8, _ created: Int64) -> Ledger.Token.Secret {
            Ledger.Token.Secret(
                id: id, digest: [UInt8](repeating: digest, count: 32), createdAt: at(created), expiresAt: nil, lastUsed: nil)
        }
        #expect(
            try ledger.tokens() == [
                Ledger.Token(id: 1, name: "engine-1", role: .engine, createdAt: at(1), revokedAt: nil, secrets: [secret(1, 0, 1)]),
                Ledger.Token(id: 3, name: "gone", role: .admin, createdAt: at(4), revokedAt: at(6), secrets: [secret(2, 7, 4)]),
                Ledger.Token(id: 7, name: "late", role: .viewer, createdAt: at(5), revokedAt: nil, secrets: [secret(3, 8, 5)]),
            ])
        // The key of caller 1 is found, and ids go on after the last one.
        #expect(try ledger.log([try entry(9, caller: 1, key: "key")]) == .committed([.duplicate(of: 1, sameBody: true)]))
        let next = try ledger.createToken(name: "next", role: .viewer, digest: [UInt8](repeating: 9, count: 32), by: "me", at: at(9))
        #expect(next.id == 8)
        #expect(throws: LedgerError.alreadyExists) {
            try ledger.createToken(name: "gone", role: .viewer, digest: [UInt8](repeating: 10, count: 32), by: "me", at: at(9))
        }
    }

    @Test func `have a version tested for each of them`() {
        #expect(Self.versions.map(\.count) == Array(0...Migration.all.count))
    }

    @Test func `wait when they are not to be made, and are named`() throws {
        try folder.connection().execute("PRAGMA user_version = 1")
        let names = Migration.all.map(\.name)
        #expect(throws: LedgerError.pendingMigrations(names)) { try folder.open { $0.migrate = false } }
        #expect(throws: LedgerError.pendingMigrations(names)) { try folder.open { $0.readOnly = true } }
        _ = try folder.open()
        _ = try folder.open { $0.migrate = false }
    }

    @Test(arguments: [
        (
            "UPDATE migrations SET digest = zeroblob(32) WHERE number = 1", "0001_initial.sql",
            "was applied to the database with another text than this program's"
        ),
        (
            "UPDATE migrations SET name = '0001_other.sql' WHERE number = 1", "0001_other.sql",
            "was applied to the database, but is missing in this program"
        ),
        (
            "INSERT INTO migrations VALUES (9999, '9999_future.sql', zeroblob(32))", "9999_future.sql",
            "unknown here: a newer version of this program has migrated the database"
        ),
    ]) func `that are not this program's keep it from opening the database, and are named`(
        change: String, name: String, problem: String
    ) throws {
        try folder.open().close()
        try folder.connection().execute(change)
        #expect(throws: LedgerError.migration(name: name, problem: problem)) { try folder.open() }
        #expect(throws: LedgerError.migration(name: name, problem: problem)) { try folder.open { $0.readOnly = true } }
    }

    @Test func `that fail leave the database as it was`() throws {
        let connection = try folder.connection()
        let broken = Migration(
            number: Int64(Migration.all.count) + 1, name: "broken.sql",
            sql: Array("CREATE TABLE half (a); INSERT INTO nowhere VALUES (1);".utf8))
        #expect {
            try Migrator(migrations: Migration.all + [broken]).migrate(connection)
        } throws: { error in
            guard case LedgerError.migration(name: "broken.sql", let problem) = error else { return false }
            return problem.contains("nowhere")
        }
        connection.close()
        #expect(try folder.open().verify() == [])
    }

    @Test func `of the repository are all embedded, in order`() throws {
        var root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let folder = root.appendingPathComponent("migrations")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".sql") }.sorted()
        #expect(Migration.all.map(\.name) == names)
        for (index, migration) in Migration.all.enumerated() {
            let number = String(index + 1)
            #expect(migration.name.hasPrefix(String(repeating: "0", count: 4 - number.count) + number + "_"))
            let file = try [UInt8](Data(contentsOf: folder.appendingPathComponent(migration.name)))
            #expect(migration.sql.utf8.elementsEqual(file))
            #expect(migration.digest.count == 32)
        }
    }
}
