/// How many documents would flow on by themselves under thresholds of fields, and how many of those hold an error: what is promised is the
/// accuracy of fields, but what is released are documents.
package struct DocumentFlow: Sendable, Hashable {
    package let documents: Int
    package let flowing: Int
    /// Of those that flow, the ones that their review changed anything of: a value, one wrongly left empty, a field that was not read at all.
    package let wrong: Int

    /// - Parameters:
    ///   - thresholds: fields without one are never accepted.
    ///   - heldTypes: document types of which nothing flows.
    package init(_ readings: FieldReadings, thresholds: [FieldKey: Double], heldTypes: Set<String> = []) {
        var isAccepted = [Bool](repeating: true, count: readings.documents.count)
        for reading in readings.readings {
            if let score = reading.score, let threshold = thresholds[reading.key], score >= threshold { continue }
            isAccepted[reading.document] = false
        }
        var (flowing, wrong) = (0, 0)
        for (index, document) in readings.documents.enumerated()
        where isAccepted[index] && !document.isHeld && !heldTypes.contains(document.type) {
            flowing += 1
            if document.isChanged { wrong += 1 }
        }
        documents = readings.documents.count
        self.flowing = flowing
        self.wrong = wrong
    }

    /// Clopper–Pearson, 95 %.
    package var flowingInterval: ClosedRange<Double> { ClopperPearson.interval(successes: flowing, trials: documents) }
    package var wrongInterval: ClosedRange<Double> { ClopperPearson.interval(successes: wrong, trials: flowing) }
}

extension DocumentFlow: Encodable {
    private enum CodingKeys: CodingKey { case documents, flowing, flowingInterval, wrong, wrongInterval }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(documents, forKey: .documents)
        try members.encode(flowing, forKey: .flowing)
        try members.encode([flowingInterval.lowerBound, flowingInterval.upperBound], forKey: .flowingInterval)
        try members.encode(wrong, forKey: .wrong)
        try members.encode([wrongInterval.lowerBound, wrongInterval.upperBound], forKey: .wrongInterval)
    }
}
