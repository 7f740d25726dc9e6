import API
package import Learning
import Routing

/// The command `thresholds suggest`: for each field of reviewed results (or pool of fields) the threshold that the eye would choose and the
/// one that is certified, or what is missing for one.
///
/// 1. Documents, not fields, are put into tune and certify: a document's errors come together.
/// 2. The plans of all pools are frozen from tune and the scores of the certify readings; only then is a certify label looked at.
package struct SuggestThresholds {
    /// Split by the seed; or none, and `tune` and `certify` instead.
    package var files: [String] = []
    package var tune: [String] = []
    package var certify: [String] = []
    /// Further documents, on which the thresholds are tried.
    package var test: [String] = []
    /// Empty for all that there are.
    package var documentTypes: [String] = []
    package var request: FieldThresholdRequest
    /// Of `files`, the share that plans.
    package var tuneShare = 0.25
    package var seed: UInt64 = 1
    /// A model file; nil for the engine's own confidences.
    package var model: String?
    package var schemas: [String] = []
    /// Values that violate their schema's form are accepted at no threshold.
    package var refusesViolations = false
    /// A file to write; of several document types, a directory. Nil for none.
    package var policy: String?
    /// A file to write; nil for none.
    package var json: String?
    package var strict = false
    private let lineBytesMax: Int

    package init(_ request: FieldThresholdRequest, settings: Settings) {
        self.request = request
        lineBytesMax = settings.lineBytesMax
    }

    /// - Returns: what was found, for people.
    package func run(report: @escaping (String) -> Void) throws -> [String] {
        let model = try model.map(ModelInput.read)
        let schemas = try SuggestThresholds.schemas(try schemas.map(SchemaInput.read), model)
        try check(schemas)
        var reader = FieldFiles(
            model: model, schemas: schemas, refusesViolations: refusesViolations, lineBytesMax: lineBytesMax, strict: strict, report: report
        )
        let parts = try parts(&reader)
        let types = try chosenTypes(parts.tune.types.union(parts.certify.types))
        let (tune, certify) = (parts.tune.of(types), parts.certify.of(types))
        for (name, part) in [("tune", tune), ("certify", certify)] where part.cases.isEmpty {
            throw Failure(
                .badData,
                "no \(name) document\(documentTypes.isEmpty ? "" : " of the type") was reviewed. Give files with `review` members, or more of them."
            )
        }
        var request = request
        request.provenance = Provenance(
            model: model?.hash, calibrator: model?.hash, tune: Model.Part(tune.cases).digest, certify: Model.Part(certify.cases).digest)
        if let about = model?.about, [about.train.digest, about.tune.digest].contains(request.provenance.certify) {
            throw Failure(.badData, "the model was made from the certify files: its promise would be its own word. Give other documents.")
        }
        let planned = Set(tune.cases.map(\.identity))
        let shared = certify.cases.count { planned.contains($0.identity) }
        guard shared == 0 else {
            throw Failure(
                .badData, "\(shared) of the certify documents are among the tune documents, which choose what is tested. Give others.")
        }
        let tuneReadings = reader.readings(tune.cases)
        let certifyReadings = reader.readings(certify.cases)
        let keys = Set(tuneReadings.readings.map(\.key) + certifyReadings.readings.map(\.key))
        guard !keys.isEmpty else { throw Failure(.badData, "the files hold no fields. Results of code pairs are for sluice certify.") }
        let pools = FieldPool.pools(keys, request.pooling, kinds: reader.kinds)
        let plan = try FieldPlan.freeze(
            request, pools: pools, tune: tuneReadings.readings, certify: certifyReadings.readings.map(UnreadReading.init))
        let validity = Validity(issued: CertifyFiles.lastDay(certify.cases), codeSets: CodeSet.allCases)
        let thresholds: FieldThresholds
        do {
            thresholds = try plan.certify(certifyReadings.readings, validity: validity)
        } catch {
            throw Failure(.internal, "the plan does not fit the certify files: \(error). Please report it.")
        }
        var result = FieldReport(
            documentTypes: types.sorted(), tune: tuneReadings, certify: certifyReadings, unreviewed: tune.unreviewed + certify.unreviewed,
            isModel: model != nil, thresholds: thresholds, trial: nil)
        if !test.isEmpty {
            let part = FieldFiles.Part(try reader.cases(test)).of(types)
            result.trial = thresholds.tried(on: reader.readings(part.cases).readings)
        }
        var lines = ThresholdText.lines(result)
        for (type, path) in policyPaths(types) {
            let made = try ThresholdPolicy.policy(result, documentType: type, schema: reader.schema(of: type))
            try NewFile.write(Array("\(PrettyJSON.text(PolicyCodec.write(made)))\n".utf8), to: path)
            lines.append(ThresholdText.line(made, path: path))
        }
        if let json {
            try NewFile.write(result.json, to: json)
            lines.append("figures, plans and certificates: \(json)")
        }
        return lines
    }

    /// A model reads values as it was taught to: its own schemas are the ones that count.
    private static func schemas(_ given: [FieldSchema], _ model: Model?) throws(Failure) -> [FieldSchema] {
        guard let own = model?.about.schemas else { return given }
        for schema in given where own.contains(where: { $0.documentType == schema.documentType && $0 != schema }) {
            throw Failure(.usage, "the model was trained with another schema of \(schema.documentType): leave this one out.")
        }
        return own + given.filter { schema in !own.contains { $0.documentType == schema.documentType } }
    }

    private func check(_ schemas: [FieldSchema]) throws(Failure) {
        if request.pooling == .kind, schemas.isEmpty {
            throw Failure(.usage, "the kinds of fields are in schema files: give --schema FILE.")
        }
        if refusesViolations, schemas.isEmpty {
            throw Failure(.usage, "what a value should look like is in schema files: give --schema FILE.")
        }
        if policy != nil, refusesViolations {
            throw Failure(.usage, "the service does not look at values: a policy cannot keep out those that violate their form.")
        }
    }

    /// One type's policy is the file that was named; several are files of that directory.
    private func policyPaths(_ types: Set<String>) -> [(type: String, path: String)] {
        guard let policy else { return [] }
        return types.count == 1 ? types.map { ($0, policy) } : types.sorted().map { ($0, "\(policy)/\($0).json") }
    }

    private func parts(_ reader: inout FieldFiles) throws -> (tune: FieldFiles.Part, certify: FieldFiles.Part) {
        guard files.isEmpty else {
            let all = try reader.cases(files)
            return (
                FieldFiles.Part(all.filter { $0.share(seed: seed) < tuneShare }),
                FieldFiles.Part(all.filter { $0.share(seed: seed) >= tuneShare })
            )
        }
        return (FieldFiles.Part(try reader.cases(tune)), FieldFiles.Part(try reader.cases(certify)))
    }

    private func chosenTypes(_ known: Set<String>) throws(Failure) -> Set<String> {
        if documentTypes.isEmpty { return known }
        for type in documentTypes where !known.contains(type) {
            let names = known.isEmpty ? "none" : known.sorted().joined(separator: ", ")
            throw Failure(.badData, "the files hold no document of the type \"\(type)\". There are: \(names).")
        }
        return Set(documentTypes)
    }
}
