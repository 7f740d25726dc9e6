import Glibc

/// A listening socket. Loops hold it as long as they accept from it; it closes with the last of them.
final class Listener: Sendable {
    let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { System.close(descriptor) }
}

/// The listeners of one address: one per loop over TCP, where the kernel spreads the connections; one for all at a path.
struct ListenerGroup {
    let bound: ListenAddress
    let listeners: [Listener]
    /// At a path: what was made there, to be removed at the end.
    let socketFile: SocketFile?

    /// The groups of one address; several when a name has several addresses.
    static func open(_ address: ListenAddress, loops: Int) throws(ServerError) -> [ListenerGroup] {
        switch address {
        case .unix(let path):
            return [try unix(path: path, loops: loops)]
        case .tcp(let host, let port):
            return try tcp(host: host, port: port, loops: loops)
        }
    }

    private static func tcp(host: String, port: UInt16, loops: Int) throws(ServerError) -> [ListenerGroup] {
        var groups: [ListenerGroup] = []
        var failure: ServerError?
        var port = port
        for resolved in try SocketAddress.resolve(host: host, port: port) {
            let address = resolved.with(port: port)
            do throws(SystemError) {
                let group = try tcp(address, loops: loops)
                // A name that is bound to a free port has the same one at all its addresses.
                if case .tcp(_, let taken) = group.bound { port = taken }
                groups.append(group)
            } catch {
                failure = .cannotListen(address: "\(host):\(port)", reason: error.reason)
                // A host without IPv6 still has names that resolve to it.
                if let failure, error.code != EADDRNOTAVAIL, error.code != EAFNOSUPPORT { throw failure }
            }
        }
        if let failure, groups.isEmpty { throw failure }
        return groups
    }

    private static func tcp(_ address: SocketAddress, loops: Int) throws(SystemError) -> ListenerGroup {
        // Sockets that share a port would also share it with another server of the same user: one that doesn't share shows it is free.
        let probe = try boundSocket(address, sharesPort: false)
        let bound = try System.localAddress(probe.descriptor)
        let group = ListenAddress.tcp(host: bound.host, port: bound.port)
        guard loops > 1 else {
            try System.listen(probe.descriptor)
            return ListenerGroup(bound: group, listeners: [probe], socketFile: nil)
        }
        return ListenerGroup(bound: group, listeners: try shared(bound, loops: loops, after: probe), socketFile: nil)
    }

    private static func shared(_ address: SocketAddress, loops: Int, after probe: consuming Listener) throws(SystemError) -> [Listener] {
        _ = consume probe
        var listeners: [Listener] = []
        for _ in 0..<loops { listeners.append(try boundSocket(address, sharesPort: true)) }
        for listener in listeners { try System.listen(listener.descriptor) }
        return listeners
    }

    private static func boundSocket(_ address: SocketAddress, sharesPort: Bool) throws(SystemError) -> Listener {
        let listener = Listener(descriptor: try System.socket(family: address.family))
        try System.setOption(listener.descriptor, level: SOL_SOCKET, SO_REUSEADDR, 1)
        if sharesPort { try System.setOption(listener.descriptor, level: SOL_SOCKET, SO_REUSEPORT, 1) }
        if address.family == AF_INET6 {
            try System.setOption(listener.descriptor, level: Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1)
        }
        // Accepted sockets inherit it.
        try System.setOption(listener.descriptor, level: Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        try System.bind(listener.descriptor, address)
        return listener
    }

    private static func unix(path: String, loops: Int) throws(ServerError) -> ListenerGroup {
        guard let address = SocketAddress(path: path) else {
            throw .cannotListen(address: "unix:\(path)", reason: "a socket's path has 1 to 107 bytes")
        }
        do throws(SystemError) {
            let listener = Listener(descriptor: try System.socket(family: AF_UNIX))
            // The file takes the socket's mode: it is private from its first moment, whatever the umask.
            try System.setMode(listener.descriptor, 0o600)
            do throws(SystemError) {
                try System.bind(listener.descriptor, address)
            } catch {
                guard error.code == EADDRINUSE, try isStale(path, address) else { throw error }
                try System.unlink(path)
                try System.bind(listener.descriptor, address)
            }
            let file = System.file(at: path).map { SocketFile(path: path, identity: $0) }
            try System.listen(listener.descriptor)
            return ListenerGroup(bound: .unix(path: path), listeners: Array(repeating: listener, count: loops), socketFile: file)
        } catch {
            throw .cannotListen(address: "unix:\(path)", reason: error.reason)
        }
    }

    /// A socket at which nobody listens, left behind by a server that was killed.
    private static func isStale(_ path: String, _ address: SocketAddress) throws(SystemError) -> Bool {
        guard let file = System.file(at: path), file.isSocket else { return false }
        let client = Listener(descriptor: try System.socket(family: AF_UNIX))
        do throws(SystemError) {
            try System.connect(client.descriptor, address)
            return false
        } catch {
            return error.code == ECONNREFUSED
        }
    }
}

/// The file of a listening socket.
struct SocketFile: Sendable {
    let path: String
    let identity: FileIdentity

    /// Removes it, unless another server has put its own there since.
    func remove() {
        guard System.file(at: path) == identity else { return }
        // Gone already is as good.
        try? System.unlink(path)
    }
}
