import API
import Ledger
import Routing
import Testing

@Suite struct `The list of decisions` {
    private func body(_ id: String, type: String = "cms-1500", population: String = "north", confidence: Double = 0.95) -> String {
        #"{"documentType":"\#(type)","documentId":"\#(id)","population":"\#(population)","fields":[{"name":"a","confidence":\#(confidence)}]}"#
    }

    private func ids(_ reply: Reply) throws -> [String] { try reply.json()["items"].elements.compactMap { $0["documentId"].string } }

    @Test func `is paged newest first, and stable while rows are added`() throws {
        let service = try TestService(policies: [Example.policy])
        for number in 0..<7 { try service.decide(body("d\(number)")) }
        var seen: [String] = []
        var next: String? = "/v1/decisions?limit=3&population=north"
        while let path = next {
            let reply = try service.ask("GET", path)
            seen += try ids(reply)
            next = reply.nextPath
            let cursor = try reply.json()["next"].string
            #expect(cursor?.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") } != false)
            #expect(
                next.map { $0.contains("cursor=\(cursor ?? "?")") && $0.contains("limit=3") && $0.contains("population=north") } != false)
            try service.decide(body("later"))
        }
        #expect(seen == ["d6", "d5", "d4", "d3", "d2", "d1", "d0"])
    }

    @Test func `ends without a next page when the last is full`() throws {
        let service = try TestService()
        for number in 0..<2 { try service.decide(body("d\(number)")) }
        let reply = try service.ask("GET", "/v1/decisions?limit=2")
        #expect(try reply.json()["next"] == nil)
        #expect(reply.field("Link") == nil)
        #expect(try TestService().ask("GET", "/v1/decisions").text == #"{"items":[],"next":null}"#)
    }

    @Test func `ends a page where it becomes long, and goes on there`() throws {
        let service = try TestService()
        // Some 5 MB each as it is answered.
        let fields = (0..<40_000).map { #"{"name":"\#($0)"}"# }.joined(separator: ",")
        for number in 0..<3 { try service.decide(#"{"documentType":"t","documentId":"d\#(number)","fields":[\#(fields)]}"#) }
        var pages: [[String]] = []
        var next: String? = "/v1/decisions?limit=1000"
        while let path = next {
            let reply = try service.ask("GET", path)
            pages.append(try ids(reply))
            next = reply.nextPath
        }
        #expect(pages == [["d2"], ["d1"], ["d0"]])
    }

    @Test func `has whole decisions`() throws {
        let service = try TestService(policies: [Example.policy])
        let made = try service.decide(Example.body)
        #expect(try service.ask("GET", "/v1/decisions").text == "{\"items\":[\(made.text)],\"next\":null}")
    }

    @Test func `is filtered`() throws {
        let service = try TestService(policies: [Example.policy])
        try service.decide(body("a"))
        service.clock.advance(milliseconds: 1000)
        try service.decide(body("b", population: "south side", confidence: 0.1))
        service.clock.advance(milliseconds: 1000)
        try service.decide(body("c", type: "other"))
        func ids(_ query: String) throws -> [String] { try self.ids(service.ask("GET", "/v1/decisions?\(query)")) }
        #expect(try ids("documentType=cms-1500") == ["b", "a"])
        #expect(try ids("documentId=c") == ["c"])
        #expect(try ids("population=south+side") == ["b"])
        #expect(try ids("population=south%20side") == ["b"])
        #expect(try ids("route=confident") == ["a"])
        #expect(try ids("route=review&documentType=cms-1500") == ["b"])
        #expect(try ids("reviewed=true") == [])
        #expect(try ids("reviewed=false") == ["c", "b", "a"])
        #expect(try ids("from=2026-03-02T08:30:59Z&to=2026-03-02T08:31:00Z") == ["b"])
        #expect(try ids("from=2026-03-02T10:30:59%2B02:00") == ["c", "b"])
        #expect(try ids("from=2026-03-03") == [])
    }

    @Test func `takes a cursor with its own filters only`() throws {
        let service = try TestService()
        for number in 0..<3 { try service.decide(body("d\(number)")) }
        let cursor = try #require(try service.ask("GET", "/v1/decisions?limit=1&population=north").json()["next"].string)
        #expect(try ids(service.ask("GET", "/v1/decisions?limit=2&population=north&cursor=\(cursor)")) == ["d1", "d0"])
        for query in ["", "population=south&", "population=north&route=review&"] {
            let reply = try service.ask("GET", "/v1/decisions?\(query)cursor=\(cursor)")
            #expect(reply.status == 400)
            #expect(try reply.faults() == ["cursor: is not a cursor of this list with these filters"])
        }
        for damaged in [String(cursor.prefix(11)), cursor + "AAAA"] {
            #expect(try service.ask("GET", "/v1/decisions?population=north&cursor=\(damaged)").status == 400)
        }
        let engine = try service.token("e", .engine)
        #expect(try service.ask("GET", "/v1/decisions?population=north&cursor=\(cursor)", [engine]).status == 400)
    }

    @Test func `names every fault of its query`() throws {
        let service = try TestService()
        let reply = try service.ask("GET", "/v1/decisions?route=lost&reviewed=1&from=now&limit=1e3&documentType=a/b&x&x")
        #expect(reply.status == 400)
        #expect(
            try reply.faults() == [
                "x: is not a parameter of this endpoint", "x: is not a parameter of this endpoint",
                "documentType: must be 1 to 128 of A-Za-z0-9._-, or *", "route: must be confident, review or manual",
                "reviewed: must be true or false",
                "from: must be a time with Z or an offset, as 2026-03-01T08:30:58Z, or a date, as 2026-03-01",
                "limit: must be a whole number from 1 to 1000",
            ])
    }

    @Test func `shows an imported review beside the decision`() throws {
        let service = try TestService(policies: [Example.policy])
        let router = OfflineRouter(policies: try PolicyCodec.policySet(of: service.ledger), salt: TestService.salt)
        let line =
            body("d").dropLast()
            + #","review":{"verdict":"modified","reviewedBy":"coder-7","corrected":{"a":"x","b":"y"},"at":"2026-03-03T00:00:00Z"}}"#
        let entry = try router.decide(line: Array(line.utf8), review: .kept, at: service.clock.now())
        try service.ledger.logBatch([entry])
        let shown = try service.ask("GET", "/v1/decisions?reviewed=true").json()["items"][0]
        #expect(shown["review"].names == ["verdict", "reviewer", "at", "items", "added"])
        #expect(shown["review"]["items"] == ["changed"])
        #expect(shown["review"]["added"][0]["field"] == "b")
        #expect(shown["review"]["at"] == "2026-03-03T00:00:00.000Z")
        let answer = String(decoding: router.render(entry), as: UTF8.self)
        let text = try service.ask("GET", "/v1/decisions/\(try #require(shown["id"].string))").text
        #expect(text.hasPrefix(answer.dropLast() + #","review":{"verdict":"modified""#))
    }
}
