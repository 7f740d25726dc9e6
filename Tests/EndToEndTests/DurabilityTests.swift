import Foundation
import TestSupport
import Testing

@Suite struct DurabilityTests {
    /// Where strace is, if this user may trace.
    static let strace: String? = {
        guard let path = Program.tool("strace"), let shell = Program.tool("sh") else { return nil }
        return (try? ChildProcess(path, ["-qq", "-f", "-e", "trace=none", shell, "-c", "exit 7"]).wait()) == .exited(7) ? path : nil
    }()

    @Test(.enabled("strace is not installed, or may not trace") { strace != nil })
    func `each answer is sent after a flush that came after the write of its commit`() throws {
        let directory = try TemporaryDirectory()
        let trace = directory + "trace"
        let calls = "trace=fdatasync,fsync,write,writev,sendto,sendmsg,pwrite64,pwritev"
        let server = try RunningServer(
            database: directory + "a.sqlite", flags: ["--access-log", "false"],
            wrapper: [try #require(Self.strace), "-f", "-qq", "-y", "-s", "16", "-e", calls, "-o", trace])
        let connection = try server.connect()
        let count = 50
        for _ in 0..<count { #expect(try connection.ask(.post(PolicyTests.result)).status == 201) }
        #expect(try server.stop() == .exited(0))

        let events = Self.events(String(decoding: try System.contents(of: trace), as: UTF8.self))
        // One after the other, since each request waited for the answer before it.
        var answers = 0
        var written = false
        var flushed = false
        for event in events {
            switch event {
            case .logWritten:
                written = true
                flushed = false
            case .logFlushed: flushed = written
            case .answered:
                #expect(written && flushed, "answer \(answers)")
                answers += 1
                written = false
                flushed = false
            }
        }
        #expect(answers == count)
    }

    private enum Event { case logWritten, logFlushed, answered }

    /// What the trace says, in its order: a write counts when it begins, a flush when it has ended well.
    private static func events(_ trace: String) -> [Event] {
        var flushing: Set<Substring> = []
        return trace.split(separator: "\n").compactMap { line -> Event? in
            guard let space = line.firstIndex(of: " ") else { return nil }
            let thread = line[..<space]
            let call = line[space...].drop { $0 == " " }
            if call.contains("HTTP/1.1 201") { return .answered }
            if call.hasPrefix("pwrite"), call.contains("-wal>") { return .logWritten }
            if call.hasPrefix("fdatasync") || call.hasPrefix("fsync"), call.contains("-wal>") {
                if call.hasSuffix("= 0") { return .logFlushed }
                if call.hasSuffix("<unfinished ...>") { flushing.insert(thread) }
                return nil
            }
            if call.hasPrefix("<... fdatasync") || call.hasPrefix("<... fsync"), flushing.remove(thread) != nil, call.hasSuffix("= 0") {
                return .logFlushed
            }
            return nil
        }
    }

    @Test(.enabled(if: SmallDisk.isPermitted, Comment(rawValue: SmallDisk.whySkipped)))
    func `a full disk refuses decisions, says so, and heals when there is room`() throws {
        let disk = try SmallDisk(megabytes: 8)
        let database = "\(disk.path)/a.sqlite"
        let server = try RunningServer(database: database)
        let connection = try server.connect()
        var answered = [try connection.ask(.post(PolicyTests.result)).decision.id]
        disk.fill()

        var refusal: Answer?
        for _ in 0..<2_000 {
            let answer = try connection.ask(.post(PolicyTests.result))
            if answer.status == 201 {
                answered.append(try answer.decision.id)
            } else {
                refusal = answer
                break
            }
        }
        let refused = try #require(refusal)
        #expect(refused.status == 503)
        #expect(refused.fields["retry-after"].flatMap { Int($0) } != nil)
        #expect(refused.fields["content-type"] == "application/problem+json")
        #expect(try server.ask(.get("/readyz")).status == 503)
        #expect(try server.ask(.get("/healthz")).status == 200)
        #expect(try server.ask(.get("/v1/decisions?limit=1")).status == 200)

        disk.free()
        // Each answer is the event that is waited for: a decision that is taken shows that the disk takes writes again.
        var healed: Answer?
        for _ in 0..<2_000 where healed?.status != 201 { healed = try connection.ask(.post(PolicyTests.result)) }
        #expect(healed?.status == 201)
        answered.append(try #require(healed).decision.id)
        #expect(try server.ask(.get("/readyz")).status == 200)
        #expect(try server.decisions().map(\.id) == answered.reversed())
        #expect(try server.stop() == .exited(0))
    }
}
