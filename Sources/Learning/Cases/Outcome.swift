import Routing

/// What is promised of: one code or value of an item that is right or wrong for itself.
package enum Target: String, Sendable, Hashable, CaseIterable {
    /// The procedure of a pair that is marked primary: one a procedure.
    case procedure
    /// The diagnosis of such a pair.
    case primaryDiagnosis
    /// A field's value.
    case field
}

extension Case {
    /// What a review found.
    package struct Outcome: Sendable, Equatable {
        /// Nothing was changed, added or removed.
        package var isUnchanged: Bool
        /// For each item of the case.
        package var items: [ItemOutcome]
        /// Items that the reviewer added: the engine had not seen them.
        package var addedCount: Int

        package init(isUnchanged: Bool, items: [ItemOutcome], addedCount: Int = 0) {
            self.isUnchanged = isUnchanged
            self.items = items
            self.addedCount = addedCount
        }
    }

    /// What of an item was right.
    package struct ItemOutcome: Sendable, Equatable {
        /// The item as a whole stayed as it was.
        package var isKept: Bool
        /// The procedure, or the field's value, was right. Procedures are counted as multisets over the document: reviewed `A, B` leave
        /// one of two `A` right.
        package var isFirstRight: Bool
        /// The diagnosis was right: of a primary pair, as a primary one (multisets again); of another, when the pair was kept.
        /// True for fields.
        package var isSecondRight: Bool

        package init(isKept: Bool, isFirstRight: Bool, isSecondRight: Bool) {
            self.isKept = isKept
            self.isFirstRight = isFirstRight
            self.isSecondRight = isSecondRight
        }
    }

    /// How many codes (or fields) of a target the document has, and how many of them were wrong; all, where nobody has reviewed it.
    package func count(of target: Target) -> (codes: Int, wrong: Int) {
        var codes = 0
        var wrong = 0
        for (index, item) in items.enumerated() where item.isCounted(for: target) {
            codes += 1
            let isRight = outcome.map { target == .primaryDiagnosis ? $0.items[index].isSecondRight : $0.items[index].isFirstRight }
            if isRight != true { wrong += 1 }
        }
        return (codes, wrong)
    }

    /// A reviewed item: what became of it, as logs keep it.
    package enum Fate: Sendable { case kept, changed, removed }

    /// An item that a reviewer added, by its keys.
    package struct Added: Sendable {
        package var first: [UInt8]
        package var second: [UInt8]
        package var isPrimary: Bool
        package init(first: [UInt8], second: [UInt8], isPrimary: Bool) {
            self.first = first
            self.second = second
            self.isPrimary = isPrimary
        }
    }

    /// What was right, from what became of each item and what was added. A changed pair is the same codes, its mark `primary` turned over.
    /// - Parameter fates: one for each item.
    package func outcome(fates: [Fate], added: [Added]) -> Outcome {
        precondition(fates.count == items.count, "every item has a fate")
        var firsts: [[UInt8]: Int] = [:]
        var seconds: [[UInt8]: Int] = [:]
        for (item, fate) in zip(items, fates) where item.kind != .field && fate != .removed {
            guard (item.kind == .primaryPair) == (fate == .kept) else { continue }
            firsts[Array(text[item.firstKey.indices]), default: 0] += 1
            seconds[Array(text[item.secondKey.indices]), default: 0] += 1
        }
        for pair in added where pair.isPrimary {
            firsts[pair.first, default: 0] += 1
            seconds[pair.second, default: 0] += 1
        }
        let reviewedFirsts = firsts
        let outcomes = zip(items, fates).map { item, fate in
            let isKept = fate == .kept
            switch item.kind {
            case .field: return ItemOutcome(isKept: isKept, isFirstRight: isKept, isSecondRight: true)
            case .primaryPair:
                return ItemOutcome(
                    isKept: isKept, isFirstRight: firsts.take(Array(text[item.firstKey.indices])),
                    isSecondRight: seconds.take(Array(text[item.secondKey.indices])))
            case .pair:
                // Not counted by any target: the procedure is right when the reviewer has it at all.
                return ItemOutcome(
                    isKept: isKept, isFirstRight: reviewedFirsts[Array(text[item.firstKey.indices])] != nil, isSecondRight: isKept)
            }
        }
        return Outcome(isUnchanged: added.isEmpty && fates.allSatisfy { $0 == .kept }, items: outcomes, addedCount: added.count)
    }
}

extension Case.Item {
    /// Whether a target counts it.
    package func isCounted(for target: Target) -> Bool {
        switch target {
        case .field: kind == .field
        case .procedure, .primaryDiagnosis: kind == .primaryPair
        }
    }
}

extension [[UInt8]: Int] {
    /// Takes one of a multiset; whether there was one.
    fileprivate mutating func take(_ key: [UInt8]) -> Bool {
        guard let count = self[key], count > 0 else { return false }
        self[key] = count - 1
        return true
    }
}
