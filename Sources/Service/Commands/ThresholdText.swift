import Learning
import Routing

/// Thresholds of fields in words.
enum ThresholdText {
    static func lines(_ report: FieldReport) -> [String] {
        let plan = report.thresholds.plan
        let request = plan.request
        var lines = [
            "\(report.documentTypes.joined(separator: ", ")): \(percent(request.accuracy)) of what is accepted is to be right, "
                + "by \(report.isModel ? "the model's assessed confidence" : "the engine's own confidence")",
            "tune: \(report.tune.documentCount) documents; certify: \(report.certify.documentCount) documents, "
                + "\(report.certify.readings.count) values\(aside(report))",
            family(plan), "",
        ]
        lines += TextTable.lines(
            head: ["field", "n", "right", "95 %", "naive", "captured", "certified", "captured", "right", "what is missing"],
            rows: report.thresholds.pools.map { row($0, plan, report) } + [total(report.thresholds)])
        lines.append("")
        lines += flow(report)
        if request.pooling != .field { lines += pools(report.thresholds) }
        lines += notes(report)
        if let trial = report.trial { lines += [""] + self.lines(trial, plan) }
        if let flow = report.trialFlow { lines.append(text(flow, of: "those")) }
        return lines
    }

    /// Documents are what is released, whatever is promised of fields.
    private static func flow(_ report: FieldReport) -> [String] {
        var lines = [text(report.flow, of: "certify")]
        if !report.heldTypes.isEmpty {
            lines.append(
                "no document of \(report.heldTypes.sorted().joined(separator: ", ")) flows on: a field there has no certified threshold, and all "
                    + "fields of a document must be accepted")
        }
        if let unassessed = AccountText.unassessed(report.unassessed, of: "certify") { lines.append(unassessed) }
        return lines
    }

    private static func text(_ flow: DocumentFlow, of what: String) -> String {
        let share = flow.documents > 0 ? Double(flow.flowing) / Double(flow.documents) : 0
        let text =
            "documents: of \(flow.documents) \(what) documents \(flow.flowing) would flow on by themselves (\(percent(share)); "
            + "95 %: \(interval(flow.flowingInterval)))"
        guard flow.flowing > 0 else { return text }
        return text + "; \(flow.wrong) of the \(flow.flowing) hold an error (\(percent(Double(flow.wrong) / Double(flow.flowing))); "
            + "95 %: \(interval(flow.wrongInterval)))"
    }

    private static func interval(_ interval: ClosedRange<Double>) -> String {
        "\(ModelText.digits(interval.lowerBound * 100, 1))-\(ModelText.digits(interval.upperBound * 100, 1))"
    }

    /// What a policy that is written says of how it came about, and `policy put` writes down with it.
    static func changeReason(_ report: FieldReport) -> String {
        let lines = report.accounts.total
        let request = report.thresholds.plan.request
        let leftOut = lines.leftOut > 0 ? " + \(lines.leftOut) left out" : ""
        return
            "thresholds suggest: accuracy \(request.accuracy), risk \(request.risk.delta); \(lines.read) lines read = \(lines.used) used + "
            + "\(lines.unreviewed) unreviewed + \(lines.refused) refused + \(lines.repeated) repeated\(leftOut)"
            + (report.accounts.rules.skipsRefused ? " (--skip-refused)" : "")
            + (report.accounts.rules.repeats == .first ? " (--repeats first)" : "")
            + "; \(report.tune.documentCount) tune, \(report.certify.documentCount) certify documents"
    }

    private static func aside(_ report: FieldReport) -> String {
        report.unreviewed == 0
            ? ""
            : "; \(report.unreviewed) documents that nobody has reviewed are left aside: review them first if they were drawn with the others"
    }

    private static func family(_ plan: FieldPlan) -> String {
        let request = plan.request
        let risk = ModelText.digits(request.risk.level, 4)
        let what = request.pooling == .field ? "fields" : "pools"
        let share =
            plan.openedCount > 1
            ? "each tested at \(risk)/\(plan.openedCount) = \(ModelText.digits(plan.level, 5)) (Bonferroni: they depend on each other in ways that nobody knows)"
            : "tested at the whole \(risk)"
        return "\(plan.openedCount) of \(plan.pools.count) \(what) opened\(plan.openedCount > 0 ? ", \(share)" : "")"
            + "; \(test(request))"
    }

    private static func test(_ request: FieldThresholdRequest) -> String {
        guard request.pooling != .field else { return "exact binomial tests" }
        switch request.weight {
        case .fields: return "betting over documents, fields counted; a field that is alone in its documents by the exact test"
        case .documents:
            return "betting over documents, each of them counting once; a field that is alone in its documents by the exact test"
        }
    }

    private static func row(_ pool: FieldThresholds.PoolThreshold, _ plan: FieldPlan, _ report: FieldReport) -> [String] {
        let estimate = pool.readings.accuracy
        return [
            plan.request.pooling == .field && report.documentTypes.count == 1 ? pool.pool.members[0].field : pool.pool.name,
            "\(estimate.codes)", estimate.accuracy.map(percent) ?? "-", interval(estimate),
            pool.naiveThreshold.map(threshold) ?? "none", percent(pool.naive.share), pool.threshold.map(threshold) ?? "none",
            percent(pool.certified.share), right(pool.certified, plan), missing(pool, plan, report),
        ]
    }

