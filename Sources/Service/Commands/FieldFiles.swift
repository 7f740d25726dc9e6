import API
import Learning
import Routing
import Validation

/// Files of reviewed results as readings of fields, scored by a model or by the engine.
struct FieldFiles {
    let kinds: [FieldKey: String]
    private let assessor: Assessor?
    private let schemas: [FieldSchema]
    private let refusesViolations: Bool
    private let blankFields: Set<FieldKey>
    private let lineBytesMax: Int
    private let strict: Bool
    private let report: (String) -> Void

    init(
        model: Model?, schemas: [FieldSchema], refusesViolations: Bool, lineBytesMax: Int, strict: Bool, report: @escaping (String) -> Void
    ) {
        assessor = model.map(Assessor.init)
        self.schemas = schemas
        self.refusesViolations = refusesViolations
        self.lineBytesMax = lineBytesMax
        self.strict = strict
        self.report = report
        var kinds: [FieldKey: String] = [:]
        var blankFields: Set<FieldKey> = []
        for schema in schemas {
            for field in schema.fields {
                let key = FieldKey(documentType: schema.documentType, field: field.name)
                kinds[key] = field.type
                if field.required != nil { blankFields.insert(key) }
            }
        }
        self.kinds = kinds
        self.blankFields = blankFields
    }

    /// Documents of files.
    struct Part {
        var cases: [Case]
        /// Left aside.
        var unreviewed = 0

        init(_ cases: [Case]) { self.cases = cases }

        var types: Set<String> { Set(cases.map { $0.string($0.documentType) }) }

        /// The reviewed ones of some types.
        func of(_ types: Set<String>) -> Part {
            let own = cases.filter { types.contains($0.string($0.documentType)) }
            var part = Part(own.filter { $0.outcome != nil })
            part.unreviewed = own.count - part.cases.count
            return part
        }
    }

    func cases(_ paths: [String]) throws -> [Case] {
        let progress = Progress(title: "read")
        defer { progress.finish() }
        var files = CaseFiles(lineBytesMax: lineBytesMax, schemas: schemas, strict: strict) { line in
            progress.finish()
            report(line)
        }
        return try files.read(paths, progress: progress)
    }

    func readings(_ cases: [Case]) -> FieldReadings {
        var assessment = Assessment()
        return FieldReadings(cases, blankFields: blankFields) { document in
            if let assessor { assessor.assess(document, into: &assessment) }
            return document.items.indices.map { index in
                let item = document.items[index]
                if refusesViolations, item.isMalformed == true { return nil }
                return item.confidence.map { assessor == nil ? $0.value : assessment.items[index].confidence }
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
