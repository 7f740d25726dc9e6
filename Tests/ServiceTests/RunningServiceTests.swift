import HTTPServer
import Ledger
import Logging
import TestSupport
import Testing

@testable import Service

struct RunningServiceTests {
    private let directory: TemporaryDirectory
    private var settings = Settings()

    init() throws {
        directory = try TemporaryDirectory()
        settings.database = "\(directory.path)/sluice.sqlite"
        settings.port = 0
        settings.limits.loops = 1
    }

    private func start(_ settings: Settings) throws -> RunningService {
        let sink = LogSink(descriptor: -1) { _ in [] }
        let logger = Logger(label: "test") {
            RecordHandler(label: $0, format: .json, level: .critical, now: SystemClock.now) { sink.write($0) }
        }
        return try RunningService(settings, format: .json, logger: logger, sink: sink)
    }

    @Test func `a server says where it listens, has its database alone, and gives all back when it stops`() throws {
        var settings = settings
        let socket = "\(directory.path)/s"
        settings.host = ["127.0.0.1", "::1", "unix:\(socket)"]
        let first = try start(settings)
        #expect(first.addresses.map { $0.prefix(while: { $0 != "." && $0 != "]" }) } == ["http://127", "http://[::1", "unix:\(socket)"])
        #expect(first.addresses.allSatisfy { !$0.hasSuffix(":0") })
        #expect(throws: LedgerError.locked(path: settings.database)) { try start(settings) }
        first.reload()
        first.stop()
        #expect(InputFile.mode(of: socket) == nil)
        let second = try start(settings)
        #expect(InputFile.mode(of: socket) == 0o600)
        second.stop()
    }

    @Test func `a server that cannot listen gives its database back`() throws {
        var settings = settings
        settings.host = ["unix:\(directory.path)/none/s"]
        #expect { try start(settings) } throws: { Failure($0).status == .unavailable }
        settings.host = ["127.0.0.1"]
        try start(settings).stop()
    }
}
