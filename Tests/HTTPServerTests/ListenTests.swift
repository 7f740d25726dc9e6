import Glibc
import HTTPServer
import TestSupport
import Testing

/// A path for a socket, in a folder of its own that goes with it.
final class SocketPlace {
    let path: String
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        path = directory + "socket"
    }

    var mode: mode_t? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status.st_mode : nil
    }
}

@Suite struct ListenTests {
    @Test func `IPv4, IPv6 and a path are served by one server`() throws {
        let place = try SocketPlace()
        let server = try TestServer([.tcp(host: "127.0.0.1", port: 0), .tcp(host: "::1", port: 0), .unix(path: place.path)])
        let bound = server.server.boundAddresses
        #expect(bound.count == 3)
        let peers = try bound.map { address in
            let client = try Client(address)
            client.send("GET /peer HTTP/1.1\r\nHost: a\r\n\r\n")
            return client.readAnswer().body
        }
        #expect(
            peers == [
                "\(Peer.tcp(isLoopback: true, address: "127.0.0.1"))", "\(Peer.tcp(isLoopback: true, address: "::1"))", "\(Peer.unix)",
            ])
    }

    @Test func `a name is listened to at each of its addresses, with one port`() throws {
        let server = try TestServer([.tcp(host: "localhost", port: 0)])
        let ports = Set(server.server.boundAddresses.map { if case .tcp(_, let port) = $0 { port } else { 0 as UInt16 } })
        #expect(ports.count == 1)
        #expect(!ports.contains(0))
    }

    @Test func `a port that another server has is refused, even though servers could share it`() throws {
        let server = try TestServer()
        #expect(throws: ServerError.self) { try TestServer([server.address]) }
    }

    @Test func `a name that doesn't exist is refused`() {
        #expect(throws: ServerError.self) { try TestServer([.tcp(host: "no.such.name.invalid", port: 0)]) }
    }

    @Test func `a socket file is private, and removed at the end`() throws {
        let place = try SocketPlace()
        do {
            let server = try TestServer([.unix(path: place.path)])
            #expect(place.mode == S_IFSOCK | 0o600)
            server.server.drain()
        }
        #expect(place.mode == nil)
    }

    @Test func `a stale socket file is replaced and a live one is not`() throws {
        let place = try SocketPlace()
        // Bound and closed, as a killed server leaves it.
        let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: place.path.utf8) }
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(stale, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(result == 0)
        close(stale)
        let server = try TestServer([.unix(path: place.path)])
        #expect(place.mode == S_IFSOCK | 0o600)
        #expect(throws: ServerError.self) { try TestServer([.unix(path: place.path)]) }
        let client = try server.connect()
        client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.readAnswer().body == "get /a ")
    }

    @Test(arguments: ["", String(repeating: "x", count: 108)])
    func `a path that no socket can have is refused`(path: String) {
        #expect(throws: ServerError.self) { try TestServer([.unix(path: path)]) }
    }

    @Test func `a file that is no socket is left alone`() throws {
        let place = try SocketPlace()
        close(unsafe open(place.path, O_CREAT | O_WRONLY, 0o644))
        #expect(throws: ServerError.self) { try TestServer([.unix(path: place.path)]) }
        #expect(place.mode.map { $0 & S_IFMT } == S_IFREG)
    }
}
