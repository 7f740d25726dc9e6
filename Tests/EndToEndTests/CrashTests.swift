import Foundation
import TestSupport
import Testing

@Suite struct CrashTests {
    @Test func `after each of twenty kills under load every answered decision is in the log exactly once`() throws {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        var answeredBefore = 0
        for round in 0..<20 {
            let server = try RunningServer(database: database, flags: ["--access-log", "false"])
            let answered = Collected<String>()
            let lives = 8
            let killer = 100 + round * 7
            // Each thread posts until its connection breaks; those whose answer is the hundredth or later kill the server.
            _ = try onThreads(lives) { thread in
                guard let connection = try? server.connect() else { return }
                for number in 0... {
                    let body =
                        #"{"documentType": "t", "documentId": "\#(thread)-\#(number)", "population": "round-\#(round)", "fields": [{"name": "a"}]}"#
                    guard let answer = try? connection.ask(.post(Array(body.utf8))) else { return }
                    #expect(answer.status == 201)
                    if try answered.add(answer.decision.id) >= killer { kill(server.serverId, SIGKILL) }
                }
            }
            try server.kill9()
            #expect(answered.values.count >= killer)

            let verified = try Program.run("verify", "--database", database)
            #expect(verified.ending == .exited(0), "\(verified.output)\(verified.errors)")

            let again = try RunningServer(database: database)
            let logged = try again.decisions("&population=round-\(round)").map(\.id)
            #expect(Set(logged).count == logged.count)
            #expect(Set(logged).isSuperset(of: answered.values))
            // Not one more than could be in flight.
            #expect(logged.count <= answered.values.count + lives)
            answeredBefore += answered.values.count
            if round == 19 { #expect(try again.decisions().count >= answeredBefore) }
            #expect(try again.stop() == .exited(0))
        }
    }
}
