import Glibc

@testable import HTTPServer

/// A client over a real socket, byte for byte. Reading gives up after ten seconds, so that a server that doesn't answer fails its test.
final class Client {
    private let descriptor: Int32
    private var received: [UInt8] = []
    /// Bytes of `received` that were taken.
    private var taken = 0

    struct ConnectFailed: Error { let code: Int32 }

    init(_ address: ListenAddress, receiveBufferBytes: Int32? = nil) throws {
        let socketAddress: SocketAddress
        switch address {
        case .tcp(let host, let port):
            guard let resolved = try SocketAddress.resolve(host: host, port: port).first else { throw ConnectFailed(code: ENOENT) }
            socketAddress = resolved
        case .unix(let path):
            guard let made = SocketAddress(path: path) else { throw ConnectFailed(code: ENAMETOOLONG) }
            socketAddress = made
        }
        descriptor = socket(socketAddress.family, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        if var receiveBufferBytes { _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBufferBytes, 4) }
        let result = unsafe socketAddress.withPointer { unsafe connect(descriptor, $0, $1) }
        // The descriptor is closed by deinit, which runs for an object whose initializer throws once all is set.
        guard result == 0 else { throw ConnectFailed(code: errno) }
    }

    deinit { close(descriptor) }

    /// False when the server has gone.
    @discardableResult func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    @discardableResult func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends what the kernel takes at once; the number of bytes.
    func sendSome(_ bytes: [UInt8]) -> Int {
        max(0, unsafe bytes.withUnsafeBytes { unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT)) })
    }

    /// Sends a byte whenever 20 ms went by without an answer; whether there is one, or the end, before so many steps.
    @discardableResult func drip(stepsMax: Int, isWatching: Bool = true) -> Bool {
        for _ in 0..<stepsMax {
            var entry = pollfd(fd: descriptor, events: isWatching ? Int16(POLLIN) : 0, revents: 0)
            if unsafe poll(&entry, 1, 20) > 0 || !send([0x78]) { return true }
        }
        return false
    }

    func endOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Makes closing send a reset.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// What a read can come to.
    enum Reading: Equatable { case bytes, end, reset, timeout }

    private func readMore() -> Reading {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count > 0 {
            received += buffer[..<count]
            return .bytes
        }
        if count == 0 { return .end }
        return errno == ECONNRESET ? .reset : .timeout
    }

    /// All up to the server's end, and how it came.
    func readToEnd() -> (text: String, end: Reading) {
        while true {
            let reading = readMore()
            guard reading == .bytes else {
                return (take(received.count - taken), reading)
            }
        }
    }

    /// The next `count` bytes.
    func read(_ count: Int) -> String {
        while received.count - taken < count, readMore() == .bytes {}
        return take(min(count, received.count - taken))
    }

    private func take(_ count: Int) -> String {
        defer {
            taken += count
            if taken == received.count {
                received.removeAll(keepingCapacity: true)
                taken = 0
            }
        }
        return String(decoding: received[taken..<taken + count], as: UTF8.self)
    }

    struct Answer: Equatable {
        var status: String
        var fields: [String]
        var body: String
    }

    /// The next answer that has a Content-Length, or no body.
    func readAnswer(isHead: Bool = false) -> Answer {
        var head = ""
        while !head.hasSuffix("\r\n\r\n") {
            let byte = read(1)
            guard !byte.isEmpty else { return Answer(status: "nothing", fields: [], body: head) }
            head += byte
        }
        var lines = head.split(separator: "\r\n").map(String.init)
        let status = lines.removeFirst()
        let length = lines.first { $0.hasPrefix("Content-Length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
        return Answer(status: status, fields: lines, body: isHead ? "" : read(length))
    }
}
