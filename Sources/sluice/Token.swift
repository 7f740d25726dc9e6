import ArgumentParser
import Service

struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make, list and revoke the tokens of callers.", subcommands: [Create.self, List.self, Revoke.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token and print it, once: only its hash is kept.",
            discussion: """
                The token alone goes to standard output. A running server takes it from when the command ends. Makes the database when it is missing.

                EXAMPLES
                  sluice token create --role engine --name scanner-1 > scanner-1.token
                  sluice token create --role admin --name maria
                """)

        @OptionGroup var store: StoreOptions
        @Option(help: "What it may do: engine, reviewer, viewer or admin.") var role: TokenRole
        @Option(help: "Whom the audit trail names; never used twice.") var name: String

        func run() throws {
            let (text, note) = try TokenCommands.create(try store.load().settings, name: name, role: role.name)
            try write(Output(), [text])
            Process.note(note)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the tokens, revoked ones too; never their text.")

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
