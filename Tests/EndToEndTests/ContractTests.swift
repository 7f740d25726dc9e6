import Foundation
import TestSupport
import Testing

/// openapi.yaml, as the server answers it, and the server say the same.
@Suite struct ContractTests {
    static let methods = ["get", "put", "post", "delete"]

    @Test func `every path takes the methods that it is said to take, and no other`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let document = try JSONAny(try server.ask(.get("/openapi.json")).body)
        #expect(document["openapi"]?.text == "3.1.0")
        let paths = try #require(document["paths"]?.members)
        #expect(paths.count > 10)
        let connection = try server.connect()
        for (template, item) in paths {
            let path = template.replacing(/\{[^}]*\}/, with: "x")
            let answer = try connection.ask(Request(method: "PATCH", target: path))
            #expect(answer.status == 405, "\(template)")
            let allowed = Set(
                (answer.fields["allow"] ?? "").lowercased().split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
            #expect(allowed.subtracting(["head", "options"]) == Set(item.members.keys).intersection(Self.methods), "\(template)")
        }
    }

    /// A request of an endpoint, and what is to come of it.
    struct Row {
        var template: String
        var request: Request
        var status: Int

        init(_ template: String, _ request: Request, _ status: Int) {
            self.template = template
            self.request = request
            self.status = status
        }
    }

    static func rows(admin: String, viewer: String, decision: String) throws -> [Row] {
        let policy =
            #"{"documentType": "t", "threshold": 0.9, "rules": [{"field": "a", "threshold": 0.5}, {"procedure": "7*", "threshold": 0.6}], "floors": [{"diagnosis": "J96.*", "risk": "high", "threshold": 0.99}], "requiredFields": ["a"], "optionalFields": ["b"], "requiredSections": ["s"], "qualityAssurance": {"sampleRate": 0.05}, "targets": {"field": 0.99, "risk": 0.05}}"#
        let any = ("If-Match", "*")
        let new = ("If-None-Match", "*")
        var delete = Request(method: "DELETE", target: "/v1/thresholds/t/c", fields: [("Authorization", "Bearer \(admin)"), any])
        let policies = "/v1/policies/{documentType}"
        let thresholds = "/v1/thresholds/{documentType}"
        let threshold = "/v1/thresholds/{documentType}/{field}"
        let pair = "/v1/thresholds/{documentType}/{procedure}/{diagnosis}"
        func deleting(_ path: String, _ fields: (String, String)...) -> Request {
            Request(method: "DELETE", target: path, fields: [("Authorization", "Bearer \(admin)")] + fields)
        }
        let never = #"{"documentType": "n", "threshold": null, "unlisted": "review", "rules": [{"field": "a", "threshold": null}]}"#
        var rows = [
            Row("/v1/decisions", .post(try Program.file("examples/claim.json")), 201),
            Row("/v1/decisions", .post(try Program.file("examples/note.json"), key: "k"), 201),
            Row("/v1/decisions", .post(try Program.file("examples/note.json"), key: "k"), 200),
            Row("/v1/decisions", .post(try Program.file("examples/claim.json"), key: "k"), 422),
            Row("/v1/decisions", .post(Array("{}".utf8)), 400),
            Row("/v1/decisions", .post(Array("{}".utf8), type: nil), 415),
            Row("/v1/decisions", .post(Array("{}".utf8), token: "sluice_wrong"), 401),
            Row("/v1/decisions", .post(Array("{}".utf8), token: viewer), 403),
            Row("/v1/decisions", .post([UInt8](repeating: 0x20, count: (8 << 20) + 1)), 413),
            Row("/v1/decisions", .get("/v1/decisions?limit=1"), 200),
            Row("/v1/decisions", .get("/v1/decisions?reviewed=true"), 200),
            Row("/v1/decisions", .get("/v1/decisions?cursor=wrong&colour=red"), 400),
            Row("/v1/decisions/{id}", .get(decision), 200),
            Row("/v1/decisions/{id}", .get("/v1/decisions/nothing"), 404),
            Row("/v1/policies", .get("/v1/policies?limit=2"), 200),
            Row(policies, .put("/v1/policies/t", policy, token: admin, new), 201),
            Row(policies, .put("/v1/policies/t", policy, token: admin, any), 200),
            Row(policies, .put("/v1/policies/t", policy, token: admin, new), 412),
            Row(policies, .put("/v1/policies/t", policy, token: admin, ("X-None", "x")), 428),
            Row(policies, .put("/v1/policies/t", "{}", token: admin, any), 400),
            Row(policies, .put("/v1/policies/u", policy, token: admin, new), 422),
            Row(policies, .put("/v1/policies/t", policy, token: viewer, any), 403),
            Row(policies, .get("/v1/policies/t"), 200),
            Row(policies, .get("/v1/policies/nothing"), 404),
            Row("\(policies)/versions", .get("/v1/policies/t/versions"), 200),
            Row("\(policies)/versions/{version}", .get("/v1/policies/t/versions/1"), 200),
            Row("\(policies)/versions/{version}", .get("/v1/policies/t/versions/2"), 404),
            Row(thresholds, .get("/v1/thresholds/t?limit=1"), 200),
            Row(thresholds, .get("/v1/thresholds/cms-1500"), 200),
            Row(thresholds, .put("/v1/thresholds/t", #"{"threshold": 0.8}"#, token: admin, any), 200),
            Row(threshold, .get("/v1/thresholds/t/a"), 200),
            Row(threshold, .get("/v1/thresholds/t/z"), 200),
            Row(threshold, .put("/v1/thresholds/t/c", #"{"threshold": 0.97}"#, token: admin, any), 201),
            Row(threshold, .put("/v1/thresholds/t/c", #"{"threshold": 0.98, "payer": null}"#, token: admin, any), 200),
            Row(threshold, .put("/v1/thresholds/t/c", #"{"threshold": 2}"#, token: admin, any), 400),
            Row(threshold, delete, 204),
            Row(threshold, delete, 404),
            Row("/v1/audit", .get("/v1/audit?limit=3", token: admin), 200),
            Row("/v1/audit", .get("/v1/audit", token: viewer), 200),
            Row(pair, .get("/v1/thresholds/radiology-report/71045/J18.9"), 200),
            Row(pair, .get("/v1/thresholds/t/*/J96.01"), 200),
            Row(pair, .put("/v1/thresholds/t/7*/J18.9", #"{"threshold": null}"#, token: admin, any), 201),
            Row(pair, .put("/v1/thresholds/t/7*/J18.9?dryRun=true", #"{"threshold": 0.5}"#, token: admin, any), 200),
            Row(pair, .put("/v1/thresholds/t/7*/J18.9", "{}", token: admin, any), 400),
            Row(pair, deleting("/v1/thresholds/t/7*/J18.9"), 428),
            Row(pair, deleting("/v1/thresholds/t/7*/J18.9", any), 204),
            Row(pair, deleting("/v1/thresholds/t/7*/J18.9", any), 404),
            Row("\(policies)/usage", .get("/v1/policies/radiology-report/usage"), 200),
            Row("\(policies)/usage", .get("/v1/policies/nothing/usage"), 404),
            Row(policies, .put("/v1/policies/n?dryRun=true", never, token: admin, new), 200),
            Row(policies, .put("/v1/policies/n", never, token: admin, new), 201),
            Row(threshold, .get("/v1/thresholds/n/z"), 200),
            Row(policies, deleting("/v1/policies/n"), 428),
            Row(policies, deleting("/v1/policies/n", ("If-Match", "\"7\"")), 412),
            Row(policies, deleting("/v1/policies/n", any), 204),
            Row(policies, deleting("/v1/policies/n", any), 404),
            Row("\(policies)/versions", .get("/v1/policies/n/versions"), 200),
            Row("\(policies)/versions/{version}", .get("/v1/policies/n/versions/2"), 200),
            Row("/healthz", .get("/healthz"), 200),
            Row("/readyz", .get("/readyz"), 200),
            Row("/metrics", .get("/metrics"), 200),
            Row("/openapi.json", .get("/openapi.json"), 200),
            Row("/version", .get("/version"), 200),
        ]
        delete.fields.removeLast()
        rows.append(Row(threshold, delete, 428))
        for (template, target) in [
            (policies, "/v1/policies/cms-1500"), ("\(policies)/versions/{version}", "/v1/policies/cms-1500/versions/1"),
        ] {
            rows.append(Row(template, Request(target: target, fields: [("If-None-Match", "\"1\"")]), 304))
        }
        return rows
    }

    @Test func `answers are of the statuses, with the headers and of the shapes that are written down`() throws {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let imported = try Program.run("import", "\(Program.root)/examples/coding.jsonl", "--database", database)
        #expect(imported.ending == .exited(0))
        let server = try RunningServer(database: database)
        let admin = try PolicyTests.token(database, role: "admin", name: "a")
        let viewer = try PolicyTests.token(database, role: "viewer", name: "v")
        let decision = try #require(try server.ask(.post(PolicyTests.result)).fields["location"])
        let document = try JSONAny(try server.ask(.get("/openapi.json")).body)
        let checker = SchemaChecker(document: document)
        // Those that an answer has only when there is something to say.
        let occasional = ["Accept-Encoding", "Content-Encoding", "Idempotency-Replayed", "Link", "Location"]
        for row in try Self.rows(admin: admin, viewer: viewer, decision: decision) {
            let name = "\(row.request.method) \(row.request.target) \(row.status)"
            let answer = try server.ask(row.request)
            #expect(answer.status == row.status, "\(name): \(answer.text.prefix(300))")
            let operation = try #require(document["paths"]?[row.template]?[row.request.method.lowercased()], "\(name)")
            let response = checker.resolved(try #require(operation["responses"]?["\(answer.status)"], "\(name) is not written down"))
            for (header, _) in response["headers"]?.members ?? [:] where !occasional.contains(header) {
                #expect(answer.fields[header.lowercased()] != nil, "\(name) lacks \(header)")
            }
            guard let content = response["content"]?.members, !content.isEmpty else {
                #expect(answer.body.isEmpty, "\(name)")
                continue
            }
            let type = try #require(answer.fields["content-type"]?.split(separator: ";").first, "\(name)")
            let schema = try #require(content[String(type)]?["schema"], "\(name): \(type)")
            if type == "text/plain" { continue }
            let faults = checker.faults(try JSONAny(answer.body), schema)
            #expect(faults.isEmpty, "\(name): \(faults) \(answer.text.prefix(500))")
        }
    }

    @Test func `the examples that are written down are of their own shapes`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let document = try JSONAny(try server.ask(.get("/openapi.json")).body)
        let checker = SchemaChecker(document: document)
        let examples = try #require(document["components"]?["examples"]?.members)
        for (name, schema) in [("Result", "Result"), ("Decision", "Decision"), ("Policy", "PolicyMembers")] {
            let value = try #require(examples[name]?["value"])
            #expect(checker.faults(value, try #require(document["components"]?["schemas"]?[schema])).isEmpty, "\(name)")
        }
        // And a wrong one is found to be wrong.
        #expect(
            checker.faults(.object(["documentId": .string("")]), try #require(document["components"]?["schemas"]?["Result"])).count >= 2)
    }

    @Test func `the example of a result is taken as it is written down`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        var value = try JSONSerialization.jsonObject(with: Data(try server.ask(.get("/openapi.json")).body))
        for name in ["components", "examples", "Result", "value"] { value = try #require((value as? [String: Any])?[name]) }
        #expect(try server.ask(.post(Array(try JSONSerialization.data(withJSONObject: value)))).status == 201)
    }
}
