import Foundation
import TestSupport
import Testing

/// What clients do to a server that is not to be knocked over by it.
@Suite(.serialized) struct `HTTP endurance` {
    static func result(_ id: String) -> [UInt8] { Array(#"{"documentType":"t","documentId":"\#(id)","fields":[{"name":"a"}]}"#.utf8) }

    @Test func `without free descriptors connections wait, those at work go on, and the waiting are served later`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let busy = try server.connect()
        #expect(try busy.ask(.post(Self.result("first"))).status == 201)
        let used = try server.descriptors()
        let limit = (used.max() ?? 0) + 6
        try server.limitDescriptors(to: limit)
        let count = 60
        let clients = try (0..<count).map { _ in try server.connect() }
        for client in clients { try client.send(Request.get("/healthz").bytes) }
        for number in 0..<20 { #expect(try busy.ask(.post(Self.result("\(number)"))).status == 201) }
        // Those that found a descriptor have their answers; the server may have let go of a few of its own.
        let waiting = try clients.filter { try !$0.hasInput() }.count
        #expect(waiting >= count - (limit - used.count) - 3)
        // Each that ends makes room for another.
        let statuses = try onThreads(count) { index in
            defer { clients[index].endOutput() }
            return try clients[index].answer().status
        }
        #expect(statuses == Array(repeating: 200, count: count))
        #expect(try busy.ask(.post(Self.result("last"))).status == 201)
        #expect(try server.decisions().count == 22)
    }

    @Test func `a reset behind any byte of a request does no harm`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite", flags: ["--access-log", "false"])
        let line = #"{"documentType":"t","documentId":"d","fields":[{"name":"a"}]}"#
        let requests = [
            Raw.post(), Raw.chunked(Raw.chunk(Raw.result, extensions: ";a=\"b\"") + "0\r\nX: y\r\n\r\n") + Raw.get(),
            "POST /v1/decisions HTTP/1.1\r\n\(Raw.host)Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
                + Raw.chunk(line + "\n") + Raw.chunk(line + "\n") + "0\r\n\r\n",
        ]
        #expect(try server.ask(.get("/healthz")).status == 200)
        let kept = try server.connect()
        #expect(try kept.ask(.get("/healthz")).status == 200)
        let descriptors = try server.descriptors().count
        for request in requests {
            let bytes = Array(request.utf8)
            for end in 0...bytes.count {
                let connection = try server.connect()
                try connection.send(Array(bytes[..<end]))
                connection.resetOnClose()
            }
            #expect(try kept.ask(.post(Self.result("after"))).status == 201)
        }
        // Connections of the database may have come, one for each reader; none of the clients' is left once the loops have gone round.
        var rounds = 0
        while try server.descriptors().count > descriptors + 8, rounds < 10_000 {
            #expect(try server.ask(.get("/healthz")).status == 200)
            rounds += 1
        }
        #expect(try server.descriptors().count <= descriptors + 8)
        #expect(try server.stop() == .exited(0))
    }

    @Test func `ten thousand pipelined requests are answered in order`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite", flags: ["--access-log", "false"])
        let connection = try server.connect()
        let count = 10_000
        let requests = (0..<count).flatMap { Request.get("/v1/nothing/\($0)").bytes }
        let sender = Thread { try? connection.send(requests) }
        sender.start()
        for number in 0..<count {
            let problem = try connection.answer()
            guard problem.status == 404 else {
                Issue.record("answer \(number): \(problem.status)")
                return
            }
        }
        #expect(try connection.ask(.get("/healthz")).status == 200)
    }

    @Test func `ten thousand pipelined requests whose answers nobody takes cost no memory`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite", flags: ["--access-log", "false"])
        let request = Request.get("/openapi.json").bytes
        let size = try server.ask(.get("/openapi.json")).body.count
        let before = try server.peakMemory()
        let connection = try server.connect()
        try connection.send((0..<10_000).flatMap { _ in request })
        // The server has read what it would and works for others: what it holds for this client is all it will.
        for _ in 0..<50 { #expect(try server.ask(.get("/healthz")).status == 200) }
        let grown = try server.peakMemory() - before
        #expect(grown < 8 << 20, "\(grown) bytes, and the answers have \(10_000 * size)")
        #expect(try connection.answer().body.count == size)
        connection.resetOnClose()
    }

    @Test func `idle connections cost less than 4 KiB each`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite", flags: ["--access-log", "false"])
        // Both rounds fit into the 1,024 descriptors that a shell usually has.
        let count = 350
        func open() throws -> [Connection] {
            try (0..<count).map { _ in
                let connection = try server.connect()
                #expect(try connection.ask(.get("/healthz")).status == 200)
                return connection
            }
        }
        let first = try open()
        let before = try server.memory()
        let second = try open()
        let grown = try server.memory() - before
        #expect(grown < count * 4_096, "\(grown / count) bytes each")
        #expect(first.count == second.count)
    }
}
