import API
package import Learning
import Routing

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
    package var strict = false
    private let lineBytesMax: Int

    package init(
        model: String, tune: [String], certify: [String], targets: [TargetAccuracy], risk: Risk, out: String, settings: Settings
    ) {
        self.model = model
        self.tune = tune
        self.certify = certify
        self.targets = targets
        self.risk = risk
        self.out = out
        lineBytesMax = settings.lineBytesMax
    }

    /// Where the plan goes: beside the certificate.
    package var planPath: String { "\(out).plan" }

    /// - Returns: what was found, for people, and whether anything was certified.
    package func run(report: @escaping (String) -> Void) throws -> (lines: [String], isCertified: Bool) {
        if certify.contains("-") { throw Failure(.usage, "The certify files are read twice: give files, not `-`.") }
        let model = try ModelInput.read(model)
        let documents = ScoredFiles(model, targets: targets.map(\.target), lineBytesMax: lineBytesMax, strict: strict, report: report)
        let tuneCases = try documents.cases(tune)
        let (counted, certifyDigest) = try documents.unread(certify, besides: tuneCases)

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
            model: model.hash, calibrator: model.hash, tune: Model.Part(tuneCases).digest, certify: certifyDigest)
        let plan = try Plan.freeze(request, tune: documents.scored(tuneCases), certify: counted)
        try NewFile.write(CertificateFile.encode(plan), to: planPath)

        let cases = try documents.cases(certify, isAgain: true)
        guard Model.Part(cases).digest == certifyDigest else {
            throw Failure(.badData, "the certify files changed while they were read. Run the command again on files that stay as they are.")
        }
        let certificate = try CertifyFiles.tested(plan, documents.scored(cases), issued: CertifyFiles.lastDay(cases))
        try NewFile.write(CertificateFile.encode(certificate), to: out)
        return (CertificateText.lines(certificate) + ["plan: \(planPath)", "certificate: \(out)"], certificate.threshold != nil)
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

    func request(weight: FieldWeight = .fields) throws(Failure) -> TargetRequest {
        let unit: TargetRequest.Unit = target != .field ? .codes : weight == .documents ? .shares : .fields
        guard let request = TargetRequest(name: target.rawValue, accuracy: accuracy, unit: unit)
        else { throw Failure(.usage, "\(target.rawValue)=\(accuracy) cannot be certified.") }
        return request
    }
}
