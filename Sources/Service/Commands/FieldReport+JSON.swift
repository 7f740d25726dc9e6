import FoundationEssentials
import Learning

extension FieldReport {
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
    }

    private struct Blank: Encodable {
        var documentType: String
        var field: String
        var blank: Int
        var wrong: Int
    }

    /// All figures, plans and certificates; the same files and flags give the same bytes.
    func json() throws(Failure) -> [UInt8] {
        let content = Content(
            documentTypes: documentTypes, score: isModel ? "assessed" : "reported", target: thresholds.plan.request.accuracy,
            tuneDocuments: tune.documentCount, certifyDocuments: certify.documentCount, unreviewedDocuments: unreviewed,
            fieldsAdded: certify.addedCount,
            blanks: certify.blanks.sorted { $0.key < $1.key }.map {
                Blank(documentType: $0.key.documentType, field: $0.key.field, blank: $0.value.blank, wrong: $0.value.wrong)
            },
            thresholds: thresholds, test: trial)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(content)) + [UInt8(ascii: "\n")]
        } catch {
            throw Failure(.internal, "the figures cannot be written as JSON: \(error). Please report it.")
        }
    }
}
