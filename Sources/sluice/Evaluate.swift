import ArgumentParser
import Learning
import Service

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train every technique, set its thresholds, and print what each captures and how much of it is right.",
        discussion: """
            Techniques: crosswalk (a table of combinations), engine (its own confidence), nonsituated (a model of the codes alone), \
            situated-logistic and situated-boosted (models of all evidence). Rules: naive (the loosest threshold at which the certify documents meet the \
            targets as seen) and certified (by fixed sequence on the same documents). All figures are of the test files, which nothing else reads.

            Without --certify, a fifth of the train documents, at most 5000, drawn by the seed, is set aside to set thresholds on; sizes of the learning \
            curve that need them as well have a naive threshold, set on tune. Parts that share a document are refused, as are documents that are there twice; \
            every line is accounted for. The same files, flags and \
            seed give the same --json.

            --promise N draws N certify sets with replacement from the test documents and counts how often the threshold's true accuracy \
            is below a target. --promise-documents tries other sizes: the certify documents are cut into six tune sets, each of which plans for a sixth \
            of the draws.

            EXAMPLES
              sluice evaluate --train train.jsonl.gz --tune dev.jsonl.gz --test test.jsonl.gz --crosswalk crosswalk.csv
              sluice evaluate --train train.jsonl.gz --tune dev.jsonl.gz --test test.jsonl.gz --promise 300 \\
                --report evaluation.html --json evaluation.json
              sluice evaluate --train forms.jsonl --tune more.jsonl --test last.jsonl --targets field=0.95 --curve none
            """)

    @OptionGroup var settings: SettingsFileOption
    @Option(parsing: .upToNextOption, help: "Reviewed results to learn from; `-` for standard input.") var train: [String]
    @Option(parsing: .upToNextOption, help: "Others to end, choose and calibrate by, and to plan certificates.") var tune: [String]
    @Option(parsing: .upToNextOption, help: "Others to judge by: read for figures alone.") var test: [String]
    @Option(parsing: .upToNextOption, help: "Others to set thresholds on; default: documents of train are set aside.")
    var certify: [String] = []
    @Option(help: ArgumentHelp("A CSV file procedure,diagnosis of combinations that go together.", valueName: "file"))
    var crosswalk: String?
    @Option(help: "Accuracies to keep: procedure, primaryDiagnosis, field.") var targets = "procedure=0.98,primaryDiagnosis=0.95"
    @Option(help: "The chance of a broken promise, above 0 and at most 0.5.") var risk: Double = 0.05
    @Option(help: "What thresholds are set on: models of label document or item.") var label: LabelKind = .item
    @Option(help: "What all draws begin with.") var seed: UInt64 = 1
    @Option(help: ArgumentHelp("Try the promise with so many draws; 0 not to.", valueName: "draws")) var promise = 0
    @Option(
        help: ArgumentHelp(
            "Try it as well with so many certify documents above the floor, as 1100,5000; each with the draws of --promise.",
            valueName: "numbers"))
    var promiseDocuments: String?
    @Option(help: ArgumentHelp("Sizes of train for the learning curve, ascending, or none.", valueName: "sizes"))
    var curve = "2000,6000,12000,22000,25000,27495"
    @Option(help: ArgumentHelp("Write a page with tables and pictures.", valueName: "file")) var report: String?
    @Option(help: ArgumentHelp("Write every figure as JSON; `-`: to standard output, in place of the words.", valueName: "file")) var json:
        String?
    @OptionGroup var lines: LineRuleOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if (train + tune + certify + test).count(where: { $0 == "-" }) > 1 {
            throw ValidationError("Standard input (`-`) can be read once.")
        }
        if !(0...Evaluate.promiseMax).contains(promise) { throw ValidationError("--promise is from 0 to \(Evaluate.promiseMax).") }
        if Risk(delta: risk) == nil { throw ValidationError("--risk is above 0 and at most 0.5.") }
        _ = try curveSizes()
        if promiseDocuments != nil, promise < 1 { throw ValidationError("--promise-documents needs --promise.") }
        _ = try promiseSizes()
    }

    private static let promiseMax = 100_000

    private static let promiseDocumentsMax = 1_000_000

    private func curveSizes() throws -> [Int] {
        if curve == "none" { return [] }
        return try Evaluate.sizes(curve) ?? { throw ValidationError("--curve is sizes of 1 or more, as 2000,6000, or none.") }()
    }

    private func promiseSizes() throws -> [Int] {
        guard let promiseDocuments else { return [] }
        guard let sizes = Evaluate.sizes(promiseDocuments), sizes.allSatisfy({ $0 <= Evaluate.promiseDocumentsMax }) else {
            throw ValidationError("--promise-documents is numbers from 1 to \(Evaluate.promiseDocumentsMax), as 1100,5000.")
        }
        return sizes
    }

    /// Numbers of 1 or more between commas; nil for anything else.
    private static func sizes(_ text: String) -> [Int]? {
        var sizes: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard !part.isEmpty, part.utf8.allSatisfy({ (48...57).contains($0) }), let size = Int(part), size >= 1 else { return nil }
            sizes.append(size)
        }
        return sizes
    }

    func run() throws {
        guard let risk = Risk(delta: risk) else { return }
        var job = EvaluateFiles(
            train: train, tune: tune, test: test, targets: try TargetAccuracy.list(targets), risk: risk, now: SystemClock.now(),
            settings: try settings.load().settings)
        job.certify = certify
        job.crosswalk = crosswalk
        job.seed = seed
        job.label = label
        job.promiseDraws = promise
        job.promiseDocuments = try promiseSizes()
        job.curveSizes = try curveSizes()
        job.reportPath = report
        job.jsonPath = json
        job.rules = lines.rules
        job.outputs = output.outputs
        try write(Output(), try job.run(report: Process.note))
    }
}
