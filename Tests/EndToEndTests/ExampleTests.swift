import Foundation
import TestSupport
import Testing

/// What README and examples promise, done with the program as it was built.
@Suite struct ExampleTests {
    @Test func `the answer that README shows is the answer`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let answer = try server.ask(.post(try Program.file("examples/claim.json")))
        #expect(answer.status == 201)

        let readme = try Program.text("README.md")
        let shown = try #require(readme.components(separatedBy: "```json\n").dropFirst().first?.components(separatedBy: "\n```").first)
        var promised = try #require(try JSONSerialization.jsonObject(with: Data(shown.utf8)) as? NSDictionary as? [String: NSObject])
        var given = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? NSDictionary as? [String: NSObject])
        // Those two are new each time.
        for name in ["id", "decidedAt"] {
            #expect(promised.removeValue(forKey: name) != nil)
            #expect(given.removeValue(forKey: name) != nil)
        }
        #expect(promised == given)
    }

    @Test func `a decision is read back byte for byte as it was answered`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let connection = try server.connect()
        for name in ["claim", "note"] {
            let posted = try connection.ask(.post(try Program.file("examples/\(name).json")))
            #expect(posted.status == 201)
            let location = try #require(posted.fields["location"])
            #expect(location == "/v1/decisions/\(try posted.decision.id)")
            let read = try connection.ask(.get(location))
            #expect(read.status == 200)
            #expect(read.body == posted.body)
        }
    }

    @Test func `every value of the examples is absent from the database and the log`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        #expect(try server.ask(.post(try Program.file("examples/claim.json"))).status == 201)
        #expect(try server.stop() == .exited(0))
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        // What is to be found is found.
        #expect(try System.contents(of: directory + "a.sqlite").firstRange(of: Array("claim-000123".utf8)) != nil)
        for value in ["Amanda Campbell", "1980-01-02", "NKH307319865", "2797731512"] {
            for file in files {
                #expect(try System.contents(of: directory + file).firstRange(of: Array(value.utf8)) == nil, "\(value) is in \(file)")
            }
            #expect(!server.process.errorText.contains(value))
        }
    }

    @Test func `a document type without a policy never flows on by itself`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        for items in [
            #""fields": [{"name": "a", "value": "v", "confidence": 1}]"#,
            #""pairs": [{"procedure": "1", "diagnosis": "2", "confidence": 1}]"#,
            #""fields": [{"name": "a", "value": "v", "confidence": 1}], "sections": ["findings", "impression"]"#,
        ] {
            let decision = try server.ask(.post(Array(#"{"documentType": "never-heard-of", "documentId": "d", \#(items)}"#.utf8))).decision
            #expect(decision.route == "review")
            #expect(decision.policy == "*")
            #expect(decision.items.allSatisfy { $0.threshold == nil && $0.reasons.map(\.code) == ["below-threshold"] })
        }
    }

    @Test func `the starting policies let a clean document flow on, and stop it when one field falls short`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let names = [
            "claim.number", "patient.name", "member.id", "service.date", "amount.billed", "amount.allowed", "amount.paid",
            "amount.patientResponsibility",
        ]
        func letter(_ confidence: (String) -> String) -> [UInt8] {
            let fields = names.map { #"{"name": "\#($0)", "value": "v", "confidence": \#(confidence($0))}"# }.joined(separator: ",")
            return Array(#"{"documentType": "explanation-of-benefits", "documentId": "d", "fields": [\#(fields)]}"#.utf8)
        }
        #expect(try server.ask(.post(letter { _ in "0.97" })).decision.route == "confident")
        #expect(try server.ask(.post(letter { $0 == "member.id" ? "0.5" : "0.97" })).decision.route == "review")
        #expect(try server.ask(.post(letter { $0 == "member.id" ? "null" : "0.97" })).decision.route == "review")
    }

    @Test(arguments: ["ocr", "coding"])
    func `all example results are decided in one NDJSON body`(name: String) throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let lines = try Program.file("examples/\(name).jsonl").split(separator: UInt8(ascii: "\n"))
        let results = try lines.map { line in
            var result = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            result["review"] = nil
            return try JSONSerialization.data(withJSONObject: result)
        }
        let answer = try server.ask(.post(Array(results.joined(separator: [UInt8(ascii: "\n")])), type: "application/x-ndjson"))
        #expect(answer.status == 200)
        let decisions = try answer.body.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(DecisionBody.self, from: Data($0))
        }
        struct Identified: Decodable { var documentId: String }
        #expect(try decisions.map(\.documentId) == lines.map { try JSONDecoder().decode(Identified.self, from: Data($0)).documentId })
        #expect(decisions.allSatisfy { $0.policy == $0.documentType })
        #expect(try server.decisions().map(\.id) == decisions.map(\.id).reversed())
    }
}
