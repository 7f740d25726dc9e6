import FoundationEssentials

/// All that a search for thresholds found.
package struct FieldReport: Sendable {
    package var documentTypes: [String]
    package var tune: FieldReadings
    package var certify: FieldReadings
    /// Documents that were left aside.
    package var unreviewed: Int
    /// Whether the scores are a model's; else they are the engine's own.
    package var isModel: Bool
    package var thresholds: FieldThresholds
    /// On further documents, where there are any.
    package var trial: FieldTrial?

    package init(
        documentTypes: [String], tune: FieldReadings, certify: FieldReadings, unreviewed: Int, isModel: Bool, thresholds: FieldThresholds,
        trial: FieldTrial?
    ) {
        self.documentTypes = documentTypes
        self.tune = tune
        self.certify = certify
        self.unreviewed = unreviewed
        self.isModel = isModel
        self.thresholds = thresholds
        self.trial = trial
    }

    /// All figures, plans and certificates: members sorted by name; the same report always has the same bytes.
    package var json: [UInt8] {
        let content = Content(
            documentTypes: documentTypes, score: isModel ? "assessed" : "reported", target: thresholds.plan.request.accuracy,
            tuneDocuments: tune.documentCount, certifyDocuments: certify.documentCount, unreviewedDocuments: unreviewed,
            fieldsAdded: certify.addedCount,
            blanks: certify.blanks.sorted { $0.key < $1.key }.map {
                Content.Blank(documentType: $0.key.documentType, field: $0.key.field, blank: $0.value.blank, wrong: $0.value.wrong)
            },
            thresholds: thresholds, test: trial)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(content)) + [UInt8(ascii: "\n")]
        } catch {
            preconditionFailure("reports hold finite numbers only: \(error)")
        }
    }

    private struct Content: Encodable {
        var documentTypes: [String]
        var score: String
        var target: Double
        var tuneDocuments: Int
        var certifyDocuments: Int
        var unreviewedDocuments: Int
        var fieldsAdded: Int
        var blanks: [Blank]
        var thresholds: FieldThresholds
        var test: FieldTrial?

        struct Blank: Encodable {
            var documentType: String
            var field: String
            var blank: Int
            var wrong: Int
        }
    }
}
