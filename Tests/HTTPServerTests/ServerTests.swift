import Dispatch
import HTTPServer
import Testing

@Suite struct ServerTests {
    @Test func `a connection carries one request after another`() throws {
        let server = try TestServer()
        let client = try server.connect()
        for index in 0..<3 {
            client.send("POST /\(index) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
            let answer = client.readAnswer()
            #expect(answer.status == "HTTP/1.1 200 OK")
            #expect(answer.body == "post /\(index) hi")
            #expect(answer.fields.contains("Content-Type: text/plain"))
            #expect(answer.fields.filter { $0.hasPrefix("Date: ") }.count == 1)
        }
        #expect(server.server.counters.connectionsAccepted == 1)
    }

    @Test func `a request that comes byte by byte is answered like any other`() throws {
        let server = try TestServer()
        let client = try server.connect()
        for byte in Array("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n1\r\nz\r\n0\r\n\r\n".utf8) {
            client.send([byte])
        }
        #expect(client.readAnswer().body == "post /a xyz")
    }

    @Test func `a large body and a large answer arrive whole`() throws {
        let server = try TestServer()
        let client = try server.connect()
        let body = (0..<5_000_000).map { UInt8(0x61 + $0 % 26) }
        client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
        client.send(body)
        let answer = client.readAnswer()
        #expect(answer.body.utf8.dropFirst(8).elementsEqual(body))
    }

    @Test func `HEAD has the head of GET and no body`() throws {
        let server = try TestServer()
        let client = try server.connect()
        client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.readAnswer(isHead: true).fields.contains("Content-Length: 8"))
        #expect(client.readAnswer().body == "get /b ")
    }

