import ArgumentParser
import Service

/// Output to standard output, notes to standard error.
private func report(_ outcome: PolicyCommands.Outcome) throws {
    try write(Output(), outcome.lines)
    for note in outcome.notes { Process.note(note) }
}

struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Look at and change the policies that documents are routed by.",
        subcommands: [List.self, Show.self, Put.self, Retire.self, Diff.self, History.self, Lint.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the policies in force.")

        @OptionGroup var store: StoreOptions

        func run() throws {
            try write(Output(), try PolicyCommands.list(try store.load().settings))
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a policy as JSON.",
            discussion: """
                EXAMPLES
                  sluice policy show cms-1500
                  sluice policy show cms-1500 --version 3 > old.json && sluice policy put old.json --reason "roll back"
                """)

        @OptionGroup var store: StoreOptions
        @Argument(help: "The document type, or `*`.") var documentType: String
        @Option(name: .customLong("version"), help: ArgumentHelp("Which version; default: the one in force.", valueName: "number"))
        var number: VersionNumber?

        func run() throws {
            try write(Output(), [try PolicyCommands.show(try store.load().settings, documentType, version: number?.number)])
        }
    }

    struct Put: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a policy in force, as a new version.",
            discussion: """
                A policy equal to the one in force makes no version. A running server works by the new one from when the command ends. \
                Makes the database, with the starting policies, when it is missing. Warns of rules that met nothing in the newest 10,000 \
                decisions of the type. In YAML, write codes of digits in quotes; a threshold of null is never: a human looks at each.

                EXAMPLES
                  sluice policy put cms-1500.yaml --dry-run
                  sluice policy put cms-1500.yaml --reason "stricter on dates"
                  sluice policy show cms-1500 | sed 's/0.97/0.98/' | sluice policy put - --if-match 12
                """)

        @OptionGroup var store: StoreOptions
        @Argument(help: "A policy in JSON or YAML; `-` for standard input.") var file: String
        @Option(help: ArgumentHelp("Refuse unless this version is in force.", valueName: "number")) var ifMatch: VersionNumber?
        @Option(help: "Why, for the audit trail.") var reason: String?
        @Flag(help: "Print what would change, with the warnings, and change nothing.") var dryRun = false

        func run() throws {
            let settings = try store.load().settings
            try report(
                dryRun
                    ? try PolicyCommands.tryPut(settings, file: file, ifMatch: ifMatch?.number)
                    : try PolicyCommands.put(settings, file: file, ifMatch: ifMatch?.number, reason: reason))
        }
    }

    struct Retire: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a policy out of force.",
            discussion: """
                Makes a version that says so; the earlier ones stay. From then on documents of the type are decided as those of a type \
                without a policy. `sluice policy put` puts one in force again.

                EXAMPLES
                  sluice policy retire radiology-reprt --reason "misspelt"
                """,
            aliases: ["delete"])

        @OptionGroup var store: StoreOptions
        @Argument(help: "The document type, or `*`.") var documentType: String
        @Option(help: ArgumentHelp("Refuse unless this version is in force.", valueName: "number")) var ifMatch: VersionNumber?
        @Option(help: "Why, for the audit trail.") var reason: String?

        func run() throws {
            Process.note(
                try PolicyCommands.retire(try store.load().settings, documentType, ifMatch: ifMatch?.number, reason: reason))
        }
    }

    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Find rules that never match, never decide, or look mistaken.",
            discussion: """
                Compares rules, floors, and required and optional names with the newest 10,000 decisions of the type, and with each \
                other, and guesses what was meant. Without an argument it looks at every policy in force.

                EXAMPLES
                  sluice policy lint
                  sluice policy lint radiology-report
                  sluice policy lint cms-1500.yaml --strict
                """)

        @OptionGroup var store: StoreOptions
        @Argument(help: "A document type, or a file; `-` for standard input.") var what: String?
        @Flag(help: "Exit with 65 when there is anything to say.") var strict = false

        func run() throws {
            let lines = try PolicyCommands.lint(try store.load().settings, what)
            try write(Output(), lines)
            if lines.isEmpty { Process.note("nothing suspicious") }
            if strict, !lines.isEmpty {
                throw Failure(.badData, "what stands above looks mistaken. Change it, or leave out --strict.")
            }
        }
    }

    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what differs between two versions of a policy, or between a file and the policy in force.",
            usage: """
                sluice policy diff <document-type> <version> [<version>]
                sluice policy diff <file>
                """,
            discussion: """
                With one version, the other is the one in force.

                EXAMPLES
                  sluice policy diff cms-1500 11 12
                  sluice policy diff cms-1500 11
                  sluice policy diff cms-1500.yaml
                """)

        @OptionGroup var store: StoreOptions
        @Argument(help: "A document type and one or two versions, or a file.") var what: [String]

        func validate() throws {
            guard (1...3).contains(what.count) else { throw ValidationError("Name a document type and one or two versions, or a file.") }
            for text in what.dropFirst() where VersionNumber(argument: text) == nil {
                throw ValidationError("`\(text)` is not a version number.")
            }
        }

        func run() throws {
            let settings = try store.load().settings
            let versions = what.dropFirst().compactMap { VersionNumber(argument: $0)?.number }
            var outcome = PolicyCommands.Outcome()
            if let from = versions.first {
                outcome.lines = try PolicyCommands.difference(settings, what[0], from: from, to: versions.count > 1 ? versions[1] : nil)
            } else {
                outcome = try PolicyCommands.difference(settings, file: what[0])
            }
            if outcome.lines.isEmpty { outcome.notes.insert("no difference", at: 0) }
            try report(outcome)
        }
    }

    struct History: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the versions of a policy, newest first.")

        @OptionGroup var store: StoreOptions
        @Argument(help: "The document type, or `*`.") var documentType: String

        func run() throws {
            try write(Output(), try PolicyCommands.history(try store.load().settings, documentType))
        }
    }
}
