import API
import HTTPServer
import Ledger
import Routing
import Synchronization
import TestSupport

/// The real application over a real database in a folder of its own, served on a loopback port.
final class TestService: Sendable {
    let ledger: Ledger
    let application: Application
    let server: Server
    let clock: TestClock
    let log = TestLog()
    let port: UInt16
    let unixPath: String?
    private let folder: TemporaryDirectory

    static let salt = Array("the salt of the tests".utf8)

    /// - Parameters:
    ///   - policies: JSON of the policies in force from the start.
    ///   - onUnixSocket: listen on a socket file too.
    init(
        policies: [String] = [], loops: Int = 1, onUnixSocket: Bool = false, options: Ledger.Options = Ledger.Options(),
        settings change: (inout Application.Settings) -> Void = { _ in }
    ) throws {
        folder = try TemporaryDirectory()
        clock = TestClock()
        ledger = try Ledger(path: folder + "sluice.db", options: options)
        for text in policies {
            let policy = try PolicyCodec.read(json: Array(text.utf8))
            _ = try ledger.putPolicy(
                documentType: policy.documentType.string, body: PolicyCodec.write(policy), precondition: .absent, action: "policy.put",
                by: "tests", at: clock.now(), reason: nil)
        }
        var settings = Application.Settings(auditSalt: TestService.salt)
        settings.version = "1.2.3"
        settings.spillDirectory = folder.path
        settings.anonymousRoles = [.engine, .reviewer, .viewer]
        change(&settings)
        application = try Application(ledger: ledger, settings: settings, now: { [clock] in clock.now() }, log: { [log] in log.add($0) })
        var limits = Server.Limits()
        limits.loops = loops
        var addresses = [ListenAddress.tcp(host: "127.0.0.1", port: 0)]
        unixPath = onUnixSocket ? folder + "socket" : nil
        if let unixPath { addresses.append(.unix(path: unixPath)) }
        server = try Server(addresses: addresses, limits: limits) { [application] in application.makeHandler(for: $0) }
        application.setServerCounters { [server] in server.counters }
        guard case .tcp(_, let port) = server.boundAddresses[0] else { throw TestFailure("no port") }
        self.port = port
    }

    deinit {
        server.drain()
        ledger.close()
    }

    func client() throws -> TestClient { try TestClient(port: port) }

    /// One request on a connection of its own.
    func ask(_ method: String, _ target: String, _ fields: [String] = [], body: String? = nil) throws -> Reply {
        try client().ask(method, target, fields, body: body)
    }

    func token(_ name: String, _ role: Ledger.Role) throws -> String {
        let made = TokenText.make()
        _ = try ledger.createToken(name: name, role: role, digest: made.digest, by: "tests", at: clock.now())
        try application.reload()
        return "Authorization: Bearer \(made.text)"
    }

    /// Posts a result; the answer has to be 201.
    @discardableResult
    func decide(_ body: String, _ fields: [String] = []) throws -> Reply {
        let reply = try ask("POST", "/v1/decisions", ["Content-Type: application/json"] + fields, body: body)
        guard reply.status == 201 else { throw TestFailure("\(reply.status): \(reply.text)") }
        return reply
    }
}

/// A time of day that stands still until it is told to go on.
final class TestClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_772_440_258_000)  // 2026-03-02T08:30:58Z

    func now() -> Instant { Instant(milliseconds: milliseconds.withLock { $0 }) }
    func advance(milliseconds count: Int64) { milliseconds.withLock { $0 += count } }
}

final class TestLog: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    func add(_ more: [UInt8]) { bytes.withLock { $0 += more } }
    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
    var lines: [Substring] { text.split(separator: "\n") }
}

struct TestFailure: Error {
    let words: String
    init(_ words: String) { self.words = words }
}
