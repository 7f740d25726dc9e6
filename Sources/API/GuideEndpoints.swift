import HTTPWire
import JSON

/// `GET /`, `/problems` and `/problems/{problem}`: what a person finds who follows a link, or looks what is here. As JSON, or as a page
/// for browsers.
extension Application {
    func showIndex(_ request: ColdRequest) throws(Problem) -> Response {
        try request.query([]).check()
        let links: [(name: StaticString, path: StaticString, meaning: StaticString)] = [
            ("contract", "/openapi.json", "all endpoints, as OpenAPI 3.1"),
            (
                "decisions", "/v1/decisions",
                "POST one result as application/json, or many, one a line, as application/x-ndjson; GET the log"
            ),
            ("policies", "/v1/policies", "the policies in force"),
            ("problems", "/problems", "what errors mean"),
            ("health", "/healthz", "whether the process serves"),
            ("readiness", "/readyz", "whether decisions can be made"),
            ("metrics", "/metrics", "counters for Prometheus"),
        ]
        if Guide.wantsPage(request.head) {
            var page = Guide(title: "Sluice \(settings.version)")
            page.paragraph("Routes results of document engines by confidence, and logs every decision before it answers.")
            page.beginList()
            for link in links { page.item("\(link.path)", link: "\(link.path)", "\(link.meaning)") }
            return page.response()
        }
        var json = JSONWriter(reserving: 512)
        json.beginObject()
        json.key("name")
        json.string("sluice")
        json.key("version")
        json.string(settings.version)
        for link in links {
            json.key(link.name)
            json.string(link.path)
        }
        json.endObject()
        return Guide.json(json)
    }

    func listProblems(_ request: ColdRequest) throws(Problem) -> Response {
        try request.query([]).check()
        if Guide.wantsPage(request.head) {
            var page = Guide(title: "Problems")
            page.paragraph("What the errors of this server mean (RFC 9457).")
            page.beginList()
            for type in ProblemType.allCases { page.item("\(type.title) (\(type.status))", link: "\(type.uri)", "\(type.meaning)") }
            return page.response()
        }
        var json = JSONWriter(reserving: 8_192)
        json.beginObject()
        json.key("items")
        json.beginArray()
        for type in ProblemType.allCases { json.problemType(type) }
        json.endArray()
        json.endObject()
        return Guide.json(json)
    }

    func showProblem(_ request: ColdRequest) throws(Problem) -> Response {
        try request.query([]).check()
        let uri = "/problems/" + request.parameter(0)
        guard let type = ProblemType.allCases.first(where: { "\($0.uri)" == uri }) else {
            throw Problem(.notFound, "There is no such kind of problem; /problems lists them.")
        }
        if Guide.wantsPage(request.head) {
            var page = Guide(title: "\(type.title) (\(type.status))")
            page.paragraph("\(type.meaning)")
            page.beginList()
            page.item("/problems", link: "/problems", "all kinds of problems")
            return page.response()
        }
        var json = JSONWriter(reserving: 1_024)
        json.problemType(type)
        return Guide.json(json)
    }
}

extension JSONWriter {
    fileprivate mutating func problemType(_ type: ProblemType) {
        beginObject()
        key("type")
        string(type.uri)
        key("title")
        string(type.title)
        key("status")
        int(Int64(type.status))
        key("meaning")
        string(type.meaning)
        endObject()
    }
}

/// A short page of our own words.
private struct Guide {
    private var html: String

    init(title: String) {
        html = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        html += "<meta name=\"viewport\" content=\"width=device-width\"><title>\(Guide.escaped(title))</title></head>\n"
        html += "<body><h1>\(Guide.escaped(title))</h1>\n"
    }

    mutating func paragraph(_ text: String) { html += "<p>\(Guide.escaped(text))</p>\n" }

    mutating func beginList() { html += "<ul>\n" }

    mutating func item(_ name: String, link: String, _ text: String) {
        html += "<li><a href=\"\(Guide.escaped(link))\">\(Guide.escaped(name))</a>: \(Guide.escaped(text))</li>\n"
    }

    func response() -> Response {
        var response = Response(status: 200, body: Array((html + "</ul></body></html>\n").utf8))
        response.addField("Content-Type", "text/html; charset=utf-8" as StaticString)
        // Nothing is loaded or run.
        response.addField("Content-Security-Policy", "default-src 'none'" as StaticString)
        response.addCaching(.never)
        response.addField("Vary", "Accept" as StaticString)
        return response
    }

    static func json(_ json: JSONWriter) -> Response {
        var response = Response.json(json.bytes)
        response.addField("Vary", "Accept" as StaticString)
        return response
    }

    /// A browser names `text/html`; programs take anything, or JSON.
    static func wantsPage(_ head: RequestHead) -> Bool {
        FieldList.elements(head.values("accept")).contains { element in
            let parts = element.split(separator: UInt8(ascii: ";")).map(FieldList.trimmed)
            let isRefused = parts.dropFirst().contains { ASCII.equals($0, "q=0") }
            return parts.first.map { ASCII.equals($0, "text/html") } == true && !isRefused
        }
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { out, character in
            switch character {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            default: out.append(character)
            }
        }
    }
}
