package import Ledger
package import Routing

/// One fault of an input: where (a JSON Pointer, parameter or header) and what.
package struct Fault: Sendable, Equatable {
    package enum Place: Sendable, Equatable { case pointer(String), parameter(String), header(String) }
    package var place: Place
    package var detail: String
    /// 400 (not of the shape) or 422 (contradicts itself).
    package var status: UInt16
    package init(_ place: Place, _ detail: String, status: UInt16 = 400) {
        self.place = place
        self.detail = detail
        self.status = status
    }
}

/// Every fault of one input, 100 at most.
package struct Faults: Error, Sendable, Equatable {
    package var faults: [Fault]
    package init(_ faults: [Fault]) { self.faults = faults }
}

/// The audit sample's hash: first 8 bytes, big-endian, of SHA-256(salt ‖ ":" ‖ documentType ‖ ":" ‖ documentId).
package struct AuditSampler: Sendable {
    package let saltId: UInt64
    package init(salt: [UInt8]) { saltId = 0 }
    package func hash(documentType: some Collection<UInt8>, documentId: some Collection<UInt8>) -> UInt64 { 0 }
}

/// Results to decisions without a server: the very code the endpoints run. One per thread.
package final class OfflineRouter {
    package init(policies: PolicySet, salt: [UInt8]) {}

    /// Decides one line (a result as in POST /v1/decisions; with `withReview`, a `review` member beside it as the corpora have).
    /// Throws `Faults` or `JSONSyntaxError`-derived `Faults`.
    package func decide(line: [UInt8], withReview: Bool, at: Instant) throws(Faults) -> LogEntry { throw Faults([]) }
    /// The answer of POST /v1/decisions for it.
    package func render(_ entry: LogEntry) -> [UInt8] { [] }
    /// A problem document of one line, with its `line` member.
    package func renderProblem(_ faults: Faults, line: Int) -> [UInt8] { [] }
}

/// Policies in JSON and YAML.
package enum PolicyCodec {
    package static func read(json: [UInt8]) throws(Faults) -> Policy { throw Faults([]) }
    package static func read(yaml: String) throws(Faults) -> Policy { throw Faults([]) }
    /// Canonical JSON: fixed member order, absent members left out, shortest numbers. Equal policies give equal bytes.
    package static func write(_ policy: Policy) -> [UInt8] { [] }
    /// Compiles the policies in force in a ledger.
    package static func policySet(of ledger: Ledger) throws -> PolicySet { PolicySet([]) }
}

/// Recomputes logged decisions from the log alone.
package final class Replayer {
    package init(ledger: Ledger, salt: [UInt8]) {}
    /// Nil when the recomputed decision equals the logged one; else what differs, in words without values.
    package func difference(_ logged: LoggedDecision) throws -> String? { nil }
}

/// Token text: `sluice_` and 43 characters of base64url (32 random bytes). Only its SHA-256 is stored.
package enum TokenText {
    package static func make() -> (text: String, digest: [UInt8]) { ("", []) }
    package static func digest(_ text: String) -> [UInt8] { [] }
}
