import Learning

/// Reviewed results as what certificates take: a score and counts of right and wrong codes.
struct ScoredFiles {
    let model: Model
    let targets: [Target]

    /// In the order of the cases. A document with an item that has no confidence, or that is unlike the model's training, is kept from being
    /// confident; one that nobody has reviewed counts as wrong.
    func scored(_ cases: [Case]) -> [ScoredDocument] {
        let assessor = Assessor(model)
        var assessment = Assessment()
        return cases.map { document in
            assessor.assess(document, into: &assessment)
            return document.scored(assessment.score, targets: targets)
        }
    }
}
