import CAssets
import HTTPServer
import Ledger
import TestSupport
import Testing

@testable import Service

struct SettingsTests {
    private func load(_ arguments: [String] = [], _ environment: [String: String] = [:]) throws -> LoadedSettings {
        try SettingsLoader.load(arguments: arguments, environment: environment)
    }

    private func mistakes(_ arguments: [String] = [], _ environment: [String: String] = [:]) -> [SettingsMistake] {
        do {
            _ = try SettingsLoader.load(arguments: arguments, environment: environment)
            return []
        } catch {
            return error.mistakes
        }
    }

    // MARK: Sources

    @Test func `a flag wins over a variable, a variable over the file, the file over the default`() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("sluice.yaml", "port: 1001\nloops: 1\nqueueEntriesMax: 1000\n")
        let loaded = try load(["--config", file, "--port=1003"], ["SLUICE_PORT": "1002", "SLUICE_LOOPS": "2", "PATH": "/bin"])
        #expect(loaded.settings.port == 1003)
        #expect(loaded.settings.limits.loops == 2)
        #expect(loaded.settings.queueEntriesMax == 1000)
        #expect(loaded.settings.limits.headBytesMax == 16_384)
        #expect(loaded.origins["port"] == .flag(name: "--port"))
        #expect(loaded.origins["loops"] == .environment(name: "SLUICE_LOOPS"))
        #expect(loaded.origins["queueEntriesMax"] == .file(path: file, line: 3))
        #expect(loaded.origins["headBytesMax"] == nil)
    }

    @Test func `the file is named by the flag, else by the variable`() throws {
        let directory = try TemporaryDirectory()
        let first = try directory.file("first.yaml", "port: 1")
        let second = try directory.file("second.yaml", "port: 2")
        #expect(try load(["--config", first], ["SLUICE_CONFIG": second]).settings.port == 1)
        #expect(try load([], ["SLUICE_CONFIG": second]).settings.port == 2)
    }

    @Test func `null and an empty file leave the defaults`() throws {
        let directory = try TemporaryDirectory()
        for (index, text) in ["", "# nothing\n", "port: null\nauditSalt: ~\ndatabase:\n"].enumerated() {
            let file = try directory.file("\(index).yaml", text)
            #expect(SettingsText.inForce(try load(["--config", file])) == SettingsText.inForce(try load()))
        }
    }

    @Test func `lists are YAML sequences, commas in variables, and repeated flags`() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("sluice.yaml", "host:\n  - 127.0.0.1\n  - unix:/tmp/s\n")
        #expect(try load(["--config", file]).settings.host == ["127.0.0.1", "unix:/tmp/s"])
        #expect(try load([], ["SLUICE_HOST": "::1,127.0.0.1"]).settings.host == ["::1", "127.0.0.1"])
        let settings = try load(["--host", "::1", "--host=unix:/tmp/a,127.0.0.1", "--port", "9"]).settings
        #expect(settings.addresses == [.tcp(host: "::1", port: 9), .unix(path: "/tmp/a"), .tcp(host: "127.0.0.1", port: 9)])
    }

    // MARK: Mistakes

    @Test func `all mistakes of all sources are reported at once, each with its place`() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("sluice.yaml", "prot: 1\nport: many\nhost: []\nloops: [1, 2]\naccessLog: {a: b}\n")
        let found = mistakes(
            ["--config", file, "--fields-max", "+9", "--nonsense", "1", "stray", "--log-level"],
            ["SLUICE_BODY_BYTES_MAX": "1", "SLUICE_PROT": "1", "SLUICE_LOG_FORMAT": ""])
        #expect(
            Set(found.map(\.place)) == [
                "\(file):1: prot", "\(file):2: port", "\(file):3: host", "\(file):4: loops", "\(file):5: accessLog",
                "--fields-max", "--nonsense", "stray", "--log-level", "SLUICE_BODY_BYTES_MAX", "SLUICE_PROT", "SLUICE_LOG_FORMAT",
            ])
        #expect(found.count == 12)
        #expect(found.first { $0.place == "SLUICE_PROT" }?.remedy == "did you mean `SLUICE_PORT`?")
        #expect(found.first { $0.place.hasSuffix("prot") }?.remedy == "did you mean `port`?")
        #expect(found.allSatisfy { !$0.problem.isEmpty && !$0.remedy.isEmpty })
    }

    @Test(arguments: [
        ("--port", "65536"), ("--port", "-1"), ("--port", "0x50"), ("--port", "８０"), ("--port", "99999999999999999999"),
        ("--access-log", "yes"),
        ("--log-level", "loud"), ("--database", ""), ("--idempotency-kept-hours", "23"), ("--drain-timeout-milliseconds", "30001"),
        ("--anonymous-roles", "admin"), ("--anonymous-roles", "owner"), ("--host", ""), ("--host", "127.0.0.1,127.0.0.1"),
        ("--host", "127.0.0.1:80"), ("--host", "[::1]"), ("--host", "256.0.0.1"), ("--host", "unix:"), ("--host", "a b"),
        ("--host", "unix:/\(String(repeating: "x", count: 107))"), ("--head-bytes-max", "4096"), ("--body-bytes-max", "536870912"),
    ])
    func `a value that is out of its range is refused`(flag: String, text: String) {
        #expect(mistakes(["\(flag)=\(text)"]).count == 1)
    }

    @Test(arguments: [
        (["--port", "1", "--port", "2"], "--port"), (["--config"], "--config"), (["--port", "--loops", "1"], "--port"), (["--"], "--"),
        (["--audit-salt", "0123456789abcdef"], "--audit-salt"),
    ])
    func `a flag that cannot be taken is named`(arguments: [String], place: String) {
        #expect(mistakes(arguments).map(\.place) == [place])
    }

    @Test func `a file that is missing, broken or no mapping is one mistake with its place`() throws {
        let directory = try TemporaryDirectory()
        #expect(mistakes(["--config", "\(directory.path)/none"]).map(\.place) == ["--config"])
        #expect(mistakes([], ["SLUICE_CONFIG": directory.path]).map(\.place) == ["SLUICE_CONFIG"])
        let broken = try directory.file("broken.yaml", "port: 1\nhost: [\n")
        #expect(mistakes(["--config", broken]).map { $0.place.hasPrefix(broken + ":") } == [true])
        let list = try directory.file("list.yaml", "- 1\n")
        #expect(mistakes(["--config", list]).count == 1)
        let twice = try directory.file("twice.yaml", "port: 1\nport: 2\n")
        #expect(mistakes(["--config", twice]).count == 1)
    }

    @Test func `variables that Kubernetes makes for a service called sluice are explained`() {
        let found = mistakes(
            [], ["SLUICE_SERVICE_HOST": "10.0.0.1", "SLUICE_PORT": "tcp://10.0.0.1:8080", "SLUICE_PORT_8080_TCP": "tcp://10.0.0.1:8080"])
        #expect(found.count == 3)
        #expect(found.allSatisfy { $0.remedy.contains("enableServiceLinks") })
    }

    // MARK: Anonymous roles

    @Test(arguments: [
        ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("::ffff:127.0.0.1", true), ("localhost", true), ("unix:/tmp/s", true),
        ("0.0.0.0", false), ("::", false), ("10.0.0.1", false), ("128.0.0.1", false), ("example.org", false), ("127.0.0.1,::", false),
    ])
    func `callers without a token have roles on local addresses only`(hosts: String, isLocal: Bool) throws {
        #expect(try load(["--host", hosts]).settings.effectiveAnonymousRoles == [])
        let settings = try load(["--host", hosts, "--anonymous-roles", "auto"]).settings
        #expect(settings.effectiveAnonymousRoles == (isLocal ? [.engine, .reviewer, .viewer] : []))
        let explicit = mistakes(["--host", hosts, "--anonymous-roles", "viewer"])
        #expect(explicit.map(\.place) == (isLocal ? [] : ["--anonymous-roles"]))
        #expect(mistakes(["--host", hosts, "--anonymous-roles", "none"]).isEmpty)
    }

    @Test func `callers without a token have the roles that they are given`() throws {
        #expect(try load(["--anonymous-roles", "none"]).settings.effectiveAnonymousRoles.isEmpty)
        #expect(try load(["--anonymous-roles", "viewer,engine"]).settings.effectiveAnonymousRoles == [.viewer, .engine])
    }

    // MARK: Secrets

    @Test func `a secret is shown nowhere`() throws {
        let text = "correct horse battery staple"
        let loaded = try load([], ["SLUICE_AUDIT_SALT": text])
        #expect(loaded.settings.auditSalt?.bytes == Array(text.utf8))
        var dumped = ""
        dump(loaded, to: &dumped)
        for shown in [dumped, "\(loaded)", String(reflecting: loaded), SettingsText.inForce(loaded)] {
            #expect(!shown.contains("horse"))
            #expect(shown.contains(Secret.redacted))
        }
        #expect(!mistakes([], ["SLUICE_AUDIT_SALT": "horse"]).contains { $0.description.contains("horse") })
    }

    @Test func `a file with a secret must be its owner's alone`() throws {
        let directory = try TemporaryDirectory()
        let text = "auditSalt: 0123456789abcdef\n"
        #expect(mistakes(["--config", try directory.file("private.yaml", text, mode: 0o600)]).isEmpty)
        #expect(mistakes(["--config", try directory.file("open.yaml", text, mode: 0o644)]).count == 1)
        #expect(mistakes(["--config", try directory.file("none.yaml", "port: 1\n", mode: 0o644)]).isEmpty)
    }

    // MARK: What people read

    @Test func `the committed settings file is what the table makes`() {
        let asset = unsafe sluice_asset(SluiceAssetSettings, 0)
        let committed = unsafe asset.map {
            unsafe String(decoding: UnsafeBufferPointer(start: $0.pointee.bytes, count: $0.pointee.count), as: UTF8.self)
        }
        #expect(committed == SettingsText.defaultsFile, "make it anew: sluice config defaults > config/sluice.yaml")
    }

    @Test func `the settings file with every default loads as the defaults`() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("sluice.yaml", SettingsText.defaultsFile)
        let loaded = try load(["--config", file])
        for setting in Setting.all {
            #expect(setting.yaml(in: loaded.settings) == setting.yaml(in: Settings()))
        }
    }

    @Test func `every setting has its own key, variable and flag, a meaning, and stands in the help`() {
        #expect(Set(Setting.all.map(\.key)).count == Setting.all.count)
        for setting in Setting.all {
            #expect(setting.meaning.hasSuffix("."))
            #expect(setting.environmentName.hasPrefix("SLUICE_"))
            #expect(SettingsText.flagsHelp.contains(setting.environmentName))
            #expect(SettingsText.flagsHelp.contains(setting.flag ?? setting.key))
        }
    }

    @Test func `what is in force reads back as a settings file`() throws {
        let directory = try TemporaryDirectory()
        let loaded = try load([
            "--host", "::1,unix:/tmp/a b", "--database", "x: \"y\" # z", "--anonymous-roles", "viewer", "--log-level", "debug",
        ])
        let file = try directory.file("again.yaml", SettingsText.inForce(loaded))
        let again = try load(["--config", file])
        for setting in Setting.all {
            #expect(setting.yaml(in: again.settings) == setting.yaml(in: loaded.settings))
        }
    }
}
