import Routing

/// Why an evaluation cannot be made.
package enum EvaluationError: Error, Sendable, Hashable {
    /// Two parts share so many documents: what is learned from one would be judged by itself.
    case shared(first: String, second: String, count: Int)
    /// A part has no document that a reviewer has seen.
    case noReviewedDocuments(part: String)
    /// A target's name that documents cannot be counted for.
    case unknownTarget(String)
    /// No test document has a code of the target.
    case noCodes(target: String)
    /// Certify documents were to be taken from train, which has too few.
    case tooFewDocuments
}

/// The documents of an evaluation.
///
/// 1. Parts share no document (by type and id), or the evaluation is refused.
/// 2. Test documents are read for figures alone; they shape no model, plan or threshold.
package struct EvaluationParts: Sendable {
    package let train: [Case]
    package let tune: [Case]
    package let certify: [Case]
    /// Reviewed ones alone: nothing can be said of the others.
    package let test: [Case]
    /// Whether the certify documents were taken from train, since none were given.
    package let isCertifySetAside: Bool
    /// Test documents that nobody has reviewed, left out.
    package let unreviewedTestCount: Int

    /// Of train, what is set aside to certify by: a fifth, and no more than a first certificate at 98 and 95 % needs.
    static let setAsideShare = 5
    static let setAsideMax = 5_000

    /// - Parameter certify: nil to set documents of train aside, drawn by the seed: a fifth of them, at most 5,000; all that share an id
    ///   go together. Tune is not taken from: it is small where a corpus has a part of its own for it, and models are chosen on it.
    package init(train: [Case], tune: [Case], certify: [Case]?, test: [Case], seed: UInt64) throws(EvaluationError) {
        (self.train, self.certify) = certify.map { (train, $0) } ?? EvaluationParts.setAside(train, seed: seed)
        isCertifySetAside = certify == nil
        self.tune = tune
        self.test = test.filter { $0.outcome != nil }
        unreviewedTestCount = test.count - self.test.count
        if certify == nil, self.certify.isEmpty, !train.isEmpty { throw .tooFewDocuments }
        let parts = [("train", self.train), ("tune", tune), ("certify", self.certify), ("test", self.test)]
        for (name, cases) in parts where !cases.contains(where: { $0.outcome != nil }) { throw .noReviewedDocuments(part: name) }
        var register = DocumentRegister()
        for (name, cases) in parts {
            for document in cases { _ = register.enter(document, at: DocumentRegister.Place(part: name)) }
        }
        if let shared = register.shared.first { throw .shared(first: shared.first, second: shared.second, count: shared.count) }
    }

    private static func setAside(_ cases: [Case], seed: UInt64) -> (train: [Case], certify: [Case]) {
        var places: [DocumentIdentity: Int] = [:]
        for document in cases where places[DocumentIdentity(document)] == nil { places[DocumentIdentity(document)] = places.count }
        var generator = SeededGenerator(seed: seed)
        let rank = generator.permutation(places.count)
        let count = min(places.count / setAsideShare, setAsideMax)
        func isSetAside(_ document: Case) -> Bool { places[DocumentIdentity(document)].map { rank[$0] < count } ?? false }
        return (cases.filter { !isSetAside($0) }, cases.filter(isSetAside))
    }

    /// Documents that the learning curve can train on.
    var curveCountMax: Int { train.count + (isCertifySetAside ? certify.count : 0) }

    /// Sizes of the learning curve as they can be had, each once.
    func curveSizes(_ asked: [Int]) -> [Int] { Set(asked.map { min(max($0, 1), curveCountMax) }).sorted() }
}
