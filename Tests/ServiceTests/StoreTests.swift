import API
import Ledger
import Routing
import TestSupport
import Testing

@testable import Service

struct StoreTests {
    private let directory: TemporaryDirectory
    private var settings = Settings()
    private let now = Instant(milliseconds: 1_772_440_258_000)

    init() throws {
        directory = try TemporaryDirectory()
        settings.database = "\(directory.path)/sluice.sqlite"
    }

    private func policies(_ purpose: Store.Purpose, _ settings: Settings? = nil) throws -> [Ledger.StoredPolicy] {
        try Store.with(settings ?? self.settings, for: purpose, now: now) { try $0.policies() }
    }

    @Test func `an empty database gets the built-in policies, once, in the name of the program`() throws {
        let first = try Store.open(settings, for: .serve, now: now)
        #expect(first.startingPolicies == (try StartingPolicies(directory: nil).sources.count))
        #expect(first.startingPolicies > 0)
        let stored = try first.ledger.policies()
        #expect(stored.map(\.documentType).contains("*"))
        #expect(stored.allSatisfy { $0.version == PolicyVersion(1) && $0.changedBy == "sluice" && $0.changedAt == now })
        let trail = try first.ledger.auditTrail(documentType: nil, action: "policy.put", from: nil, to: nil, before: nil, limit: 100)
        #expect(trail.count == first.startingPolicies)
        first.ledger.close()
        let second = try Store.open(settings, for: .serve, now: now)
        #expect(second.startingPolicies == 0)
        second.ledger.close()
        #expect(try policies(.read) == stored)
    }

    @Test func `the policies of a directory take the place of the built-in ones, for an empty database only`() throws {
        var settings = settings
        settings.policiesDirectory = directory.path
        _ = try directory.file("one.json", Results.policy)
        _ = try directory.file("two.yaml", "documentType: other\nthreshold: 0.5\n")
        _ = try directory.file("readme.txt", "no policy")
        #expect(try policies(.migrate, settings).map(\.documentType).sorted() == ["other", "sample"])
        _ = try directory.file("three.yaml", "documentType: third\nthreshold: 0.5\n")
        #expect(try policies(.migrate, settings).map(\.documentType).sorted() == ["other", "sample"])
    }

