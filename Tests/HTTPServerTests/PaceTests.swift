import HTTPServer
import Testing

/// Clients that keep a connection busy and hardly move: each sends or takes a byte long before every deadline, for as long as it may.
@Suite struct PaceTests {
    /// Far more steps than any deadline leaves time for.
    private static let stepsMax = 2_000

    @Test func `a head that drips in is refused when its time is over`() throws {
        let server = try TestServer { $0.headTimeoutMilliseconds = 300 }
        let client = try server.connect()
        client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ")
        #expect(client.drip(stepsMax: Self.stepsMax))
        #expect(client.readToEnd().text.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
    }

    // A body must bring 128 bytes a second: 38 in 300 ms. One in 20 ms are 15.
    @Test(arguments: ["/a", "/stream"])
    func `a body that drips in is refused when it is below the least pace`(path: String) throws {
        let server = try TestServer { $0.bodyTimeoutMilliseconds = 300 }
        let client = try server.connect()
        client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
        if path == "/stream" {
            // The answer has begun: it ends incomplete.
            client.drip(stepsMax: Self.stepsMax / 100, isWatching: false)
            #expect(server.stage.waitForAborted())
            #expect(!client.readToEnd().text.contains("\r\n0\r\n\r\n"))
        } else {
            #expect(client.drip(stepsMax: Self.stepsMax))
            #expect(client.readToEnd().text.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        }
    }

    @Test func `an answer that is taken byte by byte is cut off, and others are served meanwhile`() throws {
        let server = try TestServer { $0.writeTimeoutMilliseconds = 300 }
        let slow = try Client(server.address, receiveBufferBytes: 4_096)
        slow.send("GET /flood/100000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        let other = try server.connect()
        var isAborted = false
        for _ in 0..<Self.stepsMax where !isAborted {
            _ = slow.read(1)
            other.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(other.readAnswer().body == "get /a ")
            isAborted = server.stage.waitForAborted(milliseconds: 20)
        }
        #expect(isAborted)
    }

    @Test func `long answers that nobody takes share a budget, and beyond it there is 503`() throws {
        let bytes = 24 << 20
        let server = try TestServer { $0.bufferedBytesMax = 32 << 20 }
        let request = "GET /big/\(bytes) HTTP/1.1\r\nHost: a\r\n\r\n"
        let slow = try Client(server.address, receiveBufferBytes: 4_096)
        slow.send(request)
        #expect(slow.read(15) == "HTTP/1.1 200 OK")
        let other = try server.connect()
        other.send(request)
        let refusal = other.readAnswer()
        #expect(refusal.status == "HTTP/1.1 503 Service Unavailable")
        #expect(refusal.fields.contains { $0.hasPrefix("Retry-After: ") })
        // Short answers take nothing of it, and the connection goes on.
        other.send("GET /big/65536 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(other.readAnswer().body.utf8.count == 65_536)
        // What is taken, or given up, makes room: the answer's beginning was read above.
        #expect(slow.read(bytes).utf8.count == bytes)
        _ = slow.read(200)
        other.send(request)
        #expect(other.readAnswer().body.utf8.count == bytes)
    }

    @Test func `a long answer is sent though it is longer than the budget, when it is alone`() throws {
        let server = try TestServer { $0.bufferedBytesMax = 1 << 20 }
        let client = try server.connect()
        for _ in 0..<2 {
            client.send("GET /big/9000000 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.readAnswer().body.utf8.count == 9_000_000)
        }
    }
}
