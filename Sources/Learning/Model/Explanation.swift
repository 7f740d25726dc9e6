/// What pushed an item's confidence up or down.
package struct Explanation: Sendable, Equatable {
    package var head: Head
    /// The log-odds of an item that nothing is known of.
    package var bias: Double
    /// Log-odds of this one: the bias and all contributions.
    package var margin: Double
    /// Features that add anything, the greatest first whatever their sign.
    package var contributions: [Contribution]

    package struct Contribution: Sendable, Equatable {
        package var feature: String
        /// Nil when the item lacks it.
        package var value: Double?
        /// In log-odds.
        package var amount: Double
    }
}

extension Model {
    /// For each item, for each head that is foretold of it: exact TreeSHAP by XGBoost (Lundberg et al. 2018) for trees; for a linear model the
    /// weight times the standardised value.
    package func explain(_ document: Case) throws(XGBoostError) -> [[Explanation]] {
        let builder = FeatureBuilder(plan)
        builder.build(document)
        let width = builder.width
        let rows = Array(builder.rows[..<(builder.rowCount * width)])
        let names = columnNames
        var explanations = document.items.map { _ in [Explanation]() }
        guard !document.items.isEmpty else { return [] }
        for head in heads {
            let contributions = try Model.contributions(head.scorer, rows, width: width, count: builder.rowCount)
            for (index, item) in document.items.enumerated() where head.head.applies(to: item) {
                let own = contributions[(index * (width + 1))..<((index + 1) * (width + 1))]
                explanations[index].append(
                    Explanation(head: head.head, names: names, values: rows[(index * width)..<((index + 1) * width)], amounts: Array(own)))
            }
        }
        return explanations
    }

    /// Row by row: one a feature, and the bias.
    private static func contributions(_ scorer: Scorer, _ rows: [Float], width: Int, count: Int) throws(XGBoostError) -> [Double] {
        switch scorer {
        case .boosted(_, let json):
            let booster = try Booster(json: json)
            return try booster.predict(try DataMatrix(rows, width: width), .contributions).map(Double.init)
        case .logistic(let scorer):
            return stride(from: 0, to: rows.count, by: width).flatMap { scorer.contributions(rows, start: $0) }
        case .constant(let margin):
            let row = [Double](repeating: 0, count: width) + [margin]
            return (0..<count).flatMap { _ in row }
        }
    }
}

extension Explanation {
    fileprivate init(head: Head, names: [String], values: ArraySlice<Float>, amounts: [Double]) {
        self.head = head
        bias = amounts.last ?? 0
        margin = amounts.reduce(0, +)
        contributions = zip(zip(names, values), amounts).filter { $1 != 0 }.map { named, amount in
            Contribution(feature: named.0, value: named.1.isNaN ? nil : Double(named.1), amount: amount)
        }.sorted { abs($0.amount) > abs($1.amount) || (abs($0.amount) == abs($1.amount) && $0.feature < $1.feature) }
    }
}
