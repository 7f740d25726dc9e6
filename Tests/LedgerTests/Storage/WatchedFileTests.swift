import Foundation
import Glibc
import Routing
import Synchronization
import TestSupport
import Testing

@testable import Ledger

/// What may be done to the files of a database while a server has them.
@Suite struct `Files in use` {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let fault: FileFault
        let harm: @Sendable (TemporaryFolder) throws -> Void
        init(_ name: String, _ fault: FileFault, _ harm: @escaping @Sendable (TemporaryFolder) throws -> Void) {
            (testDescription, self.fault, self.harm) = (name, fault, harm)
        }
    }

    private static func overwrite(_ path: String, by other: String) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: other))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: bytes)
        try file.close()
    }

    private static func another() throws -> TemporaryFolder {
        let other = try TemporaryFolder()
        let ledger = try other.open()
        try ledger.logAll([try entry(900)])
        try FileManager.default.copyItem(atPath: other.database + "-wal", toPath: other.path + "/wal")
        try ledger.backup(to: other.path + "/backup") { _ in }
        ledger.close()
        return other
    }

    static let rows =
        ["", "-wal", "-shm", "-lock"].flatMap { suffix in
            [
                Row("\(suffix) removed", .removed(suffix: suffix)) { try FileManager.default.removeItem(atPath: $0.database + suffix) },
                Row("\(suffix) moved away", .removed(suffix: suffix)) {
                    try FileManager.default.moveItem(atPath: $0.database + suffix, toPath: $0.path + "/away")
                },
                Row("\(suffix) replaced by a copy of itself", .replaced(suffix: suffix)) {
                    try FileManager.default.copyItem(atPath: $0.database + suffix, toPath: $0.path + "/copy")
                    #expect(unsafe rename($0.path + "/copy", $0.database + suffix) == 0)
                },
                Row("\(suffix) replaced by a link", .replaced(suffix: suffix)) {
                    try FileManager.default.moveItem(atPath: $0.database + suffix, toPath: $0.path + "/away")
                    #expect(unsafe symlink($0.path + "/away", $0.database + suffix) == 0)
                },
            ]
        } + [
            Row("overwritten by a backup of itself", .overwritten(suffix: "")) { try overwrite($0.database, by: $0.path + "/backup") },
            Row("overwritten by another database", .overwritten(suffix: "")) {
                let other = try another()
                try overwrite($0.database, by: other.path + "/backup")
                withExtendedLifetime(other) {}
            },
            Row("emptied", .overwritten(suffix: "")) { #expect(unsafe truncate($0.database, 0) == 0) },
            Row("-wal overwritten by another", .overwritten(suffix: "-wal")) {
                let other = try another()
                try overwrite($0.database + "-wal", by: other.path + "/wal")
                withExtendedLifetime(other) {}
            },
            Row("-wal emptied", .overwritten(suffix: "-wal")) { #expect(unsafe truncate($0.database + "-wal", 0) == 0) },
        ]

    @Test(arguments: rows) func `are looked at, and nothing is logged once they are not what they were`(row: Row) throws {
        let ledger = try folder.open { $0.exclusive = true }
        try ledger.logAll([try entry(1)])
        try ledger.backup(to: folder.path + "/backup") { _ in }
        try ledger.logAll([try entry(2)])
        let writer = try ledger.writer()
        #expect(writer.look() == nil)
        try row.harm(folder)
        let error = LedgerError.file(path: folder.database, fault: row.fault)
        #expect(writer.look() == error)
        #expect(ledger.health.writeFailure == error)
        #expect(try ledger.log([try entry(3)]) == .failed(error))
        #expect(throws: error) {
            try ledger.createToken(
                name: "n", role: .viewer, digest: [UInt8](repeating: 1, count: 32), by: "me", at: Instant(milliseconds: 1))
        }
        // What took the place is not written to at the end either.
        let before = try? Data(contentsOf: URL(fileURLWithPath: folder.database))
        ledger.close()
        #expect((try? Data(contentsOf: URL(fileURLWithPath: folder.database))) == before)
    }

    @Test func `may be read, checkpointed and changed by other programs and by commands`() throws {
        let ledger = try folder.open { $0.exclusive = true }
        let writer = try ledger.writer()
        let other = try folder.connection()
        for (number, kind) in [Connection.Checkpoint.passive, .restart, .truncate, .passive, .truncate].enumerated() {
            try ledger.logAll([try entry(UInt64(number))])
            #expect(try other.checkpoint(kind) != nil)
            #expect(writer.look() == nil)
            let command = try folder.open()
            _ = try command.createToken(
                name: "n\(number)", role: .viewer, digest: [UInt8](repeating: UInt8(number), count: 32), by: "me",
                at: Instant(milliseconds: 1))
            #expect(writer.look() == nil)
            command.close()
            #expect(writer.look() == nil)
            #expect(try folder.open { $0.readOnly = true }.decisionCount() == Int64(number) + 1)
        }
        other.close()
        #expect(writer.look() == nil)
        ledger.close()
        #expect(try folder.open { $0.readOnly = true }.verify() == [])
    }

    @Test(.timeLimit(.minutes(1))) func `give the log's space back when nobody writes and a long reader has gone`() async throws {
        let ledger = try folder.open { $0.exclusive = true }
        let reader = try folder.connection()
        try reader.execute("BEGIN")
        #expect(try reader.prepare("SELECT count(*) FROM decisions").step())
        try ledger.logAll(try (0..<9_000 as Range<UInt64>).map { try entry($0) })
        let grown = ledger.fileSizes().wal
        #expect(grown > 1 << 20)
        let found = Mutex<LedgerError?>(nil)
        ledger.watchFiles { error in found.withLock { $0 = error } }
        // Long enough for it to be tried in vain.
        let writer = try ledger.writer()
        for _ in 0..<20 { #expect(writer.look() == nil) }
        ledger.checkpointer?.finish()
        #expect(ledger.fileSizes().wal == grown)
        try reader.execute("COMMIT")
        while ledger.fileSizes().wal > 1 << 20 { await Task.yield() }
        try ledger.logAll([try entry(10_000)])
        #expect(writer.look() == nil)
        #expect(found.withLock { $0 } == nil)
        #expect(try ledger.verify() == [])
    }

    @Test func `that cannot be read are said to be so, until the store is opened again when they are damaged`() throws {
        let ledger = try folder.open { $0.exclusive = true }
        try ledger.logAll(try (0..<200 as Range<UInt64>).map { try entry($0) })
        ledger.tryReading()
        #expect(ledger.health.readFailure == nil)
        // The pages that lists read: of the file, once the log is in it.
        #expect(try folder.connection().checkpoint(.truncate) != nil)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.database))
        let size = try file.seekToEnd()
        try file.seek(toOffset: 4_096)
        try file.write(contentsOf: Data(repeating: 0xFF, count: Int(size) - 4_096))
        try file.close()
        // What was read before need not be read again until something is written.
        _ = try ledger.log([try entry(300)])
        ledger.tryReading()
        guard case .corrupt? = ledger.health.readFailure else {
            Issue.record("\(String(describing: ledger.health.readFailure))")
            return
        }
        ledger.tryReading()
        #expect(ledger.health.readFailure != nil)
        #expect(throws: LedgerError.self) { try ledger.decisions(Ledger.DecisionFilter(), before: nil, limit: 5) }
    }
}
