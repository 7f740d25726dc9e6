import Foundation
import Glibc
import TestSupport
import Testing

/// The way back: backups put in the place of a database, and what becomes of those that were only copied there.
@Suite struct RestoreTests {
    /// A database with 30 decisions, and a backup of its first 20.
    private struct Site {
        let directory: TemporaryDirectory
        var database: String { directory + "a.sqlite" }
        var backup: String { directory + "backup.sqlite" }

        /// - Parameter isKilled: the server was; otherwise it was stopped in order.
        init(isKilled: Bool) throws {
            directory = try TemporaryDirectory()
            let server = try RunningServer(database: database)
            try Site.post(0..<20, to: server)
            #expect(try Program.run("backup", backup, "--database", database).ending == .exited(0))
            try Site.post(20..<30, to: server)
            if isKilled { try server.kill9() } else { #expect(try server.stop() == .exited(0)) }
        }

        static func post(_ numbers: Range<Int>, to server: RunningServer) throws {
            let connection = try server.connect()
            for number in numbers { #expect(try connection.ask(.post(IdempotencyTests.body("d-\(number)"))).status == 201) }
        }

        func restore() throws -> Program.Outcome { try Program.run("restore", backup, "--database", database) }

        /// How many decisions a server finds, or what it said when it did not start.
        func served() throws -> (decisions: Int?, words: String) {
            do {
                let server = try RunningServer(database: database)
                defer { _ = try? server.stop() }
                let decisions = try server.decisions()
                #expect(Set(decisions.map(\.documentId)) == Set((0..<decisions.count).map { "d-\($0)" }))
                return (decisions.count, "")
            } catch RunningServer.Failure.didNotListen(let words) {
                return (nil, words)
            }
        }

        func asides() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.contains(".before-") }.sorted()
        }
    }

    @Test(arguments: [true, false]) func `a backup takes the place of the database, which is put aside whole`(isKilled: Bool) throws {
        let site = try Site(isKilled: isKilled)
        let restored = try site.restore()
        #expect(restored.ending == .exited(0), "\(restored.errors)")
        #expect(restored.errors.contains("20 decisions"))
        #expect(try site.served().decisions == 20)
        // What was there can be looked at by its new name, and be put back.
        let aside = try #require(try site.asides().first)
        #expect(restored.errors.contains(aside))
        let verified = try Program.run("verify", "--database", site.directory + aside)
        #expect(verified.ending == .exited(0), "\(verified.output)\(verified.errors)")
        let back = try Program.run("restore", site.directory + aside, "--database", site.database)
        #expect(back.ending == .exited(0), "\(back.errors)")
        #expect(try site.served().decisions == 30)
        #expect(try FileManager.default.attributesOfItem(atPath: site.database)[.posixPermissions] as? Int == 0o600)
    }

    @Test func `a backup is restored where there was nothing`() throws {
        let site = try Site(isKilled: false)
        let place = site.directory + "new.sqlite"
        #expect(try Program.run("restore", site.backup, "--database", place).ending == .exited(0))
        #expect(try RunningServer(database: place).decisions().count == 20)
    }

    @Test func `nothing is restored under a running server, of a file that is not a backup, or of the database itself`() throws {
        let site = try Site(isKilled: false)
        let server = try RunningServer(database: site.database)
        let running = try site.restore()
        #expect(running.ending == .exited(69))
        #expect(running.errors.contains("another server"))
        #expect(try server.decisions().count == 30)
        #expect(try server.stop() == .exited(0))

        let before = try System.contents(of: site.database)
        let junk = site.directory + "junk"
        try System.makeFile(junk, Array("not a database, but long enough to be looked at as one, and a bit more".utf8))
        let empty = site.directory + "empty"
        try System.makeFile(empty, [])
        let damaged = site.directory + "damaged"
        var bytes = try System.contents(of: site.backup)
        for offset in stride(from: 4_096 * 3 + 100, to: bytes.count, by: 97) { bytes[offset] ^= 0x55 }
        try System.makeFile(damaged, bytes)
        for (file, status) in [
            (junk, 65), (empty, 65), (damaged, 65), ("/nowhere/backup", 66), (site.database, 64), (site.directory.path, 65),
        ]
            as [(String, Int32)]
        {
            let refused = try Program.run("restore", file, "--database", site.database)
            #expect(refused.ending == .exited(status), "\(file): \(refused.errors)")
        }
        #expect(try System.contents(of: site.database) == before)
        #expect(try site.asides().isEmpty)
        #expect(try site.served().decisions == 30)
    }

