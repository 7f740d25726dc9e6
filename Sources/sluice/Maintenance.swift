import ArgumentParser
import Service

struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the database up to date, or make it.",
        discussion: """
            `sluice serve` does the same when it starts. An empty database gets the starting policies.

            EXAMPLE
              sluice migrate --database /var/lib/sluice/sluice.sqlite
            """)

    @OptionGroup var store: StoreOptions

    func run() throws {
        Process.note(try Maintenance.migrate(try store.load().settings))
    }
}

struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compute every logged decision again from the log and compare.",
        discussion: """
            Changes nothing; a server may run. Prints how many decisions are equal and how many differ, and the first of those that differ. \
            The status is 65 when any differs: the log was tampered with, or this version decides otherwise than the one that answered.

            EXAMPLE
              sluice replay --database backup.sqlite
            """)

    @OptionGroup var store: StoreOptions

    func run() throws {
        let output = Output()
        try Maintenance.replay(try store.load().settings, output: output, report: Process.note)
    }
}

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the database to a new file, consistently, while a server runs.",
        discussion: """
            The copy has mode 0600 and everything that was answered before the command began.

            EXAMPLE
              sluice backup /backups/sluice-$(date +%F).sqlite
            """)

    @OptionGroup var store: StoreOptions
    @Argument(help: "The new file.") var file: String

    func run() throws {
        Process.note(try Maintenance.backup(try store.load().settings, to: file))
    }
}

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a backup in the place of the database; what was there is kept, put aside.",
        discussion: """
            The server must be stopped. The copy is checked as sluice verify does before anything changes, and brought up to date; it stays \
            where it is. The database and its write-ahead log get names that end in .before-TIME. Cut short, the command has either done \
            nothing yet or is finished by the next start of the server. Tokens, policies and keys are those of the backup too.

            EXAMPLE
              sluice restore /backups/sluice-2026-11-27.sqlite --database /var/lib/sluice/sluice.sqlite
            """)

    @OptionGroup var store: StoreOptions
    @Argument(help: "A copy that sluice backup made.") var file: String

    func run() throws {
        Process.note(try Maintenance.restore(try store.load().settings, from: file))
    }
}

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the database: its structure, its references, the hashes of migrations and policies.",
        discussion: """
            Changes nothing; a server may run. What is wrong is printed, a line each, and the status is 65; sluice restore puts a backup in \
            its place.

            EXAMPLE
              sluice verify --database backup.sqlite
            """)

    @OptionGroup var store: StoreOptions

    func run() throws {
        Process.note(try Maintenance.verify(try store.load().settings, output: Output()))
    }
}

struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the version.")

    func run() throws { try write(Output(), ["\(Product.name) \(Product.version)"]) }
}
