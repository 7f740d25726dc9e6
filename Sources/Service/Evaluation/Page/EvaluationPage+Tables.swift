import Learning

extension EvaluationPage {
    /// The numbers of the tables, which are named in the text.
    enum Numbered: Int, CaseIterable {
        case results, populations, promise, sizes, confidences, reliability, curve, procedures, importance, about, lines
    }

    /// Its number on this page: what was not asked for has no table.
    func number(_ table: Numbered) -> Int {
        let shown = Numbered.allCases.filter { table in
            switch table {
            case .populations: run.shownPopulations != nil
            case .promise: run.evaluation.promise != nil
            case .sizes: !run.evaluation.promiseSizes.isEmpty
            case .curve: !run.evaluation.curve.isEmpty
            case .procedures: run.evaluation.zipf != nil
            case .importance: !run.evaluation.importances.isEmpty
            case .results, .confidences, .reliability, .about, .lines: true
            }
        }
        return (shown.firstIndex(of: table) ?? 0) + 1
    }

    var tableSection: String? {
        let rows = run.evaluation.results.map { result in
            [
                result.technique.rawValue, result.rule.rawValue, result.threshold.map { ModelText.digits($0) } ?? "–",
                EvaluationPage.share(result.estimate.capture, result.captureInterval),
            ]
                + zip(run.targets, result.estimate.accuracies).map { target, estimate in
                    guard let accuracy = estimate.accuracy else { return "–" }
                    let isMissed = Double(estimate.right) < target.accuracy * Double(estimate.codes) - 1e-9
                    let text = EvaluationPage.share(accuracy, estimate.lower...estimate.upper, 2)
                    return isMissed ? "<span class=\"missed\">\(text) ▾</span>" : text
                } + [EvaluationPage.areaText(run.documentFigures(result.technique)?.itemAreaUnderROC), Markup.grouped(result.addedCount)]
        }
        return EvaluationPage.section(
            "Captured, and right",
            [
                Markup.table(
                    caption:
                        "Table \(number(.results)). Of \(Markup.grouped(run.evaluation.results.first?.estimate.documents ?? 0)) test documents: captured, and right, in percent with intervals. ▾ marks an accuracy below its target on test. AUC is of items by label document.",
                    head: ["technique", "rule", "threshold", "captured (%)"] + run.targets.map { "\($0.heading) (%)" }
                        + ["AUC", "codes added"], rows: rows, textColumns: 2),
                EvaluationPage.figure(
                    CapturePicture.draw(run),
                    "Capture and accuracies of table \(number(.results)). Hollow markers: naive thresholds; filled: certified ones and the crosswalk. Dashed: the targets."
                ), stops,
            ].compactMap { $0 })
    }

    /// Why techniques without a certificate have none.
    private var stops: String? {
        let lines = run.evaluation.results.compactMap { result -> String? in
            guard result.rule == .certified, result.threshold == nil else { return nil }
            guard let stop = result.stop, let target = stop.target else {
                return "<li>\(result.technique.rawValue): nothing could be tested.</li>"
            }
            let needed =
                stop.labelsNeeded.map { "about \(Markup.grouped($0)) fresh reviewed documents are likely to certify something" }
                ?? "no number of labels is likely to help, by what tune shows"
            return "<li>\(result.technique.rawValue): stopped by \(EvaluationPage.words(run.targets[target].target)), p "
                + "\(ModelText.digits(stop.pValue, 3)) above \(ModelText.digits(stop.level, 3)); \(needed).</li>"
        }
        return lines.isEmpty ? nil : "<p>Not certified:</p>\n<ul>\n\(lines.joined(separator: "\n"))\n</ul>"
    }

    var promiseSection: String? {
        guard let promise = run.evaluation.promise else { return nil }
        let rows = [("certified", promise.certified), ("naive", promise.naive)].map { name, record in
            [
                name, record.isBroken(delta: run.risk.delta) ? "broken" : "kept", Markup.grouped(record.failures),
                EvaluationPage.share(record.share, record.interval), Markup.grouped(record.empty), Markup.percent(record.meanCapture),
            ] + record.meanAccuracies.map { $0.isNaN ? "–" : Markup.percent($0, 2) }
        }
        return EvaluationPage.section(
            "The promise, tried",
            [
                """
                <p>A certified threshold lets through work below its targets with a probability of at most \(Markup.percent(run.risk.delta)) %. To \
                see whether that holds, \(Markup.grouped(promise.certified.draws)) certify sets with \(Markup.grouped(promise.documents)) documents at \
                or above the plan's floor were drawn with replacement from the test documents; on each a threshold was chosen by both rules, and its true accuracy is that of all \
                test documents. The promise counts as broken when the whole interval of the share lies above the risk.</p>
                """,
                Markup.table(
                    caption: "Table \(number(.promise)). Draws in which the threshold of situated-boosted let through work below a target.",
                    head: ["rule", "promise", "draws that failed", "share (%)", "without a threshold", "mean capture (%)"]
                        + run.targets.map { "mean \($0.heading) (%)" }, rows: rows, textColumns: 2),
                EvaluationPage.figure(
                    PromisePicture.draw(promise, delta: run.risk.delta),
                    "Share of draws in which a target was missed, and the risk asked for."), sizesTable,
            ].compactMap { $0 })
    }

