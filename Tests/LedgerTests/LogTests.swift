import Dispatch
import Routing
import Synchronization
import TestSupport
import Testing

@testable import Ledger

@Suite struct `The log` {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test func `commits all that waits in one transaction, and answers each submission with its own outcomes`() throws {
        let ledger = try folder.open()
        let commits = Mutex<[Int]>([])
        ledger.observeCommits { entries, _ in commits.withLock { $0.append(entries) } }
        let release = try ledger.holdWriter()
        let recorders = try (0..<10 as Range<UInt64>).map { Recorder([try entry(2 * $0), try entry(2 * $0 + 1)]) }
        for recorder in recorders { #expect(ledger.append(recorder)) }
        #expect(ledger.health.queuedEntries == 20)
        release()
        for (index, recorder) in recorders.enumerated() {
            let first = Int64(2 * index) + 1
            #expect(recorder.wait() == .committed([.logged(sequence: first), .logged(sequence: first + 1)]))
        }
        #expect(commits.withLock { $0 } == [20])
        #expect(ledger.health.queuedEntries == 0)
        #expect(try ledger.decisionCount() == 20)
    }

    @Test func `has what was appended, as it was`() throws {
        let ledger = try folder.open()
        var modifiers = Modifiers()
        for modifier in ["RT", "59"].map({ Array($0.utf8) }) {
            let isAdded = modifiers.append(modifier[0], modifier[1])
            try #require(isAdded)
        }
        let review = ImportedReview(
            verdict: .modified, reviewer: Name("coder-7"), at: Instant(milliseconds: 99), items: [.kept, .removed],
            added: [
                ImportedReview.AddedItem(first: try #require(Name("patient.name")), second: nil, primary: false),
                ImportedReview.AddedItem(first: try #require(Name("71046")), second: Name("J18.9"), primary: true),
                ImportedReview.AddedItem(
                    first: try #require(Name("20610")), second: Name("M17.0"), primary: false, modifiers: modifiers,
                    line: ClaimLine(exactly: 999)),
            ])
        let entries = [try entry(1, caller: 3, review: review), try entry(2, population: nil, route: .confident)]
        try ledger.logAll(entries)
        for (index, entry) in entries.enumerated() {
            let logged = try #require(try ledger.decision(entry.id, caller: nil))
            #expect(logged.sequence == Int64(index) + 1)
            #expect(logged.id == entry.id)
            #expect(logged.decidedAt == entry.decidedAt)
            #expect(logged.callerId == entry.callerId)
            #expect(described(logged.result) == described(entry.result))
            #expect(logged.decision == entry.decision)
            #expect(logged.review == entry.review)
            #expect(try ledger.decision(sequence: logged.sequence) == logged)
        }
        #expect(try ledger.decision(DecisionID(high: 1, low: 1), caller: nil) == nil)
        #expect(try ledger.decision(sequence: 3) == nil)
        #expect(try ledger.decision(entries[0].id, caller: 3) != nil)
        #expect(try ledger.decision(entries[0].id, caller: 4) == nil)
    }

    @Test func `refuses what comes when its queue is full, and takes more when there is room again`() throws {
        let ledger = try folder.open { $0.queueEntriesMax = 4 }
        let release = try ledger.holdWriter()
        let taken = [Recorder([try entry(1), try entry(2), try entry(3)]), Recorder([try entry(4), try entry(5), try entry(6)])]
        let refused = Recorder([try entry(7)])
        #expect(ledger.append(taken[0]))
        #expect(ledger.append(taken[1]))
        #expect(!ledger.append(refused))
        release()
        for recorder in taken { _ = recorder.wait() }
        #expect(try ledger.logAll([try entry(8)]) == [7])
        #expect(refused.answersSoFar.isEmpty)
    }

    @Test func `answers an empty submission`() throws {
        #expect(try folder.open().log([]) == .committed([]))
    }

    @Test func `commits what waits before it closes, and takes nothing afterwards`() throws {
        let ledger = try folder.open()
        let release = try ledger.holdWriter()
        let recorder = Recorder([try entry(1)])
        #expect(ledger.append(recorder))
        release()
        ledger.close()
        #expect(recorder.answersSoFar == [.committed([.logged(sequence: 1)])])
        #expect(!ledger.append(Recorder([try entry(2)])))
        #expect(ledger.fileSizes().wal == 0)
        #expect(try folder.open().decisionCount() == 1)
    }

    @Test func `goes on counting after it was opened again, and after another process has written`() throws {
        let ledger = try folder.open()
        #expect(try ledger.logAll([try entry(1)]) == [1])
        let other = try folder.open()
        try other.logBatch([try entry(2), try entry(3)])
        #expect(try ledger.logAll([try entry(4)]) == [4])
    }

    @Test func `takes a batch larger than one transaction`() throws {
        let ledger = try folder.open()
        let release = try ledger.holdWriter()
        let recorders = try (0..<5 as Range<UInt64>).map { part in
            Recorder(try (0..<700 as Range<UInt64>).map { try entry(part * 700 + $0) })
        }
        for recorder in recorders { #expect(ledger.append(recorder)) }
        release()
        for recorder in recorders { _ = recorder.wait() }
        #expect(try ledger.decisionCount() == 3_500)
        var next: Int64 = 1
        try ledger.forEachDecision(after: 0) { logged in
            #expect(logged.sequence == next)
            #expect(logged.decision.audit.hash == UInt64(next - 1))
            next += 1
        }
        #expect(next == 3_501)
    }

    @Test func `begins its write-ahead log again when that has grown long enough`() throws {
        let ledger = try folder.open { $0.walBytesMax = 1 << 20 }
        var frames: Int32 = 0
        var number: UInt64 = 0
        let beside = try folder.connection()
        // Each turn writes 100 pages and more, of 256 that make the bound, and waits for what follows the commit.
        for _ in 0..<20 {
            for _ in 0..<25 {
                number += 1
                try ledger.logAll([try entry(number)])
            }
            try ledger.writer().withConnection { _ in }
            ledger.checkpointer?.finish()
            try ledger.writer().withConnection { _ in }
            frames = try #require(try beside.checkpoint(.passive)).frames
            #expect(frames < 2 * 256)
        }
        #expect(try ledger.decisionCount() == 500)
        #expect(ledger.fileSizes().wal < 2 << 20)
    }
}

@Suite struct `An idempotency key` {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test func `used again writes nothing and names the first decision, across submissions and within one`() throws {
        let ledger = try folder.open()
        #expect(
            try ledger.log([
                try entry(1, key: "a", body: 1), try entry(2, key: "a", body: 1), try entry(3, key: "b"), try entry(4, key: "a", body: 2),
            ])
                == .committed([
                    .logged(sequence: 1), .duplicate(of: 1, sameBody: true), .logged(sequence: 2), .duplicate(of: 1, sameBody: false),
                ]))
        #expect(
            try ledger.log([try entry(5, key: "b"), try entry(6)]) == .committed([.duplicate(of: 2, sameBody: true), .logged(sequence: 3)]))
        #expect(try ledger.decisionCount() == 3)
        #expect(try ledger.decision(try entry(2).id, caller: nil) == nil)
    }

    @Test func `counts among many entries that are written together, reviews between them`() throws {
        let ledger = try folder.open()
        let review = ImportedReview(verdict: .approved, reviewer: nil, at: nil, items: [.kept, .kept], added: [])
        // Of 100 entries every tenth has the key of the one before it, and every seventh a review.
        let entries = try (0..<100 as Range<UInt64>).map {
            try entry($0, key: "key-\($0 % 10 == 9 ? $0 - 1 : $0)", review: $0 % 7 == 3 ? review : nil)
        }
        let isTwin = { (index: Int) in index % 10 == 9 }
        let sequences = (0..<100).map { Int64($0 - $0 / 10 + 1) }
        let expected = (0..<100).map { index -> AppendOutcome in
            isTwin(index) ? .duplicate(of: sequences[index - 1], sameBody: true) : .logged(sequence: sequences[index])
        }
        #expect(try ledger.log(entries) == .committed(expected))
        for index in entries.indices {
            let logged = try ledger.decision(entries[index].id, caller: nil)
            #expect(logged?.sequence == (isTwin(index) ? nil : sequences[index]))
            #expect(logged?.review == (isTwin(index) ? nil : entries[index].review))
            var filter = Ledger.DecisionFilter()
            filter.documentId = "claim-\(index)"
            #expect(try ledger.decisions(filter, before: nil, limit: 2).map(\.sequence) == (isTwin(index) ? [] : [sequences[index]]))
        }
        #expect(try ledger.verify() == [])
    }

    @Test func `belongs to its caller`() throws {
        let ledger = try folder.open()
        #expect(
            try ledger.log([try entry(1, caller: 1, key: "a"), try entry(2, caller: 2, key: "a")])
                == .committed([.logged(sequence: 1), .logged(sequence: 2)]))
    }

