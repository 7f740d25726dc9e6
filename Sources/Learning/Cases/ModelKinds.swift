import Routing

/// What a model may look at.
package enum ModelKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Everything the engine saw of the document and the item.
    case situated
    /// The codes (or the field's name) alone, wherever they stand.
    case nonsituated
}

/// What a model is taught to foretell of an item.
package enum LabelKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// That its document was approved unchanged (Jiang, Nossal, Resnik 2006).
    case document
    /// That the item itself was right: of a pair, its procedure and its diagnosis apart.
    case item
}

package enum LearnerKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Gradient-boosted trees (XGBoost).
    case boosted
    /// Maximum entropy: logistic regression with an L2 penalty.
    case logistic
}

/// One thing that is foretold of an item.
package enum Head: String, Sendable, Hashable, Codable, CaseIterable {
    /// The document was approved unchanged.
    case unchanged
    /// The pair's procedure, or the field's value, was right.
    case first
    /// The pair's diagnosis was right.
    case second

    /// How it reads in explanations.
    package var name: String {
        switch self {
        case .unchanged: "document unchanged"
        case .first: "procedure or field right"
        case .second: "diagnosis right"
        }
    }

    /// Whether it is foretold of an item at all.
    func applies(to item: Case.Item) -> Bool { self != .second || item.kind != .field }

    func isTrue(_ outcome: Case.Outcome, item: Int) -> Bool {
        switch self {
        case .unchanged: outcome.isUnchanged
        case .first: outcome.items[item].isFirstRight
        case .second: outcome.items[item].isSecondRight
        }
    }
}
