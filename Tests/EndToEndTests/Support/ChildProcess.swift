import Foundation
import Glibc
import Synchronization

/// A process that these tests started, its standard error read as it comes. It is killed when it is let go of.
final class ChildProcess: Sendable {
    enum Ending: Equatable { case exited(Int32), signalled(Int32) }

    let id: pid_t
    private let errors: LineCollector
    private let output: LineCollector
    private let ending = Mutex<Ending?>(nil)
    private static let starting = Mutex(())

    /// - Parameters:
    ///   - path: An absolute path; arguments do not repeat it.
    ///   - environment: In place of this process's.
    init(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        // One at a time: between pipe(2) and fcntl(2) another child would inherit the pipe, and keep it open.
        let (id, errorRead, outputRead) = try ChildProcess.starting.withLock { _ in
            let (errorRead, errorWrite) = try System.pipe()
            let (outputRead, outputWrite) = try System.pipe()
            defer {
                close(errorWrite)
                close(outputWrite)
            }
            let id = try ChildProcess.spawn(path, arguments, environment: environment, output: outputWrite, errors: errorWrite)
            return (id, errorRead, outputRead)
        }
        self.id = id
        errors = LineCollector(errorRead)
        output = LineCollector(outputRead)
    }

    deinit {
        if ending.withLock({ $0 == nil }) {
            kill(id, SIGKILL)
            var status: Int32 = 0
            _ = unsafe waitpid(id, &status, 0)
        }
    }

    func signal(_ number: Int32) { kill(id, number) }

    /// Waits for its end. What it wrote is complete then.
    @discardableResult
    func wait() throws -> Ending {
        try ending.withLock { ending in
            if let ending { return ending }
            var status: Int32 = 0
            // The status outlives the call.
            _ = try System.check("waitpid") { unsafe Int(waitpid(id, &status, 0)) }
            let number = status & 0x7F
            let result: Ending = number == 0 ? .exited((status >> 8) & 0xFF) : .signalled(number)
            ending = result
            return result
        }
    }

    /// The first line of standard error that fits, waiting for it; nil when the process ends, or half a minute passes, without one.
    func errorLine(where fits: (String) -> Bool) -> String? { errors.firstLine(where: fits) }
    /// All it wrote to standard error; to be asked after `wait`.
    var errorText: String { errors.text }
    var outputText: String { output.text }

    private static func spawn(
        _ path: String, _ arguments: [String], environment: [String: String], output: Int32, errors: Int32
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2)
        // As from a shell: no signal held back or ignored, whatever the test runner does with its own.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var (held, standard) = (sigset_t(), sigset_t())
        _ = unsafe sigemptyset(&held)
        _ = unsafe sigemptyset(&standard)
        for signal in [SIGINT, SIGTERM, SIGHUP] { _ = unsafe sigaddset(&standard, signal) }
        unsafe posix_spawnattr_setsigmask(&attributes, &held)
        unsafe posix_spawnattr_setsigdefault(&attributes, &standard)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var argv: [UnsafeMutablePointer<CChar>?] = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer { unsafe (argv + envp).forEach { unsafe free($0) } }
        var id: pid_t = 0
        // Both arrays end with nil, and live until the call returns.
        let code = unsafe posix_spawn(&id, path, &actions, &attributes, &argv, &envp)
        if code != 0 { throw System.Failure(call: "posix_spawn \(path)", code: code) }
        return id
    }
}

/// Reads a pipe on a thread of its own until its end, so that the writer never waits, and lets others wait for lines.
private final class LineCollector: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var ended = false
    }
    private let state = Mutex(State())
    private let changed = NSCondition()

    init(_ descriptor: Int32) {
        Thread.detachNewThread { [self] in
            while let piece = try? System.read(descriptor), !piece.isEmpty { publish { $0.bytes += piece } }
            close(descriptor)
            publish { $0.ended = true }
        }
    }

    var text: String {
        wait { $0.ended ? true : nil }
        return state.withLock { String(decoding: $0.bytes, as: UTF8.self) }
    }

    func firstLine(where fits: (String) -> Bool) -> String? {
        wait { state in
            let lines = state.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            // The last piece has no newline yet.
            for line in lines.dropLast() where fits(String(decoding: line, as: UTF8.self)) {
                return .some(String(decoding: line, as: UTF8.self))
            }
            return state.ended ? .some(nil) : .none
        } ?? nil
    }

    private func publish(_ change: (inout sending State) -> Void) {
        changed.lock()
        state.withLock { change(&$0) }
        changed.broadcast()
        changed.unlock()
    }

    @discardableResult
    private func wait<R: Sendable>(_ ready: (State) -> R?) -> R? {
        let end = Date(timeIntervalSinceNow: 30)
        changed.lock()
        defer { changed.unlock() }
        while true {
            if let result = state.withLock({ ready($0) }) { return result }
            if !changed.wait(until: end) { return nil }
        }
    }
}
