import API
package import Learning
import Routing
import Validation

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
    package var rules = LineRules()
    package var outputs = OutputFiles()
    private let lineBytesMax: Int

    package init(_ request: FieldThresholdRequest, settings: Settings) {
        self.request = request
        lineBytesMax = settings.lineBytesMax
    }

    /// The documents of each part, reviewed or not, of the types that were asked for; and what became of all lines.
    private struct Documents {
        var tune: [Case]
        var certify: [Case]
        var test: [Case]
        var accounts: Accounts

        var types: Set<String> { Set((tune + certify).map { $0.string($0.documentType) }) }
        var unreviewed: Int { (tune + certify).count { $0.outcome == nil } }
    }

    /// - Returns: what was found, for people.
    package func run(report: @escaping (String) -> Void) throws -> [String] {
        try checkOutputs()
        let model = try model.map(ModelInput.read)
        let schemas = try SuggestThresholds.schemas(try schemas.map(SchemaInput.read), model)
        try check(schemas)
        let documents = try documents(schemas, model, report: report)
        let types = documents.types
        try outputs.check(policyPaths(types).map(\.path))
        let reader = FieldFiles(model: model, schemas: schemas, refusesViolations: refusesViolations)
        let result = try result(documents, model, reader)
        var words = ThresholdText.lines(result) + AccountText.lines(documents.accounts)
        for (type, path) in policyPaths(types) {
            let made = try ThresholdPolicy.policy(result, documentType: type, schema: reader.schema(of: type))
            let reason = ThresholdText.changeReason(result)
            try outputs.write(Array("\(PrettyJSON.text(PolicyCodec.write(made, changeReason: reason)))\n".utf8), to: path)
            words.append(ThresholdText.line(made, path: path))
        }
        return try outputs.lines(words, figures: { result.json }, to: json)
    }

    private func result(_ documents: Documents, _ model: Model?, _ reader: FieldFiles) throws -> FieldReport {
        let (tune, certify) = (documents.tune.filter { $0.outcome != nil }, documents.certify.filter { $0.outcome != nil })
        for (name, cases) in [("tune", tune), ("certify", certify)] where cases.isEmpty {
            throw Failure(
                .badData,
                "no \(name) document\(documentTypes.isEmpty ? "" : " of the type") was reviewed. Give files with `review` members, or more of them."
            )
        }
        var request = request
        request.provenance = provenance(tune, certify, documents.accounts, model)
        let tuneReadings = reader.readings(tune)
        let certifyReadings = reader.readings(certify)
        let keys = Set(tuneReadings.readings.map(\.key) + certifyReadings.readings.map(\.key))
        guard !keys.isEmpty else { throw Failure(.badData, "the files hold no fields. Results of code pairs are for sluice certify.") }
        let pools = FieldPool.pools(keys, request.pooling, kinds: reader.kinds)
        let plan = try FieldPlan.freeze(
            request, pools: pools, tune: tuneReadings.readings, certify: certifyReadings.readings.map(UnreadReading.init))
        let validity = Validity(issued: CertifyFiles.lastDay(certify), codeSets: CodeSet.allCases)
        let thresholds: FieldThresholds
        do {
            thresholds = try plan.certify(certifyReadings.readings, validity: validity)
        } catch {
            throw Failure(.internal, "the plan does not fit the certify files: \(error). Please report it.")
        }
        var result = FieldReport(
            documentTypes: documents.types.sorted(), tune: tuneReadings, certify: certifyReadings, unreviewed: documents.unreviewed,
            isModel: model != nil, thresholds: thresholds, trial: nil)
        result.accounts = documents.accounts
        if let model { result.unassessed = UnassessedCounts(certify, by: model) }
        if !test.isEmpty {
            let readings = reader.readings(documents.test)
            result.trial = thresholds.tried(on: readings.readings)
            result.trialFlow = result.flow(of: readings)
        }
        return result
    }

    private func provenance(_ tune: [Case], _ certify: [Case], _ accounts: Accounts, _ model: Model?) -> Provenance {
        var provenance = Provenance(
            model: model?.hash, calibrator: model?.hash, tune: Model.Part(tune).digest, certify: Model.Part(certify).digest)
        provenance.tuneAccounting = accounts.accounting(of: files.isEmpty ? "tune" : "files")
        provenance.certifyAccounting = accounts.accounting(of: files.isEmpty ? "certify" : "files")
        return provenance
    }

    private func documents(_ schemas: [FieldSchema], _ model: Model?, report: @escaping (String) -> Void) throws -> Documents {
        let progress = Progress(title: "read")
        defer { progress.finish() }
        var reader = CaseFiles(lineBytesMax: lineBytesMax, schemas: schemas, rules: rules) { line in
            progress.finish()
            report(line)
        }
        var known: Set<String> = []
        func read(_ paths: [String], _ part: String) throws -> [Case] {
            try reader.read(paths, as: part, progress: progress) { document in
                let type = document.string(document.documentType)
                known.insert(type)
                return documentTypes.isEmpty || documentTypes.contains(type) ? LineUse.reviewed(document) : .leftOut
            }
        }
        let all = try read(files, "files")
        let tune = files.isEmpty ? try read(tune, "tune") : all.filter { $0.share(seed: seed) < tuneShare }
        let certify = files.isEmpty ? try read(certify, "certify") : all.filter { $0.share(seed: seed) >= tuneShare }
        try check(types: known)
        let types = Set((tune + certify).map { $0.string($0.documentType) })
        let test = try reader.read(test, as: "test", progress: progress) { document in
            types.contains(document.string(document.documentType)) ? LineUse.reviewed(document) : .leftOut
        }
        try reader.check()
        if let model {
            try model.checkFresh(tune, of: "tune", mayTune: true)
            try model.checkFresh(certify, of: "certify")
            try model.checkFresh(test, of: "test")
        }
        return Documents(tune: tune, certify: certify, test: test, accounts: reader.accounts)
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

    /// One type's policy is the file that was named; several are files of that directory, as is one where a directory was named.
    private func policyPaths(_ types: Set<String>) -> [(type: String, path: String)] {
        guard let policy else { return [] }
        let isFile = types.count == 1 && !OutputFiles.isDirectory(policy)
        return types.sorted().map { ($0, isFile ? policy : "\(policy)/\($0).json") }
    }

    /// A policy of which the types are not known yet: the file, or the directory, that was named.
    private func checkOutputs() throws(Failure) {
        let isDirectory = policy.map(OutputFiles.isDirectory) == true
        try outputs.check([isDirectory ? nil : documentTypes.count > 1 ? policy.map { "\($0)/\(documentTypes[0]).json" } : policy, json])
    }

    private func check(types known: Set<String>) throws(Failure) {
        for type in documentTypes where !known.contains(type) {
            let names = known.isEmpty ? "none" : known.sorted().joined(separator: ", ")
            throw Failure(.badData, "the files hold no document of the type \"\(type)\". There are: \(names).")
        }
    }
}
