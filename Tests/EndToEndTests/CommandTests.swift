import Foundation
import TestSupport
import Testing

/// The commands, run as a user runs them.
@Suite struct CommandTests {
    @Test(arguments: [("ocr", 200), ("coding", 200)])
    func `examples are imported once, replayed, verified and backed up`(name: String, count: Int) throws {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let examples = "\(Program.root)/examples/\(name).jsonl"
        for _ in 0..<2 {
            let imported = try Program.run("import", examples, "--database", database)
            #expect(imported.ending == .exited(0), "\(imported.errors)")
        }
        for command in ["replay", "verify"] {
            let done = try Program.run(command, "--database", database)
            #expect(done.ending == .exited(0), "\(command): \(done.output)\(done.errors)")
        }
        let copy = directory + "copy.sqlite"
        let backup = try Program.run("backup", copy, "--database", database)
        #expect(backup.ending == .exited(0), "\(backup.errors)")
        let server = try RunningServer(database: copy)
        #expect(try server.decisions().count == count)
        #expect(try server.decisions("&reviewed=true").count == count)
    }

    @Test func `a backup of a running server holds all that was answered before it`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let connection = try server.connect()
        for _ in 0..<20 { #expect(try connection.ask(.post(PolicyTests.result)).status == 201) }
        let copy = directory + "copy.sqlite"
        let backup = try Program.run("backup", copy, "--database", server.database)
        #expect(backup.ending == .exited(0), "\(backup.errors)")
        #expect(try RunningServer(database: copy).decisions().map(\.id) == server.decisions().map(\.id))
    }

    @Test func `the settings in force are shown with where they came from`() throws {
        let directory = try TemporaryDirectory()
        let file = directory + "sluice.yaml"
        try System.makeFile(file, Array("port: 9090\nbodyBytesMax: 65536\n".utf8))
        let shown = try Program.run(
            "config", "show", "--config", file,
            environment: ["SLUICE_BODY_BYTES_MAX": "131072", "SLUICE_AUDIT_SALT": "0123456789abcdef0123456789abcdef"])
        #expect(shown.ending == .exited(0), "\(shown.errors)")
        #expect(shown.output.contains(/port: 9090\s+# .*sluice\.yaml/))
        #expect(shown.output.contains(/bodyBytesMax: 131072\s+# .*SLUICE_BODY_BYTES_MAX/))
        #expect(shown.output.contains(/host: \[127\.0\.0\.1\]\s+# default/))
        #expect(!shown.output.contains("0123456789abcdef"))
    }

    @Test(arguments: [
        (["serve", "--prot", "1"], 64, "--prot"), (["frobnicate"], 64, "frobnicate"),
        (["verify", "--database", "/nowhere/a.sqlite"], 66, "/nowhere/a.sqlite"),
        (["route", "/nowhere/results.jsonl", "--database", "/nowhere/a.sqlite"], 66, "/nowhere"),
        (["serve", "--port", "banana"], 64, "banana"),
    ])
    func `a wrong call says what is wrong and exits with the status for it`(arguments: [String], status: Int32, mention: String) throws {
        let process = try ChildProcess(Program.path, arguments)
        #expect(try process.wait() == .exited(status), "\(process.errorText)")
        #expect(process.errorText.contains(mention))
        #expect(!process.errorText.contains("Fatal error"))
    }

    @Test func `all wrong settings are reported together`() throws {
        let wrong = try Program.run(
            "serve", environment: ["SLUICE_PORT": "70000", "SLUICE_LOG_LEVEL": "loud", "SLUICE_BODY_BYTES_MAX": "-1"])
        #expect(wrong.ending == .exited(78))
        for name in ["SLUICE_PORT", "SLUICE_LOG_LEVEL", "SLUICE_BODY_BYTES_MAX"] { #expect(wrong.errors.contains(name)) }
    }

    @Test func `the file of settings that ships is the one the program prints`() throws {
        let printed = try Program.run("config", "defaults")
        #expect(printed.ending == .exited(0))
        #expect(printed.output == (try Program.text("config/sluice.yaml")))
    }

    @Test(.enabled("the corpora are not beside the repository") { CommandTests.corpora != nil }, arguments: ["ocr/A-test", "coding/A-dev"])
    func `a whole corpus is imported and replays the same`(name: String) throws {
        let corpora = try #require(CommandTests.corpora)
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let imported = try Program.run("import", "\(corpora)/\(name).jsonl.gz", "--database", database)
        #expect(imported.ending == .exited(0), "\(imported.errors)")
        let replayed = try Program.run("replay", "--database", database)
        #expect(replayed.ending == .exited(0), "\(replayed.output)\(replayed.errors)")
    }

    static let corpora: String? = {
        let path = Program.root.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/shared/data"
        return Program.exists("\(path)/ocr/A-test.jsonl.gz") ? path : nil
    }()
}
