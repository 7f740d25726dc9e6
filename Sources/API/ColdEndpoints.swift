import HTTPWire
import JSON
import Ledger
import Routing

/// A request that is answered off the loops.
struct ColdRequest: Sendable {
    let scope: RequestScope
    let head: RequestHead
    /// As it came; `Application.answer` takes its coding off.
    var body: [UInt8]
    let snapshot: Snapshot

    /// The path's, by their place in the template.
    func parameter(_ index: Int) -> String { scope.parameters[index] }

    func query(_ known: [String]) -> Query { Query(head.query.map { head.bytes[$0] }, known: known) }
}

extension Application {
    /// The answer of every endpoint that may wait for the store.
    func answer(_ request: ColdRequest) -> (response: Response, note: String?) {
        do throws(Problem) {
            guard request.scope.coding == .gzip else { return (try route(request), nil) }
            let response = try decoding(request.body) { body throws(Problem) in
                var request = request
                request.body = body
                return try route(request)
            }
            return (response, nil)
        } catch {
            return (error.response(), error.note)
        }
    }

    private func route(_ request: ColdRequest) throws(Problem) -> Response {
        switch (request.scope.endpoint, request.scope.method) {
        case (.decision, _): try showDecision(request)
        case (.decisions, _): try listDecisions(request)
        case (.policies, _): try listPolicies(request)
        case (.policy, .put): try putPolicy(request)
        case (.policy, .delete): try retirePolicy(request)
        case (.policy, _): try showPolicy(request)
        case (.policyUsage, _): try showPolicyUsage(request)
        case (.policyVersions, _): try listPolicyVersions(request)
        case (.policyVersion, _): try showPolicyVersion(request)
        case (.thresholds, .put): try putDefaultThreshold(request)
        case (.thresholds, _): try listThresholds(request)
        case (.threshold, .put), (.pairThreshold, .put): try putThreshold(request)
        case (.threshold, .delete), (.pairThreshold, .delete): try deleteThreshold(request)
        case (.threshold, _), (.pairThreshold, _): try showThreshold(request)
        case (.audit, _): try listAudit(request)
        case (.metrics, _): metrics(request)
        case (.openAPI, _): try showOpenAPI(request)
        case (.index, _): try showIndex(request)
        case (.problems, _): try listProblems(request)
        case (.problem, _): try showProblem(request)
        case (.health, _), (.readiness, _), (.version, _), (.none, _): throw Problem(.notFound, "There is nothing at this path.")
        }
    }

    /// A gzip body as it was before. Off the loops: it may take long. The bytes that come out are held of `heldBytes`, and given back
    /// when `use` has ended.
    func decoding<Value>(_ body: [UInt8], _ use: ([UInt8]) throws(Problem) -> Value) throws(Problem) -> Value {
        guard let decoded = try BodyDecoding.gunzip(body.span, bytesMax: settings.bodyBytesMax, budget: heldBytes) else {
            throw Problem.tooLong(bytesMax: settings.bodyBytesMax)
        }
        defer { heldBytes.give(decoded.count) }
        return try use(decoded)
    }

    /// Runs what asks the ledger; its errors become problems.
    func asking<Value>(_ body: () throws(LedgerError) -> Value) throws(Problem) -> Value {
        do throws(LedgerError) { return try body() } catch { throw Problem(error) }
    }

    private func metrics(_ request: ColdRequest) -> Response {
        .negotiated(metricsText(), type: PrometheusText.contentType, .never, for: request.head)
    }
}

/// A page of a list: `{"items": […], "next": CURSOR|null}` and the Link field (RFC 8288) to the next.
struct Page {
    /// Bytes of items above which no further one is shown: the page ends before its limit, and the next begins there.
    private static let bytesMax = 4 << 20

    /// Rendered.
    private(set) var items: [[UInt8]] = []
    /// Where the next page begins; nil on the last.
    private(set) var next: Cursor?

    /// - Parameter place: where the page after an element begins.
    init<Element>(
        _ found: Excerpt<Element>, place: (Element) -> Cursor, render: (Element) throws(Problem) -> [UInt8]
    ) throws(Problem) {
        var bytes = 0
        for element in found {
            guard bytes <= Page.bytesMax else { break }
            items.append(try render(element))
            bytes += items[items.count - 1].count
        }
        if found.hasMore || items.count < found.count, let last = found.prefix(items.count).last { next = place(last) }
    }

    func response(of list: ListIdentity, _ request: ColdRequest, _ query: Query) -> Response {
        let cursor = next?.text(of: list)
        var json = JSONWriter(reserving: items.reduce(64) { $0 + $1.count + 1 })
        json.beginObject()
        json.key("items")
        json.beginArray()
        for item in items { json.raw(item) }
        json.endArray()
        json.key("next")
        if let cursor { json.string(cursor) } else { json.null() }
        json.endObject()
        var response = Response.negotiated(json.bytes, .never, for: request.head)
        response.addLink(toNext: cursor, request, query)
        return response
    }
}

extension Response {
    mutating func addLink(toNext cursor: String?, _ request: ColdRequest, _ query: Query) {
        guard let cursor else { return }
        let path = String(decoding: request.head.bytes[request.head.path], as: UTF8.self)
        addField("Link", "<\(path)?\(query.text(cursor: cursor))>; rel=\"next\"")
    }
}
