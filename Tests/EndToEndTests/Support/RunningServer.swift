import Foundation
import Synchronization

/// `sluice serve` on a free port of 127.0.0.1, listening when `init` returns.
final class RunningServer: Sendable {
    let process: ChildProcess
    let port: UInt16
    let database: String
    /// The process that serves, also when another one (a tracer) was started.
    let serverId: pid_t

    enum Failure: Error, CustomStringConvertible {
        case didNotListen(String)
        var description: String {
            switch self {
            case .didNotListen(let said): "the server did not listen; it said: \(said)"
            }
        }
    }

    /// - Parameters:
    ///   - anonymous: The roles of callers without a token, as the setting has them; nil leaves the setting alone.
    ///   - wrapper: A command that runs the server's, e.g. a tracer and its flags.
    init(
        database: String, flags: [String] = [], anonymous: String? = "auto", environment: [String: String] = [:], wrapper: [String] = []
    ) throws {
        self.database = database
        let roles = anonymous.map { ["--anonymous-roles", $0] } ?? []
        let command = wrapper + [Program.path, "serve", "--port", "0", "--database", database] + roles + flags
        process = try ChildProcess(command[0], Array(command.dropFirst()), environment: environment)
        guard let line = process.errorLine(where: { RunningServer.port(in: $0) != nil }), let port = RunningServer.port(in: line) else {
            process.signal(SIGKILL)
            try process.wait()
            throw Failure.didNotListen(process.errorText)
        }
        self.port = port
        serverId = wrapper.isEmpty ? process.id : try RunningServer.child(of: process.id)
    }

    /// The port of the log's record of the address that is listened on.
    private static func port(in line: String) -> UInt16? {
        guard line.contains("listening"), let match = line.firstMatch(of: /(?:127\.0\.0\.1|0\.0\.0\.0):(\d+)/) else { return nil }
        return UInt16(match.1)
    }

    private static func child(of parent: pid_t) throws -> pid_t {
        let text = String(decoding: try System.contents(of: "/proc/\(parent)/task/\(parent)/children"), as: UTF8.self)
        guard let id = text.split(separator: " ").first.flatMap({ pid_t($0) }) else { throw Failure.didNotListen("no child of \(parent)") }
        return id
    }

    func connect() throws -> Connection { try Connection(port: port) }

    /// One request over a connection of its own.
    func ask(_ request: Request) throws -> Answer { try connect().ask(request) }

    /// SIGTERM, and the ending.
    func stop() throws -> ChildProcess.Ending {
        kill(serverId, SIGTERM)
        return try process.wait()
    }

    func kill9() throws {
        kill(serverId, SIGKILL)
        try process.wait()
    }

    /// Every decision in the log, newest first, through the pages of the list.
    func decisions(_ query: String = "") throws -> [DecisionBody] {
        struct Page: Decodable {
            var items: [DecisionBody]
            var next: String?
        }
        let connection = try connect()
        var all: [DecisionBody] = []
        var cursor = ""
        while true {
            let answer = try connection.ask(.get("/v1/decisions?limit=1000\(query)\(cursor)"))
            let page = try answer.decoded(Page.self)
            all += page.items
            guard let next = page.next else { return all }
            cursor = "&cursor=\(next)"
        }
    }

    /// The numbers of its open descriptors.
    func descriptors() throws -> [Int] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(serverId)/fd").compactMap { Int($0) }
    }

    /// The most descriptors it may have from now on.
    func limitDescriptors(to count: Int) throws {
        // util-linux, which every Debian has: Glibc's module lacks prlimit(2).
        let tool = try ChildProcess("/usr/bin/prlimit", ["--pid", "\(serverId)", "--nofile=\(count):\(count)"])
        guard try tool.wait() == .exited(0) else { throw Failure.didNotListen(tool.errorText) }
    }

    /// What it has resident now, in bytes.
    func memory() throws -> Int { try status("VmRSS") }

    /// The most memory it ever had resident, in bytes.
    func peakMemory() throws -> Int { try status("VmHWM") }

    private func status(_ name: String) throws -> Int {
        let lines = String(decoding: try System.contents(of: "/proc/\(serverId)/status"), as: UTF8.self).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("\(name):") }), let match = line.firstMatch(of: /(\d+) kB/),
            let kilobytes = Int(match.1)
        else { return .max }
        return kilobytes * 1_024
    }
}

/// Runs the body on so many threads at once and waits for all; the results in the order of the threads.
func onThreads<R: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) throws -> R) throws -> [R] {
    let results = Collected<Result<R, any Error>?>(Array(repeating: nil, count: count))
    let group = DispatchGroup()
    for index in 0..<count {
        group.enter()
        Thread.detachNewThread {
            let result = Result { try body(index) }
            results.change { $0[index] = result }
            group.leave()
        }
    }
    group.wait()
    return try results.values.compactMap { try $0?.get() }
}

/// Values that several threads add to.
final class Collected<Value: Sendable>: Sendable {
    private let stored: Mutex<[Value]>

    init(_ values: [Value] = []) { stored = Mutex(values) }

    var values: [Value] { stored.withLock { $0 } }
    func change(_ body: (inout [Value]) -> Void) { stored.withLock { body(&$0) } }

    /// How many there are now, this one included: each number is given once.
    @discardableResult func add(_ value: Value) -> Int {
        stored.withLock {
            $0.append(value)
            return $0.count
        }
    }
}
