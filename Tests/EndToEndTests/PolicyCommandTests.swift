import TestSupport
import Testing

/// The commands that change policies, run as the lead of a coding team runs them.
@Suite struct PolicyCommandTests {
    private static let mistaken = """
        documentType: radiology-report
        threshold: 0.9
        rules:
          - {diagnosis: J18, threshold: 0.5}
          - {diagnosis: "M25.561", population: nowhere, threshold: 0.6}
          - {field: "71046", threshold: 0.7}
        floors:
          - {diagnosis: "J96.*", threshold: null}
        """

    @Test func `rules that match nothing are told of when they are tried, put and linted`() throws {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let file = directory + "radiology.yaml"
        try System.makeFile(file, Array(Self.mistaken.utf8))
        let imported = try Program.run("import", "\(Program.root)/examples/coding.jsonl", "--database", database)
        #expect(imported.ending == .exited(0), "\(imported.errors)")
        let tried = try Program.run("policy", "put", file, "--dry-run", "--database", database)
        #expect(tried.ending == .exited(0), "\(tried.errors)")
        #expect(tried.output.contains("+++ \(file)"))
        #expect(tried.errors.contains("radiology-report: would be version 2; nothing was changed"))
        let shown = try Program.run("policy", "show", "radiology-report", "--database", database)
        #expect(!shown.output.contains("M25.561"))
        let put = try Program.run("policy", "put", file, "--database", database)
        #expect(put.errors.contains("radiology-report: version 2"))
        let linted = try Program.run("policy", "lint", "radiology-report", "--database", database)
        #expect(linted.ending == .exited(0))
        for output in [tried.errors, put.errors, linted.output] {
            #expect(output.contains("/rules/0: met no item of the last 200 decisions; did you mean `J18*`, as of `J18.9`?"))
            #expect(output.contains("/rules/1: met no item of the last 200 decisions"))
            #expect(output.contains("/rules/2: met no item of the last 200 decisions; `71046` is a procedure"))
        }
        let strict = try Program.run("policy", "lint", "--strict", "--database", database)
        #expect(strict.ending == .exited(65))
        let diff = try Program.run("policy", "diff", file, "--database", database)
        #expect(diff.errors.contains("no difference") && diff.errors.contains("warning: radiology-report /rules/1"))
        let misspelt = directory + "misspelt.yaml"
        try System.makeFile(misspelt, Array("documentType: radiology-reprt\nthreshold: 0.9\n".utf8))
        let made = try Program.run("policy", "put", misspelt, "--database", database)
        #expect(made.errors.contains("did you mean `radiology-report`?"))
        let nothing = try Program.run("policy", "lint", "no-such-thing", "--database", database)
        #expect(nothing.ending == .exited(66))
    }

    @Test func `a retired policy is out of force in a running server before the command returns`() throws {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let server = try RunningServer(database: database)
        let file = directory + "t.yaml"
        try System.makeFile(file, Array("documentType: t\nthreshold: 0\n".utf8))
        for round in 0..<2 {
            let put = try Program.run("policy", "put", file, "--database", database)
            #expect(put.ending == .exited(0), "\(put.errors)")
            #expect(try server.ask(.post(PolicyTests.result)).decision.policyVersion == 1 + 2 * round)
            let stale = try Program.run("policy", "retire", "t", "--if-match", "9", "--database", database)
            #expect(stale.ending == .exited(75))
            let retired = try Program.run(
                "policy", round == 0 ? "retire" : "delete", "t", "--reason", "misspelt", "--database", database)
            #expect(retired.ending == .exited(0), "\(retired.errors)")
            #expect(try server.ask(.post(PolicyTests.result)).decision.policy == "*")
        }
        let history = try Program.run("policy", "history", "t", "--database", database)
        #expect(history.output.split(separator: "\n").filter { $0.contains("retired") && $0.contains("misspelt") }.count == 2)
        #expect(try Program.run("policy", "retire", "t", "--database", database).ending == .exited(66))
        #expect(try Program.run("policy", "show", "t", "--database", database).ending == .exited(66))
        #expect(try Program.run("policy", "show", "t", "--version", "4", "--database", database).ending == .exited(66))
        let replayed = try Program.run("replay", "--database", database)
        #expect(replayed.ending == .exited(0), "\(replayed.output)\(replayed.errors)")
    }

    @Test(arguments: ["requiredFields", "optionalFields", "requiredSections"])
    func `a policy of very many names is refused, and answers to small requests stay small`(list: String) throws {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let server = try RunningServer(database: database)
        let admin = try PolicyTests.token(database, role: "admin", name: "a")
        func policy(_ count: Int) -> String {
            // Names as long as they may be.
            let names = (0..<count).map { "\"\($0)\(String(repeating: "n", count: 250))\"" }.joined(separator: ",")
            return #"{"documentType":"t","threshold":0.5,"\#(list)":[\#(names)]}"#
        }
        let refused = try server.ask(.put("/v1/policies/t", policy(20_000), token: admin, ("If-None-Match", "*")))
        #expect(refused.status == 422)
        #expect(try refused.problem.errors?.first?.pointer == "/\(list)")
        let taken = try server.ask(.put("/v1/policies/t", policy(1_000), token: admin, ("If-None-Match", "*")))
        #expect(taken.status == 201)
        let answer = try server.ask(.post(PolicyTests.result))
        #expect(answer.status == 201)
        #expect(answer.body.count < 320_000)
    }
}
