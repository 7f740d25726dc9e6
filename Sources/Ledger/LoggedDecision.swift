package import Routing

/// One decision as the log has it.
package struct LoggedDecision: Sendable, Equatable {
    package var sequence: Int64
    package var id: DecisionID
    package var decidedAt: Instant
    package var callerId: Int64
    /// Its text is laid out as the log stores it, not as it came.
    package var result: EngineResult
    package var decision: Decision
    package var review: ImportedReview?
    /// How names were compared when it was decided: as it was in the time of its record's version.
    package var comparison: NameComparison
    package init(
        sequence: Int64, id: DecisionID, decidedAt: Instant, callerId: Int64, result: EngineResult, decision: Decision,
        review: ImportedReview?, comparison: NameComparison = .canonical
    ) {
        self.sequence = sequence
        self.id = id
        self.decidedAt = decidedAt
        self.callerId = callerId
        self.result = result
        self.decision = decision
        self.review = review
        self.comparison = comparison
    }
}

/// A decision's columns, read but not unpacked: unpacking needs no connection.
struct DecisionRow: Sendable {
    /// Of `decisions AS d`, `records AS r` and (all null without a review) `reviews AS v`.
    static let columns =
        "d.sequence, d.id, d.decided_at, d.caller, r.record, v.verdict, v.reviewer, v.reviewed_at, v.outcomes, v.added"

    private let sequence: Int64
    private let id: [UInt8]
    private let decidedAt: Int64
    private let caller: Int64
    private let record: [UInt8]
    private let verdict: Int64?
    private let reviewer: String?
    private let reviewedAt: Int64?
    private let outcomes: [UInt8]
    private let added: [UInt8]

    /// What it takes of the database, but for the card.
    var byteCount: Int { record.count + outcomes.count + added.count }

    init(_ row: Statement) {
        sequence = row.int64(0)
        id = row.bytes(1)
        decidedAt = row.int64(2)
        caller = row.int64(3)
        record = row.bytes(4)
        verdict = row.optionalInt64(5)
        reviewer = row.optionalText(6)
        reviewedAt = row.optionalInt64(7)
        outcomes = row.bytes(8)
        added = row.bytes(9)
    }

    func unpack() throws(LedgerError) -> LoggedDecision {
        guard let id = DecisionID(id) else { throw .corrupt("decision \(sequence): its id has \(id.count) bytes, not 16") }
        do throws(LedgerError) {
            let (result, decision) = try RecordUnpacker.unpack(record)
            return LoggedDecision(
                sequence: sequence, id: id, decidedAt: Instant(milliseconds: decidedAt), callerId: caller, result: result,
                decision: decision, review: try review(), comparison: RecordUnpacker.comparison(of: record))
        } catch {
            guard case .corrupt(let what) = error else { throw error }
            throw .corrupt("decision \(sequence): \(what)")
        }
    }

    private func review() throws(LedgerError) -> ImportedReview? {
        guard let verdict else { return nil }
        guard let verdict = UInt8(exactly: verdict).flatMap(ReviewVerdict.init(rawValue:)) else {
            throw .corrupt("a review of the log is damaged: verdict")
        }
        var items: [ItemOutcome] = []
        for byte in outcomes {
            guard let outcome = ItemOutcome(rawValue: byte) else { throw .corrupt("a review of the log is damaged: outcomes") }
            items.append(outcome)
        }
        return ImportedReview(
            verdict: verdict, reviewer: reviewer.flatMap { Name($0) }, at: reviewedAt.map { Instant(milliseconds: $0) }, items: items,
            added: try AddedItems.unpack(added))
    }
}

extension DecisionID {
    /// Sixteen bytes, big-endian.
    var bytes: [UInt8] { (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> (56 - 8 * UInt64($0 % 8))) } }

    init?(_ bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.init(high: bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }, low: bytes[8...].reduce(0) { $0 << 8 | UInt64($1) })
    }
}
