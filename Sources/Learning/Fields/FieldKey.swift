import Routing

/// A field of a document type. Two are one where the names of the fields are one to people; each is shown as it was written.
package struct FieldKey: Sendable, Hashable, Comparable, Codable {
    package let documentType: String
    package let field: String
    /// The field's canonical form.
    private let form: String

    package init(documentType: String, field: String) {
        self.documentType = documentType
        self.field = field
        form = String(decoding: CanonicalForm.ofName(field.utf8), as: UTF8.self)
    }

    package static func == (a: FieldKey, b: FieldKey) -> Bool { a.documentType == b.documentType && a.form == b.form }
    package static func < (a: FieldKey, b: FieldKey) -> Bool { (a.documentType, a.form) < (b.documentType, b.form) }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(documentType)
        hasher.combine(form)
    }

    private enum CodingKeys: CodingKey { case documentType, field }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            documentType: try members.decode(String.self, forKey: .documentType), field: try members.decode(String.self, forKey: .field))
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(documentType, forKey: .documentType)
        try members.encode(field, forKey: .field)
    }
}

/// A field of one reviewed document that a threshold decides on.
package struct FieldReading: Sendable, Hashable {
    package var key: FieldKey
    /// Which of the documents; readings of one are a cluster.
    package var document: Int
    /// What the threshold is compared with, in [0, 1]; nil for none: never accepted.
    package var score: Double?
    package var isWrong: Bool

    package init(key: FieldKey, document: Int, score: Double?, isWrong: Bool) {
        self.key = key
        self.document = document
        self.score = score
        self.isWrong = isWrong
    }
}

/// A certify reading as plans may see it: nothing of its review.
package struct UnreadReading: Sendable, Hashable {
    package let key: FieldKey
    package let score: Double?

    package init(_ reading: FieldReading) {
        key = reading.key
        score = reading.score
    }
}

/// Values that are accepted as blank whatever their confidence, and fields that the engine did not report: no threshold sees them.
package struct FieldBlanks: Sendable, Hashable, Codable {
    package var blank = 0
    /// Those where the reviewer found something.
    package var wrong = 0

    package init(blank: Int = 0, wrong: Int = 0) {
        self.blank = blank
        self.wrong = wrong
    }
}

/// The readings of reviewed documents.
package struct FieldReadings: Sendable {
    package private(set) var readings: [FieldReading] = []
    package private(set) var blanks: [FieldKey: FieldBlanks] = [:]
    /// Fields that reviewers added, which the engine had not reported at all.
    package private(set) var addedCount = 0
    package private(set) var documents: [Document] = []

    package var documentCount: Int { documents.count }

    /// What a document's route depends on beside its readings.
    package struct Document: Sendable, Hashable {
        package var type: String
        /// Whether the review changed anything.
        package var isChanged: Bool
        /// Kept from flowing on whatever its readings: a required field is missing or empty, it has pairs, or there is nothing to be sure of.
        package var isHeld: Bool
    }

    /// - Parameters:
    ///   - cases: those without a review are left aside.
    ///   - blankFields: an empty one of these is decided on without a threshold: optional ones are accepted as blank, required ones never.
    ///     Empty values of other fields are readings as any.
    ///   - requiredFields: by document type: without these a document is never confident.
    ///   - scores: of a case's items, in their order.
    package init(
        _ cases: [Case], blankFields: Set<FieldKey>, requiredFields: [String: Set<String>] = [:], scores: (Case) -> [Double?]
    ) {
        for document in cases {
            guard let outcome = document.outcome else { continue }
            let type = document.string(document.documentType)
            let scores = scores(document)
            var missing = requiredFields[type] ?? []
            var hasReading = false
            for (index, item) in document.items.enumerated() where item.kind == .field {
                let key = FieldKey(documentType: type, field: document.string(item.first))
                let isWrong = !outcome.items[index].isFirstRight
                if !item.isEmpty { missing.remove(key.field) }
                if item.isEmpty, blankFields.contains(key) {
                    blanks[key, default: FieldBlanks()].blank += 1
                    if isWrong { blanks[key, default: FieldBlanks()].wrong += 1 }
                } else {
                    hasReading = true
                    readings.append(FieldReading(key: key, document: documents.count, score: scores[index], isWrong: isWrong))
                }
            }
            addedCount += outcome.addedCount
            let hasPairs = document.items.contains { $0.kind != .field }
            documents.append(
                Document(type: type, isChanged: !outcome.isUnchanged, isHeld: hasPairs || !hasReading || !missing.isEmpty))
        }
    }
}
