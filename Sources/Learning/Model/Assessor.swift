import Routing

/// Assesses cases by a model. One per thread: it keeps its memory, and a pair costs no allocation.
///
/// Unknown values of evidence, missing evidence and new engines are handled as the features say. Document types, fields and codes that training never
/// held are left unassessed. Nothing in a case is an error.
package final class Assessor {
    package let model: Model
    package let builder: FeatureBuilder
    /// By row, then head: the scorer's probability.
    private var raw: [Double] = []
    /// A row as forests walk it.
    private var laidOut: [Float]
    /// By item: why nothing is said of it.
    private var unassessed: [Unassessed?] = []

    package init(_ model: Model) {
        self.model = model
        builder = FeatureBuilder(model.plan)
        laidOut = [Float](repeating: 0, count: 2 * builder.width)
    }

    package func assess(_ document: Case) -> Assessment {
        var assessment = Assessment()
        assess(document, into: &assessment)
        return assessment
    }

    /// Over what is in `assessment`, whose memory is used again.
    package func assess(_ document: Case, into assessment: inout Assessment) {
        score(document)
        model.vocabularyIndex.find(document, into: &unassessed)
        assessment.items.removeAll(keepingCapacity: true)
        let count = model.heads.count
        for (row, item) in document.items.enumerated() {
            if let reason = unassessed[row] {
                assessment.items.append(Assessment.Item(confidence: nil, raw: nil, unassessed: reason))
                continue
            }
            var confidence = 1.0
            var product = 1.0
            for index in 0..<count where model.heads[index].head.applies(to: item) {
                let probability = raw[row * count + index]
                product *= probability
                confidence *= model.heads[index].calibrator.ranked(probability)
            }
            if isRefused(item) { confidence = Calibrator.clip }
            assessment.items.append(Assessment.Item(confidence: confidence, raw: product))
        }
        let score = unassessed.contains { $0 != nil } ? nil : documentScore(document, raw: raw, scoring: model.scoring)
        assessment.score = score
        assessment.confidence = score.map { model.scoring.calibrator($0) }
    }

    /// The heads' probabilities for each item, uncalibrated, row by row; also of what is left unassessed.
    package func probabilities(_ document: Case) -> [Double] {
        score(document)
        return Array(raw.prefix(document.items.count * model.heads.count))
    }

    private func score(_ document: Case) {
        builder.build(document)
        let count = model.heads.count
        let size = document.items.count * count
        while raw.count < size { raw.append(0) }
        let rows = builder.rows
        var laidOut: [Float] = []
        swap(&laidOut, &self.laidOut)
        for index in document.items.indices {
            let row = rows.span.extracting((index * builder.width)..<((index + 1) * builder.width))
            if model.hasTrees {
                var spanned = laidOut.mutableSpan
                Forest.layOut(row, into: &spanned)
            }
            for head in 0..<count {
                let margin =
                    switch model.heads[head].scorer {
                    case .boosted(let forest, _): Double(forest.margin(laidOut.span))
                    case .logistic(let scorer): scorer.margin(row)
                    case .constant(let margin): margin
                    }
                raw[index * count + head] = isRefused(document.items[index]) ? 0 : logistic(margin)
            }
        }
        self.laidOut = laidOut
    }

    /// Whether the model refuses what violates its schema, and the item does.
    private func isRefused(_ item: Case.Item) -> Bool { item.isMalformed == true && model.about.refusesViolations == true }

    /// - Parameter raw: by item, then head.
    func documentScore(_ document: Case, raw: [Double], scoring: DocumentScoring) -> Double {
        Assessor.documentScore(document, heads: model.heads.map(\.head), raw: raw, scoring: scoring)
    }

    static func documentScore(_ document: Case, heads: [Head], raw: [Double], scoring: DocumentScoring) -> Double {
        // No item: nothing to be sure of.
        guard !document.items.isEmpty, !heads.isEmpty else { return 0 }
        if heads[0] == .unchanged {
            var least = 1.0
            for row in document.items.indices { least = min(least, raw[row * heads.count]) }
            return least
        }
        var counted = 0.0
        var countedLoss = 0.0
        var other = 0.0
        var otherLoss = 0.0
        for (row, item) in document.items.enumerated() {
            let first = 1 - raw[row * heads.count]
            let loss =
                item.kind == .field || heads.count < 2
                ? first : scoring.firstWeight * first + (1 - scoring.firstWeight) * (1 - raw[row * heads.count + 1])
            if item.kind == .pair {
                other += 1
                otherLoss += loss
            } else {
                counted += 1
                countedLoss += loss
            }
        }
        return counted > 0 ? 1 - countedLoss / counted : 1 - otherLoss / other
    }
}
