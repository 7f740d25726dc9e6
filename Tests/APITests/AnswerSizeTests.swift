import JSON
import Routing
import Testing

@testable import API

/// Answers are written into memory bounded beforehand: the bound must hold where everything is as long as it can be.
@Suite struct AnswerSizeTests {
    private static let quotes = String(repeating: "\\\"", count: 254)

    private static func name(_ number: Int) -> String { "\(number % 10)\(number / 10)" + quotes }

    @Test func `an answer whose names all need escapes and whose items all have reasons is whole`() throws {
        let names = (0..<40).map(AnswerSizeTests.name)
        let plain = try names.map { try #require(Name($0.replacing("\\\"", with: "\""))) }
        let policy = Policy(
            documentType: try #require(Name("*")), threshold: try #require(Threshold(1)), requiredFields: plain,
            requiredSections: [try #require(Name(String(repeating: "\"", count: 256)))])
        let router = OfflineRouter(policies: PolicySet([CompiledPolicy(policy, version: PolicyVersion(1))]), salt: [1])
        let fields = names.prefix(30).map { #"{"name":"\#($0)","value":""}"# }.joined(separator: ",")
        let pairs = names.map { #"{"procedure":"\#($0)","diagnosis":"\#($0)","confidence":0.1234567890123}"# }.joined(separator: ",")
        let line = #"{"documentType":"t","documentId":"\#(names[0])","fields":[\#(fields)],"pairs":[\#(pairs)]}"#
        let entry = try router.decide(line: Array(line.utf8), review: .refused, at: Instant(milliseconds: 0))
        let answer = router.render(entry)
        try JSONParser().parse(answer) { root in
            #expect(root["items"]?.count == 70)
            #expect(root["reasons"]?.count == 11)
            #expect(root["documentId"]?.string == plain[0].string)
        }
    }
}
