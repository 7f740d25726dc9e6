import Routing

/// Why a model says nothing of an item: its training held nothing like it.
package enum Unassessed: String, Sendable, Hashable, CaseIterable {
    /// The model is of one population, the document of another.
    case population
    /// No document of its type.
    case documentType
    /// No field of its name in a document of its type.
    case field
    /// No pair in any document of its type.
    case pair
    /// No pair with its procedure; with its diagnosis.
    case procedure, diagnosis

    /// How it reads: `left unassessed for their diagnosis`.
    package var name: String {
        switch self {
        case .population: "population"
        case .documentType: "document type"
        case .field: "field"
        case .pair: "having pairs"
        case .procedure: "procedure"
        case .diagnosis: "diagnosis"
        }
    }
}

/// What a model was trained on, by the keys of names and codes. Of anything else its numbers would be a guess that looks like an assessment.
///
/// Which procedures go with which diagnoses is not in it: a new combination of codes that are both known is what a model is there to judge.
package struct Vocabulary: Sendable, Hashable, Codable {
    /// In ascending order of their bytes, as all lists here.
    package var documentTypes: [DocumentType]
    package var procedures: [String]
    package var diagnoses: [String]

    package struct DocumentType: Sendable, Hashable, Codable {
        package var name: String
        package var fields: [String]
        package var hasPairs: Bool
    }

    /// - Parameter train: what the model learned from.
    init(_ train: [Case]) {
        var types: [String: (fields: Set<String>, hasPairs: Bool)] = [:]
        var procedures: Set<String> = []
        var diagnoses: Set<String> = []
        for document in train {
            var type = types[document.string(document.documentType)] ?? ([], false)
            for item in document.items {
                if item.kind == .field {
                    type.fields.insert(document.string(item.firstKey))
                } else {
                    type.hasPairs = true
                    procedures.insert(document.string(item.firstKey))
                    diagnoses.insert(document.string(item.secondKey))
                }
            }
            types[document.string(document.documentType)] = type
        }
        documentTypes = Vocabulary.sorted(types.keys).map { name in
            DocumentType(name: name, fields: Vocabulary.sorted(types[name]?.fields ?? []), hasPairs: types[name]?.hasPairs == true)
        }
        self.procedures = Vocabulary.sorted(procedures)
        self.diagnoses = Vocabulary.sorted(diagnoses)
    }

    private static func sorted(_ names: some Collection<String>) -> [String] {
        names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

/// A vocabulary made ready for looking up. Immutable; any number of assessors share it.
struct VocabularyIndex: Sendable {
    private let population: [UInt8]?
    private let types: NameTable
    private let fields: [NameTable]
    private let hasPairs: [Bool]
    private let procedures: NameTable
    private let diagnoses: NameTable

    /// - Parameter population: the one that the model is of; nil for all.
    init(_ vocabulary: Vocabulary, population: String?) {
        self.population = population.map { CanonicalForm.ofName($0.utf8) }
        types = NameTable(interning: vocabulary.documentTypes.map(\.name))
        fields = vocabulary.documentTypes.map { NameTable(interning: $0.fields) }
        hasPairs = vocabulary.documentTypes.map(\.hasPairs)
        procedures = NameTable(interning: vocabulary.procedures)
        diagnoses = NameTable(interning: vocabulary.diagnoses)
    }

    /// By item: why nothing can be said of it; nil where something can. Over what is in `reasons`, whose memory is used again.
    func find(_ document: Case, into reasons: inout [Unassessed?]) {
        reasons.removeAll(keepingCapacity: true)
        let type = Int(types.find(document.text.span.extracting(document.documentType.indices)))
        let whole: Unassessed? = isOfOtherPopulation(document) ? .population : type < 0 ? .documentType : nil
        for item in document.items { reasons.append(whole ?? reason(item, of: document, type: type)) }
    }

    private func isOfOtherPopulation(_ document: Case) -> Bool {
        guard let population else { return false }
        return document.populationKey.map { document.text[$0.indices].elementsEqual(population) } != true
    }

    private func reason(_ item: Case.Item, of document: Case, type: Int) -> Unassessed? {
        let text = document.text.span
        let first = text.extracting(item.firstKey.indices)
        if item.kind == .field { return fields[type].find(first) >= 0 ? nil : .field }
        guard hasPairs[type] else { return .pair }
        if procedures.find(first) < 0 { return .procedure }
        return diagnoses.find(text.extracting(item.secondKey.indices)) >= 0 ? nil : .diagnosis
    }
}

/// How much of some documents is unlike the training of a model.
package struct UnassessedCounts: Sendable, Hashable, Codable {
    /// With such an item.
    package private(set) var documents = 0
    /// By the raw value of the reason.
    package private(set) var items: [String: Int] = [:]

    package init() {}

    package var itemCount: Int { items.values.reduce(0, +) }

    package mutating func add(_ assessment: Assessment) {
        var isCounted = false
        for item in assessment.items {
            guard let reason = item.unassessed else { continue }
            items[reason.rawValue, default: 0] += 1
            isCounted = true
        }
        if isCounted { documents += 1 }
    }
    /// Of documents as a model assesses them.
    package init(_ cases: [Case], by model: Model) {
        let assessor = Assessor(model)
        var assessment = Assessment()
        for document in cases {
            assessor.assess(document, into: &assessment)
            add(assessment)
        }
    }
}
