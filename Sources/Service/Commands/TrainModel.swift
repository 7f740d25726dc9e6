package import Learning

/// The command `model train`.
package struct TrainModel {
    package var train: [String]
    package var tune: [String]
    package var out: String
    package var request = TrainingRequest()
    /// Schema files; their patterns become features.
    package var schemas: [String] = []
    package var strict = false
    /// A directory for the rows that the model is trained on; nil for none.
    package var featuresDirectory: String?
    private let lineBytesMax: Int

    package init(train: [String], tune: [String], out: String, settings: Settings) {
        self.train = train
        self.tune = tune
        self.out = out
        lineBytesMax = settings.lineBytesMax
    }

    /// - Returns: what was trained, for people.
    package func run(report: @escaping (String) -> Void) throws -> [String] {
        var request = request
        request.schemas = try schemas.map(SchemaInput.read)
        let reading = Progress(title: "read")
        defer { reading.finish() }
        var files = CaseFiles(lineBytesMax: lineBytesMax, schemas: request.schemas, strict: strict) { line in
            reading.finish()
            report(line)
        }
        let trainCases = try files.read(train, progress: reading)
        let tuneCases = try files.read(tune, progress: reading)
        reading.finish()
        if let featuresDirectory {
            try FeatureFiles.write(try Trainer(request).features(train: trainCases, tune: tuneCases), to: featuresDirectory)
        }
        let progress = Progress(title: "train")
        defer { progress.finish() }
        let model = try Trainer(request).train(train: trainCases, tune: tuneCases) { step in
            progress.update(share: nil, text: TrainModel.text(step, seconds: progress.seconds), filled: step.share)
        }
        progress.finish()
        try NewFile.write(try ModelFile.bytes(of: model), to: out)
        return ModelText.summary(model) + ["\(out), in \(TrainModel.tenths(progress.seconds)) s"]
    }

    /// `boosted, diagnosis right: round 120, loss on tune 0.3071 (best 0.3069), about 12 s left`.
    static func text(_ step: TrainingProgress, seconds: Double) -> String {
        let share = step.share
        let left = share > 0.01 ? ", about \(Int((seconds * (1 - share) / share).rounded(.up))) s left" : ""
        return "\(step.learner.rawValue), \(step.head.name): round \(step.round), loss on tune \(ModelText.digits(step.tuneLoss)) "
            + "(best \(ModelText.digits(step.bestLoss)))\(left)"
    }

    private static func tenths(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension TrainingProgress {
    /// Of the whole, by the rounds that a fit is likely to take.
    var share: Double { (Double(fitsDone) + Double(round) / Double(max(roundsExpected, round, 1))) / Double(max(fitCount, 1)) }
}
