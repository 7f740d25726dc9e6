import Foundation
import TestSupport
import Testing

@Suite struct PolicyTests {
    static let result = Array(#"{"documentType": "t", "documentId": "d", "fields": [{"name": "a", "value": "v", "confidence": 0.5}]}"#.utf8)

    static func policy(_ threshold: Double) -> String { #"{"documentType": "t", "threshold": \#(threshold)}"# }

    static func token(_ database: String, role: String, name: String) throws -> String {
        let made = try Program.run("token", "create", "--role", role, "--name", name, "--database", database)
        #expect(made.ending == .exited(0), "\(made.errors)")
        let match = try #require("\(made.output)\(made.errors)".firstMatch(of: /sluice_[A-Za-z0-9_-]{43}/))
        return String(match.0)
    }

    @Test func `a policy that was put is in force on every connection at once`() throws {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let server = try RunningServer(database: database, flags: ["--loops", "4"])
        let admin = try Self.token(database, role: "admin", name: "a")
        let connections = try (0..<24).map { _ in try server.connect() }
        for connection in connections { #expect(try connection.ask(.post(Self.result)).decision.policy == "*") }
        let changes = try server.connect()
        var condition = ("If-None-Match", "*")
        for version in 1...20 {
            let threshold = version.isMultiple(of: 2) ? 0.9 : 0.1
            let put = try changes.ask(.put("/v1/policies/t", Self.policy(threshold), token: admin, condition))
            #expect(put.status == (version == 1 ? 201 : 200), "\(put.text)")
            #expect(put.fields["etag"] == nil)
            condition = ("If-Match", "\"\(version)\"")
            for connection in connections {
                let decision = try connection.ask(.post(Self.result)).decision
                #expect(decision.policyVersion == version)
                #expect(decision.route == (threshold == 0.1 ? "confident" : "review"))
            }
        }
        #expect(try changes.ask(.put("/v1/policies/t", Self.policy(0.3), token: admin, ("If-Match", "\"3\""))).status == 412)
        #expect(try changes.ask(.put("/v1/policies/t", Self.policy(0.3), token: admin, ("X", "y"))).status == 428)
    }

    @Test func `a policy put by a command is in force before the command returns`() throws {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let server = try RunningServer(database: database)
        let connection = try server.connect()
        for version in 1...5 {
            let file = directory + "policy.yaml"
            try System.makeFile(file, Array("documentType: t\nthreshold: 0.\(version)\n".utf8))
            let put = try Program.run("policy", "put", file, "--database", database)
            #expect(put.ending == .exited(0), "\(put.errors)")
            let decision = try connection.ask(.post(Self.result)).decision
            #expect(decision.policyVersion == version)
            #expect(decision.items.first?.threshold == Double(version) / 10)
        }
    }

    @Test func `a broken policy is refused with its places and changes nothing`() throws {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let server = try RunningServer(database: database)
        let admin = try Self.token(database, role: "admin", name: "a")
        let broken =
            #"{"documentType": "t", "threshold": 2, "rules": [{"threshold": 0.5}, {"field": "a*b", "threshold": 0.5}], "model": 1}"#
        let answer = try server.ask(.put("/v1/policies/t", broken, token: admin, ("If-None-Match", "*")))
        #expect(answer.status == 400)
        let pointers = Set((try answer.problem.errors ?? []).compactMap(\.pointer))
        #expect(pointers.isSuperset(of: ["/threshold", "/model"]))
        #expect(pointers.contains { $0.hasPrefix("/rules/0") } && pointers.contains { $0.hasPrefix("/rules/1") })
        #expect(try server.ask(.get("/v1/policies/t")).status == 404)
    }
}
