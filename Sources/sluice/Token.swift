import ArgumentParser
import Service

struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make, rotate, list and revoke the tokens of callers.",
        subcommands: [Create.self, Rotate.self, List.self, Revoke.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token and print it, once: only its hash is kept.",
            discussion: """
                The token alone goes to standard output. A running server takes it from when the command ends. Makes the database when it is missing.

                EXAMPLES
                  sluice token create --role engine --name scanner-1 > scanner-1.token
                  sluice token create --role admin --name maria
                  sluice token create --role viewer --name audit-2027 --expires 2027-03-31
                """)

        @OptionGroup var store: StoreOptions
        @Option(help: "What it may do: engine, reviewer, viewer or admin.") var role: TokenRole
        @Option(help: "Whom the audit trail names; never used twice.") var name: String
        @Option(
            help: ArgumentHelp("Until when it is taken: a date (to its end, in UTC), a time, or a span such as 90d.", valueName: "when"))
        var expires: String?

        func run() throws {
            let (text, note) = try TokenCommands.create(try store.load().settings, name: name, role: role.name, expires: expires)
            try write(Output(), [text])
            Process.note(note)
        }
    }

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a token's name a new secret and print it, once; those before go on for a while.",
            discussion: """
                Decisions and idempotency keys belong to the name, so a client that changes over loses nothing: give it the new token within the \
                time that the old one is kept. `sluice token list` shows by the day of last use whether anybody still has the old one. With \
                --keep 0 the old ones are refused from when the command ends.

                EXAMPLES
                  sluice token rotate scanner-1 > scanner-1.token
                  sluice token rotate scanner-1 --keep 7d --expires 365d > scanner-1.token
                """)

        @OptionGroup var store: StoreOptions
        @Argument(help: "The token's name.") var name: String
        @Option(help: ArgumentHelp("How long the secrets before are taken at most, such as 90s, 30m, 24h, 7d or 0.", valueName: "span"))
        var keep = "24h"
        @Option(
            help: ArgumentHelp(
                "Until when the new one is taken: a date (to its end, in UTC), a time, or a span such as 90d.", valueName: "when"))
        var expires: String?

        func run() throws {
            let (text, note) = try TokenCommands.rotate(try store.load().settings, name: name, keep: keep, expires: expires)
            try write(Output(), [text])
            Process.note(note)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the tokens, a line for each of their secrets, revoked and expired ones too; never their text.",
            discussion: "The day of last use is that of UTC, and written once a day.")

        @OptionGroup var store: StoreOptions

        func run() throws {
            try write(Output(), try TokenCommands.list(try store.load().settings))
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke a token: a running server refuses it from when the command ends.",
            discussion: """
                EXAMPLE
                  sluice token revoke --name scanner-1
                """)

        @OptionGroup var store: StoreOptions
        @Option(help: "The token's name.") var name: String

        func run() throws {
            Process.note(try TokenCommands.revoke(try store.load().settings, name: name))
        }
    }
}
