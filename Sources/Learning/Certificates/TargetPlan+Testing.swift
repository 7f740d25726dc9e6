import Glibc

extension TargetPlan {
    /// - Parameter codesMax: K_max, ≥ 1.
    init(_ request: TargetRequest, plan: PlanRequest, codesMax: Int) {
        name = request.name
        errorRate = 1 - request.accuracy
        self.codesMax = codesMax
        test =
            switch (request.unit, plan.mode) {
            // All others are outside, so a document has one code for certain.
            case _ where codesMax == 1 && !plan.isClustered: .exactBinomial
            case (.shares, _): .bettingOnShares
            case (.fields, _), (.codes, .strict): .betting
            case (.codes, .fixedSequence): .kornGraubard
            }
    }

    /// p of a set, by the exact or the Korn–Graubard test; the latter stands in for bets where only a prediction is wanted.
    func pValue(_ set: KornGraubard.Summary, level: Double) -> Double {
        guard test == .exactBinomial else {
            return KornGraubard.pValue(
                set, errorRate: errorRate, codesMax: max(codesMax, test.isBetting ? set.codesMax : 1),
                isGuarded: isGuarded(clusters: set.clusters, level: level))
        }
        // A document with several codes is none that this test was planned for.
        guard set.clusters > 0, set.codesMax == 1 else { return 1 }
        return Binomial.lower(set.wrong, trials: set.codes, probability: errorRate)
    }

    /// Whether Korn–Graubard's test of so many clusters is guarded.
    package func isGuarded(clusters: Int, level: Double) -> Bool {
        KornGraubard.isGuarded(clusters: clusters, errorRate: errorRate, codesMax: codesMax, level: level)
    }

    /// p of a set by betting, its clusters in the fixed order.
    func betting(_ counts: some Sequence<CodeCount>, stake: Double) -> Double {
        test == .bettingOnShares
            ? BettingTest.pValue(shares: counts, errorRate: errorRate, stake: stake)
            : BettingTest.pValue(counts, errorRate: errorRate, codesMax: codesMax, stake: stake)
    }

    /// The probability that the test passes with `documents` accepted documents like those predicted: over the number m of documents with an
    /// error, binomial, the test being what it is for m. Fewer errors are not always
    /// better: a sample without any is tested for documents that are wrong throughout.
    func power(_ predicted: TunePrediction.Rates, documents: Double, level: Double) -> Double {
        guard documents >= 2, predicted.errorRate < errorRate, predicted.wrongShare < 1 else { return 0 }
        if test.isBetting { return bettingPower(predicted, documents: documents, level: level, stakes: BettingTest.plannable) }
        let trials = Int(documents)
        func passes(_ wrongClusters: Int) -> Bool {
            self.passes(predicted, documents: documents, wrongClusters: wrongClusters, level: level)
        }
        func atMost(_ count: Int) -> Double { Binomial.lower(count, trials: trials, probability: predicted.wrongShare) }
        // With more than these the estimate itself is above α.
        let most = min(Int(documents * errorRate * predicted.codesPerDocument / predicted.codesPerError) + 1, trials)
        if most <= 200 {
            return (0...most).reduce(0) { $0 + (passes($1) ? atMost($1) - atMost($1 - 1) : 0) }
        }
        // Far from few: the more errors the worse; the most that pass, by halving.
        var passing = 0
        var failing = most
        while failing - passing > 1 {
            let middle = (passing + failing) / 2
            if passes(middle) { passing = middle } else { failing = middle }
        }
        return passes(passing) ? atMost(passing) : 0
    }

    private func passes(_ predicted: TunePrediction.Rates, documents: Double, wrongClusters: Int, level: Double) -> Bool {
        let codes = documents * predicted.codesPerDocument
        if test == .exactBinomial { return Binomial.lower(wrongClusters, trials: Int(documents), probability: errorRate) <= level }
        if wrongClusters == 0 {
            return documents * log1p(-min(errorRate * predicted.codesPerDocument / Double(codesMax), 1)) <= log(level)
        }
        let isGuarded = isGuarded(clusters: Int(documents), level: level)
        let size = codes / (isGuarded ? max(predicted.designEffect, predicted.wholeEffect) : predicted.designEffect)
        let events = size * min(Double(wrongClusters) * predicted.codesPerError / codes, 1)
        return size > events && IncompleteBeta.upper(errorRate, events + 1, size - events) <= level
    }
}

extension TestKind {
    package var isBetting: Bool { self == .betting || self == .bettingOnShares }
}

extension TargetPlan {
    /// The same of betting: that the capital of the best of the stakes, a sum of independent logarithms taken as normal, ends above what it
    /// must reach. The highest point on the way is left out.
    func bettingPower(_ predicted: TunePrediction.Rates, documents: Double, level: Double, stakes: [Double]) -> Double {
        let codes = test == .bettingOnShares ? 1 : predicted.codesPerDocument
        let wrong = test == .bettingOnShares ? min(predicted.codesPerError / predicted.codesPerDocument, 1) : predicted.codesPerError
        let wanted = -log(level)
        return stakes.map { stake in
            let lambda = stake / (Double(test == .bettingOnShares ? 1 : codesMax) * (1 - errorRate))
            let gain = log1p(lambda * errorRate * codes)
            let loss = log1p(max(-lambda * (wrong - errorRate * codes), -0.999))
            let mean = (1 - predicted.wrongShare) * gain + predicted.wrongShare * loss
            let variance = predicted.wrongShare * (1 - predicted.wrongShare) * (gain - loss) * (gain - loss)
            let excess = documents * mean - wanted
            return variance > 0 ? Normal.lower(excess / (documents * variance).squareRoot()) : (excess >= 0 ? 1 : 0)
        }.max() ?? 0
    }
}

extension TargetPlan {
    /// The least number of accepted clusters without an error that the test passes with, each with so many codes; nil when none up to
    /// `LabelsNeeded.countMax` does.
    func errorlessClusters(level: Double, codesPerCluster: Double) -> Int? {
        func passes(_ count: Int) -> Bool {
            guard test.isBetting else {
                // Without an error the exact test and Korn–Graubard's are the same.
                let share = errorRate * min(codesPerCluster / Double(codesMax), 1)
                return Double(count) * log1p(-share) <= log(level)
            }
            let codes = test == .bettingOnShares ? 1 : min(codesPerCluster, Double(codesMax))
            let most = test == .bettingOnShares ? 1 : Double(codesMax)
            let capitals = BettingTest.plannable.map { stake in
                exp(min(Double(count) * log1p(stake / (most * (1 - errorRate)) * errorRate * codes), 700))
            }
            return (capitals.max() ?? 0) >= 1 / level
        }
        var high = 1
        while !passes(high) {
            if high >= LabelsNeeded.countMax { return nil }
            high *= 2
        }
        var low = high / 2
        while high - low > 1 {
            let middle = (low + high) / 2
            if passes(middle) { high = middle } else { low = middle }
        }
        return high
    }
}
