import ArgumentParser
import Service

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server.",
        usage: "sluice serve [--config <path>] [--<setting> <value> ...]",
        discussion: """
            Makes the database when it is missing and brings it up to date; an empty one gets the starting policies. One server may have \
            a database at a time. SIGTERM and SIGINT finish what is in flight and end it with status 0, a second one ends it at once; \
            SIGHUP reads policies and tokens again (changes by the commands are seen without it).

            EXAMPLES
              sluice serve
              sluice serve --host 127.0.0.1,::1,unix:/run/sluice.sock --port 9000
              sluice serve --config /etc/sluice.yaml --log-level debug
              SLUICE_DATABASE=/var/lib/sluice/sluice.sqlite sluice serve

            SETTINGS
              --config <path>
                  The settings file (YAML). Variable: \(SettingsLoader.configVariable)
            \(SettingsText.flagsHelp)
            """)

    @Argument(parsing: .allUnrecognized, help: .hidden)
    var settings: [String] = []

    func run() throws {
        try RunningService.run(try Process.settings(settings))
    }
}
