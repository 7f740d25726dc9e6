/// The rows that a model is trained on, for comparing with other learners: exactly what the fits see.
package struct FeatureExport: Sendable {
    /// The names of the columns.
    package var columns: [String]
    package var heads: [Head]
    package var train: Part
    package var tune: Part

    package struct Part: Sendable {
        /// Row by row; NaN is missing.
        package var values: [Float]
        /// By head, then row: 0 or 1.
        package var labels: [[Float]]
    }
}

extension Trainer {
    /// - Throws: `TrainingError`.
    package func features(train: [Case], tune: [Case]) throws(TrainingError) -> FeatureExport {
        let parts = try prepared(train: train, tune: tune)
        return FeatureExport(
            columns: parts.features.schema.columnNames(labels: parts.heads.map(\.name)), heads: parts.heads,
            train: FeatureExport.Part(values: parts.rows.values, labels: parts.rows.labels),
            tune: FeatureExport.Part(values: parts.tuneRows.values, labels: parts.tuneRows.labels))
    }
}
