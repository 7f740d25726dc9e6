import Routing

/// What a technique says of a document.
struct TechniqueScore {
    /// Documents are ranked by it; nil for one that is never confident.
    var score: Double?
    /// The probability that the document is unchanged; nil where the technique gives none.
    var confidence: Double?
    /// By item; nil where the technique says nothing of it.
    var items: [Double?]
}

/// Applies a technique to documents. One per thread: a model's assessor keeps its memory.
struct TechniqueScorer {
    let technique: Technique
    let apply: (Case) -> TechniqueScore

    static func crosswalk(_ table: Crosswalk) -> TechniqueScorer {
        TechniqueScorer(technique: .crosswalk) { document in
            let pairs = document.items.filter { $0.kind != .field }
            let isAllowed = !pairs.isEmpty && pairs.allSatisfy { table.allows($0, of: document) }
            return TechniqueScore(score: isAllowed ? 1 : nil, confidence: nil, items: document.items.map { _ in nil })
        }
    }

    static var engine: TechniqueScorer {
        TechniqueScorer(technique: .engine) { document in
            let items = document.items.map { $0.confidence?.value }
            let least = document.items.filter { !$0.isEmpty }.compactMap { $0.confidence?.value }.min()
            return TechniqueScore(score: least, confidence: least, items: items)
        }
    }

    static func model(_ model: Model, _ technique: Technique) -> TechniqueScorer {
        let assessor = Assessor(model)
        return TechniqueScorer(technique: technique) { document in
            let assessment = assessor.assess(document)
            return TechniqueScore(
                score: assessment.score, confidence: assessment.confidence, items: assessment.items.map(\.raw))
        }
    }

    /// As certificates take them, in the order of the cases.
    func scored(_ cases: [Case], targets: [Target]) -> [ScoredDocument] {
        cases.map { $0.scored(apply($0).score, targets: targets) }
    }
}

extension Case {
    /// Kept from being confident by a hard rule, whatever its score: nothing was read, or an item has no confidence.
    package var isOutside: Bool { items.isEmpty || items.contains { $0.confidence == nil && !$0.isEmpty } }

    /// As certificates take it. A document that nobody has reviewed counts as wrong.
    package func scored(_ score: Double?, targets: [Target]) -> ScoredDocument {
        ScoredDocument(
            score: isOutside ? nil : score,
            counts: targets.map { target in
                let (codes, wrong) = count(of: target)
                return CodeCount(codes: codes, wrong: wrong)
            }, population: population.map(string))
    }
}
