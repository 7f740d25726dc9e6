import Foundation
import TestSupport
import Testing

/// The machine's clock is set while documents are decided.
@Suite struct ClockTests {
    /// Debian's package libfaketime.
    static let fakeTime = ["x86_64", "aarch64"].map { "/usr/lib/\($0)-linux-gnu/faketime/libfaketime.so.1" }.first(where: Program.exists)

    @Test(
        .enabled("libfaketime is not installed") { fakeTime != nil },
        arguments: [["+0", "+2d", "+0"], ["+0", "-2d", "+0"], ["+2d", "+0", "+2d"], ["+0", "+30d", "-30d"]])
    func `a key decides once, and ids are told apart, whatever the clock is set to`(offsets: [String]) throws {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let keys = (0..<40).map { "key-\($0)" }
        var first: [[UInt8]] = []
        for (turn, offset) in offsets.enumerated() {
            // The first process with the library changes its environment, by which a Swift program finds its arguments: so it is another.
            let server = try RunningServer(
                database: database, environment: ["LD_PRELOAD": try #require(Self.fakeTime), "FAKETIME": offset],
                wrapper: [try #require(Program.tool("timeout")), "600"])
            let connection = try server.connect()
            for (number, key) in keys.enumerated() {
                let answer = try connection.ask(.post(IdempotencyTests.body("d-\(number)"), key: key))
                #expect(answer.status == (turn == 0 ? 201 : 200))
                if turn == 0 { first.append(answer.body) } else { #expect(answer.body == first[number]) }
            }
            // Enough new keys for old ones to be looked at, several times.
            for number in 0..<300 {
                #expect(try connection.ask(.post(IdempotencyTests.body("\(turn)-\(number)"), key: "\(turn)-\(number)")).status == 201)
            }
            let decisions = try server.decisions()
            #expect(decisions.count == keys.count + (turn + 1) * 300)
            #expect(Set(decisions.map(\.id)).count == decisions.count)
            // One is stopped, one killed.
            if turn == 0 { #expect(try server.stop() == .exited(0)) } else { try server.kill9() }
        }
    }
}
