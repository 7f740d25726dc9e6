import ArgumentParser
import Service

struct Route: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Decide results from files or standard input, without a server.",
        discussion: """
            Input is NDJSON, a result a line as in POST /v1/decisions, gzip or not; output is NDJSON, a decision a line in the same order, or \
            a problem object with the number of the line over all input. Policies are those of --policies, else of the database, else, where \
            there is no database, the built-in ones. Nothing is logged unless --log is given; then every decision is on disk before it is written out. \
            Refused lines end the command with status 65 only if all were refused, or with --strict. A member `review`, as past results have, is left aside.

            EXAMPLES
              sluice route results.jsonl.gz > decisions.jsonl
              zcat *.jsonl.gz | sluice route --policies config/policies | grep '"route":"review"'
              tail -f results.jsonl | sluice route --log
            """)

    @OptionGroup var store: StoreOptions
    @Argument(help: "Files of results; default and `-`: standard input.") var files: [String] = []
    @Option(help: ArgumentHelp("Decide by the policies (*.yaml, *.json) of this directory.", valueName: "directory")) var policies: String?
    @Flag(help: "Log the decisions in the database; it is made when missing.") var log = false
    @Flag(help: "Fail (65) when any line was refused.") var strict = false

    func validate() throws {
        if log, policies != nil {
            throw ValidationError(
                "--log decides by the database's policies: leave --policies out, or put them there first (sluice policy put).")
        }
    }

    func run() throws {
        let summary = try RouteFiles.run(
            files: files.isEmpty ? ["-"] : files, loaded: try store.load(), policiesDirectory: policies, log: log, strict: strict,
            output: Output(), report: Process.note)
        Process.note(summary)
    }
}
