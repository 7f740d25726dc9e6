import Foundation
import TestSupport
import Testing

/// What Python's usual clients do, done by them.
@Suite struct PythonClientTests {
    @Test(arguments: ["urllib", "requests", "httpx"])
    func `a client that sends all before it reads is answered whole and in order, also under its key again`(client: String) throws {
        guard let python = Python.having(client) else { return try Python.skip("half-duplex \(client)", "Python has no \(client)") }
        let directory = try TemporaryDirectory()
        let server = try RunningServer(
            database: directory + "a.sqlite", flags: ["--access-log", "false", "--write-timeout-milliseconds", "5000"])
        let descriptors = try server.descriptors().count
        let output = try python.run(
            "\(Program.root)/Tests/EndToEndTests/Clients/half-duplex.py", client, "http://127.0.0.1:\(server.port)", "10000",
            "\(Program.root)/examples/claim.json")
        #expect(output == "right and in order: 10000\n")
        #expect(try server.decisions().count == 10_000)
        #expect(try server.peakMemory() < 96 << 20)
        // The spill's one file, and what readers of the database opened.
        #expect(try server.descriptors().count <= descriptors + 12)
        #expect(try server.ask(.get("/metrics")).text.contains("\nsluice_spilled_bytes 0\n"))
    }

    @Test func `what README says a client in Python does is done`() throws {
        guard let python = Python.having("requests") else { return try Python.skip("README in Python", "Python has no requests") }
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let server = try RunningServer(database: database, anonymous: nil)
        let token = try PolicyTests.token(database, role: "engine", name: "scanner-1")
        let shown = try #require(
            try Program.text("README.md").components(separatedBy: "```python\n").dropFirst().first?.components(separatedBy: "\n```").first)
        let code = shown.replacing("http://127.0.0.1:8080", with: "http://127.0.0.1:\(server.port)").replacing(
            "\"…\"", with: "\"\(token)\"")
        #expect(code.contains(token))
        let claim = try Program.text("examples/claim.json").split(separator: "\n").joined()
        let lines = (0..<500).map { claim.replacing("claim-000123", with: "claim-\($0) ä") } + ["{\"documentType\": 1}", claim]
        try System.makeFile(directory + "results.jsonl", Array(lines.joined(separator: "\n").utf8))
        let use = """

            import sys
            one = json.load(open(sys.argv[1], encoding="utf-8"))
            assert decide(one) == decide(one)
            answers = list(decide_all(sys.argv[2], "batch-1"))
            assert [a.get("documentId") for a in answers[:500]] == [f"claim-{n} ä" for n in range(500)]
            assert answers[500]["line"] == 501 and answers[500]["status"] == 400
            assert list(decide_all(sys.argv[2], "batch-1"))[:500] == answers[:500]
            print("done")
            """
        try System.makeFile(directory + "readme.py", Array((code + use).utf8))
        let output = try python.run(directory + "readme.py", "\(Program.root)/examples/claim.json", directory + "results.jsonl")
        #expect(output == "done\n")
        #expect(try Program.run("verify", "--database", database).ending == .exited(0))
    }
}

/// A Python with some module: that of the environment which `scripts/bootstrap.sh test` makes, else the system's.
struct Python {
    let path: String

    /// The virtual environment with the tools of the tests.
    static let tools = "\(Program.root)/.build/test-tools"

    static func having(_ module: String) -> Python? {
        let all = ["\(tools)/bin/python3"] + [Program.tool("python3")].compactMap { $0 }
        return all.filter { Program.exists($0) }.map { Python(path: $0) }.first { (try? $0.run("-c", "import \(module)")) != nil }
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// What it printed; throws what it complained of.
    @discardableResult
    func run(_ arguments: String...) throws -> String { try Python.run(path, arguments) }

    static func run(_ command: String, _ arguments: [String]) throws -> String {
        let environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"]
        let process = try ChildProcess(command, arguments, environment: environment)
        guard try process.wait() == .exited(0) else {
            throw Failure(description: String((process.outputText + process.errorText).suffix(3_000)))
        }
        return process.outputText
    }

    /// Ends a test that cannot be done here, and says why.
    static func skip(_ what: String, _ why: String) throws { try Test.cancel("\(what): \(why)") }
}
