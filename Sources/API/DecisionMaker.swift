import JSON
import Ledger
import Routing

/// From the bytes of one result to its decision and the answer: what the endpoints, imports and replays share. One per thread.
final class DecisionMaker {
    private let parser = JSONParser()
    private let reader = ResultReader()
    private let sampler: AuditSampler
    private var ids = DecisionIDSource()

    init(sampler: AuditSampler) { self.sampler = sampler }

    /// Decides one result.
    /// - Parameters:
    ///   - body: the JSON, with `JSONParser.padding` readable bytes behind its end.
    ///   - key: the `Idempotency-Key` it came with.
    ///   - review: what to make of a `review` beside the result.
    func decide(
        padded body: UnsafeBufferPointer<UInt8>, by policies: PolicySet, at instant: Instant, callerId: Int64, key: String? = nil,
        review use: ReviewMember = .refused
    ) throws(Faults) -> LogEntry {
        do {
            // Safe: the caller lends the bytes and their padding for the call.
            let (result, review) = try unsafe parser.parse(padded: body) { root in
                try reader.read(root, withReview: use != .refused)
            }
            let hash = sampler.hash(
                documentType: result.text[result.documentType.indices], documentId: result.text[result.documentId.indices])
            let decision = policies.decide(result, decidedAt: instant, hash: hash, saltId: sampler.saltId)
            return LogEntry(
                id: ids.make(at: instant), decidedAt: instant, callerId: callerId, result: result, decision: decision,
                idempotency: key.map { Idempotency(key: $0, bodyDigest: unsafe Digest.sha256(body)) }, review: use == .kept ? review : nil)
        } catch let faults as Faults {
            throw faults
        } catch let error as JSONSyntaxError {
            throw unsafe Faults(error, in: body)
        } catch {
            preconditionFailure("reading a result throws its faults only")
        }
    }

    /// The same for bytes without padding (copied).
    func decide(
        _ body: [UInt8], by policies: PolicySet, at instant: Instant, callerId: Int64, key: String? = nil,
        review: ReviewMember = .refused
    ) throws(Faults) -> LogEntry {
        let padded = body + [UInt8](repeating: 0, count: JSONParser.padding)
        let outcome = unsafe padded.withUnsafeBufferPointer { bytes in
            Result { () throws(Faults) in
                // Safe: all but the padding.
                try unsafe decide(
                    padded: UnsafeBufferPointer(rebasing: bytes[..<body.count]), by: policies, at: instant, callerId: callerId,
                    key: key, review: review)
            }
        }
        return try outcome.get()
    }

    /// 64 unpredictable bits.
    func randomWord() -> UInt64 { ids.word() }
}

/// What becomes of a `review` beside a result, as past results have one.
package enum ReviewMember: Sendable {
    /// It is not a member of a result.
    case refused
    /// It may stand there, and must be well-formed.
    case ignored
    case kept
}

extension DecisionWriter {
    /// The answer for an entry on its way into the log.
    static func answer(_ entry: LogEntry, policy: RenderedPolicy?) -> [UInt8] {
        answer(id: entry.id, decidedAt: entry.decidedAt, result: entry.result, decision: entry.decision, policy: policy)
    }
}
