import API
import HTTPServer
import Ledger
import Routing
import Testing

@Suite struct `The service's own endpoints` {
    @Test func `say how it is`() throws {
        let service = try TestService()
        #expect(try service.ask("GET", "/healthz").text == #"{"status":"ok"}"#)
        #expect(try service.ask("GET", "/readyz").text == #"{"status":"ready"}"#)
        #expect(try service.ask("GET", "/version").text == #"{"name":"sluice","version":"1.2.3"}"#)
        service.application.beginDraining()
        let reply = try service.ask("GET", "/readyz")
        #expect(reply.status == 503)
        #expect(try reply.json()["detail"] == "draining")
        #expect(reply.field("Retry-After") == "1")
        #expect(try service.ask("GET", "/healthz").status == 200)
    }

    @Test func `describe the API, with a tag`() throws {
        let service = try TestService()
        let reply = try service.ask("GET", "/openapi.json")
        #expect(reply.status == 200)
        #expect(reply.field("Content-Type") == "application/json")
        #expect(try reply.json()["openapi"].string?.hasPrefix("3.1") == true)
        let tag = try #require(reply.field("ETag"))
        let again = try service.ask("GET", "/openapi.json", ["If-None-Match: \"x\", W/\(tag)"])
        #expect(again.status == 304)
        #expect(again.field("ETag") == tag)
        #expect(try service.ask("GET", "/openapi.json", ["If-None-Match: \"x\""]).status == 200)
    }

    @Test func `describe every path and method there is`() throws {
        let service = try TestService()
        let paths = try service.ask("GET", "/openapi.json").json()["paths"]
        let endpoints: [(String, [String])] = [
            ("/healthz", ["get"]), ("/readyz", ["get"]), ("/version", ["get"]), ("/openapi.json", ["get"]), ("/metrics", ["get"]),
            ("/v1/decisions", ["get", "post"]), ("/v1/decisions/{id}", ["get"]), ("/v1/policies", ["get"]),
            ("/v1/policies/{documentType}", ["get", "put"]), ("/v1/policies/{documentType}/versions", ["get"]),
            ("/v1/policies/{documentType}/versions/{version}", ["get"]), ("/v1/thresholds/{documentType}", ["get", "put"]),
            ("/v1/thresholds/{documentType}/{field}", ["delete", "get", "put"]), ("/v1/audit", ["get"]),
        ]
        for (path, methods) in endpoints {
            let described = paths[path].names.filter { ["get", "put", "post", "delete", "patch"].contains($0) }
            #expect(described.sorted() == methods, "\(path)")
        }
        #expect(Set(paths.names) == Set(endpoints.map(\.0)))
    }

    @Test func `count what happened`() throws {
        let service = try TestService(policies: [Example.policy], loops: 2)
        try service.decide(Example.body)
        try service.decide(Example.small)
        _ = try service.ask("GET", "/nowhere")
        _ = try service.ask("POST", "/v1/decisions", Example.json, body: "{}")
        let reply = try service.ask("GET", "/metrics")
        #expect(reply.field("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
        let lines = Set(reply.text.split(separator: "\n").map(String.init))
        for line in [
            #"sluice_build_info{version="1.2.3"} 1"#,
            #"sluice_http_requests_total{endpoint="/v1/decisions",method="POST",status="201"} 2"#,
            #"sluice_http_requests_total{endpoint="/v1/decisions",method="POST",status="400"} 1"#,
            #"sluice_http_requests_total{endpoint="none",method="GET",status="404"} 1"#,
            #"sluice_http_request_duration_seconds_count{endpoint="/v1/decisions"} 3"#,
            #"sluice_decisions_total{document_type="cms-1500",route="review"} 1"#,
            #"sluice_decisions_total{document_type="cms-1500",route="confident"} 1"#,
            "sluice_log_commit_entries_sum 2.0", "sluice_log_queue_entries 0", "sluice_log_writable 1", "sluice_policies 1",
        ] { #expect(lines.contains(line), "\(line)") }
        for name in [
            "sluice_log_commit_duration_seconds_count", "sluice_connections ", "sluice_database_bytes{file=\"wal\"}", "process_open_fds",
            "process_resident_memory_bytes", "process_cpu_seconds_total",
        ] { #expect(lines.contains { $0.hasPrefix(name) }, "\(name)") }
    }

    @Test func `count at most so many document types apart`() throws {
        let service = try TestService()
        let client = try service.client()
        for number in 0..<70 {
            _ = try client.ask(
                "POST", "/v1/decisions", Example.json, body: Example.small.replacing("cms-1500", with: "type-\(number % 70)"))
        }
        let text = try client.ask("GET", "/metrics").text
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("sluice_decisions_total{") }.count == 65)
        #expect(text.contains(#"sluice_decisions_total{document_type="other",route="review"} 6"#))
    }
}

@Suite struct `The access log` {
    @Test func `has a line a request that names templates, callers and decisions`() throws {
        let service = try TestService(policies: [Example.policy])
        let token = try service.token("the \"engine\"", .engine)
        let reply = try service.decide(Example.body, [token, "X-Request-Id: r-1"])
        _ = try service.ask("GET", "/v1/policies/secret-path?limit=secret-query")
        _ = try service.ask("GET", "/healthz")
        service.server.drain()
        let lines = try service.log.lines.map { try Value(Array($0.utf8)) }
        #expect(lines.count == 3)
        #expect(
            lines[0].names == [
                "time", "level", "requestId", "method", "endpoint", "status", "durationMicroseconds", "bytes", "caller", "decision",
                "route",
            ])
        #expect(lines[0]["time"] == "2026-03-02T08:30:58.000Z")
        #expect(lines[0]["level"] == "info")
        #expect(lines[0]["requestId"] == "r-1")
        #expect(lines[0]["method"] == "POST")
        #expect(lines[0]["endpoint"] == "/v1/decisions")
        #expect(lines[0]["status"] == 201)
        #expect(lines[0]["bytes"] == .number(Double(reply.body.count)))
        #expect(lines[0]["caller"] == "the \"engine\"")
        #expect(lines[0]["decision"] == (try reply.json()["id"]))
        #expect(lines[0]["route"] == "review")
        #expect(lines[1]["endpoint"] == "/v1/policies/{documentType}")
        #expect(lines[1]["level"] == "warning")
        #expect(lines[1]["caller"] == "anonymous")
        #expect(!service.log.text.contains("secret"))
        #expect(!service.log.text.contains("1980-01-02"))
    }

    @Test func `may be plain text`() throws {
        let service = try TestService(settings: { $0.accessLog = .text })
        _ = try service.ask("GET", "/nowhere", ["X-Request-Id: r-1"])
        service.server.drain()
        let words = service.log.text.split(separator: " ").map(String.init)
        #expect(words.prefix(5) == ["2026-03-02T08:30:58.000Z", "warning", "GET", "none", "404"])
        #expect(words.suffix(2) == ["caller=\"anonymous\"", "request=r-1\n"])
    }

    @Test func `may be off`() throws {
        let service = try TestService(settings: { $0.accessLog = .off })
        _ = try service.ask("GET", "/healthz")
        service.server.drain()
        #expect(service.log.text == "")
    }
}
