import Foundation
import TestSupport
import Testing

@Suite struct IdempotencyTests {
    static func body(_ id: String) -> [UInt8] {
        Array(#"{"documentType": "t", "documentId": "\#(id)", "fields": [{"name": "a", "confidence": 0.5}]}"#.utf8)
    }

    @Test func `of racing twins one is decided and all get its answer`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        for round in 0..<20 {
            let twins = 16
            let gate = Gate(twins)
            let answers = try onThreads(twins) { _ in
                let connection = try server.connect()
                gate.pass()
                return try connection.ask(.post(Self.body("d-\(round)"), key: "key-\(round)"))
            }
            #expect(answers.count(where: { $0.status == 201 }) == 1)
            #expect(answers.count(where: { $0.status == 200 && $0.fields["idempotency-replayed"] == "true" }) == twins - 1)
            #expect(Set(answers.map(\.body)).count == 1)
        }
        #expect(try server.decisions().count == 20)
    }

    @Test func `a key outlives the server, another body under it is refused, and a refusal uses up none`() throws {
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let first = try RunningServer(database: database)
        #expect(try first.ask(.post(Array("{}".utf8), key: "k")).status == 400)
        let decided = try first.ask(.post(Self.body("d"), key: "k"))
        #expect(decided.status == 201)
        try first.kill9()

        let second = try RunningServer(database: database)
        let again = try second.ask(.post(Self.body("d"), key: "k"))
        #expect(again.status == 200)
        #expect(again.fields["idempotency-replayed"] == "true")
        #expect(again.body == decided.body)
        // The same members in other bytes are another body.
        #expect(try second.ask(.post(Self.body("d") + [0x20], key: "k")).status == 422)
        #expect(try second.decisions().count == 1)
    }

    @Test func `a stream sent again with its key answers the same decisions`() throws {
        let directory = try TemporaryDirectory()
        let server = try RunningServer(database: directory + "a.sqlite")
        let lines = (0..<50).map { Self.body("d-\($0)") }
        let first = try server.ask(.post(Array(lines.joined(separator: [10])), type: "application/x-ndjson", key: "k"))
        let second = try server.ask(
            .post(Array((lines + [Self.body("new")]).joined(separator: [10])), type: "application/x-ndjson", key: "k"))
        #expect(first.status == 200)
        #expect(second.body.starts(with: first.body))
        #expect(try server.decisions().count == 51)
    }
}

/// Lets threads go on when so many have come.
final class Gate: Sendable {
    private let waiting: Collected<Int>
    private let count: Int
    private let open = DispatchSemaphore(value: 0)

    init(_ count: Int) {
        self.count = count
        waiting = Collected()
    }

    func pass() {
        var isLast = false
        waiting.change {
            $0.append(0)
            isLast = $0.count == count
        }
        if isLast { for _ in 0..<count { open.signal() } }
        open.wait()
    }
}
