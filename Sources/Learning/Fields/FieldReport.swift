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
    /// Of those documents.
    package var trialFlow: DocumentFlow?
    /// What became of the lines of all files.
    package var accounts = Accounts()
    /// What of the certify documents the model says nothing of.
    package var unassessed = UnassessedCounts()

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

    /// Document types of which the policy lets nothing flow: a field of theirs has no certified threshold, and engines, unlike models, report
    /// confidences that meet any.
    package var heldTypes: Set<String> {
        guard !isModel else { return [] }
        let certified = thresholds.certifiedThresholds
        let open = thresholds.pools.flatMap { $0.pool.members }.filter { certified[$0] == nil }
        return Set(open.map(\.documentType))
    }

    /// Of the certify documents, under the certified thresholds.
    package var flow: DocumentFlow { flow(of: certify) }

    package func flow(of readings: FieldReadings) -> DocumentFlow {
        DocumentFlow(readings, thresholds: thresholds.certifiedThresholds, heldTypes: heldTypes)
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
            thresholds: thresholds, test: trial, documentFlow: flow, testDocumentFlow: trialFlow, lines: accounts.files,
            rules: accounts.rules,
            unassessed: isModel ? unassessed : nil)
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
        var documentFlow: DocumentFlow
        var testDocumentFlow: DocumentFlow?
        var lines: [FileAccount]
        var rules: LineRules
        var unassessed: UnassessedCounts?

        struct Blank: Encodable {
            var documentType: String
            var field: String
            var blank: Int
            var wrong: Int
        }
    }
}