    @Test func `survives opening the ledger again`() throws {
        let first = try folder.open()
        try first.logAll([try entry(1, key: "a")])
        first.close()
        #expect(try folder.open().log([try entry(2, key: "a")]) == .committed([.duplicate(of: 1, sameBody: true)]))
    }

    @Test func `of racing twins is taken once`() throws {
        let ledger = try folder.open()
        let recorders = try (0..<32 as Range<UInt64>).map { Recorder([try entry($0, key: "twin")]) }
        DispatchQueue.concurrentPerform(iterations: recorders.count) { _ = ledger.append(recorders[$0]) }
        let answers = recorders.map { $0.wait() }
        #expect(answers.count { $0 == .committed([.logged(sequence: 1)]) } == 1)
        #expect(answers.count { $0 == .committed([.duplicate(of: 1, sameBody: true)]) } == 31)
    }

    @Test func `is forgotten when it is older than it has to be kept, and not before`() throws {
        let clock = SteadyClock()
        let ledger = try folder.open {
            $0.keysKeptMilliseconds = 1_000
            $0.monotonicNanoseconds = clock.nanoseconds
        }
        for (first, name) in [(0, "old"), (100, "young"), (200, "new")] as [(UInt64, String)] {
            try ledger.logAll(try (0..<40 as Range<UInt64>).map { try entry(first + $0, decidedAt: 5_000, key: "\(name)-\($0)") })
            clock.advance(milliseconds: 700)
        }
        clock.advance(milliseconds: -100)
        try ledger.logAll(try (0..<40 as Range<UInt64>).map { try entry(300 + $0, decidedAt: 5_000, key: "last-\($0)") })
        // The step runs after the answer; a change waits behind it.
        try ledger.writer().withConnection { _ in }
        #expect(try ledger.log([try entry(400, key: "old-0")]) == .committed([.logged(sequence: 161)]))
        #expect(try ledger.log([try entry(401, key: "new-0")]) == .committed([.duplicate(of: 81, sameBody: true)]))
    }

