import Foundation
import TestSupport
import Testing

/// A real nginx before the server: a stranger behind it is no local user.
@Suite struct ProxyTests {
    /// nginx with one location, listening on a socket file.
    private final class Proxy {
        let directory: TemporaryDirectory
        let process: ChildProcess

        init(_ nginx: String, _ directives: String) throws {
            directory = try TemporaryDirectory()
            let folder = directory.path
            let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }.joined(
                separator: " ")
            let text = """
                daemon off; master_process off; pid \(folder)/pid; error_log stderr notice;
                events {}
                http { access_log off; \(folders) server { listen unix:\(folder)/socket; location / { \(directives) } } }
                """
            try System.makeFile("\(folder)/nginx.conf", Array(text.utf8))
            process = try ChildProcess(nginx, ["-p", folder, "-c", "\(folder)/nginx.conf"])
            _ = try #require(process.errorLine { $0.contains("start") || $0.contains("using the") }, "nginx does not start")
        }

        /// The status of what it answers to a request.
        func ask(_ host: String, _ rest: String) throws -> (status: Int, text: String) {
            let python = try #require(Program.tool("python3"))
            let script = """
                import socket, sys
                s = socket.socket(socket.AF_UNIX)
                s.connect(sys.argv[1])
                s.sendall(sys.argv[2].encode())
                out = b""
                while piece := s.recv(65536): out += piece
                sys.stdout.write(out.decode())
                """
            let text = try Python(path: python).run(
                "-c", script, directory + "socket", rest.replacing("HOST", with: host))
            return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0, text)
        }
    }

    static let list = "GET /v1/decisions HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"
    static let post =
        "POST /v1/decisions HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: 66\r\nConnection: close\r\n\r\n"
        + #"{"documentType":"t","documentId":"stranger","fields":[{"name":"a"}]}"#.prefix(66)

    @Test(
        arguments: [
            ("", nil), ("proxy_set_header Host $host; proxy_set_header X-Real-IP $remote_addr;", nil), ("proxy_http_version 1.1;", nil),
            ("", "auto"), ("proxy_set_header Host $host; proxy_set_header X-Real-IP $remote_addr; proxy_http_version 1.1;", "auto"),
            ("proxy_set_header X-Forwarded-For $remote_addr; proxy_http_version 1.1;", "auto"),
        ] as [(String, String?)]) func `a stranger behind nginx needs a token`(directives: String, anonymous: String?) throws
    {
        guard let nginx = Program.tool("nginx"), Program.tool("python3") != nil else {
            return try Python.skip("nginx", "it is not installed")
        }
        let directory = try TemporaryDirectory()
        let database = directory + "a.sqlite"
        let server = try RunningServer(database: database, anonymous: anonymous)
        let token = try PolicyTests.token(database, role: "viewer", name: "v")
        for upstream in ["127.0.0.1", "localhost"] {
            let proxy = try Proxy(nginx, "proxy_pass http://\(upstream):\(server.port); \(directives)")
            for host in ["sluice.example.org", "localhost", "127.0.0.1"] {
                for request in [Self.list, Self.post] {
                    let answer = try proxy.ask(host, request)
                    #expect(answer.status == 401, "\(upstream) \(host) \(answer.text.prefix(200))")
                }
                let known = Self.list.replacing("Connection", with: "Authorization: Bearer \(token)\r\nConnection")
                #expect(try proxy.ask(host, known).status == 200)
            }
        }
        #expect(try server.ask(.get("/v1/decisions", token: token)).text.contains(#""items":[]"#))
    }
}
