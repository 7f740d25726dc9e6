import Glibc

/// A socket address as the kernel has it: sockaddr_in, sockaddr_in6 or sockaddr_un.
struct SocketAddress: Equatable {
    let bytes: [UInt8]

    /// Room for any of them.
    static let bytesMax = MemoryLayout<sockaddr_storage>.size
    /// Of sun_path, the final NUL included.
    private static let pathBytesMax = 108

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Fails for a path that is empty, holds a NUL or is longer than 107 bytes.
    init?(path: String) {
        let path = Array(path.utf8)
        guard !path.isEmpty, path.count < Self.pathBytesMax, !path.contains(0) else { return nil }
        var bytes: [UInt8] = []
        unsafe withUnsafeBytes(of: sa_family_t(AF_UNIX)) { unsafe bytes.append(contentsOf: $0) }
        bytes += path
        bytes.append(0)
        self.bytes = bytes
    }

    /// The addresses of a numeric address or of a name, each once, in the resolver's order.
    static func resolve(host: String, port: UInt16) throws(ServerError) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else {
            throw .cannotListen(address: "\(host):\(port)", reason: unsafe String(cString: gai_strerror(code)))
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            unsafe next = entry.pointee.ai_next
            let raw = unsafe UnsafeRawBufferPointer(start: entry.pointee.ai_addr, count: Int(entry.pointee.ai_addrlen))
            let address = unsafe SocketAddress(bytes: Array(raw))
            if !addresses.contains(address) { addresses.append(address) }
        }
        return addresses
    }

    var family: Int32 { bytes.count < 2 ? AF_UNSPEC : Int32(UInt16(littleEndian: UInt16(bytes[0]) | UInt16(bytes[1]) << 8)) }

    /// Of IPv4 and IPv6.
    var port: UInt16 { bytes.count < 4 ? 0 : UInt16(bytes[2]) << 8 | UInt16(bytes[3]) }

    /// The same address with another port.
    func with(port: UInt16) -> SocketAddress {
        var bytes = bytes
        bytes[2] = UInt8(port >> 8)
        bytes[3] = UInt8(port & 255)
        return SocketAddress(bytes: bytes)
    }

    /// Numeric, without the port.
    var host: String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            unsafe bytes.withUnsafeBytes { address in
                let offset = family == AF_INET6 ? 8 : 4
                guard address.count >= offset + (family == AF_INET6 ? 16 : 4),
                    unsafe inet_ntop(family, address.baseAddress?.advanced(by: offset), text.baseAddress, socklen_t(text.count)) != nil,
                    let start = text.baseAddress
                else { return "" }
                return unsafe String(cString: start)
            }
        }
    }

    var isLoopback: Bool {
        switch family {
        case AF_INET: bytes[4] == 127
        case AF_INET6:
            bytes[8..<23].allSatisfy { $0 == 0 } && bytes[23] == 1
                || bytes[8..<18].allSatisfy { $0 == 0 } && bytes[18] == 255 && bytes[19] == 255 && bytes[20] == 127
        default: false
        }
    }

    var peer: Peer {
        family == AF_INET || family == AF_INET6 ? .tcp(isLoopback: isLoopback, address: host) : .unix
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>?, socklen_t) -> Result) -> Result {
        unsafe bytes.withUnsafeBytes { unsafe body($0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) }
    }
}
