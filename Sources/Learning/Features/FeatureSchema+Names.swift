extension FeatureSchema {
    /// The names of all columns, in their order, as explanations and importances show them.
    /// - Parameter labels: what the encodings' labels are called.
    package func columnNames(labels: [String]) -> [String] {
        var names = numbers.map(\.name)
        names += missingMarks.map { "\(numbers[$0].name) is missing" }
        for text in texts where !text.oneHot.isEmpty {
            names += text.oneHot.map { "\(text.source.name) = \(text.values[$0])" }
            names.append("\(text.source.name) is another")
        }
        for encoding in encodings {
            let what = ([encoding.first] + (encoding.second.map { [$0] } ?? [])).map { texts[$0].source.name }.joined(separator: " with ")
            names += labels.map { "\(what): \($0) before" }
            names.append("\(what): times seen")
        }
        for column in aggregated {
            names += ["least", "mean", "greatest"].map { "\($0) of the document: \(names[column])" }
        }
        return names
    }
}

extension FeatureSchema.NumberSource {
    package var name: String {
        switch self {
        case .context(let name), .evidence(let name): name
        case .derived(let number): number.rawValue
        }
    }
}

extension FeatureSchema.TextSource {
    package var name: String {
        switch self {
        case .context(let name), .evidence(let name): name
        case .first: "procedure or field"
        case .second: "diagnosis"
        case .secondFamily: "diagnosis family"
        case .documentType: "documentType"
        case .population: "population"
        case .payer: "payer"
        case .engine: "engine"
        }
    }
}
