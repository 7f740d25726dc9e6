import HTTPWire
import Ledger
import Routing

/// `GET /v1/decisions/{id}` and `GET /v1/decisions`: decisions as they were answered, from the log.
extension Application {
    func showDecision(_ request: ColdRequest) throws(Problem) -> Response {
        try request.query([]).check()
        let caller = request.scope.caller
        guard let id = DecisionID(text: request.parameter(0).utf8),
            let logged = try asking({ () throws(LedgerError) in try ledger.decision(id, caller: caller.readsOnly) })
        else { throw Problem(.notFound, "There is no such decision.") }
        return .json(try render(logged))
    }

    func listDecisions(_ request: ColdRequest) throws(Problem) -> Response {
        var query = request.query([
            "documentType", "documentId", "population", "route", "reviewed", "from", "to", "limit", "cursor",
        ])
        var filter = Ledger.DecisionFilter()
        filter.documentType = query.documentType("documentType")
        filter.documentId = query.name("documentId")?.string
        filter.population = query.name("population")?.string
        filter.route = query.route("route")
        filter.reviewed = query.bool("reviewed")
        filter.from = query.instant("from")
        filter.to = query.instant("to")
        filter.caller = request.scope.caller.readsOnly
        let list = ListIdentity(filter)
        let limit = query.limit()
        let before = query.cursor(of: list, \.sequence)
        try query.check()
        let found = try asking { () throws(LedgerError) in try ledger.decisions(filter, before: before, limit: limit) }
        let page = try Page(found, place: { Cursor($0.sequence) }) { logged throws(Problem) in try render(logged) }
        return page.response(of: list, request, query)
    }

    private func render(_ logged: LoggedDecision) throws(Problem) -> [UInt8] {
        let policy = try asking { () throws(LedgerError) in try archive.policy(logged.decision.policy) }
        return DecisionWriter.answer(logged, policy: policy)
    }

    /// The answer that a decision got when it was made, without what came to it later.
    func firstAnswer(sequence: Int64) throws(Problem) -> (logged: LoggedDecision, body: [UInt8]) {
        let found = try asking { () throws(LedgerError) in try ledger.decision(sequence: sequence) }
        guard let logged = found else { throw Problem(.internalError, "The first decision could not be read.") }
        let policy = try asking { () throws(LedgerError) in try archive.policy(logged.decision.policy) }
        let body = DecisionWriter.answer(
            id: logged.id, decidedAt: logged.decidedAt, result: logged.result, decision: logged.decision, policy: policy)
        return (logged, body)
    }
}

extension ListIdentity {
    fileprivate init(_ filter: Ledger.DecisionFilter) {
        self.init(.decisions)
        add("documentType", filter.documentType)
        add("documentId", filter.documentId)
        add("population", filter.population)
        add("route", filter.route?.name)
        add("reviewed", filter.reviewed.map { "\($0)" })
        add("from", filter.from.map { "\($0.milliseconds)" })
        add("to", filter.to.map { "\($0.milliseconds)" })
        add("caller", filter.caller.map { "\($0)" })
    }
}
