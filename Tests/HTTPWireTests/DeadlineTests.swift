import Testing

@testable import HTTPWire

@Suite struct DeadlineTests {
    static let second: UInt64 = 1_000_000_000
    static let limits = WireLimits(
        idleTimeout: 60 * second, headTimeout: 10 * second, bodyTimeout: 30 * second, writeTimeout: 20 * second)

    @Test func `a silent connection is closed after the idle time, counted from its last answer`() {
        let conversation = Conversation(limits: Self.limits)
        conversation.now = 5 * Self.second
        conversation.receive("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(conversation.deadline == 65 * Self.second)
        conversation.expire(at: 65 * Self.second - 1)
        #expect(!conversation.isClosed)
        conversation.expire(at: 65 * Self.second)
        #expect(conversation.isClosed)
    }

    @Test func `a head has its time from its first byte, whatever follows`() {
        let conversation = Conversation(limits: Self.limits)
        conversation.now = Self.second
        conversation.receive("\r\n")
        #expect(conversation.deadline == 60 * Self.second)
        conversation.receive("G")
        conversation.now = 9 * Self.second
        conversation.receive("ET / HTTP/1.1\r\nHost: a\r\n")
        #expect(conversation.deadline == 11 * Self.second)
        conversation.expire(at: 11 * Self.second)
        #expect(conversation.output == refusal("408 Request Timeout"))
        #expect(conversation.isLingering)
    }

    @Test func `a body must keep up a least pace`() {
        let conversation = Conversation(limits: Self.limits)
        conversation.receive("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n")
        let enough = Int(30 * WireLimits.bytesPerSecondMin)
        conversation.receive([UInt8](repeating: 0x78, count: enough))
        conversation.expire(at: 30 * Self.second)
        #expect(conversation.output == "")
        #expect(conversation.deadline == 60 * Self.second)
        conversation.receive([UInt8](repeating: 0x78, count: enough - 1))
        conversation.expire(at: 60 * Self.second)
        #expect(conversation.output == refusal("408 Request Timeout"))
    }

    @Test func `a paused body has no deadline`() {
        let conversation = Conversation(limits: Self.limits)
        conversation.receive("POST /streamed HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc")
        conversation.setPaused(true)
        #expect(conversation.deadline == .max)
        conversation.now = 100 * Self.second
        conversation.setPaused(false)
        #expect(conversation.deadline == 130 * Self.second)
    }

    @Test func `a request in work has no deadline`() {
        let conversation = Conversation(limits: Self.limits)
        conversation.receive("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(conversation.deadline == .max)
    }

    @Test func `a client that takes too little of its answer is cut off`() {
        let conversation = Conversation(limits: Self.limits)
        conversation.room = 100
        conversation.receive("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n" + String(repeating: "x", count: 9_000))
        #expect(conversation.deadline == 20 * Self.second)
        conversation.room = Int(20 * WireLimits.bytesPerSecondMin)
        conversation.send()
        conversation.expire(at: 20 * Self.second)
        #expect(!conversation.isCut)
        conversation.room = 10
        conversation.send()
        conversation.expire(at: 40 * Self.second)
        #expect(conversation.isCut)
    }

    @Test func `of a long answer a client must take its share in each span`() {
        let conversation = Conversation(limits: Self.limits)
        conversation.room = 1_000
        let count = 160_000
        conversation.receive("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n" + String(repeating: "x", count: count))
        // What left before the client held the rest up counts too.
        conversation.room = count / WireLimits.shareOfAnswerMin
        conversation.send()
        conversation.expire(at: 20 * Self.second)
        #expect(!conversation.isCut)
        conversation.room = (count - 20_000) / WireLimits.shareOfAnswerMin
        conversation.send()
        conversation.expire(at: 40 * Self.second)
        #expect(conversation.isCut)
    }

    @Test func `after the last answer input is dropped for a bounded time and amount`() {
        let conversation = Conversation(limits: Self.limits)
        conversation.receive("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(conversation.isLingering)
        #expect(conversation.deadline == WireLimits.lingerPause)
        for step in 1...9 {
            conversation.now = UInt64(step) * Self.second
            #expect(conversation.lingered(1))
        }
        #expect(conversation.deadline == WireLimits.lingerTime)
        #expect(!conversation.lingered(WireLimits.lingerBytesMax))
        conversation.expire(at: WireLimits.lingerTime)
        #expect(conversation.isClosed)
    }
}