    @Test func `pipelined answers keep the order of their requests when they are given in another`() throws {
        let server = try TestServer()
        let client = try server.connect()
        client.send((1...3).map { "GET /hold\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        let held = (1...3).compactMap { _ in server.stage.waitForHeld() }
        #expect(held.count == 3)
        for exchange in held.reversed() {
            exchange.loop.execute { exchange.respond(EchoHandler.text(EchoHandler.path(exchange.head))) }
        }
        #expect((1...3).map { _ in client.readAnswer().body } == ["/hold1", "/hold2", "/hold3"])
    }

    @Test func `a pipelined POST waits for the answer before it`() throws {
        let server = try TestServer()
        let client = try server.connect()
        client.send(
            "POST /hold HTTP/1.1\r\nHost: a\r\n\r\nPOST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxGET /c HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        let exchange = try #require(server.stage.waitForHeld())
        exchange.loop.execute { exchange.respond(EchoHandler.text("first")) }
        #expect((1...3).map { _ in client.readAnswer().body } == ["first", "post /b x", "get /c "])
    }

    @Test func `more requests than may be in work at once are answered all the same`() throws {
        let server = try TestServer { $0.pipelinedRequestsMax = 2 }
        let client = try server.connect()
        client.send((0..<500).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        #expect((0..<500).allSatisfy { client.readAnswer().body == "get /\($0) " })
    }

    // The answers fill the output and leave at once: what came behind their requests is to be read before anything else is.
    @Test func `two thousand pipelined requests are answered in order while they are being sent`() throws {
        let server = try TestServer { $0.loops = 1 }
        let client = try server.connect()
        let padding = String(repeating: "x", count: 200)
        let requests = (0..<2_000).flatMap { Array("GET /\($0)/\(padding) HTTP/1.1\r\nHost: a\r\n\r\n".utf8) }
        var sent = 0
        for number in 0..<2_000 {
            while sent < requests.count {
                let taken = client.sendSome(Array(requests[sent..<min(sent + 65_536, requests.count)]))
                if taken == 0 { break }
                sent += taken
            }
            let answer = client.readAnswer()
            try #require(answer.body == "get /\(number)/\(padding) ")
        }
    }

    @Test func `pipelined requests with large answers are all answered`() throws {
        let server = try TestServer()
        let client = try server.connect()
        client.send(String(repeating: "GET /big/100000 HTTP/1.1\r\nHost: a\r\n\r\n", count: 100))
        #expect((0..<100).allSatisfy { _ in client.readAnswer().body.utf8.count == 100_000 })
    }

    @Test func `100 Continue comes before the body, and a refusal in its place`() throws {
        let server = try TestServer()
        let client = try server.connect()
        client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(client.readAnswer().status == "HTTP/1.1 100 Continue")
        client.send("hi")
        #expect(client.readAnswer().body == "post /a hi")
        client.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        let (text, end) = client.readToEnd()
        #expect(text.hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
        #expect(end == .end)
    }

    @Test func `a client that has closed its sending half gets its answers`() throws {
        let server = try TestServer()
        let client = try server.connect()
        client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        client.endOutput()
        let exchange = try #require(server.stage.waitForHeld())
        exchange.loop.execute { exchange.respond(EchoHandler.text("held")) }
        #expect(client.readAnswer().body == "held")
        let (text, end) = client.readToEnd()
        #expect(text.hasSuffix("\r\n\r\nget /b "))
        #expect(text.contains("\r\nConnection: close\r\n"))
        #expect(end == .end)
    }

    @Test func `Connection close ends the connection after its answer`() throws {
        let server = try TestServer()
        let client = try server.connect()
        client.send("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        let (text, end) = client.readToEnd()
        #expect(text.hasSuffix("\r\n\r\nget /a "))
        #expect(end == .end)
    }

    @Test func `a refusal reaches a client that is still sending a large body`() throws {
        let server = try TestServer()
        let client = try server.connect()
        client.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n")
        #expect(client.send([UInt8](repeating: 0x78, count: 20_000_000)))
        let (text, end) = client.readToEnd()
        #expect(text.hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
        #expect(text.contains("\r\nX-Refused: yes\r\n"))
        #expect(text.contains("\r\nConnection: close\r\n"))
        #expect(end == .end)
        #expect(server.server.counters.refused == [413: 1])
    }

    @Test func `a head that takes too long is refused`() throws {
        let server = try TestServer { $0.headTimeoutMilliseconds = 30 }
        let client = try server.connect()
        client.send("GET / HT")
        let (text, end) = client.readToEnd()
        #expect(text.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(end == .end)
    }

    @Test func `a body that stalls is refused`() throws {
        let server = try TestServer { $0.bodyTimeoutMilliseconds = 30 }
        let client = try server.connect()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
        #expect(client.readToEnd().text.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
    }

    @Test func `a silent connection is closed without a word`() throws {
        let server = try TestServer { $0.idleTimeoutMilliseconds = 30 }
        let silent = try server.connect()
        #expect(silent.readToEnd() == ("", .end))
        let used = try server.connect()
        used.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(used.readAnswer().body == "get /a ")
        #expect(used.readToEnd() == ("", .end))
    }

    @Test func `a client that takes nothing of its answer is cut off`() throws {
        let server = try TestServer { $0.writeTimeoutMilliseconds = 50 }
        let client = try Client(server.address, receiveBufferBytes: 4_096)
        client.send("GET /flood/100000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(server.stage.waitForAborted())
    }

    @Test func `bodies beyond the shared budget are refused, and others served`() throws {
        let server = try TestServer { $0.bufferedBytesMax = 100_000 }
        let declared = try server.connect()
        declared.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n")
        let (text, _) = declared.readToEnd()
        #expect(text.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        #expect(text.contains("\r\nRetry-After: 1\r\n"))
        let grown = try server.connect()
        grown.send(
            "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + "30000\r\n" + String(repeating: "x", count: 0x30000))
        #expect(grown.readToEnd().text.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        for _ in 0..<3 {
            let client = try server.connect()
            client.send("POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n" + String(repeating: "x", count: 90_000))
            #expect(client.readAnswer().body == "90000")
        }
    }

    @Test func `at the limit connections wait, and are served when others close`() throws {
        let server = try TestServer { $0.connectionsMax = 2 }
        func request(_ client: Client) { client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n") }
        var clients = [try server.connect(), try server.connect()]
        for client in clients {
            request(client)
            #expect(client.readAnswer().body == "get /a ")
        }
        let waiting = [try server.connect(), try server.connect()]
        for client in waiting { request(client) }
        request(clients[0])
        #expect(clients[0].readAnswer().body == "get /a ")
        #expect(server.server.counters.connectionsAccepted == 2)
        clients = []
        for client in waiting { #expect(client.readAnswer().body == "get /a ") }
        #expect(server.server.counters.connectionsAccepted == 4)
    }

    @Test func `a hundred connections are served at once`() throws {
        let server = try TestServer()
        let clients = try (0..<100).map { _ in try server.connect() }
        for round in 0..<3 {
            for (index, client) in clients.enumerated() { client.send("GET /\(round)/\(index) HTTP/1.1\r\nHost: a\r\n\r\n") }
            #expect(clients.enumerated().allSatisfy { $1.readAnswer().body == "get /\(round)/\($0) " })
        }
        #expect(server.server.counters.connectionsOpen == 100)
    }
}
