import ArgumentParser
import Learning
import Service

struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Train models that say how sure an item is, and assess results with them.",
        subcommands: [Train.self, Assess.self])

    struct Train: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Train a model on reviewed results and write it to a file.",
            discussion: """
                Input is NDJSON, gzip or not: a result a line as in POST /v1/decisions, with a member `review`. Results that nobody reviewed are left \
                aside. Every line is accounted for; a document may be in one of the files only, and once. Features are found in the train files; the tune files end the training, choose between learners, and calibrate. Neither \
                may be used to certify a threshold afterwards: the model knows its documents again. The same files, flags and seed give the same bytes. Nothing is written until the \
                model is whole.

                --label document teaches that a document was approved unchanged; --label item, that each item's codes were right, and weighs them into \
                the document's score so that it captures most at the accuracies --procedure and --diagnosis.

                EXAMPLES
                  sluice model train --train 2025.jsonl.gz --tune 2026-01.jsonl.gz --out model.json
                  sluice model train --train train.jsonl --tune tune.jsonl --label document --learner best --out model.json
                """)

        @OptionGroup var settings: SettingsFileOption
        @Option(parsing: .upToNextOption, help: "Files to learn from; `-` for standard input.") var train: [String]
        @Option(parsing: .upToNextOption, help: "Files to end, choose and calibrate by: other documents, newer ones if there are.")
        var tune: [String]
        @Option(help: "The model file.") var out: String
        @Option(help: "What is learned: document or item.") var label: LabelKind = .item
        @Option(help: "What it may look at: situated (all evidence) or nonsituated (the codes alone).") var kind: ModelKind = .situated
        @Option(help: "boosted, logistic, or best: the better on tune.") var learner: LearnerChoice = .boosted
        @Option(help: "Learn from this population only.") var population: String?
        @Option(help: "What the draws of trees begin with.") var seed: UInt64 = 1
        @Option(help: "The accuracy of procedures that the score is weighed for.") var procedure: Double = 0.98
        @Option(help: "The accuracy of primary diagnoses that the score is weighed for.") var diagnosis: Double = 0.95
        @Option(help: "A schema of fields: values are compared with its patterns and check digits; may be given several times.")
        var schema: [String] = []
        @Option(help: "Leave out what the engine saw (evidence) or what values look like (format); may be given several times.")
        var without: [FeatureGroup] = []
        @Flag(help: "Give values that violate their schema no confidence, whatever else speaks for them.") var refuseViolations = false
        @Option(
            help: ArgumentHelp(
                "Also write the rows of features and the labels, as numpy's .npy, into this directory: to compare other learners with.",
                valueName: "directory"))
        var features: String?
        @Option(
            help: ArgumentHelp("Write what was read and made as JSON; `-`: to standard output, in place of the words.", valueName: "file"))
        var json: String?
        @OptionGroup var lines: LineRuleOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            for accuracy in [procedure, diagnosis] where !(accuracy > 0 && accuracy < 1) {
                throw ValidationError("An accuracy is between 0 and 1, as 0.98.")
            }
            if refuseViolations, schema.isEmpty { throw ValidationError("--refuse-violations needs a --schema to violate.") }
            if (train + tune).count(where: { $0 == "-" }) > 1 { throw ValidationError("Standard input (`-`) can be read once.") }
        }

        func run() throws {
            var job = TrainModel(train: train, tune: tune, out: out, settings: try settings.load().settings)
            job.rules = lines.rules
            job.outputs = output.outputs
            job.json = json
            job.featuresDirectory = features
            job.request.label = label
            job.request.kind = kind
            job.request.learner = learner.learner
            job.request.population = population
            job.request.seed = seed
            job.request.features.leftOut = without.isEmpty ? nil : Array(Set(without)).sorted { $0.rawValue < $1.rawValue }
            job.request.refusesViolations = refuseViolations
            job.schemas = schema
            job.request.accuracies = [.procedure: procedure, .primaryDiagnosis: diagnosis]
            try write(Output(), try job.run(report: Process.note))
        }
    }

    struct Assess: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Assess results by a model.",
            discussion: """
                Input is NDJSON, gzip or not, a result a line; output is the same lines. Of each item, `confidence` is the assessed one, and what the \
                engine said is `reported`; `assessment` has the document's score, which thresholds are set on, its confidence and the model's hash. \
                Document types, fields and codes that the model was not trained on are left unassessed: null, so that they are not accepted, \
                and `unassessed` says why. Lines that are refused are named and left out; the status is 65 only if all were \
                refused, or with --strict.

                EXAMPLES
                  sluice model assess --model model.json results.jsonl.gz > assessed.jsonl
                  tail -f results.jsonl | sluice model assess --model model.json
                  sluice model assess --plain --model model.json results.jsonl | sluice route --policies policies
                """)

        @OptionGroup var settings: SettingsFileOption
        @Option(help: "The model file.") var model: String
        @Argument(help: "Files of results; default and `-`: standard input.") var files: [String] = []
        @Flag(help: "Write nothing but results, as POST /v1/decisions and `sluice route` take them: without `reported` and `assessment`.")
        var plain = false
        @Flag(help: "Fail (65) when any line was refused.") var strict = false

        func run() throws {
            Process.note(
                try AssessFiles.run(
                    model: model, files: files.isEmpty ? ["-"] : files, isPlain: plain, settings: try settings.load().settings,
                    strict: strict,
                    output: Output(), report: Process.note))
        }
    }
}

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what pushed the confidence of each item down or up.",
        discussion: """
            For each item, how much each feature adds to the log-odds (exact Shapley values of the trees), the greatest first. They add up, with what \
            is said of an item that nothing is known of, to the item's own. Of an item unlike the model's training it is said what was never seen.

            EXAMPLES
              sluice explain --model model.json result.json
              sluice explain --model model.json --document A-27870 results.jsonl.gz
            """)

    @OptionGroup var settings: SettingsFileOption
    @Option(help: "The model file.") var model: String
    @Argument(help: "A file of results; `-` for standard input.") var file: String
    @Option(help: ArgumentHelp("The result with this documentId; default: the first one.", valueName: "id")) var document: String?
    @Option(help: ArgumentHelp("How many features to show for each item.", valueName: "number")) var top: Int = 12
    @Flag(help: "Print JSON, with all features.") var json = false

    func validate() throws {
        if top < 1 { throw ValidationError("--top is 1 or more.") }
    }

    func run() throws {
        let settings = try settings.load().settings
        let model = try ModelInput.read(model)
        let explanation = ExplainDocument(model, shownMax: top)
        let found = try ExplainDocument.document(in: file, id: document, schemas: model.about.schemas ?? [], settings: settings)
        let output = Output()
        if json {
            try output.write(try explanation.json(found))
            try output.flush()
        } else {
            try write(output, try explanation.text(found))
        }
    }
}

/// Where a command that needs no database finds its settings.
struct SettingsFileOption: ParsableArguments {
    @Option(help: ArgumentHelp("The settings file; default: SLUICE_CONFIG, else none.", valueName: "path"))
    var config: String?

    func load() throws -> LoadedSettings { try Process.settings(config.map { ["--config=\($0)"] } ?? []) }
}

/// A learner on the command line.
enum LearnerChoice: String, ExpressibleByArgument, CaseIterable {
    case boosted, logistic, best

    /// Nil for the better.
    var learner: LearnerKind? { LearnerKind(rawValue: rawValue) }
}

extension FeatureGroup: ExpressibleByArgument {}
extension LabelKind: ExpressibleByArgument {}
extension ModelKind: ExpressibleByArgument {}
