import JSON
package import Learning

/// The command `model train`.
package struct TrainModel {
    package var train: [String]
    package var tune: [String]
    package var out: String
    package var request = TrainingRequest()
    /// Schema files; their patterns become features.
    package var schemas: [String] = []
    package var rules = LineRules()
    package var outputs = OutputFiles()
    /// A file for the figures, `-` for standard output; nil for none.
    package var json: String?
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
        try outputs.check([out, json] + (featuresDirectory.map(FeatureFiles.paths) ?? []))
        var request = request
        request.schemas = try schemas.map(SchemaInput.read)
        let reading = Progress(title: "read")
        defer { reading.finish() }
        var files = CaseFiles(lineBytesMax: lineBytesMax, schemas: request.schemas, rules: rules) { line in
            reading.finish()
            report(line)
        }
        let use = { (document: Case) in request.takes(document) ? LineUse.reviewed(document) : .leftOut }
        let trainCases = try files.read(train, as: "train", progress: reading, use: use)
        let tuneCases = try files.read(tune, as: "tune", progress: reading, use: use)
        reading.finish()
        try files.check()
        request.trainAccounting = files.accounts.accounting(of: "train")
        request.tuneAccounting = files.accounts.accounting(of: "tune")
        if let featuresDirectory {
            try FeatureFiles.write(try Trainer(request).features(train: trainCases, tune: tuneCases), to: featuresDirectory, outputs)
        }
        let progress = Progress(title: "train")
        defer { progress.finish() }
        let model = try Trainer(request).train(train: trainCases, tune: tuneCases) { step in
            progress.update(share: nil, text: TrainModel.text(step, seconds: progress.seconds), filled: step.share)
        }
        progress.finish()
        try outputs.write(try ModelFile.bytes(of: model), to: out)
        let words =
            ModelText.summary(model) + AccountText.lines(files.accounts) + ["\(out), in \(TrainModel.tenths(progress.seconds)) s"]
        return try outputs.lines(words, figures: { figures(model, files.accounts) }, to: json)
    }

    private func figures(_ model: Model, _ accounts: Accounts) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("model")
        writer.string(out)
        writer.key("sha256")
        writer.string(model.hash)
        for (name, part) in [("train", model.about.train), ("tune", model.about.tune)] {
            writer.key(name)
            writer.beginObject()
            writer.key("documents")
            writer.int(Int64(part.documents))
            writer.key("items")
            writer.int(Int64(part.items))
            writer.key("sha256")
            writer.string(part.digest)
            writer.endObject()
        }
        writer.members(accounts)
        writer.endObject()
        return Array("\(PrettyJSON.text(writer.bytes))\n".utf8)
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
