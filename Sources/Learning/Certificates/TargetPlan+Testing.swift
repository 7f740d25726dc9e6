import Glibc

extension TargetPlan {
    init(_ request: TargetRequest, plan: PlanRequest, level: Double) {
        name = request.name
        errorRate = (1 - request.accuracy) * (1 - plan.reviewerMissBound)
        codesMax = request.codesMax
        test =
            switch plan.mode {
            case .strict: .betting
            case .fixedSequence: request.unit == .oneCode && !plan.isClustered ? .exactBinomial : .kornGraubard
            }
        isAlwaysCorrected = level < KornGraubard.levelMin || request.unit == .fields || plan.stratification != .none
    }

    /// p of a set, by the exact or the Korn–Graubard test; in strict mode the latter stands in where only a prediction is wanted.
    func pValue(_ set: KornGraubard.Summary, level: Double) -> Double {
        guard test == .exactBinomial else {
            return KornGraubard.pValue(set, errorRate: errorRate, level: level, isCorrected: isAlwaysCorrected)
        }
        // A document with several codes is none that this test was planned for.
        guard set.clusters > 0, set.codesMax == 1 else { return 1 }
        return Binomial.lower(set.wrong, trials: set.codes, probability: errorRate)
    }

    /// The probability that the test passes with `documents` accepted documents like those predicted: over the number m of documents with an
    /// error, binomial, the test being what it is for m. With the small-sample correction fewer errors are not always better.
    func power(_ predicted: TunePrediction.Rates, documents: Double, level: Double) -> Double {
        guard documents >= 2, predicted.errorRate < errorRate, predicted.wrongShare < 1 else { return 0 }
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
        if wrongClusters == 0 {
            return documents * log1p(-min(errorRate * predicted.codesPerDocument / Double(predicted.codesMax), 1)) <= log(level)
        }
        // As many documents come as chance has it: near the bound, the correction is to be expected.
        let isSmall = documents - 2 * documents.squareRoot() < Double(KornGraubard.clustersMin)
        var size = codes / predicted.designEffect
        if test != .exactBinomial, isAlwaysCorrected || isSmall || level < KornGraubard.levelMin {
            size *= KornGraubard.correction(wrongClusters: wrongClusters, level: level)
        }
        let events = size * min(Double(wrongClusters) * predicted.codesPerError / codes, 1)
        return size > events && IncompleteBeta.upper(errorRate, events + 1, size - events) <= level
    }
}
