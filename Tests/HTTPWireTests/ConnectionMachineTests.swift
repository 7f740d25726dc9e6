import Testing

@testable import HTTPWire

struct Exchange: CustomTestStringConvertible, Sendable {
    let name: String
    let input: String
    let output: String
    /// The connection is over after it.
    var ends = false
    var testDescription: String { name }
}

private let close = "Connection: close\r\n"
private let keepAlive = "Connection: keep-alive\r\n"

@Suite struct ConnectionMachineTests {
    static let exchanges: [Exchange] = [
        Exchange(name: "a GET", input: "GET /a HTTP/1.1\r\nHost: a\r\n\r\n", output: answer("get /a ")),
        Exchange(name: "a POST", input: "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz", output: answer("post /a xyz")),
        Exchange(
            name: "a chunked POST",
            input: "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n1;e\r\nz\r\n0\r\nT: u\r\n\r\n",
            output: answer("post /a xyz")),
        Exchange(name: "a HEAD", input: "HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n", output: answer("head /a ", bodyless: true)),
        Exchange(
            name: "four pipelined requests, empty lines between",
            input: "GET /a HTTP/1.1\r\nHost: a\r\n\r\nPOST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx\r\n"
                + "GET /c HTTP/1.1\r\nHost: a\r\n\r\nPUT /d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            output: answer("get /a ") + answer("post /b x") + answer("get /c ") + answer("put /d ")),
        Exchange(
            name: "close, and what follows is not read",
            input: "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
            output: answer("get /a ", close), ends: true),
        Exchange(
            name: "close with a body", input: "POST /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nxGET /",
            output: answer("post /a x", close), ends: true),
        Exchange(name: "HTTP/1.0", input: "GET /a HTTP/1.0\r\n\r\nGET /b HTTP/1.0\r\n\r\n", output: answer("get /a ", close), ends: true),
        Exchange(
            name: "HTTP/1.0 with keep-alive", input: "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n",
            output: answer("get /a ", keepAlive) + answer("get /b ", close), ends: true),
        Exchange(
            name: "an absolute target", input: "GET http://b/a HTTP/1.1\r\nHost: a\r\n\r\n", output: answer("get /a ")),
        Exchange(name: "a bad head", input: "GET /a HTTP/1.1\r\nHost : a\r\n\r\nGET /b", output: refusal("400 Bad Request"), ends: true),
        Exchange(
            name: "a bad head behind a good one", input: "GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
            output: answer("get /a ") + refusal("400 Bad Request"), ends: true),
        Exchange(
            name: "two framings",
            input:
                "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
            output: refusal("400 Bad Request"), ends: true),
        Exchange(
            name: "a bad chunk",
            input: "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
            output: refusal("400 Bad Request"), ends: true),
        Exchange(
            name: "a body over its limit", input: "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde",
            output: refusal("413 Content Too Large"), ends: true),
        Exchange(
            name: "a body at its limit", input: "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd",
            output: answer("post /small abcd")),
        Exchange(
            name: "a chunked body over its limit",
            input: "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            output: refusal("413 Content Too Large"), ends: true),
        Exchange(
            name: "a refusal from the head, the short body read and dropped",
            input: "POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 14\r\n\r\nGET / HTTP/1.1GET /b HTTP/1.1\r\nHost: a\r\n\r\n",
            output: "HTTP/1.1 401 Unauthorized\r\nDate: D\r\nContent-Length: 0\r\n\r\n" + answer("get /b ")),
        Exchange(
            name: "a refusal from the head, the chunked body read and dropped",
            input:
                "POST /refused HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
            output: "HTTP/1.1 401 Unauthorized\r\nDate: D\r\nContent-Length: 0\r\n\r\n" + answer("get /b ")),
        Exchange(
            name: "a refusal from the head, the body too long to read",
            input: "POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
            output: refusal("401 Unauthorized"), ends: true),
        Exchange(
            name: "an unknown method", input: "BREW /a HTTP/1.1\r\nHost: a\r\n\r\n", output: refusal("501 Not Implemented"), ends: true),
        Exchange(name: "another version", input: "GET /a HTTP/3.0\r\n", output: refusal("505 HTTP Version Not Supported"), ends: true),
        Exchange(
            name: "another expectation", input: "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: tea\r\n\r\n",
            output: refusal("417 Expectation Failed"), ends: true),
    ]

    @Test(arguments: exchanges)
    func `an exchange is the same however its input is cut`(row: Exchange) {
        let bytes = Array(row.input.utf8)
        var differing: [Int] = []
        for cut in 0...bytes.count {
            let conversation = Conversation()
            conversation.receive(Array(bytes[..<cut]))
            conversation.receive(Array(bytes[cut...]))
            if conversation.output != row.output || conversation.isLingering != row.ends { differing.append(cut) }
        }
        let byByte = Conversation()
        for byte in bytes { byByte.receive([byte]) }
        #expect(byByte.output == row.output)
        #expect(byByte.isLingering == row.ends)
        #expect(differing == [])
    }

    @Test func `100 Continue is sent when the body is wanted and none of it is here`() {
        let head = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
        let waiting = Conversation()
        waiting.receive(head)
        #expect(waiting.output == "HTTP/1.1 100 Continue\r\n\r\n")
        waiting.receive("xyz")
        #expect(waiting.output == "HTTP/1.1 100 Continue\r\n\r\n" + answer("post /a xyz"))
        let eager = Conversation()
        eager.receive(head + "x")
        #expect(eager.output == "")
        eager.receive("yz")
        #expect(eager.output == answer("post /a xyz"))
    }

    @Test(arguments: [
        ("POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n", "401 Unauthorized"),
        ("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n", "413 Content Too Large"),
    ])
    func `a refusal takes the place of 100 Continue, and the body may or may not follow, so that the connection ends`(
        head: String, status: String
    ) {
        let conversation = Conversation()
        conversation.receive(head + "Expect: 100-continue\r\n\r\n")
        #expect(conversation.output == refusal(status))
        #expect(conversation.isLingering)
    }

    @Test func `an expectation of HTTP 1_0 is ignored`() {
        let conversation = Conversation()
        conversation.receive("POST /a HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
        #expect(conversation.output == "")
        conversation.receive("x")
        #expect(conversation.output == answer("post /a x", close))
    }

    @Test func `answers leave in the order of requests, whatever the order in which they are given`() {
        let conversation = Conversation()
        for path in ["/later1", "/later2", "/later3"] { conversation.receive("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n") }
        let numbers = conversation.waiting.map(\.number)
        #expect(numbers.count == 3)
        conversation.answer(numbers[2])
        conversation.answer(numbers[1])
        #expect(conversation.output == "")
        conversation.answer(numbers[0])
        #expect(conversation.output == answer("/later1") + answer("/later2") + answer("/later3"))
    }

    @Test(arguments: [
        ("POST /later HTTP/1.1\r\nHost: a\r\n\r\n", "GET /b HTTP/1.1\r\nHost: a\r\n\r\n", "get /b "),
        ("GET /later HTTP/1.1\r\nHost: a\r\n\r\n", "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", "post /b x"),
        ("GET /later HTTP/1.1\r\nHost: a\r\n\r\n", "GET /b HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", "get /b x"),
    ])
    func `a request that is not safe, or has a body, waits for the answers before it`(first: String, second: String, body: String) {
        let conversation = Conversation()
        conversation.receive(first + second)
        #expect(!conversation.wantsInput)
        #expect(conversation.output == "")
        conversation.answer(conversation.waiting[0].number)
        #expect(conversation.output == answer("/later") + answer(body))
    }

    @Test func `no more than the allowed number of requests are in work at once`() {
        let conversation = Conversation(limits: WireLimits(pipelinedRequestsMax: 2))
        for index in 1...4 { conversation.receive("GET /later\(index) HTTP/1.1\r\nHost: a\r\n\r\n") }
        #expect(conversation.waiting.map(\.path) == ["/later1", "/later2"])
        #expect(!conversation.wantsInput)
        conversation.answer(conversation.waiting[0].number)
        #expect(conversation.waiting.map(\.path) == ["/later2", "/later3"])
        conversation.answer(conversation.waiting[0].number)
        conversation.answer(conversation.waiting[0].number)
        conversation.answer(conversation.waiting[0].number)
        #expect(conversation.output == (1...4).map { answer("/later\($0)") }.joined())
        #expect(conversation.wantsInput)
    }

    @Test func `a refusal waits for the answers before it`() {
        let conversation = Conversation()
        conversation.receive("GET /later HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\n\r\n")
        #expect(conversation.output == "")
        conversation.answer(conversation.waiting[0].number)
        #expect(conversation.output == answer("/later") + refusal("400 Bad Request"))
        #expect(conversation.isLingering)
    }

    @Test func `unsent answers stop further requests`() {
        let conversation = Conversation()
        conversation.room = 0
        let request = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n" + String(repeating: "x", count: 40_000)
        conversation.receive(request)
        #expect(conversation.wantsInput)
        conversation.receive(request)
        #expect(!conversation.wantsInput)
        conversation.receive("GET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        conversation.room = nil
        conversation.send()
        conversation.receive("")
        #expect(conversation.output.hasSuffix(answer("get /b ")))
    }

    @Test func `a client that has sent its end still gets its answers`() {
        let conversation = Conversation()
        conversation.receive("GET /later1 HTTP/1.1\r\nHost: a\r\n\r\nGET /later2 HTTP/1.1\r\nHost: a\r\n\r\n")
        conversation.endInput()
        #expect(!conversation.isClosed)
        conversation.answer(conversation.waiting[1].number)
        conversation.answer(conversation.waiting[0].number)
        #expect(conversation.output == answer("/later1") + answer("/later2", close))
        #expect(conversation.isClosed)
    }

    @Test(arguments: ["", "\r\n"])
    func `a client that ends between requests is closed in silence`(input: String) {
        let conversation = Conversation()
        conversation.receive(input)
        conversation.endInput()
        #expect(conversation.output == "")
        #expect(conversation.isClosed)
    }

    @Test(arguments: [
        "GET /a HT", "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxy",
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n",
    ])
    func `a client that ends within a request is told so`(input: String) {
        let conversation = Conversation()
        conversation.receive(input)
        conversation.endInput()
        #expect(conversation.output == refusal("400 Bad Request"))
        #expect(conversation.isClosed)
    }

    @Test(arguments: ["xyz", "x\r\n"])
    func `a streamed answer is chunked, each piece as it comes`(piece: String) {
        let conversation = Conversation()
        conversation.receive("POST /streamed HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n" + piece)
        let begun = "HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\(piece)\r\n"
        #expect(conversation.output == begun)
        conversation.receive("abcGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(conversation.output == begun + "3\r\nabc\r\n0\r\n\r\n" + answer("get /b "))
    }

    @Test func `a streamed answer ends with the connection in HTTP 1_0, and has no body for HEAD`() {
        let old = Conversation()
        old.receive("POST /streamed HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nxyz")
        #expect(old.output == "HTTP/1.1 200 OK\r\nDate: D\r\nConnection: close\r\n\r\nxyz")
        #expect(old.isLingering)
        let head = Conversation()
        head.receive("HEAD /streamed HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz")
        #expect(head.output == "HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(head.wantsInput)
    }

    @Test func `a streamed answer waits for the answers before it`() {
        let conversation = Conversation()
        conversation.receive("GET /later HTTP/1.1\r\nHost: a\r\n\r\nGET /streamed HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(conversation.output == "")
        conversation.answer(conversation.waiting[0].number)
        #expect(conversation.output == answer("/later") + "HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    }

    @Test func `a fault in a body whose answer has begun cuts the connection`() {
        let conversation = Conversation()
        conversation.receive("POST /streamed HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n!")
        #expect(conversation.isCut)
        #expect(conversation.output == "HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n")
    }

    @Test func `a paused stream takes nothing until it goes on`() {
        let conversation = Conversation()
        conversation.receive("POST /streamed HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc")
        conversation.setReading(.waitsForApplication)
        #expect(!conversation.wantsInput)
        let before = conversation.output
        conversation.receive("def")
        #expect(conversation.output == before)
        conversation.setReading(.goesOn)
        #expect(conversation.output == before + "3\r\ndef\r\n0\r\n\r\n")
    }

    @Test func `a server that is stopped says so with its last answer`() {
        let conversation = Conversation()
        conversation.receive("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
        conversation.drain()
        #expect(!conversation.isIdle)
        conversation.answer(conversation.waiting[0].number)
        #expect(conversation.output == answer("/later", close))
        #expect(conversation.isLingering)
    }
}
