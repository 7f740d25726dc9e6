import Foundation
import TestSupport
import Testing

/// Who may do what, over TCP.
@Suite struct AccessTests {
    @Test func `a token works as soon as it is made and no longer than until it is revoked`() throws {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let server = try RunningServer(database: database)
        let connection = try server.connect()
        let nobody = try PolicyTests.token(database, role: "engine", name: "e")
        #expect(try connection.ask(.get("/v1/audit", token: nobody)).status == 403)
        let viewer = try PolicyTests.token(database, role: "viewer", name: "v")
        #expect(try connection.ask(.get("/v1/policies", token: viewer)).status == 200)
        #expect(try connection.ask(.get("/v1/audit", token: viewer)).status == 200)
        #expect(try connection.ask(.post(PolicyTests.result, token: viewer)).status == 403)
        let admin = try PolicyTests.token(database, role: "admin", name: "a")
        #expect(try connection.ask(.get("/v1/audit", token: admin)).status == 200)

        let revoked = try Program.run("token", "revoke", "--name", "v", "--database", database)
        #expect(revoked.ending == .exited(0), "\(revoked.errors)")
        let refused = try connection.ask(.get("/v1/policies", token: viewer))
        // A bad token is not taken for none, though callers without one might look.
        #expect(refused.status == 401)
        #expect(refused.fields["www-authenticate"]?.hasPrefix("Bearer") == true)
        #expect(try connection.ask(.get("/v1/policies")).status == 200)
        let again = try Program.run("token", "create", "--role", "viewer", "--name", "v", "--database", database)
        #expect(again.ending == .exited(73))
    }

    @Test func `an engine reads what its own token posted and nothing else`() throws {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let server = try RunningServer(database: database)
        let one = try PolicyTests.token(database, role: "engine", name: "one")
        let two = try PolicyTests.token(database, role: "engine", name: "two")
        let posted = try server.ask(.post(PolicyTests.result, token: one))
        let location = try #require(posted.fields["location"])
        #expect(try server.ask(.get(location, token: one)).body == posted.body)
        #expect(try server.ask(.get(location, token: two)).status == 404)
        #expect(try server.ask(.get("/v1/policies", token: one)).status == 403)
    }

    @Test(arguments: [
        [("Host", "sluice.example")], [("Forwarded", "for=192.0.2.1")], [("X-Forwarded-For", "192.0.2.1")], [("Via", "1.1 proxy")],
        [("Origin", "https://page.example")],
    ])
    func `whoever may come from elsewhere needs a token`(fields: [(String, String)]) throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        var request = Request.post(PolicyTests.result)
        if fields[0].0 == "Host" { request.host = fields[0].1 } else { request.fields += fields }
        #expect(try server.ask(request).status == 401)
        #expect(try server.ask(.post(PolicyTests.result)).status == 201)
    }

    @Test func `on an address that others reach nobody is let in without a token`() throws {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let server = try RunningServer(database: database, flags: ["--host", "0.0.0.0"])
        #expect(try server.ask(.post(PolicyTests.result)).status == 401)
        #expect(try server.ask(.get("/readyz")).status == 200)
        let engine = try PolicyTests.token(database, role: "engine", name: "e")
        #expect(try server.ask(.post(PolicyTests.result, token: engine)).status == 201)

        let open = try Program.run(
            "serve", "--port", "0", "--host", "0.0.0.0", "--anonymous-roles", "engine", "--database", directory + "b.sqlite")
        #expect(open.ending == .exited(78) || open.ending == .exited(64))
        #expect(open.errors.contains("token"))
    }
}
