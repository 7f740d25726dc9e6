import API
import Learning
import Routing
import Validation

/// Reviewed results as readings of fields, scored by a model or by the engine.
struct FieldFiles {
    let kinds: [FieldKey: String]
    private let assessor: Assessor?
    private let schemas: [FieldSchema]
    private let refusesViolations: Bool
    private let blankFields: Set<FieldKey>
    /// By document type.
    private let requiredFields: [String: Set<String>]

    init(model: Model?, schemas: [FieldSchema], refusesViolations: Bool) {
        assessor = model.map(Assessor.init)
        self.schemas = schemas
        self.refusesViolations = refusesViolations
        var kinds: [FieldKey: String] = [:]
        var blankFields: Set<FieldKey> = []
        var requiredFields: [String: Set<String>] = [:]
        for schema in schemas {
            for field in schema.fields {
                let key = FieldKey(documentType: schema.documentType, field: field.name)
                kinds[key] = field.type
                if field.required != nil { blankFields.insert(key) }
                if field.required == true { requiredFields[schema.documentType, default: []].insert(field.name) }
            }
        }
        self.kinds = kinds
        self.blankFields = blankFields
        self.requiredFields = requiredFields
    }

    func readings(_ cases: [Case]) -> FieldReadings {
        var assessment = Assessment()
        return FieldReadings(cases, blankFields: blankFields, requiredFields: requiredFields) { document in
            if let assessor { assessor.assess(document, into: &assessment) }
            return document.items.indices.map { index in
                let item = document.items[index]
                if refusesViolations, item.isMalformed == true { return nil }
                return item.confidence.flatMap { assessor == nil ? $0.value : assessment.items[index].confidence }
            }
        }
    }

    func schema(of documentType: String) -> FieldSchema? { schemas.first { $0.documentType == documentType } }
}

/// Schema files, read and checked.
enum SchemaInput {
    /// Longest file that is read, in bytes.
    private static let bytesMax = 4 << 20

    /// - Throws: `InputError`, `Failure` (badData, with what is wrong).
    static func read(_ path: String) throws -> FieldSchema {
        let bytes = try InputFile.bytes(of: path, bytesMax: bytesMax)
        do throws(FieldSchema.ReadError) {
            return try FieldSchema.read(bytes)
        } catch {
            throw Failure(.badData, "\(path): \(error).")
        }
    }
}
