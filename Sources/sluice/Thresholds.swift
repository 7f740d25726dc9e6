import ArgumentParser
import Learning
import Service

struct Thresholds: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find thresholds for the fields of documents that keep an accuracy target.", subcommands: [Suggest.self])

    struct Suggest: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Print for each field the threshold that the eye would choose and the one that is certified, or what is missing for it.",
            discussion: """
                Input is NDJSON, gzip or not: a result a line as in POST /v1/decisions, with a member `review`. A value is wrong when the review corrects \
                it; every value of a rejected document is. Documents that nobody reviewed are left aside. The files must be work that was reviewed \
                whatever its confidence (an audit sample), and must not have trained the model.

                The documents are split by --seed: --tune-share of them plans the tests (the order of the thresholds, where to begin, which fields have any \
                hope), the others are tested by the frozen plan. Or give --tune and --certify in place of FILES. --risk is the chance that any \
                of the thresholds breaks its promise: it is shared out evenly among the fields that are opened. A field for itself has an exact test, and \
                needs 299 values without an error for 99 %. Fields that share a threshold (--pool) are tested together, by betting over documents, since \
                the errors of one document come together; nothing is then promised of a single one of them.

                --policy writes a policy of the certified thresholds, for `sluice policy put` or `sluice route --policies`; fields without one are never \
                accepted. With --model the thresholds are for results that `sluice model assess --plain` has assessed.

                EXAMPLES
                  sluice thresholds suggest audited.jsonl.gz --document-type cms-1500 --target 0.95 --policy cms-1500.json
                  sluice thresholds suggest audited.jsonl.gz --target 0.99 --pool kind --schema claim.json --schema lab.json
                """)

        @OptionGroup var settings: SettingsFileOption
        @Argument(help: "Files of reviewed results; `-` for standard input.") var files: [String] = []
        @Option(parsing: .upToNextOption, help: "In place of FILES: the documents that plan.") var tune: [String] = []
        @Option(parsing: .upToNextOption, help: "In place of FILES: the documents that are tested.") var certify: [String] = []
        @Option(parsing: .upToNextOption, help: "Other documents, to try the thresholds on.") var test: [String] = []
        @Option(help: "Only documents of this type; may be given several times.") var documentType: [String] = []
        @Option(help: "The least share of right values among those accepted, between 0 and 1.") var target: Double
        @Option(help: "The chance of a broken promise, above 0 and at most 0.5.") var risk: Double = 0.05
        @Option(
            help: ArgumentHelp(
                "Take --risk for the life of a stream: this is its plan of that number, failed ones counted.", valueName: "number"))
        var opening: Int?
        @Option(help: "What shares a threshold: field (nothing), kind, type or all.") var pool: FieldPooling = .field
        @Option(help: "What counts once in a pool: fields, or documents (the mean share of a document's fields).") var weight: FieldWeight =
            .fields
        @Option(help: "A model file: thresholds on its assessed confidences in place of the engine's.") var model: String?
        @Option(help: "A schema of fields: their kinds, patterns, which are required; may be given several times.") var schema: [String] =
            []
        @Flag(help: "Never accept a value that violates its schema's pattern or check digit.") var refuseViolations = false
        @Option(help: "Of FILES, the share that plans, between 0 and 1.") var tuneShare: Double = 0.25
        @Option(help: "How FILES are split, and the order in which documents are tested.") var seed: UInt64 = 1
        @Option(
            help: ArgumentHelp(
                "Write a policy; of several document types, or where it is a directory, TYPE.json into it.", valueName: "path"))
        var policy: String?
        @Option(
            help: ArgumentHelp(
                "Write all figures, plans and certificates as JSON; `-`: to standard output, in place of the words.", valueName: "path"))
        var json: String?
        @OptionGroup var lines: LineRuleOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if !(target > 0 && target < 1) { throw ValidationError("--target is a share between 0 and 1, as 0.99.") }
            if !(tuneShare > 0 && tuneShare < 1) { throw ValidationError("--tune-share is between 0 and 1.") }
            if !files.isEmpty && !(tune.isEmpty && certify.isEmpty) || files.isEmpty && tune.isEmpty && certify.isEmpty {
                throw ValidationError("Give FILES, or --tune and --certify.")
            }
            if tune.isEmpty != certify.isEmpty { throw ValidationError("--tune and --certify go together.") }
            if (files + tune + certify + test).count(where: { $0 == "-" }) > 1 {
                throw ValidationError("Standard input (`-`) can be read once.")
            }
        }

        func run() throws {
            guard let risk = Risk(delta: risk, scope: opening.map { .life(opening: $0) } ?? .certificate) else {
                throw ValidationError("--risk is above 0 and at most 0.5, --opening 1 or more.")
            }
            var request = FieldThresholdRequest(accuracy: target, risk: risk)
            request.pooling = pool
            request.seed = seed
            request.weight = weight
            var job = SuggestThresholds(request, settings: try settings.load().settings)
            job.files = files
            job.tune = tune
            job.certify = certify
            job.test = test
            job.documentTypes = documentType
            job.tuneShare = tuneShare
            job.seed = seed
            job.model = model
            job.schemas = schema
            job.refusesViolations = refuseViolations
            job.policy = policy
            job.json = json
            job.rules = lines.rules
            job.outputs = output.outputs
            try write(Output(), try job.run(report: Process.note))
        }
    }
}

extension FieldPooling: ExpressibleByArgument {}
extension FieldWeight: ExpressibleByArgument {}
