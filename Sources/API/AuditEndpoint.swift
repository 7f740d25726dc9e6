import HTTPWire
import JSON
import Ledger
import Routing

/// `GET /v1/audit`: who changed what, when and why, newest first.
extension Application {
    func listAudit(_ request: ColdRequest) throws(Problem) -> Response {
        var query = request.query(["documentType", "action", "from", "to", "limit", "cursor"])
        let documentType = query.documentType("documentType")
        let action = query.name("action")?.string
        let from = query.instant("from")
        let to = query.instant("to")
        var list = ListIdentity(.audit)
        list.add("documentType", documentType)
        list.add("action", action)
        list.add("from", from.map { "\($0.milliseconds)" })
        list.add("to", to.map { "\($0.milliseconds)" })
        let limit = query.limit()
        let before = query.cursor(of: list, \.sequence)
        try query.check()
        let found = try asking { () throws(LedgerError) in
            try ledger.auditTrail(documentType: documentType, action: action, from: from, to: to, before: before, limit: limit)
        }
        let page = try Page(found, place: { Cursor($0.sequence) }) { entry throws(Problem) in entry.json }
        return page.response(of: list, request, query)
    }
}

extension Ledger.AuditEntry {
    fileprivate var json: [UInt8] {
        var json = JSONWriter(reserving: 128 + (before?.count ?? 4) + (after?.count ?? 4))
        json.beginObject()
        json.key("at")
        json.time(at)
        json.key("by")
        json.string(by)
        json.key("action")
        json.string(action)
        json.key("documentType")
        json.optional(documentType)
        json.key("before")
        if let before { json.raw(before) } else { json.null() }
        json.key("after")
        if let after { json.raw(after) } else { json.null() }
        json.key("reason")
        json.optional(reason)
        json.endObject()
        return json.bytes
    }
}

extension JSONWriter {
    mutating func optional(_ text: String?) {
        if let text { string(text) } else { null() }
    }
}
