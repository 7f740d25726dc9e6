import API
import HTTPServer
import Ledger
import Routing
import Testing

@testable import Service

struct FailureTests {
    private struct Unknown: Error {}

    static let rows: [(any Error, CommandStatus, mentions: String)] = [
        (LedgerError.locked(path: "a.sqlite"), .unavailable, "a.sqlite"),
        (LedgerError.notADatabase(path: "a.sqlite"), .badData, "a.sqlite"),
        (LedgerError.cannotOpen(path: "/nowhere/a.sqlite", message: "no"), .cannotCreate, "/nowhere/a.sqlite"),
        (LedgerError.cannotOpen(path: "/", message: "no"), .io, "opened"),
        (LedgerError.migration(name: "0001_initial", problem: "changed"), .badData, "0001_initial"),
        (LedgerError.pendingMigrations(["0002_more"]), .unavailable, "sluice migrate"),
        (LedgerError.full, .io, "disk is full"),
        (LedgerError.io(code: 10, message: "disk I/O error"), .io, "disk I/O error"),
        (LedgerError.versionMismatch(current: PolicyVersion(7)), .tryAgain, "7"),
        (LedgerError.versionMismatch(current: nil), .tryAgain, "none"),
        (LedgerError.alreadyExists, .cannotCreate, "another"),
        (LedgerError.notFound, .noInput, "no such"),
        (LedgerError.corrupt("index"), .badData, "sluice verify"),
        (ServerError.cannotListen(address: "127.0.0.1:80", reason: "in use"), .unavailable, "127.0.0.1:80"),
        (InputError.cannotOpen(path: "x.jsonl", reason: "none"), .noInput, "x.jsonl"),
        (InputError.cannotRead(name: "x.jsonl", reason: "none"), .noInput, "x.jsonl"),
        (InputError.tooLong(name: "x", bytesMax: 9), .badData, "9 bytes"),
        (InputError.notText(name: "x"), .badData, "UTF-8"),
        (InputError.truncatedGzip(name: "x.gz", offset: 12), .badData, "byte 12"),
        (InputError.corruptGzip(name: "x.gz", offset: 12, reason: "bad"), .badData, "byte 12"),
        (InputError.noDatabase(path: "a.sqlite"), .noInput, "sluice migrate"),
        (OutputError.closed, .outputClosed, ""),
        (OutputError.failed("No space left"), .io, "No space left"),
        (Faults([Fault(.pointer("/rules/0"), "is wrong")]), .badData, "/rules/0: is wrong"),
        (Failure(.tryAgain, "as it is"), .tryAgain, "as it is"),
        (SettingsMistakes(mistakes: [SettingsMistake(place: "--port", problem: "p", remedy: "r", isUsage: true)]), .usage, "--port: p; r"),
        (
            SettingsMistakes(mistakes: [
                SettingsMistake(place: "--port", problem: "p", remedy: "r", isUsage: true),
                SettingsMistake(place: "SLUICE_PORT", problem: "p", remedy: "r", isUsage: false),
            ]), .settings, "SLUICE_PORT: p; r"
        ),
        (Unknown(), .internal, "report"),
    ]

    @Test(arguments: rows.indices)
    func `every error has its exit status and says what to do`(index: Int) {
        let (error, status, mentions) = FailureTests.rows[index]
        let failure = Failure(error)
        #expect(failure.status == status)
        #expect(failure.message.contains(mentions) || mentions.isEmpty && failure.message.isEmpty)
    }

    @Test func `the exit statuses are those of sysexits and no two are the same`() {
        #expect(CommandStatus.allCases.map(\.rawValue) == [0, 64, 65, 66, 69, 70, 73, 74, 75, 78, 141])
        #expect(Set(CommandStatus.allCases.map(\.meaning)).count == CommandStatus.allCases.count)
    }
}
