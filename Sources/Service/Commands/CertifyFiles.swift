import API
import JSON
package import Learning
package import Routing

/// The command `certify`: a threshold for a model's scores that keeps its targets, or the reason why there is none yet.
///
/// The plan is on disk before a certify label is used: the certify files are read once to be counted, the plan is frozen and written,
/// and only then are they read again, scored and tested.
package struct CertifyFiles {
    package var model: String
    package var tune: [String]
    /// Read twice: standard input is refused.
    package var certify: [String]
    package var targets: [TargetAccuracy]
    package var risk: Risk
    /// The seed of the order in which strict mode takes documents; nil for the fixed sequence.
    package var strictSeed: UInt64?
    package var startRule = StartRule.greatestCapture
    /// What counts once in the accuracy of fields; documents need strict mode.
    package var weight = FieldWeight.fields
    package var out: String
    package var rules = LineRules()
    package var outputs = OutputFiles()
    /// A file for the figures, `-` for standard output; nil for none.
    package var json: String?
    /// What the validity of the certificate is compared with.
    package var today: CivilDate
    private let lineBytesMax: Int

    package init(
        model: String, tune: [String], certify: [String], targets: [TargetAccuracy], risk: Risk, out: String, today: CivilDate,
        settings: Settings
    ) {
        self.model = model
        self.tune = tune
        self.certify = certify
        self.targets = targets
        self.risk = risk
        self.out = out
        self.today = today
        lineBytesMax = settings.lineBytesMax
    }

    /// Where the plan goes: beside the certificate.
    package var planPath: String { "\(out).plan" }

    /// - Returns: what was found, for people, and whether anything was certified.
    package func run(report: @escaping (String) -> Void) throws -> (lines: [String], isCertified: Bool) {
        if certify.contains("-") { throw Failure(.usage, "The certify files are read twice: give files, not `-`.") }
        try outputs.check([out, planPath, json])
        let model = try ModelInput.read(model)
        let documents = ScoredFiles(model: model, targets: targets.map(\.target))
        let (tuneCases, counted, accounts) = try counted(model, report: report)

        var request = PlanRequest(
            targets: try targets.map { target in
                // Strict mode must know the bound beforehand. A document with more codes than any of tune makes every test fail, so none
                // breaks it unseen.
                let codesMax = tuneCases.map { $0.count(of: target.target).codes }.max() ?? 0
                guard codesMax > 0 else {
                    throw Failure(
                        .badData, "no tune document has anything that counts for \(target.target.rawValue). Is it the right target?")
                }
                return try target.request(codesMax: codesMax, weight: weight)
            }, risk: risk)
        if let strictSeed { request.mode = .strict(seed: strictSeed) }
        request.startRule = startRule
        request.provenance = Provenance(
            model: model.hash, calibrator: model.hash, tune: Model.Part(tuneCases).digest, certify: counted.digest)
        request.provenance.tuneAccounting = accounts.accounting(of: "tune")
        request.provenance.certifyAccounting = accounts.accounting(of: "certify")
        let plan = try Plan.freeze(request, tune: documents.scored(tuneCases), certifyCount: counted.documents)
        try outputs.write(CertificateFile.encode(plan), to: planPath)

        var again = files(model) { _ in }
        let cases = try again.read(certify, as: "certify", progress: Progress(title: "read"))
        guard Model.Part(cases).digest == counted.digest else {
            throw Failure(.badData, "the certify files changed while they were read. Run the command again on files that stay as they are.")
        }
        let certificate = try CertifyFiles.tested(plan, documents.scored(cases), issued: CertifyFiles.lastDay(cases))
        try outputs.write(CertificateFile.encode(certificate), to: out)
        let unassessed = UnassessedCounts(cases, by: model)
        let words =
            CertificateText.lines(certificate, today: today) + [AccountText.unassessed(unassessed, of: "certify")].compactMap { $0 }
            + AccountText.lines(accounts) + ["plan: \(planPath)", "certificate: \(out)"]
        let lines = try outputs.lines(words, figures: { figures(certificate, accounts, unassessed) }, to: json)
        return (lines, certificate.threshold != nil)
    }

    private func files(_ model: Model, report: @escaping (String) -> Void) -> CaseFiles {
        CaseFiles(lineBytesMax: lineBytesMax, schemas: model.about.schemas ?? [], rules: rules, report: report)
    }

    /// The tune documents; of the certify documents, how many there are and their digest: nothing else of them is kept.
    /// - Throws: `Failure` (badData) when lines are refused or repeated, or when documents are in both parts or made the model.
    private func counted(
        _ model: Model, report: @escaping (String) -> Void
    ) throws -> (tune: [Case], certify: Model.Part, accounts: Accounts) {
        let progress = Progress(title: "read")
        defer { progress.finish() }
        var files = files(model) { line in
            progress.finish()
            report(line)
        }
        let tune = try files.read(tune, as: "tune", progress: progress)
        let certify = try files.read(certify, as: "certify", progress: progress)
        try files.check()
        try model.checkFresh(tune, of: "tune", mayTune: true)
        try model.checkFresh(certify, of: "certify")
        return (tune, Model.Part(certify), files.accounts)
    }

    private func figures(_ certificate: Certificate, _ accounts: Accounts, _ unassessed: UnassessedCounts) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("certificate")
        writer.string(out)
        writer.members(certificate, today: today)
        writer.members(accounts)
        writer.member(unassessed)
        writer.endObject()
        return Array("\(PrettyJSON.text(writer.bytes))\n".utf8)
    }

    private static func tested(_ plan: Plan, _ documents: [ScoredDocument], issued: CivilDate) throws(Failure) -> Certificate {
        do {
            return try plan.certify(documents, validity: Validity(issued: issued, codeSets: CodeSet.allCases))
        } catch {
            throw Failure(.badData, "the certify files are not what was planned for: \(error). Run the command again.")
        }
    }

    /// A certificate counts from the last day of the work it was tested on, so that the same files give the same bytes.
    static func lastDay(_ cases: [Case]) -> CivilDate {
        cases.compactMap { $0.serviceDate ?? $0.receivedAt?.date }.max { $0.days < $1.days } ?? CivilDate(days: 0)
    }
}