    /// Days by which the machine's clock is set while documents are decided; a decision's date follows it.
    static let steps: [[Int64]] = [[0, 2, 0], [0, -2, 0], [2, 0, -2], [0, 400, -400], [-1, 1, 2]]

    @Test(arguments: steps) func `outlives any setting of the machine's clock, also when the store is opened again`(days: [Int64]) throws {
        let clock = SteadyClock()
        func open() throws -> Ledger { try folder.open { $0.monotonicNanoseconds = clock.nanoseconds } }
        let noon: Int64 = 1_772_440_258_000
        let keys = (0..<60 as Range<UInt64>).map { "key-\($0)" }
        var ledger = try open()
        for (step, day) in days.enumerated() {
            for (number, key) in keys.enumerated() {
                let again = try entry(UInt64(step * 100 + number), decidedAt: noon + day * 86_400_000, key: key)
                let first = AppendOutcome.logged(sequence: Int64(number) + 1)
                #expect(
                    try ledger.log([again]) == .committed([step == 0 ? first : .duplicate(of: Int64(number) + 1, sameBody: true)]))
            }
            // New keys, so that old ones are looked at.
            let others = try (0..<300 as Range<UInt64>).map {
                try entry(10_000 + UInt64(step) * 1_000 + $0, decidedAt: noon + day * 86_400_000, key: "\(step)-\($0)")
            }
            if step == 1 { try ledger.logAll(others) }
            clock.advance(milliseconds: 3_600_000)
            ledger.close()
            ledger = try open()
        }
        // A day and more of being open, and they may go.
        clock.advance(milliseconds: 25 * 3_600_000)
        try ledger.logAll(try (0..<300 as Range<UInt64>).map { try entry(90_000 + $0, decidedAt: noon, key: "last-\($0)") })
        try ledger.writer().withConnection { _ in }
        guard case .committed(let outcomes)? = try ledger.log([try entry(99_999, decidedAt: noon, key: keys[0])]),
            case .logged? = outcomes.first
        else {
            Issue.record("the key is still there")
            return
        }
    }

