import HTTPWire
import JSON
import Ledger
import Routing

/// `PUT` and `DELETE /v1/policies/{documentType}`. On `changes`.
extension Application {
    func putPolicy(_ request: ColdRequest) throws(Problem) -> Response {
        var query = request.query(["dryRun", "reason"])
        let isDryRun = query.bool("dryRun") ?? false
        let reason = query.reason()
        var faults = query.faults
        let documentType = request.parameter(0)
        if !DocumentType.isValid(documentType.utf8) { faults.add(Fault(.parameter("documentType"), NameCheck.documentTypeDetail)) }
        let head = ChangeHead(request.head, queried: reason, faults: &faults)
        let policy = try Application.reading(request.body, faults) { body throws(Faults) in
            try PolicyCodec.read(json: body, documentType: documentType)
        }
        let current = try asking { () throws(LedgerError) in try ledger.policyInForce(documentType) }
        try head.precondition.require(current?.version, for: .policy, unless: isDryRun)
        let precondition = try head.precondition.resolved(against: current?.version, for: .policy)
        // Before the change: what cannot be told afterwards must not have been made.
        let study = try asking { () throws(LedgerError) in try PolicyStudy(policy, in: ledger) }
        let change = PolicyChange(
            policy: policy, documentType: documentType, precondition: precondition, action: "policy.put", by: request.scope.caller.name,
            reason: head.reason)
        let stored = try isDryRun ? outcome(of: change) : make(change)
        let body = PolicyWriter.stored(policy, stored, study, on: now().date)
        if isDryRun { return .json(body) }
        var response = Response.json(body, status: current == nil ? 201 : 200)
        if current == nil { response.addField("Location", "/v1/policies/\(PercentCoding.encode(documentType))") }
        return response
    }

    /// Retires a policy: a version says so, and documents of the type are decided as those of a type without a policy.
    func retirePolicy(_ request: ColdRequest) throws(Problem) -> Response {
        var query = request.query(["reason"])
        let reason = query.reason()
        var faults = query.faults
        let head = ChangeHead(request.head, queried: reason, faults: &faults)
        if !faults.isEmpty { throw Problem(faults) }
        let current = try storedPolicy(request.parameter(0), version: nil)
        try head.precondition.require(current.version, for: .policy)
        let precondition = try head.precondition.resolved(against: current.version, for: .policy)
        _ = try asking { () throws(LedgerError) in
            let stored = try ledger.retirePolicy(
                documentType: current.documentType, precondition: precondition, action: "policy.retire", by: request.scope.caller.name,
                at: now(), reason: head.reason)
            remove(stored.documentType)
            return stored
        }
        return .noContent()
    }

    /// A new version of a policy, and what the audit trail is to say of it.
    struct PolicyChange {
        var policy: Policy
        var documentType: String
        var precondition: Ledger.Precondition
        var action: String
        var by: String
        var reason: String?
    }

    /// Stores the version and puts it in force, before anyone is told. An unchanged policy makes none.
    func make(_ change: PolicyChange) throws(Problem) -> Ledger.StoredPolicy {
        try asking { () throws(LedgerError) in
            let stored = try ledger.putPolicy(
                documentType: change.documentType, body: PolicyWriter.canonical(change.policy), precondition: change.precondition,
                action: change.action, by: change.by, at: now(), reason: change.reason
            ).stored
            let known = Name(change.documentType).flatMap { snapshot.policies.policy(of: $0) }
            if known?.version != stored.version { try install(stored) }
            return stored
        }
    }

    /// What `make` would store.
    func outcome(of change: PolicyChange) throws(Problem) -> Ledger.StoredPolicy {
        let latest = try asking { () throws(LedgerError) in try ledger.policy(change.documentType, version: nil) }
        let body = PolicyWriter.canonical(change.policy)
        if let latest, latest.body == body { return latest }
        return Ledger.StoredPolicy(
            documentType: change.documentType, version: PolicyVersion((latest?.version.number ?? 0) + 1), body: body, changedAt: now(),
            changedBy: change.by, changeReason: change.reason)
    }

    /// Reads a body; its faults come behind those found before.
    static func reading<Value>(
        _ body: [UInt8], _ before: Faults, _ read: ([UInt8]) throws(Faults) -> Value
    ) throws(Problem) -> Value {
        var faults = before
        do throws(Faults) {
            let value = try read(body)
            try before.check()
            return value
        } catch {
            if error != before { for fault in error.faults { faults.add(fault) } }
            throw Problem(faults)
        }
    }
}
