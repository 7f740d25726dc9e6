import Foundation
import TestSupport
import Testing

/// Tokens as an administrator handles them beside a running server.
@Suite struct TokenTests {
    private func make(_ arguments: String..., database: String) throws -> String {
        let process = try ChildProcess(Program.path, ["token"] + arguments + ["--database", database])
        guard try process.wait() == .exited(0) else { throw RunningServer.Failure.didNotListen(process.errorText) }
        return process.outputText.trimmingCharacters(in: .newlines)
    }

    @Test func `a client changes from one secret to the next and loses neither its keys nor its decisions`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let old = try make("create", "--role", "engine", "--name", "scanner-1", database: server.database)
        let body = IdempotencyTests.body("d-1")
        let first = try server.ask(.post(body, key: "k", token: old))
        #expect(first.status == 201)
        let new = try make("rotate", "scanner-1", database: server.database)
        #expect(new != old)
        for token in [old, new] {
            let again = try server.ask(.post(body, key: "k", token: token))
            #expect(again.status == 200)
            #expect(again.body == first.body)
            #expect(try server.ask(.get("/v1/decisions/\(first.decision.id)", token: token)).status == 200)
        }
        // No overlap: the one before is refused from when the command has ended.
        let last = try make("rotate", "scanner-1", "--keep", "0", database: server.database)
        for (token, status) in [(old, 401), (new, 401), (last, 200)] as [(String, Int)] {
            #expect(try server.ask(.post(body, key: "k", token: token)).status == status)
        }
        _ = try make("revoke", "--name", "scanner-1", database: server.database)
        #expect(try server.ask(.post(body, key: "k", token: last)).status == 401)
    }

    @Test(arguments: ["1s", "2s"]) func `an expired secret is refused, and says so`(span: String) throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let token = try make("create", "--role", "viewer", "--name", "v", "--expires", span, database: server.database)
        #expect(try server.ask(.get("/v1/policies", token: token)).status == 200)
        var answer = try server.ask(.get("/v1/policies", token: token))
        #expect(
            try System.eventually {
                answer = try server.ask(.get("/v1/policies", token: token))
                return answer.status != 200
            })
        #expect(answer.status == 401)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("expired"))
        #expect(answer.fields["www-authenticate"]?.contains("invalid_token") == true)
        // The name has not: it gets a new secret.
        let new = try make("rotate", "v", database: server.database)
        #expect(try server.ask(.get("/v1/policies", token: new)).status == 200)
        #expect(try Program.run("token", "list", "--database", server.database).output.contains("(expired)"))
    }

    @Test func `the list tells each secret's end and the day it was used last`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let token = try make("create", "--role", "viewer", "--name", "v", "--expires", "2999-12-30", database: server.database)
        _ = try make("create", "--role", "viewer", "--name", "idle", database: server.database)
        let before = try Program.run("token", "list", "--database", server.database).output.split(separator: "\n")
        #expect(before.count == 3)
        #expect(before[1].contains("2999-12-31T00:00:00.000Z"))
        for _ in 0..<3 { #expect(try server.ask(.get("/v1/policies", token: token)).status == 200) }
        #expect(
            try System.eventually {
                let lines = try Program.run("token", "list", "--database", server.database).output.split(separator: "\n")
                return lines[1].contains(/Z\s+\d{4}-\d\d-\d\d\s+2999/) && !lines[2].contains(/Z\s+\d{4}-\d\d-\d\d\s/)
            })
        #expect(try server.stop() == .exited(0))
    }

    @Test(
        arguments: [
            (["create", "--role", "viewer", "--name", "taken"], 73, "sluice token rotate taken"),
            (["create", "--role", "viewer", "--name", "gone"], 73, "never used again"),
            (["rotate", "gone"], 73, "never used again"), (["rotate", "nobody"], 66, "sluice token list"),
            (["rotate", "taken", "--keep", "24"], 64, "24h"), (["rotate", "taken", "--keep", "1w"], 64, "1w"),
            (["rotate", "taken", "--keep", "99999d"], 64, "at most"),
            (["create", "--role", "viewer", "--name", "new", "--expires", "2001-01-01"], 64, "over already"),
            (["create", "--role", "viewer", "--name", "new", "--expires", "2027-02-30"], 64, "2027-01-31"),
            (["create", "--role", "viewer", "--name", "new", "--expires", "soon"], 64, "24h"),
        ] as [([String], Int32, String)]) func `what cannot be done is said with what can`(
            arguments: [String], status: Int32, words: String
        ) throws
    {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        _ = try make("create", "--role", "viewer", "--name", "taken", database: database)
        _ = try make("create", "--role", "viewer", "--name", "gone", database: database)
        _ = try make("revoke", "--name", "gone", database: database)
        let process = try ChildProcess(Program.path, ["token"] + arguments + ["--database", database])
        #expect(try process.wait() == .exited(status), "\(process.errorText)")
        #expect(process.errorText.contains(words), "\(process.errorText)")
    }
}