    /// The promise at other sizes.
    private var sizesTable: String? {
        let trials = run.evaluation.promiseSizes
        guard let first = trials.first else { return nil }
        let rows = trials.map { trial in
            let record = trial.certified
            return [
                Markup.grouped(trial.documents), record.isBroken(delta: run.risk.delta) ? "broken" : "kept",
                Markup.grouped(record.failures),
                EvaluationPage.share(record.share, record.interval), Markup.grouped(record.empty),
                record.captureInterval.map { EvaluationPage.share(record.meanCapture, $0) } ?? Markup.percent(record.meanCapture),
            ]
        }
        return Markup.table(
            caption:
                "Table \(number(.sizes)). The same with other numbers of certify documents at or above the floor, certified. The certify documents were cut into \(first.certified.captures.count) tune sets, each of which planned its part of \(Markup.grouped(first.certified.draws)) draws; the interval of the mean capture is over these sets.",
            head: ["documents", "promise", "draws that failed", "share (%)", "without a threshold", "mean capture (%)"], rows: rows,
            textColumns: 2)
    }

    var riskSection: String? {
        let figures = run.evaluation.figures
        let rows = figures.map { figure in
            [figure.technique.rawValue, figure.label?.rawValue ?? "–"]
                + [figure.itemAreaUnderROC, figure.documentAreaUnderROC].map(EvaluationPage.areaText)
                + [figure.riskCoverage.area, figure.logLoss, figure.brier, figure.reliability.calibrationError].map {
                    $0.isFinite ? ModelText.digits($0) : "–"
                }
                + [0.1, 0.25, 0.5, 0.75].map { share in
                    figure.riskCoverage.points.first { $0.coverage >= share - 1e-9 }.map { Markup.percent($0.risk) } ?? "–"
                }
        }
        return EvaluationPage.section(
            "Ranking: risk and coverage",
            [
                EvaluationPage.figure(
                    RiskCoveragePicture.draw(figures.filter { $0.label != .item }),
                    "How many of the surest documents reviewers changed, over how many are taken; models by label document. Drawn from 50 documents on; markers at 25, 50, 75 and 100 %."
                ),
                Markup.table(
                    caption:
                        "Table \(number(.confidences)). Confidences on test, right being a document that stayed unchanged. AURC is the area under the curve of risk over coverage; log loss is in nats; calibration error is over bins of equal mass.",
                    head: [
                        "technique", "label", "AUC of items", "AUC of documents", "AURC", "log loss", "Brier", "calibration error",
                        "changed at 10 % (%)", "at 25 %", "at 50 %", "at 75 %",
                    ], rows: rows, textColumns: 2),
            ])
    }

    var reliabilitySection: String? {
        let figures = run.evaluation.figures
        guard let shown = run.documentFigures(.situatedBoosted) else { return nil }
        let rows = shown.reliability.bins.map { bin in
            [
                "\(Markup.percent(bin.least)) to \(Markup.percent(bin.greatest))", Markup.grouped(bin.count),
                Markup.percent(bin.meanProbability), EvaluationPage.share(bin.shareRight, bin.lower...bin.upper),
            ]
        }
        return EvaluationPage.section(
            "Reliability",
            [
                EvaluationPage.figure(
                    ReliabilityPicture.draw(figures),
                    "Confidence in the document, and the share that stayed unchanged, in bins of equal mass, for each technique and label. On the dashed line both are equal."
                ),
                Markup.table(
                    caption: "Table \(number(.reliability)). The bins of situated-boosted by label document.",
                    head: ["confidence (%)", "documents", "mean confidence (%)", "unchanged (%)"], rows: rows),
            ])
    }

