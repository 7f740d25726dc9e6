import Routing
import TestSupport
import Testing

@testable import Ledger

@Suite struct `The newest decisions of a type` {
    private func documents(_ ledger: Ledger, of type: String, limit: Int = 10) throws(LedgerError) -> [String] {
        var found: [String] = []
        try ledger.forEachRecentDecision(of: type, limit: limit) { found.append($0.result.string($0.result.documentId)) }
        return found
    }

    @Test func `are found the newest first, whatever stands between them`() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.open()
        #expect(try documents(ledger, of: "a") == [])
        let types = ["a", "b", "a", "c", "b", "a"]
        try ledger.logAll(types.enumerated().map { try entry(UInt64($0.offset), documentType: $0.element) })
        #expect(try documents(ledger, of: "a") == ["claim-5", "claim-2", "claim-0"])
        #expect(try documents(ledger, of: "a", limit: 2) == ["claim-5", "claim-2"])
        #expect(try documents(ledger, of: "none") == [])
    }

    @Test func `of all others are those of types without a policy in force`() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.open()
        try ledger.logAll(["a", "b", "c", "a"].enumerated().map { try entry(UInt64($0.offset), documentType: $0.element) })
        for type in ["a", "b", "*"] {
            _ = try ledger.putPolicy(
                documentType: type, body: [1], precondition: .absent, action: "policy.put", by: "x", at: Instant(milliseconds: 1),
                reason: nil)
        }
        #expect(try documents(ledger, of: "*") == ["claim-2"])
        _ = try ledger.retirePolicy(
            documentType: "a", precondition: .version(PolicyVersion(1)), action: "policy.retire", by: "x", at: Instant(milliseconds: 2),
            reason: nil)
        #expect(try documents(ledger, of: "*") == ["claim-3", "claim-2", "claim-0"])
    }
}
