/// How good the confidences of a technique are on the test documents, a document being right when it was approved unchanged. Documents
/// without a score are left out.
package struct ConfidenceFigures: Sendable, Hashable {
    package let technique: Technique
    /// What the model learned; nil where nothing is trained.
    package let label: LabelKind?
    /// Items with a confidence, and the area under the ROC curve of it against their document being unchanged (as the paper labels pairs);
    /// nil with one class only.
    package let itemCount: Int
    package let itemAreaUnderROC: Double?
    /// The same of documents by their score.
    package let documentCount: Int
    package let documentAreaUnderROC: Double?
    /// Of documents by their score: the mean risk over ranks.
    package let riskCoverage: RiskCoverageCurve
    /// Of the document's confidence, in nats; NaN without documents, as the two below.
    package let logLoss: Double
    package let brier: Double
    /// Over bins of equal mass.
    package let reliability: Reliability

    init(_ scorer: TechniqueScorer, label: LabelKind?, _ test: [Case]) {
        technique = scorer.technique
        self.label = label
        var items: (scores: [Double], labels: [Bool]) = ([], [])
        var scores: [Double] = []
        var confidences: [Double] = []
        var labels: [Bool] = []
        for document in test where !document.isOutside {
            let found = scorer.apply(document)
            let isUnchanged = document.outcome?.isUnchanged == true
            for item in found.items.compactMap({ $0 }) {
                items.scores.append(item)
                items.labels.append(isUnchanged)
            }
            guard let score = found.score, let confidence = found.confidence else { continue }
            scores.append(score)
            confidences.append(confidence)
            labels.append(isUnchanged)
        }
        itemCount = items.labels.count
        itemAreaUnderROC = ProbabilityMetrics.areaUnderROC(items.scores, items.labels)
        documentCount = labels.count
        documentAreaUnderROC = ProbabilityMetrics.areaUnderROC(scores, labels)
        riskCoverage = RiskCoverageCurve(scores: scores, labels: labels)
        logLoss = ProbabilityMetrics.logLoss(confidences, labels)
        brier = ProbabilityMetrics.brier(confidences, labels)
        reliability = Reliability(confidences, labels)
    }
}
