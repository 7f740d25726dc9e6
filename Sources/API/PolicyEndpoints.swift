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
        // Those of a retired policy, too.
        let documentType = try latestPolicy(request.parameter(0)).documentType
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
        if stored.isRetirement { return PolicyWriter.retirement(stored) }
        let compiled = try asking { () throws(LedgerError) in try PolicyArchive.compile(stored) }
        return PolicyWriter.stored(compiled.policy, stored)
    }

    /// The policy of that very document type; 404 when there is none, or none any more.
    func storedPolicy(_ documentType: String, version: PolicyVersion?) throws(Problem) -> Ledger.StoredPolicy {
        guard let version else {
            let latest = try latestPolicy(documentType)
            if !latest.isRetirement { return latest }
            throw Problem(
                .notFound,
                "The policy of this document type was retired as version \(latest.version.number); PUT with If-None-Match: * puts one in force."
            )
        }
        guard DocumentType.isValid(documentType.utf8),
            let stored = try asking({ () throws(LedgerError) in try ledger.policy(documentType, version: version) })
        else { throw Problem(.notFound, "There is no such version.") }
        return stored
    }

    private func latestPolicy(_ documentType: String) throws(Problem) -> Ledger.StoredPolicy {
        guard DocumentType.isValid(documentType.utf8),
            let latest = try asking({ () throws(LedgerError) in try ledger.policy(documentType, version: nil) })
        else { throw Problem(.notFound, "There is no policy of this document type.") }
        return latest
    }

    /// `GET /v1/policies/{documentType}/usage`: what each rule and floor met.
    func showPolicyUsage(_ request: ColdRequest) throws(Problem) -> Response {
        try request.query([]).check()
        let stored = try storedPolicy(request.parameter(0), version: nil)
        let study = try asking { () throws(LedgerError) in try PolicyStudy(try PolicyArchive.compile(stored), in: ledger) }
        return .negotiated(UsageWriter.body(study, on: now().date), .never, for: request.head)
    }
}
