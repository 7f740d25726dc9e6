import Glibc

/// The system calls of these tests: errno is read at once, EINTR is retried, descriptors are closed on exec so that no server
/// inherits another's pipes.
enum System {
    struct Failure: Error, CustomStringConvertible {
        var call: String
        var code: Int32
        // glibc's strerror answers constant text for the numbers it knows, and these are its own.
        var description: String { unsafe "\(call): \(String(cString: strerror(code)))" }
    }

    static func check(_ call: String, _ body: () -> Int) throws(Failure) -> Int {
        while true {
            let result = body()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw Failure(call: call, code: code) }
        }
    }

    /// Waits until the descriptor is ready, or fails when it is not within the time.
    static func wait(_ descriptor: Int32, for events: Int32, milliseconds: Int32 = 30_000) throws(Failure) {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        // The entry outlives the call.
        let count = try check("poll") { unsafe Int(poll(&entry, 1, milliseconds)) }
        if count == 0 { throw Failure(call: "poll", code: ETIMEDOUT) }
    }

    /// Whether the condition, which asks the server or the disk, comes true before a test has failed by waiting. For what the server finds
    /// out by itself and tells nobody unasked.
    static func eventually(seconds: Int = 30, _ condition: () throws -> Bool) rethrows -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        repeat {
            if try condition() { return true }
        } while ContinuousClock.now < deadline
        return false
    }

    static func pipe() throws(Failure) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        // The array has the two elements that pipe(2) fills.
        _ = try check("pipe") { unsafe Int(Glibc.pipe(&ends)) }
        for end in ends { _ = try check("fcntl") { Int(fcntl(end, F_SETFD, FD_CLOEXEC)) } }
        return (ends[0], ends[1])
    }

    static func read(_ descriptor: Int32, max: Int = 65_536) throws(Failure) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: max)
        // The buffer has `max` bytes.
        let count = try check("read") { unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, max) } }
        return Array(buffer[..<count])
    }

    static func write(_ descriptor: Int32, _ bytes: [UInt8]) throws(Failure) {
        var done = 0
        while done < bytes.count {
            // The bytes from `done` on are the array's own.
            done += try check("write") {
                unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress! + done, bytes.count - done) }
            }
        }
    }

    static func contents(of path: String) throws(Failure) -> [UInt8] {
        let descriptor = Int32(try check("open \(path)") { unsafe Int(open(path, O_RDONLY | O_CLOEXEC)) })
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            let piece = try read(descriptor, max: 1 << 20)
            if piece.isEmpty { return bytes }
            bytes += piece
        }
    }

    static func makeFile(_ path: String, _ bytes: [UInt8]) throws(Failure) {
        let descriptor = Int32(try check("open \(path)") { unsafe Int(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)) })
        defer { close(descriptor) }
        try write(descriptor, bytes)
    }
}
