import Foundation
import Glibc
import Routing
import TestSupport
import Testing

@testable import Ledger

/// Files of a database that were exchanged behind its back: none is ever mixed with another.
@Suite struct `Exchanged files` {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// A database as a killed server leaves it: its files, copied while it is open. The decisions 1 to `count` are answered.
    struct Crashed {
        let folder: TemporaryFolder
        /// The database's file alone, of an earlier moment of the same run.
        let earlier: String
        /// Made by `backup`, by SQLite's own interface, and by VACUUM INTO, before the last decisions.
        let backup: String
        let apiCopy: String
        let vacuumed: String
        var database: String { folder.database }

        init(count: UInt64 = 40) throws {
            let served = try TemporaryFolder()
            folder = try TemporaryFolder()
            earlier = folder.path + "/earlier"
            (backup, apiCopy, vacuumed) = (folder.path + "/backup", folder.path + "/api", folder.path + "/vacuumed")
            let ledger = try served.open { $0.exclusive = true }
            try ledger.logAll([try entry(1)])
            try FileManager.default.copyItem(atPath: served.database, toPath: earlier)
            // A checkpoint, after which the file has another mark.
            let beside = try served.connection()
            let checkpoint = try #require(try beside.checkpoint(.passive))
            #expect(checkpoint.frames > 0 && checkpoint.copied == checkpoint.frames)
            #expect(ledger.files.look(beside) == nil)
            try ledger.logAll(try (2...count / 2).map { try entry($0) })
            try ledger.backup(to: backup) { _ in }
            let target = try Connection(path: apiCopy, busyTimeoutMilliseconds: 0)
            try beside.copy(to: target, pagesPerStep: -1) { _ in }
            target.close()
            try beside.execute("VACUUM INTO '\(vacuumed)'")
            try ledger.logAll(try (count / 2 + 1...count).map { try entry($0) })
            #expect(try ledger.writer().look() == nil)
            for suffix in ["", "-wal", "-lock"] {
                try FileManager.default.copyItem(atPath: served.database + suffix, toPath: folder.database + suffix)
            }
        }

        func replace(_ suffix: String = "", by file: String) throws {
            try? FileManager.default.removeItem(atPath: database + suffix)
            try FileManager.default.copyItem(atPath: file, toPath: database + suffix)
        }

        func remove(_ suffixes: String...) throws {
            for suffix in suffixes { try FileManager.default.removeItem(atPath: database + suffix) }
        }
    }

    private func contents(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    @Test func `that nobody exchanged are opened with everything that was answered`() throws {
        let crashed = try Crashed()
        for _ in 0..<3 {
            let ledger = try crashed.folder.open { $0.exclusive = true }
            #expect(try ledger.decisionCount() == 40)
            #expect(try ledger.verify() == [])
            ledger.close()
        }
        #expect(try crashed.folder.open { $0.readOnly = true }.decisionCount() == 40)
    }

    @Test func `that were moved together without what was written down of them are opened too`() throws {
        let crashed = try Crashed()
        try crashed.remove("-lock")
        #expect(try crashed.folder.open().decisionCount() == 40)
    }

    struct Mixture: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let fault: FileFault
        let make: @Sendable (Crashed) throws -> Void
        init(_ name: String, _ fault: FileFault, _ make: @escaping @Sendable (Crashed) throws -> Void) {
            (testDescription, self.fault, self.make) = (name, fault, make)
        }
    }

