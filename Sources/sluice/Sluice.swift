import ArgumentParser
import Service

@main
struct Sluice: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: Product.name,
        abstract: "Routes document-engine results by confidence and logs every decision before it is answered.",
        discussion: """
            EXAMPLES
              sluice serve --port 8080 --database /var/lib/sluice/sluice.sqlite
              sluice policy put cms-1500.yaml --reason "first version"
              zcat results.jsonl.gz | sluice route > decisions.jsonl
              sluice import reviewed-2025.jsonl.gz
              sluice replay

            SETTINGS
              Each is taken from a flag, else from a SLUICE_ variable, else from the file named by --config or SLUICE_CONFIG, else its
              default. All of them: sluice config defaults. Those in force: sluice config show.

            EXIT STATUS
            \(CommandStatus.allCases.map { "  \($0.rawValue)  \($0.meaning)" }.joined(separator: "\n"))
            """,
        version: "\(Product.name) \(Product.version)",
        subcommands: [
            Serve.self, Migrate.self, Config.self, TokenCommand.self, PolicyCommand.self, Route.self, Import.self, Replay.self,
            ModelCommand.self, Certify.self, CertificateCommand.self, Thresholds.self, Evaluate.self, Explain.self, Backup.self,
            Restore.self, Verify.self, Version.self,
        ])

    /// Runs one command; every error becomes an exit status and a message in one place.
    static func main() {
        var command: any ParsableCommand
        do {
            command = try parseAsRoot()
        } catch {
            exit(withError: error)
        }
        do {
            Process.ignoreBrokenPipes()
            try command.run()
        } catch {
            // The parser's own errors, help and version among them, are success or misuse to it; it calls ours mere failures.
            let status = exitCode(for: error)
            if status == .success || status == .validationFailure { exit(withError: error) }
            Process.exit(Failure(error))
        }
    }
}

/// Where a command finds its database: for all commands but `serve`, whose flags are all the settings.
struct StoreOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The SQLite database; default: the setting `database`.", valueName: "path"))
    var database: String?

    @Option(help: ArgumentHelp("The settings file; default: SLUICE_CONFIG, else none.", valueName: "path"))
    var config: String?

    /// The settings, with these flags as the last source.
    func load() throws -> LoadedSettings {
        var arguments: [String] = []
        if let config { arguments.append("\(SettingsLoader.configFlag)=\(config)") }
        if let database { arguments.append("--database=\(database)") }
        return try Process.settings(arguments)
    }
}

/// Writes lines and lets nothing wait.
func write(_ output: Output, _ lines: [String]) throws {
    for line in lines { try output.write(line: line) }
    try output.flush()
}
