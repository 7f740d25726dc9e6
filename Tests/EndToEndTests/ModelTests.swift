import Foundation
import TestSupport
import Testing

/// Models, trained and used as a user does.
@Suite struct ModelTests {
    @Test func `the examples train a model that assesses and explains them`() throws {
        let directory = try TemporaryDirectory()
        let examples = "\(Program.root)/examples/coding.jsonl"
        let all = try Program.text("examples/coding.jsonl").split(separator: "\n")
        let (train, tune) = (directory + "train.jsonl", directory + "tune.jsonl")
        try System.makeFile(train, Array(all[..<150].joined(separator: "\n").utf8))
        try System.makeFile(tune, Array(all[150...].joined(separator: "\n").utf8))
        let model = directory + "model.json"
        let trained = try Program.run("model", "train", "--train", train, "--tune", tune, "--out", model, "--seed", "7")
        #expect(trained.ending == .exited(0), "\(trained.errors)")
        #expect(trained.output.contains("sha256 "))
        let assessed = try Program.run("model", "assess", "--model", model, examples)
        #expect(assessed.ending == .exited(0), "\(assessed.errors)")
        let lines = assessed.output.split(separator: "\n")
        #expect(lines.count == 200)
        #expect(lines.allSatisfy { $0.contains("\"assessment\":{\"score\":") && $0.contains("\"reported\":") })
        #expect(assessed.errors.contains("left unassessed for their"))
        let explained = try Program.run("explain", "--model", model, "--top", "3", train)
        #expect(explained.ending == .exited(0), "\(explained.errors)")
        #expect(explained.output.contains("log-odds"))
        let json = try Program.run("explain", "--model", model, "--json", examples)
        #expect(json.output.hasPrefix("{\"documentId\":"))
    }

    @Test(arguments: [
        (["model", "assess", "--model", "/nowhere/model.json"], 66, "/nowhere/model.json"),
        (["model", "train", "--train", "/nowhere/a.jsonl", "--tune", "b", "--out", "m.json"], 66, "/nowhere/a.jsonl"),
        (["model", "train", "--train", "-", "--tune", "-", "--out", "m.json"], 64, "Standard input"),
        (["model", "train", "--train", "a", "--tune", "b", "--out", "m.json", "--label", "odd"], 64, "--label"),
        (["model", "train", "--train", "a", "--tune", "b", "--out", "m.json", "--procedure", "98"], 64, "0.98"),
        (["explain", "--model", "/nowhere/model.json", "a.json"], 66, "/nowhere/model.json"),
    ])
    func `a wrong call says what is wrong and exits with the status for it`(arguments: [String], status: Int32, mention: String) throws {
        let process = try ChildProcess(Program.path, arguments)
        #expect(try process.wait() == .exited(status), "\(process.errorText)")
        #expect(process.errorText.contains(mention))
    }

    @Test(.enabled("the corpora are not beside the repository") { CommandTests.corpora != nil })
    func `a training that is interrupted leaves nothing`() throws {
        let corpora = try #require(CommandTests.corpora)
        let directory = try TemporaryDirectory()
        let process = try ChildProcess(
            Program.path,
            [
                "model", "train", "--train", "\(corpora)/coding/A-test.jsonl.gz", "--tune", "\(corpora)/coding/A-dev.jsonl.gz", "--out",
                directory + "model.json",
            ])
        let line = process.errorLine { $0.hasPrefix("train: ") }
        #expect(line?.contains("loss on tune") == true)
        process.signal(SIGINT)
        #expect(try process.wait() == .signalled(SIGINT))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    }
}
