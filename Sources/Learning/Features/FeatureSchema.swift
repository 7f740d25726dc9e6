/// Which columns a model sees, and how each is made from a case. Found in the train part by `SchemaFinder`; part of the model file.
///
/// 1. Columns stand in this order: `numbers`, missing marks, one-hot columns by text, encodings, aggregates.
/// 2. Nothing here is of one engine: what an engine calls its evidence is found in the data.
/// 3. Texts that are not in `values` (new codes, rare ones) have no number: their one-hot column is `other`, their encodings are the prior.
/// 4. No column is made from a review.
package struct FeatureSchema: Sendable, Hashable, Codable {
    /// Names and codes are canonical: `j96.01` and `J9601` are one to the model.
    package static let currentVersion = 2
    /// Nil in schemas of the first version, whose names and codes are as they were written.
    package var version: Int?
    /// One column each. A value that is not there is missing (NaN).
    package var numbers: [NumberSource]
    /// Indices of `numbers` that are sometimes missing in train: each has a column, 1 where it is missing.
    package var missingMarks: [Int]
    package var texts: [TextColumns]
    package var encodings: [Encoding]
    /// Columns (numbers and encodings) of which the least, the mean and the greatest over the document's items are columns too.
    package var aggregated: [Int]

    /// Where a number comes from. Booleans are 0 and 1.
    package enum NumberSource: Sendable, Hashable, Codable {
        case context(String)
        case evidence(String)
        case derived(DerivedNumber)
    }

    /// What is made of the members every case has.
    package enum DerivedNumber: String, Sendable, Hashable, Codable, CaseIterable {
        /// The engine's own, in [0, 1], and its log-odds (clipped at 1e-6).
        case confidence, confidenceLogit
        /// 1 for a pair that is marked primary.
        case isPrimary
        /// 1 for a field with nothing in it.
        case isEmpty
        /// 1 for a value that violates the pattern or check digit of its schema, 0 for one that does not; missing where none says.
        case isMalformed
        /// Place among the items, from 0; how many items there are.
        case rank, itemCount
        /// Distinct procedures (or names) in the document; items with this one's.
        case firstCount, itemsOfSameFirst
        /// Of the engine's confidences in the document.
        case leastConfidence, meanConfidence, greatestConfidence
        /// Days since 1970-01-01 of the service date, else of receipt; and the month, 1…12: code sets change by date.
        case day, month
    }

    /// Where a text comes from.
    package enum TextSource: Sendable, Hashable, Codable {
        case context(String)
        case evidence(String)
        /// A pair's procedure, a field's name.
        case first
        /// A pair's diagnosis.
        case second
        /// A diagnosis as far as its point: `S52.501A` is of `S52`.
        case secondFamily
        case documentType, population, payer, engine
    }

    /// A text with the values that have numbers, and those that have columns.
    package struct TextColumns: Sendable, Hashable, Codable {
        package var source: TextSource
        /// In ascending order of their bytes.
        package var values: [String]
        /// Indices of `values`, each with a column; behind them one for every other value. Empty: no columns.
        package var oneHot: [Int]
    }

    /// Smoothed log-odds of right for a value of one text or two, one column a label, and the logarithm of how often it was seen.
    package struct Encoding: Sendable, Hashable, Codable {
        /// Index of a text; its values' numbers are in `rows`.
        package var first: Int
        /// Nil for one text alone.
        package var second: Int?
        /// Log-odds of a value that is not in `rows`, one a label.
        package var prior: [Float]
        package var rows: Rows

        /// Column by column: what is seen often enough.
        package struct Rows: Sendable, Hashable, Codable {
            package var firsts: [Int32]
            /// 0 where there is no second text.
            package var seconds: [Int32]
            /// Columns of a row, one row after the other: the log-odds, then ln(1 + count).
            package var columns: [Float]
        }
    }
}

extension FeatureSchema {
    /// Columns of an encoding: one a label, and the count.
    static func width(of encoding: Encoding) -> Int { encoding.prior.count + 1 }

    var firstMark: Int { numbers.count }
    var firstOneHot: Int { firstMark + missingMarks.count }
    var firstEncoding: Int { firstOneHot + texts.reduce(0) { $0 + $1.columnCount } }
    var firstAggregate: Int { firstEncoding + encodings.reduce(0) { $0 + FeatureSchema.width(of: $1) } }
    /// Columns in all.
    package var width: Int { firstAggregate + 3 * aggregated.count }

    /// Whether all indices are of something that is there; what a file says is checked by this.
    var isWellFormed: Bool {
        let inner = firstAggregate
        return missingMarks.allSatisfy(numbers.indices.contains)
            && texts.allSatisfy { text in text.oneHot.allSatisfy(text.values.indices.contains) }
            && encodings.allSatisfy { $0.isWellFormed(texts) }
            && aggregated.allSatisfy { (0..<inner).contains($0) }
    }
}

extension FeatureSchema.TextColumns {
    var columnCount: Int { oneHot.isEmpty ? 0 : oneHot.count + 1 }
}

extension FeatureSchema.Encoding {
    fileprivate func isWellFormed(_ texts: [FeatureSchema.TextColumns]) -> Bool {
        guard texts.indices.contains(first), second.map(texts.indices.contains) != false, !prior.isEmpty,
            rows.firsts.count == rows.seconds.count, rows.columns.count == rows.firsts.count * (prior.count + 1)
        else { return false }
        let firstCount = texts[first].values.count
        let secondCount = second.map { texts[$0].values.count } ?? 1
        return rows.firsts.allSatisfy { (0..<firstCount).contains(Int($0)) }
            && rows.seconds.allSatisfy { (0..<secondCount).contains(Int($0)) }
    }
}
