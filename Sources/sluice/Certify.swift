import ArgumentParser
import Learning
import Service

struct Certify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find a threshold for a model's scores that keeps its accuracy targets, with a certificate.",
        discussion: """
            First the plan is frozen from the tune files and the scores of the certify documents, blind to their reviews, and written to OUT.plan: the \
            thresholds to test and their order, from the start that most is to be expected of down to the floor, the loosest threshold at which \
            tune's errors are near enough to the targets. Then the certify documents are tested in that order, until a test fails. What is written \
            to OUT is the plan, every test and the threshold; the chance that it lets work below its targets through is at most --risk.

            The certify files must be reviewed work that neither trained nor tuned the model, that no earlier certificate has read, and that was drawn \
            whatever its confidence: from all documents, or from all at or above the floor (an audit sample). Documents without a review count as \
            wrong; those with more codes than any of tune are outside, captured by no threshold. Documents that taught or tuned the model are refused, \
            whatever file they are in; so are documents in both parts, and ones that are there twice. Every line is accounted for, in the certificate \
            too. How each population fares is said: the promise is about all of them together. The status is 0 whether or not anything was certified; \
            a certificate of old work that is over already says so.

            EXAMPLES
              sluice certify --model model.json --tune tune.jsonl.gz --certify audited.jsonl.gz \\
                --targets procedure=0.98,primaryDiagnosis=0.95 --risk 0.05 --out certificate.json
              sluice certify --model model.json --tune tune.jsonl.gz --certify audited.jsonl.gz --targets field=0.99 --out certificate.json
            """)

    @OptionGroup var settings: SettingsFileOption
    @Option(help: "The model file.") var model: String
    @Option(parsing: .upToNextOption, help: "The files that the model was tuned on.") var tune: [String]
    @Option(parsing: .upToNextOption, help: "Fresh reviewed work, read for nothing else.") var certify: [String]
    @Option(help: "Accuracies to keep: procedure, primaryDiagnosis, field.") var targets: String
    @Option(help: "The chance of a broken promise, above 0 and at most 0.5.") var risk: Double = 0.05
    @Option(
        help: ArgumentHelp(
            "Take --risk for the life of a stream: this is its plan of that number, failed ones counted.", valueName: "number"))
    var opening: Int?
    @Option(
        help: ArgumentHelp(
            "How codes are tested: fixedSequence (Korn-Graubard, whose level is approximate) or strict (betting: valid at every size, needs more labels). Fields are bet on in both."
        ))
    var mode: CertificateMode = .fixedSequence
    @Option(help: "What counts once in the accuracy of fields: fields, or documents (the mean share of a document's fields).")
    var weight: FieldWeight = .fields
    @Option(help: "What the order begins with in which bets take documents.") var seed: UInt64 = 1
    @Option(help: "The certificate file.") var out: String
    @Option(help: ArgumentHelp("Write what was read and found as JSON; `-`: to standard output, in place of the words.", valueName: "file"))
    var json: String?
    @OptionGroup var lines: LineRuleOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        guard let risk = Risk(delta: risk, scope: opening.map { .life(opening: $0) } ?? .certificate) else {
            throw ValidationError("--risk is above 0 and at most 0.5, --opening 1 or more.")
        }
        let targets = try TargetAccuracy.list(targets)
        var job = CertifyFiles(
            model: model, tune: tune, certify: certify, targets: targets, risk: risk, out: out, today: SystemClock.today(),
            settings: try settings.load().settings)
        job.weight = weight
        job.mode = mode
        job.seed = seed
        job.rules = lines.rules
        job.outputs = output.outputs
        job.json = json
        try write(Output(), try job.run(report: Process.note).lines)
    }
}

struct CertificateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate", abstract: "Look at certificates and compute them again.", subcommands: [Show.self, Verify.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print a certificate: targets, every test, threshold, validity.")
        @Argument(help: "The certificate file.") var file: String

        func run() throws { try write(Output(), CertificateText.shown(try CertificateChecks.read(file), today: SystemClock.today())) }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compute a certificate again.",
            discussion: """
                From its own numbers alone: levels, order, p-values and threshold. With --model and --tune the plan is made again, with --model and \
                --certify all sums are counted again. The status is 65 when anything differs, when a document of the files taught the model, and \
                when the certificate is over; --on says which day to ask for.

                EXAMPLES
                  sluice certificate verify certificate.json
                  sluice certificate verify certificate.json --model model.json --tune tune.jsonl.gz --certify audited.jsonl.gz
                """)
        @OptionGroup var settings: SettingsFileOption
        @Argument(help: "The certificate file.") var file: String
        @Option(help: "The model that was certified.") var model: String?
        @Option(parsing: .upToNextOption, help: "The tune files.") var tune: [String] = []
        @Option(parsing: .upToNextOption, help: "The certify files.") var certify: [String] = []
        @Option(help: ArgumentHelp("The day to compare its validity with, as 2026-03-31; default: today.", valueName: "date"))
        var on: Day?
        @Option(help: ArgumentHelp("Write what was found as JSON; `-`: to standard output, in place of the words.", valueName: "file"))
        var json: String?
        @OptionGroup var output: OutputOptions

        func run() throws {
            var job = VerifyCertificate(file, today: on?.date ?? SystemClock.today(), settings: try settings.load().settings)
            job.model = model
            job.tune = tune
            job.certify = certify
            job.json = json
            job.outputs = output.outputs
            let (lines, isExpired) = try job.run(report: Process.note)
            try write(Output(), lines)
            if isExpired { throw Failure(.badData, "\(file) is sound, but over.") }
        }
    }
}

extension CertificateMode: ExpressibleByArgument {}
