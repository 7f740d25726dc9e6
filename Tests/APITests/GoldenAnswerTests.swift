import Routing
import Testing

@testable import API
@testable import Ledger

/// What the log keeps is answered in the same words for ever, whatever version of the record it stands in.
@Suite struct `Golden answers` {
    /// The policy that the records were decided by.
    static let policy = """
        {"documentType":"*","threshold":0.9,"rules":[{"procedure":"7104*","diagnosis":"J18.*","threshold":0.92}],\
        "floors":[{"procedure":"71046","risk":"high","threshold":0.99}],"requiredFields":["insurance.id"],\
        "requiredSections":["impression"]}
        """

    /// The parts of an answer that version 1 had no room for.
    private static func answer(reasonsOfPair: String = "", modifiers: String = "", line: String = "") -> String {
        """
        {"id":"019c0000-0000-7000-8000-000000000001","documentId":"note-7","documentType":"radiology-report",\
        "decidedAt":"2026-03-02T08:31:00.000Z","route":"manual","queue":"manual/radiology-report","qualityAssurance":false,\
        "confidence":null,"weakestItem":"Größe","policy":"*","policyVersion":12,"modelVersion":null,\
        "reasons":[{"code":"missing-required-field","field":"insurance.id"},{"code":"missing-required-section","section":"impression"},\
        {"code":"suspended"}],\
        "items":[{"field":"patient.name","confidence":0.93,"threshold":0.9,"thresholdSource":"default","accepted":false,\
        "reasons":[{"code":"missing-required-field","field":"patient.name"}]},\
        {"field":"Größe","confidence":null,"threshold":0.9,"thresholdSource":"default","accepted":false,\
        "reasons":[{"code":"no-confidence"}]},\
        {"procedure":"71045","diagnosis":"J18.9","primary":true\(modifiers),"confidence":0.123456789,"threshold":0.92,\
        "thresholdSource":"rule","rule":{"procedure":"7104*","diagnosis":"J18.*","threshold":0.92},"accepted":false,\
        "reasons":[{"code":"below-threshold"},{"code":"invalid-value"},{"code":"not-in-crosswalk"}\(reasonsOfPair)]},\
        {"procedure":"71046","diagnosis":"R05.9","primary":false\(line),"confidence":1,"threshold":0.99,"thresholdSource":"floor",\
        "rule":{"procedure":"71046","risk":"high","threshold":0.99},"accepted":true,"reasons":[]}]}
        """
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let record: String
        let answer: String
    }

    static let undecided = """
        {"id":"019c0000-0000-7000-8000-000000000001","documentId":"f-1","documentType":"fax","decidedAt":"2026-03-02T08:31:00.000Z",\
        "route":"review","queue":"review/fax","qualityAssurance":false,"confidence":
        """

    static let rows = [
        Row(
            testDescription: "version 1",
            record: """
                01ff0a10726164696f6c6f67792d7265706f7274066e6f74652d37094e6f72646b72656973086d65646963617265c2c002a0\
                97e0da95670974657373657261637405352e332e30020866696e64696e67730968697374c3b3726961012a18924e0103000c\
                696e737572616e63652e6964010a696d7072657373696f6e03efcdab89674523011032547698badcfef40304440c70617469\
                656e742e6e616d65d448a846000440074772c3b6c39f65924ea846000152053731303435054a31382e39914e5f633937dd9a\
                bf3ff047021a29053731303436055230352e39904eac4d020c3fb979
                """,
            answer: answer()),
        Row(
            testDescription: "version 2",
            record: """
                02ea7f10726164696f6c6f67792d7265706f7274066e6f74652d37094e6f72646b72656973086d65646963617265c2c002a0\
                97e0da95670974657373657261637405352e332e30020866696e64696e67730968697374c3b3726961012a18924e0103000c\
                696e737572616e63652e6964010a696d7072657373696f6e03efcdab89674523011032547698badcfef40304440c70617469\
                656e742e6e616d65d448a846000440074772c3b6c39f65924ea8460001d201053731303435054a31382e390252543539914e\
                5f633937dd9abf3ff047023aa902053731303436055230352e39e707904eac4d0262b54d71
                """,
            answer: answer(
                reasonsOfPair: #",{"code":"unlisted"}"#, modifiers: #","modifiers":["RT","59"]"#, line: #","line":999"#)),
        Row(
            testDescription: "version 1, without a policy",
            record: "0100090366617803662d31cc3a00010201000000000000000200000000000000000100046e616d65cc3a924e00a074c5f7",
            answer: undecided + """
                0.75,"weakestItem":"name","policy":null,"policyVersion":null,"modelVersion":null,\
                "reasons":[{"code":"unknown-document-type"}],"items":[{"field":"name","confidence":0.75,"threshold":null,\
                "thresholdSource":null,"accepted":false,"reasons":[]}]}
                """),
        Row(
            testDescription: "version 2, with nothing read",
            record: "0281400366617803662d31924e02020401000000000000000200000000000000000049b50fe5",
            answer: undecided + """
                null,"weakestItem":null,"policy":null,"policyVersion":null,"modelVersion":null,\
                "reasons":[{"code":"unknown-document-type"},{"code":"nothing-read"}],"items":[]}
                """),
    ]

    @Test(arguments: rows) func `are given of every version's records`(row: Row) throws {
        let digits = Array(row.record)
        let bytes = try stride(from: 0, to: digits.count, by: 2).map { try #require(UInt8(String(digits[$0...$0 + 1]), radix: 16)) }
        let (result, decision) = try RecordUnpacker.unpack(bytes)
        let policy = decision.policy == nil ? nil : try PolicyCodec.read(json: Array(Self.policy.utf8))
        let answer = DecisionWriter.answer(
            id: DecisionID(high: 0x019C_0000_0000_7000, low: 0x8000_0000_0000_0001), decidedAt: Instant(milliseconds: 1_772_440_260_000),
            result: result, decision: decision, policy: policy.map { RenderedPolicy(CompiledPolicy($0, version: PolicyVersion(12))) })
        #expect(String(decoding: answer, as: UTF8.self) == row.answer)
    }
}
