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

    @Test(arguments: [ConnectionMachine.Reading.waitsForApplication, .waitsForClient])
    func `a paused body has no deadline`(reading: ConnectionMachine.Reading) {
        let conversation = Conversation(limits: Self.limits)
        conversation.receive("POST /streamed HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc")
        conversation.setReading(reading)
        #expect(conversation.deadline == .max)
        conversation.now = 100 * Self.second
        conversation.setReading(.goesOn)
        #expect(conversation.deadline == 130 * Self.second)
    }

    /// A client that sends a streamed body and takes nothing of its answer.
    private static func deaf(length: Int = 1_000_000) -> Conversation {
        let conversation = Conversation(limits: limits)
        conversation.room = 100
        conversation.receive(
            "POST /streamed HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n" + String(repeating: "x", count: 5_000))
        return conversation
    }

    @Test func `a client that sends steadily need not read`() {
        let conversation = Self.deaf()
        for span in 1...20 {
            #expect(conversation.deadline == UInt64(span) * 30 * Self.second)
            conversation.expire(at: conversation.deadline)
            #expect(!conversation.isCut)
            conversation.receive([UInt8](repeating: 0x78, count: Int(30 * WireLimits.bytesPerSecondMin)))
        }
    }

    @Test(arguments: [0, 1, Int(30 * WireLimits.bytesPerSecondMin) - 1])
    func `a client that neither sends nor reads is cut off`(count: Int) {
        let conversation = Self.deaf()
        conversation.expire(at: 30 * Self.second)
        #expect(!conversation.isCut)
        conversation.receive([UInt8](repeating: 0x78, count: count))
        conversation.expire(at: 60 * Self.second)
        #expect(conversation.isCut)
    }

    @Test func `a client must read when its body is all here, and has its whole time for it`() {
        let conversation = Self.deaf(length: 6_000)
        conversation.now = 25 * Self.second
        conversation.receive([UInt8](repeating: 0x78, count: 1_000))
        #expect(conversation.deadline == 45 * Self.second)
        conversation.expire(at: 45 * Self.second)
        #expect(conversation.isCut)
    }

    @Test func `a client must read when nothing more can be read of it until it does`() {
        let conversation = Self.deaf()
        conversation.now = 25 * Self.second
        conversation.setReading(.waitsForApplication)
        #expect(conversation.deadline == .max)
        conversation.now = 90 * Self.second
        conversation.setReading(.waitsForClient)
        #expect(conversation.deadline == 110 * Self.second)
        conversation.room = Int(20 * WireLimits.bytesPerSecondMin)
        conversation.send()
        conversation.expire(at: 110 * Self.second)
        #expect(!conversation.isCut)
        conversation.expire(at: 130 * Self.second)
        #expect(conversation.isCut)
    }

    @Test(arguments: [(2_000, false), (1_000, true)])
    func `of what is withheld a client must take its share in each span, though all that is here may leave meanwhile`(
        more: Int, isCut: Bool
    ) {
        let conversation = Self.deaf()
        conversation.withheldBytes = WireLimits.shareOfWithheldMin * 9_000
        conversation.setReading(.waitsForClient)
        #expect(conversation.deadline == 20 * Self.second)
        conversation.now = 10 * Self.second
        // All that is here leaves: the application has the next turn.
        conversation.room = nil
        conversation.send()
        #expect(conversation.deadline == .max)
        conversation.room = more
        conversation.stream([UInt8](repeating: 0x78, count: 5_000))
        #expect(conversation.deadline == 20 * Self.second)
        // Of 4,900 bytes, 5,000 more and what is withheld, some 9,300 are due: a sixteenth of those that were here, and a share of the rest.
        conversation.room = 2_500
        conversation.send()
        conversation.expire(at: 20 * Self.second)
        #expect(conversation.isCut == isCut)
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
