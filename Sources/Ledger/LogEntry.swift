package import Routing

/// A decision's public id: a UUIDv7 (RFC 9562 §5.7), big-endian in two halves.
package struct DecisionID: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// One decision on its way into the log. An object, for it passes through many hands, and each copy of a value would count the references
/// of all it is made of.
package final class LogEntry: Sendable {
    package let id: DecisionID
    package let decidedAt: Instant
    /// The token that posted it; 0 for anonymous callers and the commands.
    package let callerId: Int64
    package let result: EngineResult
    package let decision: Decision
    package let idempotency: Idempotency?
    /// What a reviewer said, when a past result is imported.
    package let review: ImportedReview?

    package init(
        id: DecisionID, decidedAt: Instant, callerId: Int64, result: EngineResult, decision: Decision,
        idempotency: Idempotency? = nil, review: ImportedReview? = nil
    ) {
        self.id = id
        self.decidedAt = decidedAt
        self.callerId = callerId
        self.result = result
        self.decision = decision
        self.idempotency = idempotency
        self.review = review
    }
}

/// An `Idempotency-Key` and the SHA-256 of the raw body it came with. Keys are per caller.
package struct Idempotency: Sendable {
    /// 1…255 visible ASCII characters (with `:LINE` appended for a line of NDJSON).
    package var key: String
    /// 32 bytes.
    package var bodyDigest: [UInt8]

    package init(key: String, bodyDigest: [UInt8]) {
        self.key = key
        self.bodyDigest = bodyDigest
    }
}

package enum ReviewVerdict: UInt8, Sendable { case approved = 0, modified = 1, rejected = 2 }
package enum ItemOutcome: UInt8, Sendable { case kept = 0, changed = 1, removed = 2 }

package struct ImportedReview: Sendable, Equatable {
    package var verdict: ReviewVerdict
    package var reviewer: Name?
    package var at: Instant?
    /// Parallel to the result's items.
    package var items: [ItemOutcome]
    /// Items the reviewer added (codes only, no values): fields by name, pairs by both codes, whether primary, modifiers and line.
    package var added: [AddedItem]

    package struct AddedItem: Sendable, Equatable {
        package var first: Name
        /// Nil for a field.
        package var second: Name?
        package var primary: Bool
        package var modifiers: Modifiers
        package var line: ClaimLine?
        package init(first: Name, second: Name?, primary: Bool, modifiers: Modifiers = Modifiers(), line: ClaimLine? = nil) {
            self.first = first
            self.second = second
            self.primary = primary
            self.modifiers = modifiers
            self.line = line
        }
    }

    package init(verdict: ReviewVerdict, reviewer: Name?, at: Instant?, items: [ItemOutcome], added: [AddedItem]) {
        self.verdict = verdict
        self.reviewer = reviewer
        self.at = at
        self.items = items
        self.added = added
    }
}

/// What the log's transaction did with one entry.
package enum AppendOutcome: Sendable, Equatable {
    /// Logged anew, under this sequence number.
    case logged(sequence: Int64)
    /// The idempotency key stands in the log already: nothing was written. `sameBody` is false when the key came with another body.
    case duplicate(of: Int64, sameBody: Bool)
}

/// Entries that one event loop hands over together, and what becomes of them.
package protocol LogSubmission: AnyObject, Sendable {
    /// Read once, by `append`, on its caller's thread.
    var entries: [LogEntry] { get }
    /// On the writer's queue, after the commit is durable; outcomes are parallel to `entries`.
    func committed(_ outcomes: [AppendOutcome])
    /// On the writer's queue: none of the entries was logged as far as is known (after an I/O error the outcome is unknown).
    func failed(_ error: LedgerError)
}
