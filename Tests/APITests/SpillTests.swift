import Foundation
import Glibc
import Gzip
import Ledger
import Synchronization
import TestSupport
import Testing

@testable import API

/// A client that sends all of a stream before it reads.
@Suite struct `A stream whose client does not read yet` {
    private static let ndjson = ["Content-Type: application/x-ndjson", "Idempotency-Key: K"]

    /// Lines whose answers are many times what the kernel buffers.
    private static func body(_ count: Int, fields: Int = 60) -> String {
        let items = (0..<fields).map { #"{"name":"field-\#($0)","confidence":0.\#($0 + 10)}"# }.joined(separator: ",")
        return (0..<count).map { #"{"documentType":"t","documentId":"d\#($0)","fields":[\#(items)]}"# }.joined(separator: "\n")
    }

    private func documents(_ reply: Reply) throws -> [String?] {
        try reply.text.split(separator: "\n").map { try Value(Array($0.utf8))["documentId"].string }
    }

    @Test(arguments: [false, true])
    func `is decided whole, and answered in order when it reads, also again under its key`(isCompressed: Bool) throws {
        let service = try TestService()
        let count = 4_000
        let plain = Array(Self.body(count).utf8)
        let body = isCompressed ? try #require(GzipEncoder.encode(plain)) : plain
        let fields = Self.ndjson + ["Content-Length: \(body.count)"] + (isCompressed ? ["Content-Encoding: gzip"] : [])
        var replies: [Reply] = []
        for _ in 0..<2 {
            let client = try service.client()
            // All of it is sent before a byte is read: without a place for the answers this would never end.
            try client.send(TestClient.request("POST", "/v1/decisions", fields) + body)
            replies.append(try client.reply())
        }
        #expect(replies[0].isComplete)
        #expect(try documents(replies[0]) == (0..<count).map { "d\($0)" })
        #expect(replies[0].body == replies[1].body)
        #expect(try service.ledger.decisionCount() == Int64(count))
        #expect(service.application.spill?.heldBytes.load(ordering: .relaxed) == 0)
    }

    @Test func `leaves nothing behind when it goes without having read`() throws {
        let service = try TestService()
        do {
            let client = try service.client()
            try client.send(TestClient.request("POST", "/v1/decisions", Self.ndjson, body: Self.body(4_000)))
        }
        // The same lines again, with a client that reads: what the first one held is free, or will be.
        let client = try service.client()
        try client.send(TestClient.request("POST", "/v1/decisions", Self.ndjson, body: Self.body(4_000)))
        #expect(try documents(client.reply()).count == 4_000)
        while service.application.spill?.heldBytes.load(ordering: .relaxed) != 0 {
            #expect(try service.ask("GET", "/healthz").status == 200)
        }
        #expect(try service.ledger.decisionCount() == 4_000)
    }

    @Test func `that finds no space is read on when it reads`() throws {
        // Two blocks, of which one stream may have one.
        let service = try TestService(settings: { $0.spillBytesMax = 2 * SpillFile.blockBytes })
        let client = try service.client()
        let count = 3_000
        let body = Array(Self.body(count).utf8)
        try client.send(TestClient.request("POST", "/v1/decisions", Self.ndjson + ["Content-Length: \(body.count)"]))
        let sent = client.sendWhileTaken(body)
        #expect(sent < body.count)
        let reply = try client.reply(sending: body[sent...])
        #expect(try documents(reply) == (0..<count).map { "d\($0)" })
    }
}

@Suite struct `The spill file` {
    private func bytes(_ seed: Int, _ count: Int) -> [UInt8] {
        var state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state >> 32)
        }
    }

    private func folder<R>(_ body: (String) throws -> R) throws -> R {
        let folder = try TemporaryDirectory()
        return try withExtendedLifetime(folder) { try body(folder.path) }
    }

    @Test(arguments: [1, 1_000, SpillFile.blockBytes, 300_000])
    func `gives back what it was given, whatever the pieces`(piece: Int) throws {
        try folder { folder in
            let file = SpillFile(directory: folder, bytesMax: 8 << 20)
            let stores = (0..<3).map { _ in SpillStore(file) {} }
            var given: [[UInt8]] = [[], [], []]
            var taken: [[UInt8]] = [[], [], []]
            for round in 0..<12 {
                for (index, store) in stores.enumerated() {
                    let more = bytes(round * 3 + index, piece)
                    try store.append(more)
                    given[index] += more
                    if round % (index + 2) == 0 { taken[index] += try store.take(piece / 2 + 1) }
                }
            }
            for (index, store) in stores.enumerated() {
                while true {
                    let more = try store.take(piece)
                    if more.isEmpty { break }
                    taken[index] += more
                }
                #expect(taken[index] == given[index])
            }
            #expect(file.heldBytes.load(ordering: .relaxed) == 0)
        }
    }

    @Test func `has no name, and gives a stream no more than is free`() throws {
        try folder { folder in
            let file = SpillFile(directory: folder, bytesMax: 8 * SpillFile.blockBytes)
            let (first, second) = (SpillStore(file) {}, SpillStore(file) {})
            // What cannot be compressed: block for block.
            for round in 0..<8 { try first.append(bytes(round, SpillFile.blockBytes)) }
            #expect(first.isFull)
            #expect(file.heldBytes.load(ordering: .relaxed) == 4 * SpillFile.blockBytes)
            for round in 0..<8 { try second.append(bytes(round, SpillFile.blockBytes)) }
            #expect(second.isFull)
            #expect(file.heldBytes.load(ordering: .relaxed) == 6 * SpillFile.blockBytes)
            first.discard()
            // What the first had, the second may have now.
            #expect(file.heldBytes.load(ordering: .relaxed) == 4 * SpillFile.blockBytes)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
            second.discard()
            #expect(file.heldBytes.load(ordering: .relaxed) == 0)
        }
    }

    @Test func `is no place where no file can be made`() throws {
        let file = SpillFile(directory: "/nonexistent", bytesMax: 8 << 20)
        let store = SpillStore(file) {}
        let given = bytes(1, 100_000)
        try store.append(given)
        #expect(store.isFull)
        var taken: [UInt8] = []
        while taken.count < given.count { taken += try store.take(10_000) }
        #expect(taken == given)
        #expect(!store.isFull)
    }
}
