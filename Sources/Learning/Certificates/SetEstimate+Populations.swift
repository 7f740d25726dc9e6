extension SetEstimate {
    /// Of all documents, then of each population by name, where any document names one.
    static func byPopulation(_ documents: [ScoredDocument], threshold: Double, targetCount: Int, isClustered: Bool) -> [SetEstimate] {
        func estimate(_ population: Population, _ documents: [ScoredDocument]) -> SetEstimate {
            let scan = SequenceScan(documents, thresholds: [threshold], targetCount: targetCount, isClustered: isClustered)
            return SetEstimate(
                population: population, documents: documents.count, accepted: scan.accepted[0],
                accuracies: scan.sums[0].map(AccuracyEstimate.init))
        }
        let all = estimate(.all, documents)
        let groups = Dictionary(grouping: documents, by: \.population)
        let names = groups.keys.compactMap { $0 }.sorted()
        if names.isEmpty { return [all] }
        return [all] + names.map { estimate(.named($0), groups[$0] ?? []) } + (groups[nil].map { [estimate(.unnamed, $0)] } ?? [])
    }

    /// The targets, by index, that these documents miss for all that chance could do: with a confidence of 95 %, more is wrong than allowed.
    package func missed(errorRates: [Double]) -> [Int] {
        zip(accuracies, errorRates).enumerated().filter { $0.element.0.wrongLeast > $0.element.1 }.map(\.offset)
    }
}
