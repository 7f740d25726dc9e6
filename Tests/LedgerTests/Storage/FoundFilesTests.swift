import Testing

@testable import Ledger

/// What is said of a database, its log and what was written down of them, before any of them is opened.
@Suite struct `The files of a database` {
    private static let first = DatabaseMark(cookie: 70_000, version: 0).renewed(keepsCookie: true, isOpen: true)
    private static let second = first.next
    private static let closed = second.closed
    private static let copy = DatabaseMark(cookie: 90_000, version: 0).renewed(keepsCookie: true, isOpen: false)
    /// As VACUUM INTO makes it of a running server's.
    private static let vacuumed = DatabaseMark(cookie: 70_001, version: second.version)
    private static let salts = LogSalts(first: 100, second: 1)

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var found: FoundFiles
        var verdict: FoundFiles.Verdict?
        var fault: FileFault?

        init(
            _ name: String, mark: DatabaseMark?, bytes: Int64 = 100, log: LogSalts?? = .none, trace: Trace? = nil,
            _ verdict: FoundFiles.Verdict? = nil, fault: FileFault? = nil
        ) {
            testDescription = name
            found = FoundFiles(bytes: bytes, mark: mark, hasLog: log != nil, salts: log ?? nil, trace: trace)
            (self.verdict, self.fault) = (verdict, fault)
        }
    }

    private static func left(_ file: DatabaseMark, _ newest: DatabaseMark, _ log: Trace.Log) -> Trace {
        Trace(file: file, newest: newest, log: log, sequence: 5)
    }
    private static let open = left(first, second, .salts(salts))
    private static let atRest = left(closed, closed, .none)

    static let rows = [
        Row("nothing at all", mark: nil, bytes: 0, .other),
        Row("a log without its database", mark: nil, bytes: 0, log: salts, fault: .databaseMissing),
        Row("of somebody else", mark: nil, .other),
        Row("never marked", mark: DatabaseMark(cookie: 31, version: 0), .other),
        Row("never marked, with a log", mark: DatabaseMark(cookie: 31, version: 0), log: salts, .unproven),
        Row("a backup at a new place", mark: copy, .other),
        Row("a copy that SQLite made of a running server's, at a new place", mark: vacuumed, .other),
        Row("a file of a running server without its log, at a new place", mark: first, fault: .logMissing),
        Row("the same with its log", mark: first, log: salts, .unproven),
        Row("closed in order", mark: closed, trace: atRest, .own),
        Row("closed in order, a log put beside it", mark: closed, log: salts, trace: atRest, fault: .logOfAnother),
        Row("closed in order, bytes put beside it", mark: closed, log: .some(nil), trace: atRest, fault: .logOfAnother),
        Row("closed in order, then replaced by a backup", mark: copy, trace: atRest, .other),
        Row("killed", mark: first, log: salts, trace: open, .own),
        Row("killed right after a checkpoint", mark: second, log: salts, trace: open, .own),
        Row("killed right after the log began again", mark: second, log: LogSalts(first: 101, second: 77), trace: open, .own),
        Row("killed, its log removed", mark: first, trace: open, fault: .logMissing),
        Row("killed, its log read by another program", mark: second, trace: open, .own),
        Row("killed, with the log of another", mark: first, log: LogSalts(first: 5, second: 1), trace: open, fault: .logOfAnother),
        Row("killed, with an earlier log of its own", mark: first, log: LogSalts(first: 99, second: 3), trace: open, fault: .logOfAnother),
        Row(
            "killed, with another log of the same count", mark: first, log: LogSalts(first: 100, second: 2), trace: open,
            fault: .logOfAnother),
        Row("killed, then replaced by a backup", mark: copy, log: salts, trace: open, fault: .databaseOfAnother),
        Row(
            "killed, then replaced by an older file of itself", mark: DatabaseMark(cookie: 70_000, version: first.version &- 4_096),
            log: salts,
            trace: open, fault: .databaseOfAnother),
        Row(
            "killed, then replaced by a copy of SQLite's", mark: vacuumed, log: salts, trace: open,
            fault: .databaseOfAnother),
        Row("killed, replaced by a backup, the log removed", mark: copy, trace: open, .other),
        Row("killed before the log's head was known", mark: first, log: salts, trace: left(first, second, .unknown), .own),
    ]

    @Test(arguments: rows) func `belong together or are refused`(row: Row) throws {
        if let fault = row.fault {
            #expect(throws: fault) { try row.found.judge() }
        } else {
            #expect(try row.found.judge() == row.verdict)
        }
    }

    @Test func `of which nothing is written down belong together when the log's state follows the file's`() throws {
        let found = FoundFiles(bytes: 100, mark: Self.first, hasLog: true, salts: Self.salts, trace: nil)
        try found.check(newest: Self.first)
        try found.check(newest: Self.second)
        for other in [Self.closed, Self.copy, Self.vacuumed, Self.second.next] {
            #expect(throws: FileFault.logOfAnother) { try found.check(newest: other) }
        }
    }

    @Test(arguments: [Trace.Log.none, .unknown, .salts(LogSalts(first: .max, second: 3))])
    func `are written down in a form that is read again, and refused when it is not whole`(log: Trace.Log) throws {
        let trace = Trace(file: Self.closed, newest: DatabaseMark(cookie: .max, version: .max), log: log, sequence: 1 << 40 + 7)
        let bytes = trace.encoded
        #expect(bytes.count == Trace.bytes)
        #expect(Trace(bytes) == trace)
        for count in 0..<bytes.count { #expect(Trace(Array(bytes[..<count])) == nil) }
        #expect(Trace([UInt8](repeating: 0, count: Trace.bytes)) == nil)
        #expect(Trace(Array(bytes[..<24]) + [UInt8](repeating: 0, count: 24)) == nil)
    }

    @Test func `are marked so that a copy is told from what it was made of, and an open state from a closed one`() {
        for _ in 0..<1_000 {
            let mark = Self.closed.renewed(keepsCookie: false, isOpen: true)
            #expect(mark.isOpen && mark.next.isOpen && mark != Self.closed && mark.cookie != Self.closed.cookie && mark.version != 0)
            let copy = mark.renewed(keepsCookie: false, isOpen: false)
            #expect(!copy.isOpen && copy.cookie != mark.cookie && copy.version != 0)
            #expect(mark.renewed(keepsCookie: true, isOpen: true).cookie == mark.cookie)
        }
    }
}
