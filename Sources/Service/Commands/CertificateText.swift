import JSON
package import Learning
package import Routing

/// Certificates in words.
package enum CertificateText {
    /// What the parts were, which is in the certificate, then all the rest.
    package static func shown(_ certificate: Certificate, today: CivilDate) -> [String] {
        let provenance = certificate.plan.request.provenance
        let parts = [("tune", provenance.tuneAccounting), ("certify", provenance.certifyAccounting)]
        return parts.flatMap { part, accounting in accounting.map { AccountText.lines($0, of: part) } ?? [] }
            + lines(certificate, today: today)
    }

    /// - Parameter today: what its validity is compared with.
    package static func lines(_ certificate: Certificate, today: CivilDate) -> [String] {
        let plan = certificate.plan
        let request = plan.request
        let targets = request.targets.map { "\($0.name) \(percent($0.accuracy))" }.joined(separator: ", ")
        var lines = ["targets: \(targets); each test at level \(ModelText.digits(plan.level, 4)), \(mode(request)), \(scope(request.risk))"]
        if let model = request.provenance.model { lines.append("model: sha256 \(model)") }
        lines += self.lines(plan.sequence, certificate.outcome, plan)
        lines.append(
            "valid: \(certificate.validity.from.iso8601) to \(certificate.validity.through.iso8601), for these "
                + certificate.validity.codeSets.map(\.rawValue).joined(separator: " and ") + " code sets, this model and this rule alone")
        if let expired = expired(certificate.validity, today: today) { lines.append(expired) }
        return lines
    }

    /// Nil for a certificate that is not over.
    static func expired(_ validity: Validity, today: CivilDate) -> String? {
        guard validity.isExpired(on: today) else { return nil }
        return
            "expired: it was valid to \(validity.through.iso8601), and today is \(today.iso8601); it promises nothing of work after that day. "
            + "Certify with newer work"
    }

    private static func lines(_ sequence: SequencePlan, _ outcome: SequenceOutcome, _ plan: Plan) -> [String] {
        var lines = PlanText.lines(plan)
        let rows = outcome.rows.map { row in
            [
                ModelText.digits(sequence.grid[row.point].threshold, 6), plan.request.targets[row.target].name, "\(row.clusters)",
                "\(row.codes)", "\(row.wrong)", effect(row, plan), ModelText.digits(row.pValue, 5),
                row.pValue <= plan.level ? "passed" : "failed",
            ]
        }
        if !rows.isEmpty {
            lines += TextTable.lines(
                head: ["threshold", "target", "documents", "codes", "wrong", "deff", "p", "test"], rows: rows, numbersFrom: 2)
        }
        if let threshold = outcome.threshold {
            lines.append("certified: score >= \(threshold)")
            lines += outcome.estimates.prefix(1).map { text($0, plan) }
            lines += PopulationText.lines(Array(outcome.estimates.dropFirst()), plan.request.targets.map { ($0.name, $0.accuracy) })
        } else {
            lines.append("certified: nothing; no document may be routed confident by this model yet")
        }
        if let stop = outcome.stop { lines.append(text(stop, sequence, plan)) }
        return lines
    }

    /// The design effect that the test took; `-` for tests that take none.
    private static func effect(_ row: TestRow, _ plan: Plan) -> String {
        let target = plan.targets[row.target]
        guard target.test == .kornGraubard else { return "-" }
        let isGuarded = target.isGuarded(clusters: row.clusters, level: plan.level)
        return ModelText.digits(isGuarded ? row.summary.guardedEffect : row.designEffect, 2)
    }

    private static func text(_ estimate: SetEstimate, _ plan: Plan) -> String {
        let accuracies = zip(plan.request.targets, estimate.accuracies).map { target, accuracy in
            "\(target.name) \(accuracy.accuracy.map(percent) ?? "none") (95 %: \(percent(accuracy.lower)) to \(percent(accuracy.upper)), "
                + "n \(accuracy.codes))"
        }
        return "of the certify documents: \(estimate.accepted) of \(estimate.documents) captured (\(percent(estimate.capture))); "
            + accuracies.joined(separator: "; ")
    }

    private static func text(_ stop: Stop, _ sequence: SequencePlan, _ plan: Plan) -> String {
        guard let point = stop.point, let target = stop.target else {
            return sequence.grid.isEmpty
                ? "nothing was tested: no document of tune can be accepted"
                : "nothing was tested: at every threshold tune has more errors than the targets allow, by a quarter or more. Better features, "
                    + "other targets or more tune documents are needed"
        }
        var text =
            "stopped by \(plan.request.targets[target].name) at score >= \(ModelText.digits(sequence.grid[point].threshold, 6)): "
            + "p \(ModelText.digits(stop.pValue, 5)) is above \(ModelText.digits(stop.level, 4))"
        if let needed = stop.labelsNeeded {
            text +=
                "; about \(needed) fresh reviewed documents at or above the floor are likely (in 4 of 5 cases) to certify something, "
                + "if they are like tune"
        } else if sequence.start == point {
            text += "; by what tune shows no number of labels is likely to help. Better features or other targets are needed"
        }
        return text
    }

    private static func mode(_ request: PlanRequest) -> String {
        switch request.mode {
        case .fixedSequence: "fixed sequence"
        case .strict: "strict"
        }
    }

    private static func scope(_ risk: Risk) -> String {
        switch risk.scope {
        case .certificate: "risk \(ModelText.digits(risk.delta, 3)) for this certificate"
        case .life(let opening): "risk \(ModelText.digits(risk.delta, 3)) for life, opening \(opening)"
        }
    }

    static func percent(_ share: Double) -> String { "\(ModelText.digits(share * 100, 2)) %" }

    /// What a verification found, in words.
    package static func lines(_ found: Verification) -> [String] {
        var lines = found.discrepancies.map { "differs: \($0)" }
        lines.append(found.pValuesRecomputed ? "every p-value was computed again" : "p-values of bets need --certify to be computed again")
        lines.append(found.documentsCounted ? "all sums were counted again" : "sums were taken as written (give --certify)")
        lines.append(
            found.planRemade
                ? "the plan was made again"
                : "the floor was computed again from the plan's own rows, its start was taken as written (give --tune)")
        return lines
    }
}

extension JSONWriter {
    /// What a certificate says in short: `threshold`, null for none, and its validity.
    mutating func members(_ certificate: Certificate, today: CivilDate) {
        key("model")
        if let model = certificate.plan.request.provenance.model { string(model) } else { null() }
        key("threshold")
        if let threshold = certificate.threshold { double(threshold) } else { null() }
        key("validFrom")
        string(certificate.validity.from.iso8601)
        key("validThrough")
        string(certificate.validity.through.iso8601)
        key("expired")
        bool(certificate.validity.isExpired(on: today))
    }
}
