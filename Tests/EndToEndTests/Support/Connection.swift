import Glibc

/// One TCP connection to a server, for bytes as the test wants them.
///
/// Sendable by proof: one thread may send while another receives, for sending touches the descriptor alone.
final class Connection: @unchecked Sendable {
    private let descriptor: Int32
    private var received: [UInt8] = []
    private var position = 0
    private var hasEnded = false

    init(port: UInt16) throws {
        descriptor = Int32(
            try System.check("socket") { Int(socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)) })
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var one: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        let descriptor = descriptor
        // A sockaddr_in is what AF_INET wants behind a sockaddr pointer. What throws here is closed by deinit.
        _ = try System.check("connect") {
            unsafe withUnsafePointer(to: &address) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Int(unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)))
                }
            }
        }
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        var done = 0
        let descriptor = descriptor
        while done < bytes.count {
            try System.wait(descriptor, for: POLLOUT)
            let sent = done
            // The bytes from `sent` on are the array's own.
            done += try System.check("send") {
                unsafe bytes.withUnsafeBytes {
                    unsafe Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                }
            }
        }
    }

    /// Ends the sending half.
    func endOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Makes letting go of it send a reset.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        // The option outlives the call.
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Whether there is something to read now, the end too.
    func hasInput() throws -> Bool {
        if position < received.count { return true }
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // The entry outlives the call.
        return try System.check("poll") { unsafe Int(poll(&entry, 1, 0)) } > 0
    }

    /// The next byte; nil at the end.
    func byte() throws -> UInt8? {
        if position == received.count {
            guard try fill() else { return nil }
        }
        defer { position += 1 }
        return received[position]
    }

    /// The bytes to the next line feed, without it and a carriage return before it; nil at the end.
    func line() throws -> [UInt8]? {
        var line: [UInt8] = []
        while true {
            if let end = received[position...].firstIndex(of: UInt8(ascii: "\n")) {
                line += received[position..<end]
                position = end + 1
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                return line
            }
            line += received[position...]
            position = received.count
            guard try fill() else { return line.isEmpty ? nil : line }
        }
    }

    func bytes(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            if position == received.count, try !fill() { throw HTTPFailure.ended }
            let taken = min(count - bytes.count, received.count - position)
            bytes += received[position..<(position + taken)]
            position += taken
        }
        return bytes
    }

    /// What comes until the server closes.
    func rest() throws -> [UInt8] {
        var bytes: [UInt8] = []
        repeat {
            bytes += received[position...]
            position = received.count
        } while try fill()
        return bytes
    }

    private func fill() throws -> Bool {
        if hasEnded { return false }
        try System.wait(descriptor, for: POLLIN, milliseconds: 60_000)
        received = try System.read(descriptor)
        position = 0
        hasEnded = received.isEmpty
        return !hasEnded
    }
}

enum HTTPFailure: Error { case ended, malformed(String) }
