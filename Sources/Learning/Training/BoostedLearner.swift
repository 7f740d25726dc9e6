import JSON

/// Grows trees until tune no longer gains.
enum BoostedLearner {
    struct Fit {
        var scorer: Model.Scorer
        /// Log-odds of tune, by XGBoost itself.
        var tuneMargins: [Float]
        var tuneLoss: Double
    }

    /// - Parameters:
    ///   - train, tune: their labels are set.
    ///   - observe: after each round: rounds done, the loss on tune, the least so far and the round that gave it (from 1). What it throws ends the training.
    static func fit(
        train: DataMatrix, tune: DataMatrix, width: Int, settings: BoostingSettings, seed: UInt64,
        observe: (Int, Double, (round: Int, loss: Double)) throws -> Void
    ) throws -> Fit {
        let booster = try Booster(for: [train, tune], parameters: settings.parameters(seed: seed))
        var best = (round: 0, loss: Double.infinity)
        for round in 0..<settings.roundsMax {
            try booster.train(round: round, on: train)
            let loss = try booster.evaluate(round: round, on: [tune])[0]
            if loss < best.loss { best = (round, loss) }
            try observe(round + 1, loss, (best.round + 1, best.loss))
            if round - best.round >= settings.patience { break }
        }
        let final = try booster.prefix(rounds: best.round + 1)
        let json = try final.json()
        guard let forest = try JSONParser(depthMax: 64).parse(json, { root in Forest(xgboost: root, width: width) })
        else { throw XGBoostError(reason: "the trees it wrote are not readable") }
        return Fit(scorer: .boosted(forest, json: json), tuneMargins: try final.predict(tune, .margin), tuneLoss: best.loss)
    }
}
