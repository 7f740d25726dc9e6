import ArgumentParser
import Service

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Log past results and what reviewers said of them.",
        discussion: """
            Input is NDJSON, gzip or not: a result a line as in POST /v1/decisions, with a member `review` where there was one. Each is decided by \
            the policies in force. A document is known by its type, its id and all that its line says: what was imported before, in whatever file, is \
            counted as known and not imported again, so a longer export of the same work adds what is new, and an import that was cut short is just \
            begun again. With other content (a review that came later) it is a new decision. Every line is accounted for. Lines that are refused are named and skipped; the status is 65 only if all were refused, or with --strict. Makes the \
            database when it is missing; a running server may have it open.

            EXAMPLES
              sluice import reviewed-2025.jsonl.gz reviewed-2026.jsonl.gz
              sluice import --database /var/lib/sluice/sluice.sqlite --strict - < results.jsonl
            """)

    @OptionGroup var store: StoreOptions
    @Argument(help: "Files of results; `-` for standard input.") var files: [String]
    @Option(help: ArgumentHelp("Write what was imported as JSON; `-`: to standard output, in place of the words.", valueName: "file"))
    var json: String?
    @OptionGroup var output: OutputOptions
    @Flag(help: "Fail (65) when any line was refused.") var strict = false

    func run() throws {
        try ImportFiles.run(
            files: files, loaded: try store.load(), strict: strict, json: json, outputs: output.outputs, output: Output(),
            report: Process.note)
    }
}
