import API
package import Learning
package import Routing

/// The command `evaluate`: every technique trained, its thresholds set, and judged on documents that took no part in it.
package struct EvaluateFiles {
    package var train: [String]
    package var tune: [String]
    package var test: [String]
    /// None: documents of train are set aside.
    package var certify: [String] = []
    package var crosswalk: String?
    package var targets: [TargetAccuracy]
    package var risk: Risk
    package var seed: UInt64 = 1
    package var label = LabelKind.item
    /// 0 for no trial of the promise.
    package var promiseDraws = 0
    /// Numbers of certify documents above the floor to try it with as well.
    package var promiseDocuments: [Int] = []
    /// None for no curve.
    package var curveSizes: [Int] = []
    /// Where to write the page and the figures; nil not to.
    package var reportPath: String?
    package var jsonPath: String?
    package var rules = LineRules()
    package var outputs = OutputFiles()
    /// Nil for what serves each label best.
    var boosting: BoostingSettings?
    /// When the page is made: it says so.
    package var now: Instant
    private let lineBytesMax: Int

    /// Longest crosswalk, in bytes.
    private static let crosswalkBytesMax = 64 << 20

    package init(
        train: [String], tune: [String], test: [String], targets: [TargetAccuracy], risk: Risk, now: Instant, settings: Settings
    ) {
        self.train = train
        self.tune = tune
        self.test = test
        self.targets = targets
        self.risk = risk
        self.now = now
        lineBytesMax = settings.lineBytesMax
    }

    /// - Returns: the figures, for people.
    package func run(report: @escaping (String) -> Void) throws -> [String] {
        try outputs.check([reportPath, jsonPath])
        let (parts, accounts) = try self.parts(report: report)
        var request = EvaluationRequest(targets: try targets.map { try $0.request() }, risk: risk)
        request.label = label
        request.seed = seed
        request.promiseDraws = promiseDraws
        request.promiseDocuments = promiseDocuments
        request.curveSizes = curveSizes
        request.boosting = boosting
        request.crosswalk = try crosswalk.map { try Crosswalk(csv: InputFile.bytes(of: $0, bytesMax: Self.crosswalkBytesMax)) }

        let progress = Progress(title: "evaluate")
        defer { progress.finish() }
        let evaluation = try Evaluator.evaluate(parts, request) { step in
            progress.update(share: step.share, text: EvaluateFiles.text(step, seconds: progress.seconds), filled: step.share)
        }
        progress.finish()
        let run = EvaluationRun(
            evaluation: evaluation, parts: described(parts), accounts: accounts, targets: targets, risk: risk, seed: seed, label: label,
            crosswalk: crosswalk, certifyCount: parts.certify.count)
        var words = EvaluationText.lines(run)
        if reportPath != nil || jsonPath != nil { words.append("") }
        if let reportPath {
            try outputs.write(Array(EvaluationPage(run, madeAt: now).text.utf8), to: reportPath)
            words.append("report: \(reportPath)")
        }
        return try outputs.lines(words, figures: { EvaluationJSON.bytes(run) }, to: jsonPath)
    }

    private func parts(report: @escaping (String) -> Void) throws -> (parts: EvaluationParts, accounts: Accounts) {
        let reading = Progress(title: "read")
        defer { reading.finish() }
        var files = CaseFiles(lineBytesMax: lineBytesMax, rules: rules) { line in
            reading.finish()
            report(line)
        }
        let train = try files.read(train, as: "train", progress: reading)
        let tune = try files.read(tune, as: "tune", progress: reading)
        let certify = certify.isEmpty ? nil : try files.read(certify, as: "certify", progress: reading)
        let test = try files.read(test, as: "test", progress: reading)
        try files.check()
        return (try EvaluationParts(train: train, tune: tune, certify: certify, test: test, seed: seed), files.accounts)
    }

    private func described(_ parts: EvaluationParts) -> [EvaluationRun.Part] {
        let unreviewed = parts.unreviewedTestCount
        return [
            EvaluationRun.Part(name: "train", files: train, content: Model.Part(parts.train), note: nil),
            EvaluationRun.Part(name: "tune", files: tune, content: Model.Part(parts.tune), note: nil),
            EvaluationRun.Part(
                name: "certify", files: certify, content: Model.Part(parts.certify),
                note: parts.isCertifySetAside ? "taken out of the train files by the seed" : nil),
            EvaluationRun.Part(
                name: "test", files: test, content: Model.Part(parts.test),
                note: unreviewed > 0 ? "\(unreviewed) more that nobody has reviewed are left out" : nil),
        ]
    }

    /// `situated-boosted by item, 22000 documents, diagnosis right: round 120, loss on tune 0.3071, about 95 s left`.
    private static func text(_ step: EvaluationProgress, seconds: Double) -> String {
        let share = step.share
        let left = share > 0.01 ? ", about \(Int((seconds * (1 - share) / share).rounded(.up))) s left" : ""
        switch step.work {
        case .promise(let done, let draws): return "the promise: \(done) of \(draws) draws\(left)"
        case .training(let technique, let label, let count, let training):
            return "\(technique.rawValue) by \(label.rawValue), \(count) documents, \(training.head.name): round \(training.round), "
                + "loss on tune \(ModelText.digits(training.tuneLoss))\(left)"
        }
    }
}

extension EvaluationProgress {
    /// Of all trainings, which take nearly all of the time.
    fileprivate var share: Double {
        if case .training(_, _, _, let training) = work { return min(1, shareDone + shareOfThis * training.share) }
        return min(1, shareDone)
    }
}