    static let mixtures = [
        Mixture("a backup, the log left", .databaseOfAnother) { try $0.replace(by: $0.backup) },
        Mixture("an earlier file of the same run, the log left", .databaseOfAnother) { try $0.replace(by: $0.earlier) },
        Mixture("a copy by SQLite's interface, the log left", .databaseOfAnother) { try $0.replace(by: $0.apiCopy) },
        Mixture("a copy by VACUUM INTO, the log left", .databaseOfAnother) { try $0.replace(by: $0.vacuumed) },
        Mixture("a backup of another database, the log left", .databaseOfAnother) {
            let other = try Crashed()
            try $0.replace(by: other.backup)
            withExtendedLifetime(other) {}
        },
        Mixture("the log removed", .logMissing) { try $0.remove("-wal") },
        Mixture("the log emptied", .logMissing) { #expect(unsafe truncate($0.database + "-wal", 0) == 0) },
        Mixture("the log and what was written down removed", .logMissing) { try $0.remove("-wal", "-lock") },
        Mixture("the log of another database", .logOfAnother) {
            let other = try Crashed()
            try $0.replace("-wal", by: other.database + "-wal")
            withExtendedLifetime(other) {}
        },
        Mixture("the log of another database, nothing written down", .logOfAnother) {
            let other = try Crashed()
            try $0.replace("-wal", by: other.database + "-wal")
            withExtendedLifetime(other) {}
            try $0.remove("-lock")
        },
        Mixture("bytes in place of the log", .logOfAnother) {
            try Data(repeating: 7, count: 70_000).write(to: URL(fileURLWithPath: $0.database + "-wal"))
        },
        Mixture("an earlier file without a log", .logMissing) {
            try $0.replace(by: $0.earlier)
            try $0.remove("-wal")
        },
        Mixture("no database", .databaseMissing) { try $0.remove("") },
        Mixture("an empty database", .databaseMissing) { #expect(unsafe truncate($0.database, 0) == 0) },
        Mixture("a journal", .journalOfAnother) {
            try Data(repeating: 7, count: 600).write(to: URL(fileURLWithPath: $0.database + "-journal"))
        },
    ]

    @Test(arguments: mixtures) func `are refused in words, and left as they are`(mixture: Mixture) throws {
        let crashed = try Crashed()
        try mixture.make(crashed)
        let paths = ["", "-wal"].map { crashed.database + $0 }
        let before = paths.map { try? contents($0) }
        for purpose in 0..<2 {
            #expect(throws: LedgerError.file(path: crashed.database, fault: mixture.fault)) {
                try crashed.folder.open { $0.exclusive = purpose == 0 }
            }
        }
        // Not one byte was changed: whoever has the right file can put it back.
        #expect(paths.map { try? contents($0) } == before)
        #expect(mixture.fault.problem.contains("-wal") || mixture.fault.problem.contains("-journal"))
    }

    @Test(arguments: ["backup", "api", "vacuumed"]) func `replaced by a whole copy, the log removed, are that copy`(copy: String) throws {
        let crashed = try Crashed()
        try crashed.replace(by: crashed.folder.path + "/" + copy)
        try crashed.remove("-wal")
        let ledger = try crashed.folder.open { $0.exclusive = true }
        #expect(try ledger.decisionCount() == 20)
        #expect(try ledger.verify() == [])
        try ledger.logAll([try entry(99)])
        ledger.close()
        #expect(try crashed.folder.open { $0.exclusive = true }.decisionCount() == 21)
    }

    @Test func `that another program has read and put in order are opened`() throws {
        let crashed = try Crashed()
        // The last connection of a program to close puts the log into the file, and removes it.
        let other = try crashed.folder.connection()
        #expect(try other.prepare("SELECT count(*) FROM decisions").step())
        other.close()
        #expect(!FileManager.default.fileExists(atPath: crashed.database + "-wal"))
        #expect(try crashed.folder.open { $0.exclusive = true }.decisionCount() == 40)
    }

    @Test func `are found when the log lacks what had been committed`() throws {
        let crashed = try Crashed()
        // Half of the log's frames: to SQLite, a log that was cut by a loss of power.
        let size = try #require(System.status(crashed.database + "-wal")).bytes
        #expect(unsafe truncate(crashed.database + "-wal", off_t(size / 2)) == 0)
        #expect(throws: LedgerError.file(path: crashed.database, fault: .logMissing)) { try crashed.folder.open { $0.exclusive = true } }
    }
}