    @Test func `does not grow old while the store is closed, nor young when it is opened often`() throws {
        let clock = SteadyClock()
        func open() throws -> Ledger {
            try folder.open {
                $0.monotonicNanoseconds = clock.nanoseconds
                $0.keysKeptMilliseconds = 10_000
            }
        }
        var ledger = try open()
        try ledger.logAll([try entry(1, key: "k")])
        for turn in 0..<3 as Range<UInt64> {
            ledger.close()
            clock.advance(milliseconds: 1_000_000)
            ledger = try open()
            clock.advance(milliseconds: 2_000)
            try ledger.logAll(try (0..<40 as Range<UInt64>).map { try entry(100 + turn * 40 + $0, key: "\(turn)-\($0)") })
            #expect(try ledger.log([try entry(2, key: "k")]) == .committed([.duplicate(of: 1, sameBody: true)]))
        }
        clock.advance(milliseconds: 5_000)
        try ledger.logAll(try (0..<40 as Range<UInt64>).map { try entry(900 + $0, key: "last-\($0)") })
        try ledger.writer().withConnection { _ in }
        #expect(try ledger.log([try entry(3, key: "k")]) == .committed([.logged(sequence: 162)]))
    }
}

@Suite struct `Lists of decisions` {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test func `keep their pages while decisions are added`() throws {
        let ledger = try folder.open()
        try ledger.logAll(try (1...25 as ClosedRange<UInt64>).map { try entry($0) })
        var seen: [Int64] = []
        var before: Int64?
        while true {
            let page = try ledger.decisions(Ledger.DecisionFilter(), before: before, limit: 10)
            guard let last = page.last?.sequence else { break }
            seen += page.map(\.sequence)
            before = last
            try ledger.logAll([try entry(100 + UInt64(last))])
        }
        #expect(seen == (1...25).reversed())
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout Ledger.DecisionFilter) -> Void
        let sequences: [Int64]
        init(_ name: String, _ sequences: [Int64], _ change: @escaping @Sendable (inout Ledger.DecisionFilter) -> Void) {
            testDescription = name
            self.change = change
            self.sequences = sequences
        }
    }

    @Test(arguments: [
        Row("all", [6, 5, 4, 3, 2, 1]) { _ in },
        Row("document type", [6, 2]) { $0.documentType = "lab-report" },
        Row("a type that is a prefix of others", []) { $0.documentType = "lab" },
        Row("document id", [5, 1]) { $0.documentId = "twice" },
        Row("document id, composed otherwise", [4]) { $0.documentId = "caf\u{E9}" },
        Row("document id, decomposed", [3]) { $0.documentId = "cafe\u{301}" },
        Row("population", [3]) { $0.population = "southside" },
        Row("route", [5, 4]) { $0.route = .confident },
        Row("reviewed", [2]) { $0.reviewed = true },
        Row("not reviewed", [6, 5, 4, 3, 1]) { $0.reviewed = false },
        Row("from, inclusive", [6, 5, 3]) { $0.from = Instant(milliseconds: 30) },
        Row("to, exclusive", [4, 2, 1]) { $0.to = Instant(milliseconds: 30) },
        Row("caller", [6]) { $0.caller = 9 },
        Row("several", [5]) {
            $0.documentId = "twice"
            $0.route = .confident
            $0.from = Instant(milliseconds: 20)
        },
    ]) func `hold what the filter says`(row: Row) throws {
        let ledger = try folder.open()
        let review = ImportedReview(verdict: .approved, reviewer: nil, at: nil, items: [.kept, .kept], added: [])
        try ledger.logAll([
            try entry(1, documentId: "twice", decidedAt: 10),
            try entry(2, documentType: "lab-report", decidedAt: 20, review: review),
            try entry(3, documentId: "cafe\u{301}", population: "southside", decidedAt: 30),
            // The clock went back.
            try entry(4, documentId: "caf\u{E9}", route: .confident, decidedAt: 25),
            try entry(5, documentId: "twice", population: nil, route: .confident, decidedAt: 40),
            try entry(6, documentType: "lab-report", decidedAt: 50, caller: 9),
        ])
        var filter = Ledger.DecisionFilter()
        row.change(&filter)
        #expect(try ledger.decisions(filter, before: nil, limit: 100).map(\.sequence) == row.sequences)
        #expect(try ledger.decisions(filter, before: nil, limit: 1).map(\.sequence) == Array(row.sequences.prefix(1)))
        #expect(try ledger.decisions(filter, before: 4, limit: 100).map(\.sequence) == row.sequences.filter { $0 < 4 })
    }

    @Test func `find a document in every part of a long log`() throws {
        let ledger = try folder.open()
        try ledger.logAll(try (1...3_000 as ClosedRange<UInt64>).map { try entry($0, documentId: $0 % 1_000 == 1 ? "rare" : nil) })
        var filter = Ledger.DecisionFilter()
        filter.documentId = "rare"
        #expect(try ledger.decisions(filter, before: nil, limit: 100).map(\.sequence) == [2_001, 1_001, 1])
    }
}

