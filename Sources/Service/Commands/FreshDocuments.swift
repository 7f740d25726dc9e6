import Learning

extension Model {
    /// That documents which are to judge the model, or to plan how it is judged, took no part in making it.
    /// - Parameters:
    ///   - part: what the documents are for, for example `certify`.
    ///   - mayTune: whether documents that tuned it may be among them, as they may when tests are only planned.
    /// - Throws: `Failure` (badData).
    func checkFresh(_ cases: [Case], of part: String, mayTune: Bool = false) throws(Failure) {
        let taught = cases.count { about.train.holds($0) }
        let tuned = mayTune ? 0 : cases.count { about.tune.holds($0) }
        guard taught + tuned > 0 else { return }
        let made = [(taught, "taught"), (tuned, "tuned")].filter { $0.0 > 0 }.map { "\($0.0) \($0.1) the model" }
        throw Failure(
            .badData,
            "of the \(cases.count) \(part) documents \(made.joined(separator: " and ")) (by documentType and documentId): what was learned from "
                + "them cannot be judged by them. Give documents that the model has not seen.")
    }
}
