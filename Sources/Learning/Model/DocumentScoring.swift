/// From what is foretold of the items to one number for the document.
///
/// Label `document`: the least of the items' probabilities (the weakest link). Label `item`: 1 less the expected share of wrong codes, in
/// which a wrong first code (procedure, field) weighs `firstWeight` and a wrong second one (primary diagnosis) the rest. Which documents
/// are captured under two promises at once depends on how the two errors are weighed: the weight is the one that captures most on tune.
/// Pairs that are not primary count for no promise, and for this score only where no item does.
package struct DocumentScoring: Sendable, Hashable, Codable {
    /// In [0, 1].
    package var firstWeight: Double
    /// From the score to the probability that the document is approved unchanged, fitted on tune: what is shown. Thresholds are set on the score.
    package var calibrator: Calibrator

    package init(firstWeight: Double, calibrator: Calibrator) {
        self.firstWeight = firstWeight
        self.calibrator = calibrator
    }
}