    private static func total(_ thresholds: FieldThresholds) -> [String] {
        let estimate = thresholds.pools.reduce(into: (codes: 0, right: 0)) { sum, pool in
            sum.codes += pool.readings.accuracy.codes
            sum.right += pool.readings.accuracy.right
        }
        return [
            "together", "\(estimate.codes)", estimate.codes > 0 ? percent(Double(estimate.right) / Double(estimate.codes)) : "-", "", "",
            percent(thresholds.naive.share), "", percent(thresholds.certified.share),
            right(thresholds.certified, thresholds.plan), "",
        ]
    }

    /// By what counts once in the promise.
    private static func right(_ set: FieldCapture, _ plan: FieldPlan) -> String {
        (isByDocument(plan.request) ? set.documentAccuracy : set.accuracy.accuracy).map(percent) ?? "-"
    }

    private static func isByDocument(_ request: FieldThresholdRequest) -> Bool { request.pooling != .field && request.weight == .documents }

    /// Nothing for a pool that was certified.
    private static func missing(_ pool: FieldThresholds.PoolThreshold, _ plan: FieldPlan, _ report: FieldReport) -> String {
        if pool.threshold != nil { return "" }
        guard let planned = plan.pools.first(where: { $0.pool == pool.pool }) else { return "" }
        var parts: [String] = []
        if let stop = pool.certificate?.outcome.stop, let row = pool.certificate?.outcome.rows.last {
            parts.append("\(row.wrong) of \(row.codes) were wrong at the first test (p \(ModelText.digits(stop.pValue, 3)))")
        } else if let errorless = planned.errorless, have(pool, plan) < errorless {
            let what = plan.request.pooling == .field ? "" : "documents "
            parts.append("\(errorless) \(what)without an error are needed, there are \(have(pool, plan))")
        } else {
            parts.append("not opened: by tune it has little hope at its share of the risk")
        }
        if let likely = pool.readingsNeeded, pool.readings.of > 0 {
            let documents = Double(likely) * Double(report.certify.documentCount) / Double(pool.readings.of)
            parts.append("about \(Int(documents.rounded(.up))) fresh documents are likely to be enough")
        } else {
            parts.append("no number of such documents is likely to be enough")
        }
        return parts.joined(separator: "; ")
    }

    private static func have(_ pool: FieldThresholds.PoolThreshold, _ plan: FieldPlan) -> Int {
        plan.request.pooling == .field ? pool.readings.of : pool.readings.accuracy.clusters
    }

    /// Of a pool, what it hides.
    private static func pools(_ thresholds: FieldThresholds) -> [String] {
        thresholds.pools.compactMap { pool in
            guard pool.threshold != nil, pool.members.count > 1 else { return nil }
            let worst = pool.members.filter { $0.certified.count > 0 }.min {
                ($0.certified.accuracy.accuracy ?? 1, $0.key) < ($1.certified.accuracy.accuracy ?? 1, $1.key)
            }
            guard let worst else { return nil }
            return "\(pool.pool.name): of its \(pool.members.count) fields \(worst.key.documentType)/\(worst.key.field) is the worst, "
                + "\(worst.certified.accuracy.accuracy.map(percent) ?? "-") of \(worst.certified.count) accepted are right "
                + "(95 %: \(interval(worst.certified.accuracy))); nothing is promised of a single field"
        }
    }

    private static func notes(_ report: FieldReport) -> [String] {
        let request = report.thresholds.plan.request
        let unit = isByDocument(request) ? "are right in the mean over documents" : "are right"
        var lines = [
            "naive: the loosest threshold at which these very values look right enough; it carries no promise",
            "certified: the chance that any of these thresholds accepts values of which less than \(percent(request.accuracy)) \(unit) "
                + "is at most \(ModelText.digits(request.risk.level, 4)), for documents like these",
        ]
        let blank = report.certify.blanks.values.reduce(into: FieldBlanks()) {
            $0.blank += $1.blank
            $0.wrong += $1.wrong
        }
        if blank.blank > 0 {
            lines.append("empty: \(blank.blank) values, wrongly so \(blank.wrong); no threshold decides on them and no promise covers them")
        }
        if isByDocument(request) { lines.append("right, of what is certified: in the mean over documents; 95 %: of the fields") }
        if report.certify.addedCount > 0 {
            lines.append(
                "added: \(report.certify.addedCount) fields that reviewers added and the engine had not reported; no promise covers them")
        }
        return lines
    }

    /// On other documents.
    private static func lines(_ trial: FieldTrial, _ plan: FieldPlan) -> [String] {
        let rows = trial.pools.map { cells($0.name, $0.readings, [$0.naive, $0.certified], plan) }
        return TextTable.lines(
            head: ["on other documents", "n", "naive captures", "right", "95 %", "certified captures", "right", "95 %"],
            rows: rows + [cells("together", trial.readings, [trial.naive, trial.certified], plan)], numbersFrom: 1)
    }

    private static func cells(_ name: String, _ readings: FieldCapture, _ sets: [FieldCapture], _ plan: FieldPlan) -> [String] {
        [name, "\(readings.of)"] + sets.flatMap { [percent($0.share), right($0, plan), interval($0.accuracy)] }
    }

    static func line(_ policy: Policy, path: String) -> String {
        let never = policy.rules.count { $0.threshold == .never }
        return "policy: \(path), \(policy.rules.count - never) fields with a certified threshold, \(never) without: a human looks at those"
    }

    private static func interval(_ estimate: AccuracyEstimate) -> String {
        estimate.codes == 0 ? "-" : "\(ModelText.digits(estimate.lower * 100, 1))-\(ModelText.digits(estimate.upper * 100, 1))"
    }

    private static func threshold(_ value: Double) -> String { ModelText.digits(value, 4) }

    private static func percent(_ share: Double) -> String { CertificateText.percent(share) }
}
