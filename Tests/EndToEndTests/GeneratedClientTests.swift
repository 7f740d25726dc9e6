import Foundation
import TestSupport
import Testing

/// Clients that common generators make of the contract, as the server answers it: each posts a result, reads its decision, puts a
/// threshold and is refused a stale one.
@Suite(.serialized) struct GeneratedClientTests {
    static let clients = "\(Program.root)/Tests/EndToEndTests/Clients"

    /// The contract and a client made of it in a folder, and a token for it.
    private func prepared(_ generator: String, _ directory: TemporaryDirectory) throws -> (server: RunningServer, token: String) {
        let server = try RunningServer(database: directory + "a.sqlite", anonymous: nil)
        let token = try PolicyTests.token(directory + "a.sqlite", role: "admin", name: "a")
        try System.makeFile(directory + "contract.json", try server.ask(.get("/openapi.json")).body)
        _ = try Python.run(
            "/bin/sh", ["\(Self.clients)/generate.sh", Python.tools, directory + "contract.json", directory + "client", generator])
        return (server, token)
    }

    @Test(arguments: [
        ("openapi-generator-python", "openapi-generator-cli", "dateutil"), ("openapi-python-client", "openapi-python-client", "httpx"),
        ("datamodel-code-generator", "datamodel-codegen", "pydantic"),
    ]) func `a client made in Python works`(generator: String, tool: String, module: String) throws {
        guard Program.exists("\(Python.tools)/bin/\(tool)"), let python = Python.having(module) else {
            return try Python.skip(generator, "it is not installed (scripts/bootstrap.sh test)")
        }
        if generator == "openapi-generator-python", Program.tool("java") == nil {
            return try Python.skip(generator, "java is not installed")
        }
        let directory = try TemporaryDirectory()
        let (server, token) = try prepared(generator, directory)
        let output = try python.run(
            "\(Self.clients)/\(generator).py", directory + "client", "http://127.0.0.1:\(server.port)", token,
            "\(Program.root)/examples/claim.json")
        #expect(output == "posted, read, put review\n" || output == "posted, read, put Route.REVIEW\n")
    }

    @Test func `a client made in Java works`() throws {
        let annotations = "/usr/share/java/geronimo-annotation-1.3-spec.jar"
        guard Program.exists("\(Python.tools)/bin/openapi-generator-cli"), let javac = Program.tool("javac"),
            let java = Program.tool("java"),
            Program.exists(annotations)
        else { return try Python.skip("openapi-generator-java", "the generator, a JDK or \(annotations) is not installed") }
        // The generator has in it what its clients need: Jackson.
        let jar = try Python(path: "\(Python.tools)/bin/python3").run(
            "-c", "import openapi_generator_cli as m, os; print(os.path.join(os.path.dirname(m.__file__), 'openapi-generator.jar'))")
        let path = "\(jar.trimmingCharacters(in: .whitespacesAndNewlines)):\(annotations)"
        let directory = try TemporaryDirectory()
        let (server, token) = try prepared("openapi-generator-java", directory)
        let made = directory + "client/src/main/java/"
        let sources = try FileManager.default.subpathsOfDirectory(atPath: made).filter { $0.hasSuffix(".java") }.map { made + $0 }
        #expect(sources.count > 20)
        _ = try Python.run(javac, ["-nowarn", "-d", directory + "classes", "-cp", path, "\(Self.clients)/Check.java"] + sources)
        let output = try Python.run(
            java,
            [
                "-cp", "\(path):\(directory + "classes")", "Check", "http://127.0.0.1:\(server.port)", token,
                "\(Program.root)/examples/claim.json",
            ])
        #expect(output == "posted, read, put review\n")
    }
}
