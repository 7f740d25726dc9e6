import Foundation
import Glibc
import TestSupport
import Testing

/// A database is known by what it is, not by how it is called; and so are the files beside it.
@Suite struct FileTests {
    /// What `/readyz` says as soon as it is not ready. Fails the test when it stays so for longer than a second or two.
    static func wordsOfRefusal(_ server: RunningServer) throws -> String {
        let connection = try server.connect()
        var answer = try connection.ask(.get("/readyz"))
        let isFound = try System.eventually {
            answer = try connection.ask(.get("/readyz"))
            return answer.status == 503
        }
        #expect(isFound)
        return String(decoding: answer.body, as: UTF8.self)
    }

    struct Alias: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Makes the other name, in the directory given; answers it.
        let make: @Sendable (_ database: String, _ directory: TemporaryDirectory) throws -> String
    }

    static let aliases: [Alias] =
        [
            Alias(testDescription: "symbolic link") { database, directory in
                try FileManager.default.createSymbolicLink(atPath: directory + "link", withDestinationPath: database)
                return directory + "link"
            },
            Alias(testDescription: "link to a link, relative") { database, directory in
                try FileManager.default.createSymbolicLink(atPath: directory + "one", withDestinationPath: "a.sqlite")
                try FileManager.default.createSymbolicLink(atPath: directory + "two", withDestinationPath: "one")
                return directory + "two"
            },
            Alias(testDescription: "link to the directory") { database, directory in
                try FileManager.default.createSymbolicLink(atPath: directory + "dir", withDestinationPath: directory.path)
                return directory + "dir/a.sqlite"
            },
            Alias(testDescription: "path with dots") { database, directory in
                try FileManager.default.createDirectory(atPath: directory + "sub", withIntermediateDirectories: false)
                return directory + "sub/.././a.sqlite"
            },
            Alias(testDescription: "hard link") { database, directory in
                try FileManager.default.linkItem(atPath: database, toPath: directory + "hard")
                return directory + "hard"
            },
            Alias(testDescription: "hard link in another directory") { database, directory in
                try FileManager.default.createDirectory(atPath: directory + "sub", withIntermediateDirectories: false)
                try FileManager.default.linkItem(atPath: database, toPath: directory + "sub/a.sqlite")
                return directory + "sub/a.sqlite"
            },
        ]
        + (SmallDisk.isPermitted
            ? [
                Alias(testDescription: "mount of the file") { database, directory in
                    try System.makeFile(directory + "mounted", [])
                    guard unsafe mount(database, directory + "mounted", nil, UInt(MS_BIND), nil) == 0 else {
                        throw System.Failure(call: "mount", code: errno)
                    }
                    return directory + "mounted"
                },
                Alias(testDescription: "mount of the directory") { database, directory in
                    try FileManager.default.createDirectory(atPath: directory + "sub", withIntermediateDirectories: false)
                    guard unsafe mount(directory.path, directory + "sub", nil, UInt(MS_BIND), nil) == 0 else {
                        throw System.Failure(call: "mount", code: errno)
                    }
                    return directory + "sub/a.sqlite"
                },
            ] : [])

    @Test(arguments: aliases) func `one server has a database, by whatever name another asks for it`(alias: Alias) throws {
        let directory = try TemporaryDirectory()
        defer { for name in ["mounted", "sub"] { _ = unsafe umount2(directory + name, Int32(MNT_DETACH)) } }
        let database = directory + "a.sqlite"
        let server = try RunningServer(database: database)
        #expect(try server.ask(.post(IdempotencyTests.body("d-0"))).status == 201)
        let other = try alias.make(database, directory)
        let second = try Program.run("serve", "--port", "0", "--database", other)
        #expect(second.ending == .exited(69))
        #expect(second.errors.contains("another server"), "\(second.errors)")

        // A command by the other name has taken effect when it returns, or says which name to use.
        let made = try Program.run("token", "create", "--role", "viewer", "--name", "v", "--database", other)
        if made.ending == .exited(0) {
            let token = made.output.trimmingCharacters(in: .newlines)
            #expect(try server.ask(.get("/v1/policies", token: token)).status == 200)
            #expect(try Program.run("token", "revoke", "--name", "v", "--database", other).ending == .exited(0))
            #expect(try server.ask(.get("/v1/policies", token: token)).status == 401)
        } else {
            #expect(made.ending == .exited(69))
            #expect(made.errors.contains("another of its names"), "\(made.errors)")
        }
        #expect(try server.ask(.post(IdempotencyTests.body("d-1"))).status == 201)
        #expect(try server.stop() == .exited(0))
        let verified = try Program.run("verify", "--database", database)
        #expect(verified.ending == .exited(0), "\(verified.output)\(verified.errors)")
    }

    @Test(arguments: ["", "-wal", "-shm", "-lock"]) func `a file that is removed under a running server is found, and told in words`(
        suffix: String
    )
        throws
    {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        #expect(try server.ask(.post(IdempotencyTests.body("d-0"))).status == 201)
        try FileManager.default.removeItem(atPath: server.database + suffix)
        let words = try Self.wordsOfRefusal(server)
        #expect(words.contains("removed under the running server") && words.contains("sluice restore"), "\(words)")
        if !suffix.isEmpty { #expect(words.contains("ends in \(suffix)"), "\(words)") }
        #expect(try server.ask(.post(IdempotencyTests.body("d-1"))).status == 503)
        #expect(try server.ask(.get("/healthz")).status == 200)
        #expect(try server.stop() == .exited(0))
        #expect(server.process.errorText.contains("removed under the running server"))
    }

    @Test(arguments: ["directory", "fifo", "socket", "device", "dangling"]) func `what is not a file is refused in words`(kind: String)
        throws
    {
        let directory = try TemporaryDirectory()
        var path = directory + "a.sqlite"
        switch kind {
        case "directory": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        case "fifo": #expect(unsafe mkfifo(path, 0o600) == 0)
        case "socket": #expect(unsafe mknod(path, S_IFSOCK | 0o600, 0) == 0)
        case "device": path = "/dev/null"
        default: try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "nothing")
        }
        for command in [["serve", "--port", "0"], ["migrate"], ["verify"], ["token", "list"]] {
            let process = try ChildProcess(Program.path, command + ["--database", path])
            let ending = try process.wait()
            #expect(ending == .exited(kind == "dangling" ? 66 : 65), "\(command): \(process.errorText)")
            #expect(process.errorText.contains(path), "\(process.errorText)")
            #expect(process.errorText.contains(kind == "dangling" ? "does not exist" : "not a regular file"), "\(process.errorText)")
        }
    }

    @Test(arguments: ["-wal", "-shm", "-lock", "-journal"], ["link", "fifo", "directory"])
    func `a file beside the database that is not a plain file is not opened`(suffix: String, kind: String) throws {
        let directory = try TemporaryDirectory()
        let path = directory + "a.sqlite"
        let victim = directory + "victim"
        try System.makeFile(victim, Array("somebody's".utf8))
        switch kind {
        case "link": try FileManager.default.createSymbolicLink(atPath: path + suffix, withDestinationPath: victim)
        case "fifo": #expect(unsafe mkfifo(path + suffix, 0o600) == 0)
        default: try FileManager.default.createDirectory(atPath: path + suffix, withIntermediateDirectories: false)
        }
        let refused = try Program.run("serve", "--port", "0", "--database", path)
        #expect(refused.ending == .exited(65), "\(refused.errors)")
        #expect(refused.errors.contains("ends in \(suffix)"), "\(refused.errors)")
        #expect(try System.contents(of: victim) == Array("somebody's".utf8))
        #expect(!Program.exists(path))
    }

    @Test(arguments: [":memory:", "file:a.sqlite", "file::memory:?cache=shared", "file:///tmp/a.sqlite"])
    func `names that are not those of files are refused in words`(name: String) throws {
        for command in [["serve", "--port", "0"], ["migrate"], ["verify"], ["import", "-"], ["token", "list"]] {
            let process = try ChildProcess(Program.path, command + ["--database", name])
            #expect(try process.wait() == .exited(64), "\(command): \(process.errorText)")
            #expect(process.errorText.contains("give the path of"), "\(process.errorText)")
        }
        #expect(!Program.exists(name))
    }
}
