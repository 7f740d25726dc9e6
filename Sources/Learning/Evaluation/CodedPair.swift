/// A procedure with a diagnosis that supports it, as an engine predicts it or a reviewer leaves it.
package struct CodedPair: Sendable, Hashable, Codable {
    package let procedure: String
    package let diagnosis: String
    /// Whether the diagnosis is the procedure's first one.
    package let isPrimary: Bool

    package init(procedure: String, diagnosis: String, isPrimary: Bool) {
        self.procedure = procedure
        self.diagnosis = diagnosis
        self.isPrimary = isPrimary
    }
}

/// How many codes of a note were predicted, and how many of them the review has: multisets, a note at a time, so that a reviewed `A, B`
/// leaves one of two predicted `A` right.
package enum CodeAccuracy {
    /// What counts as one procedure.
    package enum Counting: Sendable {
        /// One a primary pair (a billed line): several diagnoses of one procedure are one procedure.
        case primaryPairs
        /// One a pair.
        case pairs
    }

    package static func procedures(predicted: [CodedPair], reviewed: [CodedPair], counting: Counting = .primaryPairs) -> CodeCount {
        func codes(_ pairs: [CodedPair]) -> [String] {
            pairs.filter { counting == .pairs || $0.isPrimary }.map(\.procedure)
        }
        return count(predicted: codes(predicted), reviewed: codes(reviewed))
    }

    /// Of the diagnoses that are first of a procedure.
    package static func primaryDiagnoses(predicted: [CodedPair], reviewed: [CodedPair]) -> CodeCount {
        count(predicted: predicted.filter(\.isPrimary).map(\.diagnosis), reviewed: reviewed.filter(\.isPrimary).map(\.diagnosis))
    }

    /// Predicted codes that are not among the reviewed ones are wrong.
    package static func count(predicted: [String], reviewed: [String]) -> CodeCount {
        var left = Dictionary(reviewed.map { ($0, 1) }, uniquingKeysWith: +)
        var wrong = 0
        for code in predicted {
            if let count = left[code], count > 0 { left[code] = count - 1 } else { wrong += 1 }
        }
        return CodeCount(codes: predicted.count, wrong: wrong)
    }
}
