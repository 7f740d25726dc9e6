import Foundation
import Glibc
import Routing
import TestSupport
import Testing

@testable import Ledger

@Suite struct `A full store` {
    @Test(.timeLimit(.minutes(1))) func `fails its batch, says so, and takes the next when there is room, without being opened again`()
        async throws
    {
        let folder = try TemporaryFolder()
        let ledger = try folder.open { $0.pagesMax = 80 }
        let much = try (0..<2_000 as Range<UInt64>).map { try entry($0) }
        #expect(try ledger.log(much) == .failed(.full))
        #expect(ledger.health.writeFailure == .full)
        #expect(try ledger.decisionCount() == 0)
        try ledger.writer().withConnection { connection throws(LedgerError) in try connection.execute("PRAGMA max_page_count=100000") }
        // Nothing is appended: the writer itself finds out.
        while ledger.health.writeFailure != nil { await Task.yield() }
        #expect(try ledger.logAll(much) == Array(1...2_000))
        #expect(try ledger.verify() == [])
    }

    @Test func `fails a change of policies and keeps what stood`() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.open { $0.pagesMax = 80 }
        let put = { (body: [UInt8]) throws(LedgerError) in
            try ledger.putPolicy(
                documentType: "t", body: body, precondition: .none, action: "policy.put", by: "me", at: Instant(milliseconds: 1),
                reason: nil)
        }
        _ = try put([1])
        #expect(throws: LedgerError.full) { try put([UInt8](repeating: 7, count: 1 << 20)) }
        #expect(try ledger.policies().map(\.body) == [[1]])
        #expect(try ledger.auditTrail(documentType: nil, action: nil, from: nil, to: nil, before: nil, limit: 9).count == 1)
    }

    @Test(.enabled(if: SmallDisk.isPermitted, Comment(rawValue: SmallDisk.whySkipped)))
    func `on a disk that is full recovers when space is freed`() throws {
        let disk = try SmallDisk(megabytes: 6)
        let ledger = try Ledger(path: disk.path + "/sluice.sqlite", options: Ledger.Options())
        try ledger.logAll([try entry(1)])
        disk.fill()
        let much = try (10..<3_000 as Range<UInt64>).map { try entry($0) }
        guard case .failed? = try ledger.log(much) else {
            Issue.record("the disk was not full")
            return
        }
        #expect(ledger.health.writeFailure != nil)
        disk.free()
        #expect(try ledger.logAll(much) == Array(2...2_991))
        #expect(ledger.health.writeFailure == nil)
        #expect(try ledger.verify() == [])
        ledger.close()
    }
}
