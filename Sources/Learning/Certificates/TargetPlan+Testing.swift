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

    /// The probability that the test passes at a certify set of `documents` accepted documents like those of tune.
    ///
    /// The number of errors is taken as binomial at the effective size; no error on tune is taken as half a one.
    func power(tune: TestRow, documents: Double, level: Double) -> Double {
        guard tune.clusters > 0, documents >= 2 else { return 0 }
        let share = documents / Double(tune.clusters)
        let rate = max(Double(tune.wrong), 0.5) / (Double(tune.codes) + (tune.wrong == 0 ? 0.5 : 0))
        guard rate < errorRate else { return 0 }
        let size = Double(tune.codes) * share / tune.designEffect
        var tested = size
        if test != .exactBinomial, isAlwaysCorrected || documents < Double(KornGraubard.clustersMin) || level < KornGraubard.levelMin {
            tested *= KornGraubard.correction(wrongClusters: Int(Double(tune.wrongClusters) * share), level: level)
        }
        // The most errors (of the tested size) that still pass, by halving.
        func passes(_ errors: Double) -> Bool { IncompleteBeta.upper(errorRate, errors + 1, tested - errors) <= level }
        guard tested > 1, passes(0) else { return 0 }
        var passing = 0.0
        var failing = max((tested * errorRate).rounded(.up), 1)
        while failing - passing > 1 {
            let middle = ((passing + failing) / 2).rounded(.down)
            if passes(middle) { passing = middle } else { failing = middle }
        }
        return IncompleteBeta.upper(rate, passing * size / tested + 1, size - passing * size / tested)
    }
}
