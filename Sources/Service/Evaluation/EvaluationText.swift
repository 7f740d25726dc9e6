import Learning

/// An evaluation in words, for a terminal.
enum EvaluationText {
    static func lines(_ run: EvaluationRun) -> [String] {
        let targets = run.targets.map { "\($0.target.rawValue) \(CertificateText.percent($0.accuracy))" }.joined(separator: ", ")
        var lines = run.parts.map(part) + AccountText.lines(run.accounts)
        if let unassessed = AccountText.unassessed(run.evaluation.unassessed, of: "test") { lines.append(unassessed) }
        lines.append("targets: \(targets); risk \(ModelText.digits(run.risk.delta, 3)), seed \(run.seed)")
        lines += section("captured and right on test, with 95 % intervals") + table(run)
        if let shown = run.shownPopulations {
            lines += section("\(shown.technique.rawValue), certified: captured on test by population, with 95 % intervals")
            lines += PopulationText.lines(shown.populations, run.targets.map { ($0.target.rawValue, $0.accuracy) })
        }
        lines += section("confidences on test: right is a document approved unchanged") + confidences(run.evaluation.figures)
        if !run.evaluation.curve.isEmpty { lines += section("learning curve of situated-boosted") + curve(run.evaluation.curve) }
        if let promise = run.evaluation.promise { lines += section("the promise") + self.promise(promise, run) }
        if let zipf = run.evaluation.zipf { lines += section("procedures among the captured, by rank") + procedures(run, zipf) }
        if !run.evaluation.importances.isEmpty { lines += section("what the trees look at: share of the gain") + importances(run) }
        return lines
    }

    private static func section(_ title: String) -> [String] { ["", title] }

    private static func part(_ part: EvaluationRun.Part) -> String {
        let content = part.content
        let dates = if let from = content.from, let through = content.through { ", \(from) to \(through)" } else { "" }
        return "\(part.name): \(content.documents) documents, \(content.items) items, "
            + "\(ModelText.digits(content.unchangedShare * 100, 1)) % unchanged\(dates)\(part.note.map { "; \($0)" } ?? "")"
    }

    private static func table(_ run: EvaluationRun) -> [String] {
        TextTable.lines(
            head: ["technique", "rule", "threshold", "capture"] + run.targets.map(\.heading) + ["codes added"],
            rows: run.evaluation.results.map { result in
                [result.technique.rawValue, result.rule.rawValue, result.threshold.map { ModelText.digits($0) } ?? "-"]
                    + [share(result.estimate.capture, result.captureInterval)]
                    + result.estimate.accuracies.map { estimate in
                        estimate.accuracy.map { share($0, estimate.lower...estimate.upper, 2) } ?? "-"
                    } + [String(result.addedCount)]
            }, numbersFrom: 2)
    }

    private static func confidences(_ figures: [ConfidenceFigures]) -> [String] {
        TextTable.lines(
            head: ["technique", "label", "AUC of items", "AUC of documents", "AURC", "log loss", "Brier", "calibration error"],
            rows: figures.map { figure in
                [
                    figure.technique.rawValue, figure.label?.rawValue ?? "-", figure.itemAreaUnderROC.map { ModelText.digits($0) } ?? "-",
                    figure.documentAreaUnderROC.map { ModelText.digits($0) } ?? "-", ModelText.digits(figure.riskCoverage.area),
                    ModelText.digits(figure.logLoss), ModelText.digits(figure.brier),
                    ModelText.digits(figure.reliability.calibrationError),
                ]
            }, numbersFrom: 2)
    }

    private static func curve(_ points: [CurvePoint]) -> [String] {
        let rows = points.map { point in
            let area = point.figures.first { $0.label == .document }?.itemAreaUnderROC
            let captures = [ThresholdRule.naive, .certified].map { rule in
                point.results.first { $0.rule == rule }.map { percent($0.estimate.capture) } ?? "-"
            }
            return ["\(point.trainCount)", area.map { ModelText.digits($0) } ?? "-"] + captures
                + [point.isThresholdOfTune ? "tune" : "certify"]
        }
        var lines = TextTable.lines(
            head: ["documents", "AUC of items", "naive capture", "certified capture", "threshold set on"], rows: rows, numbersFrom: 0)
        if points.contains(where: \.isThresholdOfTune) {
            lines.append("larger sizes learn from the documents set aside too: nothing is left to certify their thresholds by")
        }
        return lines
    }

    private static func promise(_ promise: PromiseTrial, _ run: EvaluationRun) -> [String] {
        let draws =
            "\(promise.certified.draws) draws with replacement from test, each with \(promise.documents) documents at or above the floor; "
            + "broken: a threshold whose true accuracy is below a target"
        return [draws] + records(promise, run)
            + run.evaluation.promiseSizes.flatMap { trial in
                [
                    "",
                    "\(trial.documents) documents at or above the floor: \(trial.certified.draws) draws, planned by "
                        + "\(trial.certified.captures.count) tune sets",
                ] + records(trial, run)
            }
    }

    private static func records(_ promise: PromiseTrial, _ run: EvaluationRun) -> [String] {
        [("certified", promise.certified), ("naive", promise.naive)].map { name, record in
            let capture = record.captureInterval.map { share(record.meanCapture, $0) } ?? percent(record.meanCapture)
            return "\(name): broken in \(record.failures) (\(share(record.share, record.interval))), no threshold in \(record.empty), mean "
                + "capture \(capture): \(record.isBroken(delta: run.risk.delta) ? "promise broken" : "promise kept")"
        }
    }

    private static func procedures(_ run: EvaluationRun, _ zipf: ZipfFit) -> [String] {
        let all = run.evaluation.procedures
        let shown = all.prefix(10).map { "\(plain($0.code)) \($0.count)" }.joined(separator: ", ")
        return [
            "\(shown)\(all.count > 10 ? ", … (\(all.count) codes)" : "")",
            "Zipf: exponent \(ModelText.digits(zipf.exponent, 3)) by maximum likelihood; \(ModelText.digits(zipf.leastSquaresExponent, 3)) "
                + "by least squares of the logarithms, R² \(ModelText.digits(zipf.rSquared, 3))",
        ]
    }

    private static func importances(_ run: EvaluationRun) -> [String] {
        let all = run.evaluation.importances
        let heads = Head.allCases.filter { head in all.contains { $0.head == head } }
        return heads.flatMap { head in
            let shown = all.filter { $0.head == head }.prefix(10)
            return [head.name]
                + TextTable.lines(
                    head: ["gain", "splits", "feature"],
                    rows: shown.map { [percent($0.gainShare), String($0.splits), plain($0.feature)] }
                ).map { "  \($0)" }
        }
    }

    static func percent(_ share: Double) -> String { "\(ModelText.digits(share * 100, 1)) %" }

    /// `59.9 % (59.0-60.8)`.
    private static func share(_ share: Double, _ interval: ClosedRange<Double>, _ digits: Int = 1) -> String {
        "\(ModelText.digits(share * 100, digits)) % (\(ModelText.digits(interval.lowerBound * 100, digits))-"
            + "\(ModelText.digits(interval.upperBound * 100, digits)))"
    }

    /// Text of a file, without what a terminal would obey.
    private static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.properties.generalCategory != .control }))
    }
}