    @Test(.enabled("strace is not installed, or may not trace") { DurabilityTests.strace != nil }, arguments: [true, false])
    func `killed at any step it has done nothing or is finished by the next start`(isKilled: Bool) throws {
        let strace = try #require(DurabilityTests.strace)
        var seen: Set<Int> = []
        var isDone = false
        var step = 0
        while !isDone {
            step += 1
            let site = try Site(isKilled: isKilled)
            // Ended by the kernel as it enters its nth call that changes names or makes something durable.
            let calls = "rename,renameat,renameat2,unlink,unlinkat,fsync,fdatasync,ftruncate"
            let process = try ChildProcess(
                strace,
                [
                    "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(calls)", "-e", "inject=\(calls):signal=SIGKILL:when=\(step)",
                    Program.path,
                    "restore", site.backup, "--database", site.database,
                ])
            isDone = try process.wait() == .exited(0)
            let (decisions, words) = try site.served()
            let count = try #require(decisions, "step \(step): \(words)")
            #expect(count == 30 || count == 20, "step \(step)")
            #expect(seen.contains(20) ? count == 20 : true, "step \(step): the old one is back")
            seen.insert(count)
            #expect(try Program.run("verify", "--database", site.database).ending == .exited(0), "step \(step)")
            // The same again, whatever is left of the first.
            let again = try site.restore()
            #expect(again.ending == .exited(0), "step \(step): \(again.errors)")
            #expect(try site.served().decisions == 20, "step \(step)")
            #expect(step < 200)
        }
        #expect(seen == [20, 30])
        #expect(step > 6)
    }

    @Test func `a copy beside the log of a killed server is neither undone nor mixed: the server says how to restore it`() throws {
        let site = try Site(isKilled: true)
        try FileManager.default.removeItem(atPath: site.database)
        try FileManager.default.copyItem(atPath: site.backup, toPath: site.database)
        let (decisions, words) = try site.served()
        #expect(decisions == nil)
        for part in ["-wal", "sluice restore"] { #expect(words.contains(part), "\(words)") }
        for command in [["verify"], ["replay"], ["token", "list"], ["backup", site.directory + "b2"]] {
            let process = try ChildProcess(Program.path, command + ["--database", site.database])
            #expect(try process.wait() == .exited(65), "\(command): \(process.errorText)")
        }
        #expect(try site.restore().ending == .exited(0))
        #expect(try site.served().decisions == 20)
    }

    @Test func `a copy over the database of a running server is found, and nothing is decided any more`() throws {
        let site = try Site(isKilled: false)
        let server = try RunningServer(database: site.database)
        #expect(try server.ask(.post(IdempotencyTests.body("d-30"))).status == 201)
        let file = try FileHandle(forWritingTo: URL(filePath: site.database))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(try System.contents(of: site.backup)))
        try file.close()
        let words = try FileTests.wordsOfRefusal(server)
        #expect(words.contains("overwritten") && words.contains("sluice restore"), "\(words)")
        #expect(try server.ask(.post(IdempotencyTests.body("d-31"))).status == 503)
        #expect(try server.stop() == .exited(0))
        #expect(try site.served().decisions == nil)
        #expect(try site.restore().ending == .exited(0))
        #expect(try site.served().decisions == 20)
    }

    @Test func `verify ends with how to restore`() throws {
        let site = try Site(isKilled: false)
        // In the last page, which decisions filled: so the database opens.
        var bytes = try System.contents(of: site.database)
        for offset in stride(from: bytes.count - 4_096 + 7, to: bytes.count, by: 97) { bytes[offset] ^= 0x55 }
        try FileManager.default.removeItem(atPath: site.database)
        try System.makeFile(site.database, bytes)
        let verified = try Program.run("verify", "--database", site.database)
        #expect(verified.ending == .exited(65))
        #expect(verified.errors.contains("sluice restore FILE --database \(site.database)"), "\(verified.errors)")
    }
}
