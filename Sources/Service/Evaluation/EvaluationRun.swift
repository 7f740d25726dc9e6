package import Learning

/// An evaluation with what it was made from: all that its table, its JSON and its report say.
package struct EvaluationRun: Sendable {
    /// A part of the documents.
    package struct Part: Sendable {
        package let name: String
        /// As named on the command line; none where the documents were taken from another part.
        package let files: [String]
        package let content: Model.Part
        /// What should be known of it; nil for nothing.
        package let note: String?
    }

    package let evaluation: Evaluation
    package let parts: [Part]
    /// What became of the lines of all files.
    package let accounts: Accounts
    package let targets: [TargetAccuracy]
    package let risk: Risk
    package let seed: UInt64
    package let label: LabelKind
    /// The file of the crosswalk; nil without one.
    package let crosswalk: String?
    /// Documents that set thresholds.
    package let certifyCount: Int

    /// Whether every target is met by a line of the table, as seen; nil when nothing is captured.
    func meetsTargets(_ result: TechniqueResult) -> Bool? {
        guard result.estimate.accepted > 0 else { return nil }
        return zip(targets, result.estimate.accuracies).allSatisfy { target, estimate in
            // 0.98 of 50 is 49, though 1 − 0.98 is a hair more than 0.02.
            Double(estimate.right) >= target.accuracy * Double(estimate.codes) - 1e-9
        }
    }

    /// The certified threshold whose populations are shown: of the best technique that has one. Nil where there is none, or nobody names a
    /// population.
    var shownPopulations: TechniqueResult? {
        evaluation.results.last { $0.rule == .certified && $0.threshold != nil }.flatMap { $0.populations.isEmpty ? nil : $0 }
    }

    /// The figures of a technique's confidences as the paper labels them: pairs against documents that stayed unchanged.
    func documentFigures(_ technique: Technique) -> ConfidenceFigures? {
        evaluation.figures.first { $0.technique == technique && $0.label != .item }
    }
}

extension TargetAccuracy {
    /// The heading of its accuracy.
    var heading: String {
        switch target {
        case .procedure: "CPT correct"
        case .primaryDiagnosis: "ICD-1 correct"
        case .field: "fields correct"
        }
    }
}
