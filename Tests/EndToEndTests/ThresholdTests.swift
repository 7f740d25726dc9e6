import TestSupport
import Testing

/// Thresholds for fields, found and routed by as a user does.
@Suite struct ThresholdTests {
    private static let examples = "\(Program.root)/examples/ocr.jsonl"

    @Test func `a suggested policy is put in force and routed by`() throws {
        let directory = try TemporaryDirectory()
        let (policy, database) = (directory + "claims.json", directory + "a.sqlite")
        let suggested = try Program.run(
            "thresholds", "suggest", Self.examples, "--document-type", "cms-1500", "--target", "0.99", "--policy", policy)
        #expect(suggested.ending == .exited(0), "\(suggested.errors)")
        #expect(suggested.output.contains("299 without an error are needed, there are"))
        #expect(suggested.output.contains("policy: \(policy), 0 fields with a certified threshold, 16 without"))
        let put = try Program.run("policy", "put", policy, "--database", database)
        #expect(put.ending == .exited(0), "\(put.errors)")
        let routed = try Program.run("route", Self.examples, "--database", database)
        #expect(routed.ending == .exited(0), "\(routed.errors)")
        let claims = routed.output.split(separator: "\n").filter { $0.contains("\"documentType\":\"cms-1500\"") }
        #expect(claims.count == 50)
        #expect(claims.allSatisfy { $0.contains("\"route\":\"review\"") })
        #expect(claims.allSatisfy { $0.contains("\"threshold\":null") && $0.contains("{\"code\":\"below-threshold\"}") })
    }

    @Test(arguments: [
        (["--target", "99"], 64, "0.99"), (["--target", "0.9", "--document-type", "invoice"], 65, "There are: cms-1500"),
        (["--target", "0.9", "--pool", "kind"], 64, "--schema"), (["--target", "0.9", "--risk", "0"], 64, "--risk"),
        (["--target", "0.9", "--mode", "fixedSequence"], 64, "mode"),
        (["--target", "0.9", "--tune", "a.jsonl", "--certify", "b.jsonl"], 64, "FILES"),
        (["--target", "0.9", "--schema", "/nowhere/schema.json"], 66, "/nowhere/schema.json"),
    ])
    func `a wrong call says what is wrong and exits with the status for it`(arguments: [String], status: Int32, mention: String) throws {
        let process = try ChildProcess(Program.path, ["thresholds", "suggest", Self.examples] + arguments)
        #expect(try process.wait() == .exited(status), "\(process.errorText)")
        #expect(process.errorText.contains(mention))
    }
}
