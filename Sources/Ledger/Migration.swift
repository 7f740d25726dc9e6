import CAssets
import Crypto

/// One step of the schema: `migrations/NNNN_name.sql`, embedded in the program.
struct Migration {
    /// NNNN.
    let number: Int64
    /// The file's name.
    let name: String
    let sql: String
    /// SHA-256 of the file.
    let digest: [UInt8]

    init(number: Int64, name: String, sql: [UInt8]) {
        self.number = number
        self.name = name
        self.sql = String(decoding: sql, as: UTF8.self)
        digest = Array(SHA256.hash(data: sql))
    }

    /// Those of this program, in order; their numbers are 1, 2, 3, …
    static let all: [Migration] = {
        var migrations: [Migration] = []
        // Safe: assets are static memory of the length they tell.
        while let asset = unsafe sluice_asset(SluiceAssetMigration, migrations.count) {
            let bytes = unsafe [UInt8](UnsafeBufferPointer(start: asset.pointee.bytes, count: asset.pointee.count))
            let name = unsafe String(cString: asset.pointee.name)
            migrations.append(Migration(number: Int64(migrations.count) + 1, name: name, sql: bytes))
        }
        return migrations
    }()
}

/// Brings a database from what is recorded in it to what the program knows.
struct Migrator {
    /// "SLCE", in the header of every database of ours.
    static let applicationId: Int64 = 0x534C_4345

    let migrations: [Migration]

    /// Applies what is pending, each in a transaction of its own, and checks what is recorded.
    func migrate(_ connection: Connection) throws(LedgerError) {
        while let next = try pending(connection).first { try apply(next, connection) }
    }

    /// What has not been applied yet; throws when what is recorded is not what the program has.
    func pending(_ connection: Connection) throws(LedgerError) -> [Migration] {
        let recorded = try recorded(connection)
        for (index, row) in recorded.enumerated() {
            guard index < migrations.count else {
                throw .migration(name: row.name, problem: "unknown here: a newer version of this program has migrated the database")
            }
            let known = migrations[index]
            guard known.number == row.number, known.name.utf8.elementsEqual(row.name.utf8) else {
                throw .migration(name: row.name, problem: "was applied to the database, but is missing in this program")
            }
            guard known.digest == row.digest else {
                throw .migration(name: row.name, problem: "was applied to the database with another text than this program's")
            }
        }
        return Array(migrations[recorded.count...])
    }

    private func apply(_ migration: Migration, _ connection: Connection) throws(LedgerError) {
        try connection.execute("BEGIN IMMEDIATE")
        do throws(LedgerError) {
            // Another process may have been faster.
            if try pending(connection).first?.number == migration.number {
                if migration.number == 1 {
                    try connection.execute(
                        """
                        PRAGMA application_id = \(Migrator.applicationId);
                        CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL) STRICT;
                        """)
                }
                try connection.execute(migration.sql)
                let record = try connection.prepare("INSERT INTO migrations (number, name, digest) VALUES (?1, ?2, ?3)")
                record.bind(1, migration.number)
                record.bind(2, migration.name)
                record.bind(3, migration.digest)
                try record.run()
            }
            try connection.execute("COMMIT")
        } catch {
            if connection.isInTransaction { try? connection.execute("ROLLBACK") }
            if case .io(_, let message) = error { throw .migration(name: migration.name, problem: message) }
            throw error
        }
    }

    private func recorded(_ connection: Connection) throws(LedgerError) -> [(number: Int64, name: String, digest: [UInt8])] {
        guard try isOurs(connection) else { return [] }
        let select = try connection.prepare("SELECT number, name, digest FROM migrations ORDER BY number")
        var rows: [(number: Int64, name: String, digest: [UInt8])] = []
        while try select.step() { rows.append((select.int64(0), select.text(1), select.bytes(2))) }
        return rows
    }

    /// False for an empty database; throws for one of somebody else.
    private func isOurs(_ connection: Connection) throws(LedgerError) -> Bool {
        if try integer("PRAGMA application_id", connection) == Migrator.applicationId { return true }
        guard try integer("SELECT count(*) FROM sqlite_schema", connection) == 0 else { throw .notADatabase(path: connection.path) }
        return false
    }

    private func integer(_ sql: String, _ connection: Connection) throws(LedgerError) -> Int64 {
        let select = try connection.prepare(sql)
        return try select.step() ? select.int64(0) : 0
    }
}
