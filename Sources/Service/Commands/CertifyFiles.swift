import API
import JSON
package import Learning
package import Routing

/// The command `certify`: a threshold for a model's scores that keeps its targets, or the reason why there is none yet.
///
/// The plan is on disk before a certify label is used: the certify files are read once to be scored and counted, blind to their reviews, the
/// plan is frozen and written, and only then are they read again and tested.
package struct CertifyFiles {
    package var model: String
    package var tune: [String]
    /// Read twice: standard input is refused.
    package var certify: [String]
    package var targets: [TargetAccuracy]
    package var risk: Risk
    /// How codes are tested; fields are bet on in both.
    package var mode = CertificateMode.fixedSequence
    /// What the order begins with in which bets take documents.
    package var seed: UInt64 = 1
    /// What counts once in the accuracy of fields.
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
        let (tuneCases, counted, accounts) = try counted(model, documents, report: report)

        var request = PlanRequest(
            targets: try targets.map { target in
                guard tuneCases.contains(where: { $0.count(of: target.target).codes > 0 }) else {
                    throw Failure(
                        .badData, "no tune document has anything that counts for \(target.target.rawValue). Is it the right target?")
                }
                return try target.request(weight: weight)
            }, risk: risk)
        request.mode = mode
        request.seed = seed
        request.provenance = Provenance(
            model: model.hash, calibrator: model.hash, tune: Model.Part(tuneCases).digest, certify: counted.digest)
        request.provenance.tuneAccounting = accounts.accounting(of: "tune")
        request.provenance.certifyAccounting = accounts.accounting(of: "certify")
        let plan = try Plan.freeze(request, tune: documents.scored(tuneCases), certify: counted.unread)
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

    /// The tune documents; of the certify documents their digest and what plans may see: nothing of their reviews is kept.
    /// - Throws: `Failure` (badData) when lines are refused or repeated, or when documents are in both parts or made the model.
    private func counted(
        _ model: Model, _ documents: ScoredFiles, report: @escaping (String) -> Void
    ) throws -> (tune: [Case], certify: (unread: [UnreadDocument], digest: String), accounts: Accounts) {
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
        return (tune, (documents.scored(certify).map(UnreadDocument.init), Model.Part(certify).digest), files.accounts)
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
                throw Failure(.usage, "\"\(halves[0])\" is not a target. There are: \(names).")
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

    func request(weight: FieldWeight = .fields) throws(Failure) -> TargetRequest {
        let unit: TargetRequest.Unit = target != .field ? .codes : weight == .documents ? .shares : .fields
        guard let request = TargetRequest(name: target.rawValue, accuracy: accuracy, unit: unit)
        else { throw Failure(.usage, "\(target.rawValue)=\(accuracy) cannot be certified.") }
        return request
    }
}
