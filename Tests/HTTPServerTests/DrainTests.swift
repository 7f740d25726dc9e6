import Dispatch
import HTTPServer
import Testing

@Suite struct DrainTests {
    @Test func `stopping closes idle connections and finishes the requests in work`() throws {
        let server = try TestServer { $0.loops = 1 }
        let idle = try server.connect()
        idle.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(idle.readAnswer().body == "get /a ")
        let busy = try server.connect()
        busy.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
        let exchange = try #require(server.stage.waitForHeld())

        let stopped = DispatchSemaphore(value: 0)
        let stopping = server.server
        DispatchQueue.global().async {
            stopping.drain()
            stopped.signal()
        }
        #expect(idle.readToEnd() == ("", .end))
        exchange.loop.execute { exchange.respond(EchoHandler.text("held")) }
        let (text, end) = busy.readToEnd()
        #expect(text.hasSuffix("\r\n\r\nheld"))
        #expect(text.contains("\r\nConnection: close\r\n"))
        #expect(end == .end)
        #expect(stopped.wait(timeout: .now() + 10) == .success)
        #expect(server.server.counters.connectionsOpen == 0)
        #expect(throws: Client.ConnectFailed.self) { try server.connect() }
    }

    @Test func `stopping finishes a body that is still being sent`() throws {
        let server = try TestServer { $0.loops = 1 }
        let idle = try server.connect()
        let client = try server.connect()
        client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n")
        #expect(client.readAnswer().status == "HTTP/1.1 100 Continue")
        idle.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = idle.readAnswer()
        let stopping = server.server
        DispatchQueue.global().async { stopping.drain() }
        #expect(idle.readToEnd().end == .end)
        client.send("abcdef")
        let (text, _) = client.readToEnd()
        #expect(text.hasSuffix("post /a abcdef"))
    }

    @Test func `stopping waits for requests in work only so long`() throws {
        let server = try TestServer { $0.drainTimeoutMilliseconds = 30 }
        let client = try server.connect()
        client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try #require(server.stage.waitForHeld())
        server.server.drain()
        #expect(server.stage.waitForAborted())
        #expect(client.readToEnd() == ("", .reset))
    }

    @Test func `stopping twice is stopping once`() throws {
        let server = try TestServer()
        server.server.drain()
        server.server.drain()
        #expect(server.server.counters.connectionsOpen == 0)
    }
}