    @Test(arguments: [
        ("bad.yaml", "documentType: x\nthreshold: 2\n", "bad.yaml"), ("bad.json", "{\"documentType\":", "bad.json"),
        ("b.yaml", "documentType: sample\nthreshold: 1\n", "another policy"),
    ])
    func `a mistake in a starting policy is named and leaves the database without policies`(name: String, text: String, mentions: String)
        throws
    {
        var settings = settings
        settings.policiesDirectory = directory.path
        _ = try directory.file("a.json", Results.policy)
        _ = try directory.file(name, text)
        #expect {
            try Store.open(settings, for: .serve, now: now)
        } throws: { error in
            let failure = Failure(error)
            return failure.status == .badData && failure.message.contains(mentions)
        }
        #expect(try policies(.read).isEmpty)
    }

    @Test func `a directory without policies and one that is not there are refused`() throws {
        var settings = settings
        for path in [directory.path, "\(directory.path)/none"] {
            settings.policiesDirectory = path
            #expect(throws: Failure.self) { try StartingPolicies(directory: path).read() }
        }
    }

    @Test(arguments: [Store.Purpose.read, .change])
    func `looking at a database that is not there makes none`(purpose: Store.Purpose) throws {
        #expect(throws: InputError.noDatabase(path: settings.database)) { try Store.open(settings, for: purpose, now: now) }
        #expect(throws: System.Failure.self) { try System.status(of: settings.database) }
    }

    @Test func `a second server of one database is refused, commands are not`() throws {
        let server = try Store.open(settings, for: .serve, now: now).ledger
        defer { server.close() }
        #expect(throws: LedgerError.locked(path: settings.database)) { try Store.open(settings, for: .serve, now: now) }
        #expect(try !policies(.change).isEmpty)
    }

    @Test func `the audit salt is the setting's, else one that the database keeps`() throws {
        let kept = try Store.with(settings, for: .migrate, now: now) { try Store.auditSalt(settings, $0) }
        #expect(kept.count == 32)
        #expect(try Store.with(settings, for: .read, now: now) { try Store.auditSalt(settings, $0) } == kept)
        var salted = settings
        salted.auditSalt = Secret("0123456789abcdef")
        #expect(try Store.with(salted, for: .read, now: now) { try Store.auditSalt(salted, $0) } == Array("0123456789abcdef".utf8))
    }

    @Test func `a database that is used with a salt from the settings says so when it is missing`() throws {
        var salted = settings
        salted.auditSalt = Secret("0123456789abcdef")
        _ = try policies(.migrate, salted)
        #expect {
            try Store.with(settings, for: .read, now: now) { try Store.auditSalt(settings, $0) }
        } throws: { Failure($0).status == .settings }
    }

    // MARK: Commands on policies and tokens

    @Test func `a policy is put once, and a second time only when it differs or the version matches`() throws {
        let file = try directory.file("sample.json", Results.policy)
        #expect(try PolicyCommands.put(settings, file: file, ifMatch: nil, reason: "first").notes == ["sample: version 1"])
        #expect(try PolicyCommands.put(settings, file: file, ifMatch: nil, reason: nil).notes == ["sample: unchanged (version 1)"])
        let changed = try directory.file("changed.yaml", "documentType: sample\nthreshold: 0.8\n")
        #expect(throws: LedgerError.versionMismatch(current: PolicyVersion(1))) {
            try PolicyCommands.put(settings, file: changed, ifMatch: 7, reason: nil)
        }
        for reason in ["two\nlines", String(repeating: "x", count: 1_001)] {
            #expect {
                try PolicyCommands.put(settings, file: changed, ifMatch: nil, reason: reason)
            } throws: {
                Failure($0).status == .usage
            }
        }
        #expect(try PolicyCommands.put(settings, file: changed, ifMatch: 1, reason: "looser").notes == ["sample: version 2"])
        #expect(try PolicyCommands.history(settings, "sample").count == 3)
        #expect(try PolicyCommands.show(settings, "sample", version: 1).contains("0.9"))
        #expect(
            try PolicyCommands.list(settings).contains {
                $0.hasPrefix("sample") && $0.contains(Author.commandLine) && $0.hasSuffix("looser")
            })
        let difference = try PolicyCommands.difference(settings, "sample", from: 1, to: nil)
        #expect(difference == (try PolicyCommands.difference(settings, "sample", from: 1, to: 2)))
        #expect(difference.filter { $0.hasPrefix("- ") }.count == 1)
        #expect(difference.filter { $0.hasPrefix("+ ") }.count == 1)
        #expect(try PolicyCommands.difference(settings, file: changed).lines.isEmpty)
        #expect(try PolicyCommands.difference(settings, file: file).lines.contains { $0.contains("0.9") })
    }

    @Test func `what is not there is named with the command that lists what is`() throws {
        _ = try policies(.migrate)
        #expect { try PolicyCommands.show(settings, "none", version: nil) } throws: { Failure($0).message.contains("sluice policy list") }
        #expect { try PolicyCommands.show(settings, "*", version: 9) } throws: { Failure($0).message.contains("current one is 1") }
        #expect { try PolicyCommands.history(settings, "none") } throws: { Failure($0).status == .noInput }
        #expect { try TokenCommands.revoke(settings, name: "none") } throws: { Failure($0).message.contains("sluice token list") }
    }

    @Test func `a token is shown once, listed without its text, and its name is used up when it is revoked`() throws {
        let made = try TokenCommands.create(settings, name: "scanner", role: "engine")
        #expect(made.text.hasPrefix("sluice_"))
        #expect(!made.note.contains(made.text))
        #expect(try !TokenCommands.list(settings).contains { $0.contains(made.text) })
        let digest = try Store.with(settings, for: .read, now: now) { try $0.tokens().flatMap { $0.secrets.map(\.digest) } }
        #expect(digest == [TokenText.digest(made.text)])
        _ = try TokenCommands.revoke(settings, name: "scanner")
        #expect { try TokenCommands.create(settings, name: "scanner", role: "viewer") } throws: { Failure($0).status == .cannotCreate }
        #expect { try TokenCommands.create(settings, name: "a\nb", role: "viewer") } throws: { Failure($0).status == .usage }
    }
}
