import Learning
import Routing

/// Files of reviewed results as what certificates and evaluations take: a score and counts of right and wrong codes.
struct ScoredFiles {
    private let model: Model
    private let targets: [Target]
    private let lineBytesMax: Int
    private let strict: Bool
    private let report: (String) -> Void

    /// - Parameter strict: any line that is refused ends the command.
    init(_ model: Model, targets: [Target], lineBytesMax: Int, strict: Bool, report: @escaping (String) -> Void) {
        self.model = model
        self.targets = targets
        self.lineBytesMax = lineBytesMax
        self.strict = strict
        self.report = report
    }

    /// - Parameter isAgain: the files were read before: lines that are refused are not named a second time.
    func cases(_ paths: [String], isAgain: Bool = false) throws -> [Case] {
        let progress = Progress(title: "read")
        defer { progress.finish() }
        var files = CaseFiles(lineBytesMax: lineBytesMax, schemas: model.about.schemas ?? [], strict: strict) { line in
            if isAgain { return }
            progress.finish()
            report(line)
        }
        return try files.read(paths, progress: progress)
    }

    /// The documents to certify by as plans may see them, and their digest; nothing of their reviews is kept. Documents that are there twice are told of:
    /// they are counted as often, and are no independent work.
    /// - Throws: `Failure` (badData) when the model was made from these very documents, or some of them are among those of tune.
    func unread(_ paths: [String], besides tune: [Case]) throws -> (documents: [UnreadDocument], digest: String) {
        let cases = try cases(paths)
        let digest = Model.Part(cases).digest
        let planned = Set(tune.map(\.identity))
        let shared = cases.count { planned.contains($0.identity) }
        let taught = [model.about.train.digest, model.about.tune.digest].contains(digest)
        if taught || shared > 0 {
            let what =
                taught
                ? "the model was made from the certify files" : "\(shared) of the certify documents are among the tune documents"
            throw Failure(.badData, "\(what): what was learned from them cannot be judged by them. Certify with other documents.")
        }
        let repeated = cases.count - Set(cases.map(\.identity)).count
        if repeated > 0 {
            report(
                "\(repeated) certify documents have the type and id of another. They are no independent work: keep the first of each.")
        }
        return (scored(cases).map(UnreadDocument.init), digest)
    }

    /// In the order of the cases. A document with an item that has no confidence is kept from being confident by a hard rule; one that
    /// nobody has reviewed counts as wrong.
    func scored(_ cases: [Case]) -> [ScoredDocument] {
        let assessor = Assessor(model)
        var assessment = Assessment()
        return cases.map { document in
            assessor.assess(document, into: &assessment)
            return document.scored(assessment.score, targets: targets)
        }
    }
}
