import HTTPServer
import Testing

@Suite struct StreamTests {
    /// A chunk's size line, its bytes and its end.
    private func readChunk(_ client: Client) -> String {
        var line = ""
        while !line.hasSuffix("\r\n") {
            let byte = client.read(1)
            guard !byte.isEmpty else { return "" }
            line += byte
        }
        let count = Int(line.dropLast(1), radix: 16) ?? 0
        let bytes = client.read(count)
        _ = client.read(2)
        return bytes
    }

    @Test(arguments: ["Content-Length: 6", "Transfer-Encoding: chunked"])
    func `a streamed body is answered while it is being sent`(framing: String) throws {
        let server = try TestServer()
        let client = try server.connect()
        let isChunked = framing.hasSuffix("chunked")
        client.send("POST /stream HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n" + (isChunked ? "3\r\nabc\r\n" : "abc"))
        #expect(client.readAnswer().fields.contains("Transfer-Encoding: chunked"))
        #expect(readChunk(client) == "abc")
        client.send(isChunked ? "3\r\ndef\r\n0\r\n\r\n" : "def")
        #expect(readChunk(client) == "def")
        #expect(readChunk(client) == "")
        client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.readAnswer().body == "get /a ")
    }

    @Test func `a stream without a body is ended at once`() throws {
        let server = try TestServer()
        let client = try server.connect()
        client.send("POST /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = client.readAnswer()
        #expect(client.read(5) == "0\r\n\r\n")
    }

    @Test func `a client that doesn't read is held back, and loses nothing`() throws {
        let server = try TestServer()
        let client = try server.connect()
        let count = 64 << 20
        client.send("POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n")
        let piece = [UInt8](repeating: 0x78, count: 65_536)
        var sent = 0
        // The kernel's buffers on both sides are all that fills: with no back-pressure all of it would be taken.
        while sent < count {
            let taken = client.sendSome(Array(piece.prefix(count - sent)))
            if taken == 0 { break }
            sent += taken
        }
        #expect(sent < count)
        _ = client.readAnswer()
        var received = 0
        while received < count {
            let chunk = readChunk(client)
            guard !chunk.isEmpty else { break }
            received += chunk.utf8.count
            while sent < count {
                let taken = client.sendSome(Array(piece.prefix(count - sent)))
                if taken == 0 { break }
                sent += taken
            }
        }
        #expect(received == count)
        #expect(readChunk(client) == "")
    }

    @Test(arguments: [0, 1, 65_536, 65_537, 20_000_000])
    func `a long answer is written as it leaves`(count: Int) throws {
        let server = try TestServer()
        let client = try server.connect()
        client.send("GET /flood/\(count) HTTP/1.0\r\n\r\n")
        let (text, end) = client.readToEnd()
        #expect(end == .end)
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text.contains("\r\nConnection: close\r\n"))
        #expect(!text.contains("Transfer-Encoding"))
        #expect(text.utf8.reversed().prefix { $0 == 0x78 }.count == count)
    }

    @Test func `what a handler keeps with a request, and keeps it, goes with the end of the answer`() throws {
        let server = try TestServer()
        let client = try server.connect()
        client.send("POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
        #expect(client.readAnswer().status == "HTTP/1.1 200 OK")
        #expect(server.stage.waitForDropped())
    }

    @Test(arguments: ["zz\r\n", ""])
    func `what a handler keeps with a request goes with its refusal, or its client`(rest: String) throws {
        let server = try TestServer()
        let client = try server.connect()
        client.send("POST /stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        #expect(client.readAnswer().status == "HTTP/1.1 200 OK")
        // No size of a chunk; or the end of what is sent, in the middle of a body.
        if rest.isEmpty { client.endOutput() } else { client.send(rest) }
        #expect(server.stage.waitForDropped())
    }

    @Test func `a reset within a body tells the handler`() throws {
        let server = try TestServer()
        do {
            let client = try server.connect()
            client.send("POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc")
            #expect(client.readAnswer().status == "HTTP/1.1 200 OK")
            client.resetOnClose()
        }
        #expect(server.stage.waitForAborted())
        let client = try server.connect()
        client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.readAnswer().body == "get /a ")
    }

    @Test func `a reset while a request is in work tells the handler, and its answer goes nowhere`() throws {
        let server = try TestServer()
        var client: Client? = try server.connect()
        client?.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
        let exchange = try #require(server.stage.waitForHeld())
        client?.resetOnClose()
        client = nil
        #expect(server.stage.waitForAborted())
        exchange.loop.execute { exchange.respond(EchoHandler.text("late")) }
        let other = try server.connect()
        other.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(other.readAnswer().body == "get /a ")
    }

    @Test(arguments: ["1.1", "1.0"])
    func `an answer that is broken off is seen to be incomplete`(version: String) throws {
        let server = try TestServer()
        let client = try server.connect()
        client.send("POST /broken HTTP/\(version)\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
        let (text, end) = client.readToEnd()
        if version == "1.1" {
            #expect(text.hasSuffix("\r\n\r\n3\r\nabc\r\n"))
            #expect(end == .end)
        } else {
            #expect(end == .reset)
        }
    }

    @Test func `a stream that is broken by its client lacks its last chunk`() throws {
        let server = try TestServer()
        let client = try server.connect()
        client.send("POST /stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        _ = client.readAnswer()
        #expect(readChunk(client) == "abc")
        client.send("oops\r\n")
        let (text, _) = client.readToEnd()
        #expect(text == "")
        #expect(server.stage.waitForAborted())
    }
}
