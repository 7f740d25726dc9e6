import JSON
package import Ledger
package import Routing

/// Results to decisions without a server: the very code the endpoints run. One per thread.
package final class OfflineRouter {
    private let snapshot: Snapshot
    private let maker: DecisionMaker

    package init(policies: PolicySet, salt: [UInt8]) {
        snapshot = Snapshot(generation: 0, policies: policies.policies, tokens: TokenTable([]), previous: nil)
        maker = DecisionMaker(sampler: AuditSampler(salt: salt))
    }

    /// Decides one line: a result as in POST /v1/decisions.
    /// Throws `Faults` or `JSONSyntaxError`-derived `Faults`.
    package func decide(line: [UInt8], review: ReviewMember, at instant: Instant) throws(Faults) -> LogEntry {
        try maker.decide(line, by: snapshot.policies, at: instant, callerId: 0, review: review)
    }

    /// The answer of POST /v1/decisions for it.
    package func render(_ entry: LogEntry) -> [UInt8] {
        DecisionWriter.answer(entry, policy: snapshot.rendered(for: entry.result))
    }

    /// A problem document of one line, with its `line` member.
    package func renderProblem(_ faults: Faults, line: Int) -> [UInt8] { Problem(faults).body(line: line) }
}

/// Policies in JSON and YAML.
package enum PolicyCodec {
    /// A policy that a person wrote.
    package static func read(json: [UInt8]) throws(Faults) -> Policy { try read(json: json, documentType: nil) }

    package static func read(yaml: String) throws(Faults) -> Policy {
        let json: [UInt8]
        do {
            json = try YAMLConverter.json(yaml)
        } catch {
            throw Faults([Fault(.pointer(""), error.detail)])
        }
        return try read(json: json)
    }

    /// Canonical JSON: fixed member order, absent members left out, shortest numbers. Equal policies give equal bytes.
    package static func write(_ policy: Policy) -> [UInt8] { PolicyWriter.canonical(policy) }

    /// The same for a file, with a member that says how the policy came about. It is not a part of the policy: those who read it leave it aside.
    package static func write(_ policy: Policy, changeReason: String) -> [UInt8] { PolicyWriter.file(policy, changeReason: changeReason) }

    /// The member `changeReason` of a policy's file; nil without one, or where it is not a text.
    package static func changeReason(json: [UInt8]) -> String? {
        (try? JSONDocument.read(json) { root throws(Faults) in root["changeReason"]?.string }) ?? nil
    }

    /// Compiles the policies in force in a ledger.
    package static func policySet(of ledger: Ledger) throws -> PolicySet {
        PolicySet(try ledger.policies().map { try PolicyArchive.compile($0) })
    }

    /// - Parameter documentType: the one the policy has to be of; nil for any.
    static func read(json: [UInt8], documentType: String?, limits: PolicyLimits = PolicyLimits()) throws(Faults) -> Policy {
        let policy = try JSONDocument.read(json) { root throws(Faults) in
            try PolicyReader.read(root, .written(limits), documentType: documentType)
        }
        let byteCount = PolicyWriter.canonical(policy).count
        if byteCount > limits.bytesMax {
            throw Faults([Fault(.pointer(""), "has \(byteCount) bytes; at most \(limits.bytesMax) are taken", status: 422)])
        }
        return policy
    }

    /// A version that the ledger keeps: it was accepted once, whatever contradicts itself in it today.
    package static func read(stored json: [UInt8]) throws(Faults) -> Policy {
        try JSONDocument.read(json) { root throws(Faults) in try PolicyReader.read(root, .stored) }
    }
}

/// A JSON body read off the hot path.
enum JSONDocument {
    static func read<Value>(_ json: [UInt8], _ body: (JSONValue) throws(Faults) -> Value) throws(Faults) -> Value {
        do {
            return try JSONParser().parse(json) { try body($0) }
        } catch let faults as Faults {
            throw faults
        } catch let error as JSONSyntaxError {
            throw unsafe json.withUnsafeBufferPointer { unsafe Faults(error, in: $0) }
        } catch {
            preconditionFailure("reading throws faults only")
        }
    }
}
