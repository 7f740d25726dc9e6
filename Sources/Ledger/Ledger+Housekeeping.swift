import Crypto
import Glibc
import Routing

extension Ledger {
    /// Pages of one step of a backup: 4 MiB.
    private static let backupPagesPerStep: Int32 = 1_024
    /// Faults of one kind that `verify` names.
    private static let faultsMax = 100

    /// The secret salt of the audit sample kept in the database, made there once (32 random bytes) when first asked for.
    package func auditSalt() throws(LedgerError) -> [UInt8] {
        let stored = try read { connection throws(LedgerError) in try Ledger.auditSalt(connection) }
        if let stored { return stored }
        return try writer().change { connection, _ throws(LedgerError) in
            // Another process may have been faster.
            if let stored = try Ledger.auditSalt(connection) { return stored }
            var random = SystemRandomNumberGenerator()
            let salt = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
            let insert = try connection.prepare("INSERT INTO meta (name, value) VALUES ('audit_salt', ?1)")
            insert.bind(1, salt)
            try insert.run()
            return salt
        }
    }

    private static func auditSalt(_ connection: Connection) throws(LedgerError) -> [UInt8]? {
        let select = try connection.prepare("SELECT value FROM meta WHERE name = 'audit_salt'")
        guard try select.step() else { return nil }
        return select.bytes(0)
    }

    /// A consistent copy to a new file (mode 0600), while a server runs: the state of the moment it began. Durable when it returns.
    ///
    /// The write-ahead log cannot begin again until the copy is done: it grows by what is written meanwhile.
    /// - Parameter progress: called with shares in 0…1.
    package func backup(to path: String, progress: (Double) -> Void) throws(LedgerError) {
        try readSnapshot { connection throws(LedgerError) in
            // The snapshot is taken by the first read.
            _ = try connection.prepare(Generation.select).step()
            try Ledger.copy(connection, to: path, progress: progress)
        }
    }

    /// A copy of what the connection sees, as a database of its own: no log of the one it was made of is taken for its own.
    static func copy(_ connection: Connection, to path: String, progress: (Double) -> Void) throws(LedgerError) {
        try DatabaseFiles.asking(path) { () throws(System.Failure) in
            guard try System.createPrivateFile(path) else { throw System.Failure(errno: 17) }
        }
        do throws(LedgerError) {
            let destination = try Connection(path: path, busyTimeoutMilliseconds: 0)
            // Nothing is worth keeping of a copy that is not whole, and it is synced once, below.
            try destination.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF")
            try connection.copy(to: destination, pagesPerStep: backupPagesPerStep, progress: progress)
            destination.close()
            try mark(path)
            try DatabaseFiles.asking(path) { () throws(System.Failure) in
                try System.synchronize(path)
                try System.synchronize(DatabaseFiles.folder(of: path))
            }
        } catch {
            // Half a copy is not a copy.
            for suffix in ["", "-journal", DatabaseFiles.logSuffix, DatabaseFiles.indexSuffix] { System.remove(path + suffix) }
            throw error
        }
    }

    /// In the header of a closed copy, which is bytes: opened by SQLite it would get files beside it.
    private static func mark(_ path: String) throws(LedgerError) {
        try DatabaseFiles.asking(path) { () throws(System.Failure) in
            let descriptor = try System.open(path, O_RDWR)
            defer { System.close(descriptor) }
            guard let found = DatabaseMark(header: System.read(descriptor, DatabaseMark.headerBytes, at: 0)) else {
                throw System.Failure(errno: EIO)
            }
            try found.renewed(keepsCookie: false, isOpen: false).write(to: descriptor)
        }
    }

    /// Everything that can be checked: SQLite's own structure, references, migrations, the hashes of policies, that versions have no gaps,
    /// and that every decision has a record that unpacks to what its card says. Reads all of the database: minutes for tens of millions.
    ///
    /// Empty when all is well, else what is wrong, in words without values.
    package func verify() throws(LedgerError) -> [String] {
        var faults: [String] = []
        try check("structure", &faults) { connection, faults throws(LedgerError) in
            let select = try connection.prepare("PRAGMA integrity_check(\(Ledger.faultsMax))")
            while try select.step() {
                let message = select.text(0)
                if message != "ok" { faults.append("structure: \(message)") }
            }
        }
        try check("references", &faults) { connection, faults throws(LedgerError) in
            let select = try connection.prepare("PRAGMA foreign_key_check")
            while try select.step() { faults.append("references: row \(select.int64(1)) of \(select.text(0)) refers to nothing") }
        }
        try check("migrations", &faults) { connection, faults throws(LedgerError) in
            for migration in try Migrator(migrations: Migration.all).pending(connection) {
                faults.append("migrations: \(migration.name) is pending")
            }
        }
        try check("policies", &faults, Ledger.verifyPolicies)
        try check("log", &faults, Ledger.verifyCounts)
        try verifyRecords(&faults)
        return faults
    }