/// A target and the accuracy to keep, as a command line names them.
package struct TargetAccuracy: Sendable, Hashable {
    package let target: Target
    /// In (0, 1).
    package let accuracy: Double

    /// Reads `procedure=0.98,primaryDiagnosis=0.95`.
    /// - Throws: `Failure` (usage) that says what is wrong with which part.
    package static func list(_ text: String) throws(Failure) -> [TargetAccuracy] {
        var all: [TargetAccuracy] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let names = Target.allCases.map(\.rawValue).joined(separator: ", ")
            guard let target = Target(rawValue: String(halves[0])) else {
                throw Failure(.usage, "\"\(halves[0])\" is no target. There are: \(names).")
            }
            guard halves.count == 2, let accuracy = Double(String(halves[1])), accuracy > 0, accuracy < 1 else {
                throw Failure(.usage, "the accuracy of \(target.rawValue) is a number between 0 and 1, as in \(target.rawValue)=0.98.")
            }
            guard !all.contains(where: { $0.target == target }) else {
                throw Failure(.usage, "\(target.rawValue) is named twice.")
            }
            all.append(TargetAccuracy(target: target, accuracy: accuracy))
        }
        return all
    }

    func request(codesMax: Int, weight: FieldWeight = .fields) throws(Failure) -> TargetRequest {
        let unit: TargetRequest.Unit = target != .field ? .severalCodes : weight == .documents ? .shares : .fields
        guard let request = TargetRequest(name: target.rawValue, accuracy: accuracy, unit: unit, codesMax: codesMax)
        else { throw Failure(.usage, "\(target.rawValue)=\(accuracy) cannot be certified.") }
        return request
    }
}