@Suite struct `An import` {
    private func item(_ number: UInt64, digest: UInt8) throws -> Ledger.ImportEntry {
        Ledger.ImportEntry(try entry(number), digest: [UInt8](repeating: digest, count: 16))
    }

    @Test func `logs what is not known, in the order it came, and says what was`() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.open()
        #expect(try ledger.importBatch([item(1, digest: 1), item(2, digest: 2)]) == [.logged(sequence: 1), .logged(sequence: 2)])
        let again = try ledger.importBatch([item(3, digest: 2), item(4, digest: 3), item(5, digest: 3), item(6, digest: 1)])
        #expect(again == [.known(as: 2), .logged(sequence: 3), .known(as: 3), .known(as: 1)])
        #expect(try ledger.decisionCount() == 3)
        #expect(try ledger.verify() == [])
    }

    @Test func `that fails makes nothing known`() throws {
        let folder = try TemporaryFolder()
        let ledger = try folder.open()
        _ = try ledger.importBatch([item(1, digest: 1)])
        // The second entry's id is there already: nothing of the batch is logged.
        #expect(throws: LedgerError.self) { try ledger.importBatch([item(2, digest: 2), item(1, digest: 3)]) }
        #expect(try ledger.decisionCount() == 1)
        #expect(try ledger.importBatch([item(4, digest: 2), item(5, digest: 3)]) == [.logged(sequence: 2), .logged(sequence: 3)])
    }
}
