/// What a model says of a document.
package struct Assessment: Sendable, Equatable {
    /// One for each item, in their order.
    package var items: [Item]
    /// The raw score in [0, 1] that documents are ranked by and thresholds are set on; higher is surer. Nil where an item is unlike the model's
    /// training: the document is then never confident.
    package var score: Double?
    /// The score as a probability that the document is approved unchanged; nil with it.
    package var confidence: Double?

    package struct Item: Sendable, Equatable {
        /// Assessed confidence: the calibrated probability that a reviewer approves the item. With label `document`, that he approves the
        /// document; with `item`, of a pair, that both of its codes are right, taken as independent.
        /// Ties of the calibration are broken by the raw score. Nil for an item that is unlike the model's training.
        package var confidence: Double?
        /// The same by the scorer alone: without ties; nil with it.
        package var raw: Double?
        /// Why the model says nothing of the item; nil where it does.
        package var unassessed: Unassessed?
    }

    package init(items: [Item] = [], score: Double? = 0, confidence: Double? = Calibrator.clip) {
        self.items = items
        self.score = score
        self.confidence = confidence
    }
}