    /// A check that cannot be made is a fault too.
    private func check(
        _ name: String, _ faults: inout [String], _ body: (Connection, inout [String]) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        do throws(LedgerError) {
            try readSnapshot { connection throws(LedgerError) in try body(connection, &faults) }
        } catch {
            guard case .cannotOpen = error else {
                faults.append("\(name): \(error)")
                return
            }
            throw error
        }
    }

    private static func verifyPolicies(_ connection: Connection, _ faults: inout [String]) throws(LedgerError) {
        let select = try connection.prepare(
            "SELECT document_type, version, body, body_digest FROM policy_versions ORDER BY document_type, version")
        var previous: (documentType: String, version: Int64) = ("", 0)
        while try select.step() {
            let (documentType, version) = (select.text(0), select.int64(1))
            let expected = documentType.utf8.elementsEqual(previous.documentType.utf8) ? previous.version + 1 : 1
            if version != expected { faults.append("policies: version \(expected) of \(documentType) is missing") }
            if Array(SHA256.hash(data: select.bytes(2))) != select.bytes(3) {
                faults.append("policies: version \(version) of \(documentType) is not what was stored: its hash differs")
            }
            previous = (documentType, version)
        }
    }

    private static func verifyCounts(_ connection: Connection, _ faults: inout [String]) throws(LedgerError) {
        let select = try connection.prepare(
            """
            SELECT (SELECT count(*) FROM decisions), (SELECT coalesce(max(sequence), 0) FROM decisions),
                (SELECT count(*) FROM records AS r WHERE NOT EXISTS (SELECT 1 FROM decisions AS d WHERE d.sequence = r.sequence))
            """)
        guard try select.step() else { return }
        if select.int64(0) != select.int64(1) {
            faults.append("log: \(select.int64(0)) decisions, but the last one is number \(select.int64(1))")
        }
        if select.int64(2) > 0 { faults.append("log: \(select.int64(2)) records without a decision") }
    }

    private func verifyRecords(_ faults: inout [String]) throws(LedgerError) {
        var last: Int64 = 0
        var isAtEnd = false
        while !isAtEnd, faults.count < Ledger.faultsMax {
            try check("log", &faults) { connection, faults throws(LedgerError) in
                // A failing read ends the checks: what follows cannot be reached.
                isAtEnd = true
                let select = try connection.prepare(
                    """
                    SELECT d.sequence, r.record, d.document_type, d.document_id, d.population, d.route, d.document_key
                    FROM decisions AS d LEFT JOIN records AS r ON r.sequence = d.sequence
                    WHERE d.sequence > ?1 ORDER BY d.sequence LIMIT 4096
                    """)
                select.bind(1, last)
                while try select.step() {
                    isAtEnd = false
                    last = select.int64(0)
                    if let fault = Ledger.fault(select) { faults.append("log: decision \(last): \(fault)") }
                    if faults.count >= Ledger.faultsMax { return }
                }
            }
        }
    }

    private static func fault(_ row: Statement) -> String? {
        guard let record = row.optionalBytes(1) else { return "has no record" }
        do throws(LedgerError) {
            let (result, decision) = try RecordUnpacker.unpack(record)
            let documentId = result.string(result.documentId)
            let isSame =
                row.bytes(2) == Array(result.text[result.documentType.indices]) && row.bytes(3) == Array(documentId.utf8)
                && row.optionalBytes(4) == result.population.map { Array(result.text[$0.indices]) }
                && row.int64(5) == Int64(decision.route.rawValue) && row.int64(6) == DocumentKey.of(documentId, sequence: row.int64(0))
            return isSame ? nil : "its card and its record differ"
        } catch {
            return "\(error)"
        }
    }
}
