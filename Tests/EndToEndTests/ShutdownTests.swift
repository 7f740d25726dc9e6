import Foundation
import TestSupport
import Testing

@Suite struct ShutdownTests {
    @Test func `told to stop under load, it answers all it has taken and exits with 0`() throws {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let server = try RunningServer(database: database, flags: ["--access-log", "false"])
        let answered = Collected<String>()
        _ = try onThreads(8) { thread in
            guard let connection = try? server.connect() else { return }
            for number in 0... {
                let body = #"{"documentType": "t", "documentId": "\#(thread)-\#(number)", "fields": [{"name": "a"}]}"#
                guard let answer = try? connection.ask(.post(Array(body.utf8))), answer.status == 201 else { return }
                // The count as this thread left it: one of them is the two hundredth, whatever the others do meanwhile.
                if try answered.add(answer.decision.id) == 200 { kill(server.serverId, SIGTERM) }
            }
        }
        #expect(try server.process.wait() == .exited(0))
        let again = try RunningServer(database: database)
        #expect(try Set(again.decisions().map(\.id)) == Set(answered.values))
        #expect(answered.values.count >= 200)
    }

    @Test func `told to stop, it closes idle connections`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let idle = try (0..<10).map { _ in try server.connect() }
        #expect(try idle[0].ask(.get("/healthz")).status == 200)
        #expect(try server.stop() == .exited(0))
        #expect(try idle[1].rest().isEmpty)
    }

    @Test func `a second server on the same database exits and says so`() throws {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let server = try RunningServer(database: database)
        let second = try Program.run("serve", "--port", "0", "--database", database)
        #expect(second.ending == .exited(69))
        #expect(second.errors.contains("another server"))
        #expect(second.errors.contains(database))
        #expect(try server.ask(.get("/readyz")).status == 200)
        #expect(try server.stop() == .exited(0))
    }

    @Test func `the database and its log are readable by their owner alone`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        #expect(try server.ask(.post(try Program.file("examples/claim.json"))).status == 201)
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            let mode = try FileManager.default.attributesOfItem(atPath: directory + name)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(name)")
        }
    }
}