    var curveSection: String? {
        guard !run.evaluation.curve.isEmpty else { return nil }
        let rows = run.evaluation.curve.map { point in
            let figures = point.figures.first { $0.label == .document }
            return [
                Markup.grouped(point.trainCount), point.isThresholdOfTune ? "tune" : "certify",
                EvaluationPage.areaText(figures?.itemAreaUnderROC), figures.map { ModelText.digits($0.riskCoverage.area) } ?? "–",
                figures.map { ModelText.digits($0.logLoss) } ?? "–",
            ]
                + [ThresholdRule.naive, .certified].map { rule in
                    point.results.first { $0.rule == rule }.map { EvaluationPage.share($0.estimate.capture, $0.captureInterval) } ?? "–"
                }
        }
        let note =
            run.evaluation.curve.contains { $0.isThresholdOfTune }
            ? " The largest sizes learn from the documents set aside to certify as well: their naive threshold is set on tune, and nothing certifies it."
            : ""
        return EvaluationPage.section(
            "Learning curve",
            [
                EvaluationPage.figure(
                    LearningCurvePicture.draw(run.evaluation.curve),
                    "What situated-boosted gains from more documents to train on.\(note.isEmpty ? "" : " Hollow: thresholds set on tune.")"),
                Markup.table(
                    caption: "Table \(number(.curve)). The learning curve of situated-boosted.\(note)",
                    head: [
                        "documents", "threshold set on", "AUC of items", "AURC", "log loss", "captured, naive (%)",
                        "captured, certified (%)",
                    ], rows: rows, textColumns: 2),
            ])
    }

    var proceduresSection: String? {
        let procedures = run.evaluation.procedures
        guard let zipf = run.evaluation.zipf else { return nil }
        let total = procedures.reduce(0) { $0 + $1.count }
        var sum = 0
        let rows = procedures.prefix(12).enumerated().map { index, procedure in
            sum += procedure.count
            return [
                String(index + 1), Markup.escaped(procedure.code), Markup.grouped(procedure.count),
                Markup.percent(Double(procedure.count) / Double(total)), Markup.percent(Double(sum) / Double(total)),
            ]
        }
        return EvaluationPage.section(
            "Procedures among the captured",
            [
                """
                <p>Frequencies of \(procedures.count) procedures in the documents that situated-boosted captures. Zipf's law, a frequency \
                proportional to rank<sup>−s</sup>: s = \(ModelText.digits(zipf.exponent, 3)) by maximum likelihood, where every occurrence counts, and \
                s = \(ModelText.digits(zipf.leastSquaresExponent, 3)) by least squares of the logarithms, where every rank counts \
                (R² = \(ModelText.digits(zipf.rSquared, 3))).</p>
                """,
                EvaluationPage.figure(
                    RankPicture.draw(procedures, zipf), "How often each procedure occurs, over its rank; both axes are logarithmic."),
                Markup.table(
                    caption: "Table \(number(.procedures)). The most frequent ones.",
                    head: ["rank", "procedure", "occurrences", "share (%)", "share up to this rank (%)"], rows: rows, textColumns: 2),
            ])
    }

    var importanceSection: String? {
        let all = run.evaluation.importances
        guard !all.isEmpty else { return nil }
        let heads = Head.allCases.filter { head in all.contains { $0.head == head } }
        let rows = heads.flatMap { head in
            all.filter { $0.head == head }.prefix(15).map { importance in
                [
                    Markup.escaped(importance.feature), head.name, Markup.percent(importance.gainShare, 2),
                    Markup.grouped(importance.splits),
                ]
            }
        }
        return EvaluationPage.section(
            "What the trees look at",
            heads.map { head in
                EvaluationPage.figure(
                    ImportancePicture.draw(all, head: head),
                    "Features of situated-boosted for: \(head.name). Share of the gain of all splits.")
            } + [
                Markup.table(
                    caption:
                        "Table \(number(.importance)). The same in numbers, with the splits by each feature. Of the model by label \(run.label.rawValue).",
                    head: ["feature", "foretold", "gain (%)", "splits"], rows: rows, textColumns: 2)
            ])
    }

    /// `59.9 (59.0–60.8)`, the interval smaller.
    static func share(_ share: Double, _ interval: ClosedRange<Double>, _ digits: Int = 1) -> String {
        "\(Markup.percent(share, digits)) <small>(\(Markup.percent(interval.lowerBound, digits))–\(Markup.percent(interval.upperBound, digits)))</small>"
    }

    static func areaText(_ area: Double?) -> String { area.map { ModelText.digits($0, 3) } ?? "–" }
}
