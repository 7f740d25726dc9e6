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
            ("/v1/policies/{documentType}", ["delete", "get", "put"]), ("/v1/policies/{documentType}/versions", ["get"]),
            ("/v1/policies/{documentType}/versions/{version}", ["get"]), ("/v1/thresholds/{documentType}", ["get", "put"]),
            ("/v1/policies/{documentType}/usage", ["get"]), ("/v1/thresholds/{documentType}/{field}", ["delete", "get", "put"]),
            ("/v1/thresholds/{documentType}/{procedure}/{diagnosis}", ["delete", "get", "put"]), ("/v1/audit", ["get"]), ("/", ["get"]),
            ("/problems", ["get"]), ("/problems/{problem}", ["get"]),
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

    @Test func `count types with policies apart, and of others a few`() throws {
        let service = try TestService(policies: [Example.policy])
        let client = try service.client()
        func decide(_ type: String) throws {
            let body = Example.small.replacing("cms-1500", with: type)
            #expect(try client.ask("POST", "/v1/decisions", Example.json, body: body).status == 201)
        }
        for number in 0..<70 { try decide("stranger-\(number)") }
        try decide("cms-1500")
        // One that gets its policy when strangers have taken all places that they may have.
        try decide("late")
        let admin = try service.token("a", .admin)
        let policy = Example.policy.replacing("cms-1500", with: "late")
        let put = try client.ask("PUT", "/v1/policies/late", Example.json + [admin, "If-None-Match: *"], body: policy)
        #expect(put.status == 201)
        try decide("late")
        let counts = try client.ask("GET", "/metrics").text.split(separator: "\n").filter { $0.hasPrefix("sluice_decisions_total{") }
        #expect(counts.filter { $0.contains("stranger-") }.count == 16)
        #expect(counts.contains { $0.contains(#"document_type="cms-1500""#) && $0.hasSuffix(" 1") })
        #expect(counts.contains { $0.contains(#"document_type="late""#) && $0.hasSuffix(" 1") })
        #expect(counts.contains(#"sluice_decisions_total{document_type="other",route="review"} 55"#))
    }

    @Test func `show at the root what is here, to programs and to browsers`() throws {
        let service = try TestService()
        let reply = try service.ask("GET", "/")
        #expect(reply.status == 200)
        let index = try reply.json()
        #expect(index["name"] == "sluice" && index["version"] == "1.2.3")
        for name in index.names.dropFirst(2) {
            let path = try #require(index[name].string)
            #expect(try service.ask("GET", path).status == 200, "\(path)")
        }
        let page = try service.ask("GET", "/", ["Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"])
        #expect(page.field("Content-Type") == "text/html; charset=utf-8")
        #expect(page.text.contains("href=\"/openapi.json\""))
        #expect(try service.ask("GET", "/?x=1").status == 400)
    }

    @Test func `say at each problem's URL what it means`() throws {
        let service = try TestService()
        let list = try service.ask("GET", "/problems").json()["items"].elements
        #expect(list.count == 21)
        for item in list {
            let uri = try #require(item["type"].string)
            #expect(try service.ask("GET", uri).json() == item)
            #expect((item["meaning"].string ?? "").count > 20)
            let page = try service.ask("GET", uri, ["Accept: text/html"])
            #expect(page.text.contains("<h1>\(try #require(item["title"].string))"))
        }
        let missing = try service.ask("GET", "/problems/nothing")
        #expect(missing.status == 404)
        let type = try #require(try missing.json()["type"].string)
        #expect(try service.ask("GET", type).json()["status"] == 404)
        #expect(try service.ask("GET", "/problems/").status == 404)
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

    @Test(arguments: [
        ("plain:1/a-b", "plain:1/a-b"), (#"x"route=confident"#, #""x\"route=confident""#), ("a=b", #""a=b""#), (#"a\b"#, #""a\\b""#),
    ]) func `as text quotes a caller's request id that could look like more of the line`(id: String, shown: String) throws {
        let service = try TestService(settings: { $0.accessLog = .text })
        _ = try service.ask("GET", "/nowhere", ["X-Request-Id: \(id)"])
        service.server.drain()
        #expect(service.log.text.hasSuffix(" request=\(shown)\n"))
    }

    @Test func `may be off`() throws {
        let service = try TestService(settings: { $0.accessLog = .off })
        _ = try service.ask("GET", "/healthz")
        service.server.drain()
        #expect(service.log.text == "")
    }
}
