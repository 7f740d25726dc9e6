import HTTPWire
import JSON
import Ledger
import Routing

/// `/v1/policies` and below: reading policies.
extension Application {
    func listPolicies(_ request: ColdRequest) throws(Problem) -> Response {
        var query = request.query(["limit", "cursor"])
        let list = ListIdentity(.policies)
        let limit = query.limit()
        let after = query.cursor(of: list) { DocumentType.isValid($0.place) ? $0.place : nil }
        try query.check()
        // By document type, as bytes: a cursor is the last type of its page.
        let all = try asking { () throws(LedgerError) in try ledger.policies() }
            .sorted { $0.documentType.utf8.lexicographicallyPrecedes($1.documentType.utf8) }
        let rest = all.drop { stored in after.map { !$0.lexicographicallyPrecedes(stored.documentType.utf8) } ?? false }
        let page = try Page(Excerpt(rest, countMax: limit), place: { Cursor(Array($0.documentType.utf8)) }) {
            stored throws(Problem) in try render(stored)
        }
        return page.response(of: list, request, query)
    }

    func showPolicy(_ request: ColdRequest) throws(Problem) -> Response {
        try request.query([]).check()
        return try show(try storedPolicy(request.parameter(0), version: nil), request)
    }

    func showPolicyVersion(_ request: ColdRequest) throws(Problem) -> Response {
        try request.query([]).check()
        let text = request.parameter(1)
        guard 1...18 ~= text.utf8.count, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), text.utf8.first != 0x30, let number = Int64(text)
        else { throw Problem(.notFound, "There is no such version.") }
        return try show(try storedPolicy(request.parameter(0), version: PolicyVersion(number)), request)
    }

    func listPolicyVersions(_ request: ColdRequest) throws(Problem) -> Response {
        var query = request.query(["limit", "cursor"])
        var list = ListIdentity(.policyVersions)
        list.add("documentType", request.parameter(0))
        let limit = query.limit()
        let before = query.cursor(of: list, \.sequence)
        try query.check()
        let documentType = try storedPolicy(request.parameter(0), version: nil).documentType
        let found = try asking { () throws(LedgerError) in
            try ledger.policyVersions(documentType, before: before.map { PolicyVersion($0) }, limit: limit)
        }
        let page = try Page(found, place: { Cursor($0.version.number) }) { stored throws(Problem) in try render(stored) }
        return page.response(of: list, request, query)
    }

    private func show(_ stored: Ledger.StoredPolicy, _ request: ColdRequest) throws(Problem) -> Response {
        try .conditional(request.head, .revalidated(tag: "\(stored.version.number)")) { () throws(Problem) in try render(stored) }
    }

    private func render(_ stored: Ledger.StoredPolicy) throws(Problem) -> [UInt8] {
        let compiled = try asking { () throws(LedgerError) in try PolicyArchive.compile(stored) }
        return PolicyWriter.stored(compiled.policy, stored)
    }

    /// The policy of that very document type; 404 when there is none.
    func storedPolicy(_ documentType: String, version: PolicyVersion?) throws(Problem) -> Ledger.StoredPolicy {
        guard DocumentType.isValid(documentType.utf8),
            let stored = try asking({ () throws(LedgerError) in try ledger.policy(documentType, version: version) })
        else { throw Problem(.notFound, version == nil ? "There is no policy of this document type." : "There is no such version.") }
        return stored
    }
}

/// `PUT /v1/policies/{documentType}`. On `changes`.
extension Application {
    func putPolicy(_ request: ColdRequest) throws(Problem) -> Response {
        var query = request.query(["dryRun"])
        let isDryRun = query.bool("dryRun") ?? false
        var faults = query.faults
        let documentType = request.parameter(0)
        if !DocumentType.isValid(documentType.utf8) { faults.add(Fault(.parameter("documentType"), NameCheck.documentTypeDetail)) }
        let head = ChangeHead(request.head, faults: &faults)
        let policy = try Application.reading(request.body, faults) { body throws(Faults) in
            try PolicyCodec.read(json: body, documentType: documentType)
        }
        if !isDryRun { try head.precondition.require(canMake: true) }

        let current = try asking { () throws(LedgerError) in try ledger.policy(documentType, version: nil) }
        let resolved = try head.precondition.resolved(against: current?.version)
        let change = PolicyChange(
            policy: policy, documentType: documentType, precondition: resolved, action: "policy.put", by: request.scope.caller.name,
            reason: head.reason)
        let stored = try isDryRun ? outcome(of: change, current: current) : make(change)
        let body = PolicyWriter.stored(policy, stored)
        if isDryRun { return .json(body) }
        var response = Response.json(body, status: current == nil ? 201 : 200, .revalidated(tag: "\(stored.version.number)"))
        if current == nil { response.addField("Location", "/v1/policies/\(PercentCoding.encode(documentType))") }
        return response
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
    private func outcome(of change: PolicyChange, current: Ledger.StoredPolicy?) -> Ledger.StoredPolicy {
        let body = PolicyWriter.canonical(change.policy)
        if let current, current.body == body { return current }
        return Ledger.StoredPolicy(
            documentType: change.documentType, version: PolicyVersion((current?.version.number ?? 0) + 1), body: body, changedAt: now(),
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
