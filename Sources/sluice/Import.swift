import ArgumentParser
import Service

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Log past results and what reviewers said of them.",
        discussion: """
            Input is NDJSON, gzip or not: a result a line as in POST /v1/decisions, with a member `review` where there was one. Each is decided by \
            the policies in force. A file is known by its content: an import that was cut short goes on where it stopped, and a file that is done is \
            not imported again. Lines that are refused are named and skipped; the status is 65 only if all were refused, or with --strict. Makes the \
            database when it is missing; a running server may have it open.

            EXAMPLES
              sluice import reviewed-2025.jsonl.gz reviewed-2026.jsonl.gz
              sluice import --database /var/lib/sluice/sluice.sqlite --strict - < results.jsonl
            """)

    @OptionGroup var store: StoreOptions
    @Argument(help: "Files of results; `-` for standard input, which cannot be recognised when it comes again.") var files: [String]
    @Flag(help: "Fail (65) when any line was refused.") var strict = false

    func run() throws {
        try ImportFiles.run(files: files, loaded: try store.load(), strict: strict, output: Output(), report: Process.note)
    }
}
