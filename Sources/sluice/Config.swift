import ArgumentParser
import Service

struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at the settings.", subcommands: [Show.self, Defaults.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the settings in force and where each came from; secrets are redacted.",
            usage: "sluice config show [--config <path>] [--<setting> <value> ...]",
            discussion: """
                Takes the same flags as `sluice serve`, so that it shows what that command would work by. The output is YAML.

                EXAMPLES
                  sluice config show
                  SLUICE_PORT=9000 sluice config show --config /etc/sluice.yaml
                """)

        @Argument(parsing: .allUnrecognized, help: .hidden)
        var settings: [String] = []

        func run() throws {
            let output = Output()
            try output.write(SettingsText.inForce(try Process.settings(settings)).utf8)
            try output.flush()
        }
    }

    struct Defaults: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a settings file with every setting, its meaning, range and default.",
            discussion: """
                EXAMPLE
                  sluice config defaults > sluice.yaml
                """)

        func run() throws {
            let output = Output()
            try output.write(SettingsText.defaultsFile.utf8)
            try output.flush()
        }
    }
}
