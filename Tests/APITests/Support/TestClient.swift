import Glibc
import JSON

/// An answer, taken apart.
struct Reply {
    var status: Int
    var fields: [(name: String, value: String)]
    var body: [UInt8]
    /// False when the connection ended before the answer did.
    var isComplete = true

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of the only such field; nil when there is none, or more than one.
    func field(_ name: String) -> String? {
        let found = fields.filter { $0.name.lowercased() == name.lowercased() }
        return found.count == 1 ? found[0].value : nil
    }

    func json() throws -> Value { try Value(body) }

    /// `errors` as `place: detail`.
    func faults() throws -> [String] { try json().faults }
}

/// A blocking HTTP/1.1 client on one connection.
final class TestClient {
    private let descriptor: Int32
    private var input: [UInt8] = []
    private var whileReceiving: (() -> Void)?

    // Safe in all of these: addresses and buffers are ours and outlive the calls.

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw TestFailure("cannot connect: \(errno)") }
        limitWaiting()
    }

    init(unixPath: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: unixPath.utf8) }
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw TestFailure("cannot connect: \(errno)") }
        limitWaiting()
    }

    deinit { close(descriptor) }

    /// A test that waits this long has failed.
    private func limitWaiting() {
        var time = timeval(tv_sec: 60, tv_usec: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    func ask(_ method: String, _ target: String, _ fields: [String] = [], body: String? = nil) throws -> Reply {
        try send(TestClient.request(method, target, fields, body: body))
        return try reply(toHead: method == "HEAD")
    }

    /// With `Host: localhost` unless the fields have another, and the body's length.
    static func request(_ method: String, _ target: String, _ fields: [String] = [], body: String? = nil) -> [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\n"
        if !fields.contains(where: { $0.lowercased().hasPrefix("host:") }) { head += "Host: localhost\r\n" }
        for field in fields { head += field + "\r\n" }
        if let body, !fields.contains(where: { $0.lowercased().hasPrefix("transfer-encoding:") }) {
            head += "Content-Length: \(body.utf8.count)\r\n"
        }
        return Array((head + "\r\n" + (body ?? "")).utf8)
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw TestFailure("cannot send: \(errno)") }
            sent += count
        }
    }

    /// Sends until nothing is taken for a second; how many bytes were.
    func sendWhileTaken(_ bytes: [UInt8]) -> Int {
        var sent = 0
        while sent < bytes.count {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard unsafe poll(&waiting, 1, 1_000) == 1 else { return sent }
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count > 0 { sent += count }
        }
        return sent
    }

    /// The next answer, while the rest of a body is sent.
    func reply(sending rest: ArraySlice<UInt8>) throws -> Reply {
        var left = rest
        whileReceiving = { [unowned self] in
            if left.isEmpty { return }
            let count = unsafe left.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count > 0 { left = left.dropFirst(count) }
        }
        defer { whileReceiving = nil }
        return try reply()
    }

    /// The next answer; informational ones are passed over.
    func reply(toHead: Bool = false) throws -> Reply {
        while true {
            let lines = try String(decoding: take(through: Array("\r\n\r\n".utf8)), as: UTF8.self)
                .split(separator: "\r\n", omittingEmptySubsequences: true)
            let status = Int(lines[0].split(separator: " ")[1]) ?? 0
            if status < 200 { continue }
            let fields = lines.dropFirst().map { line in
                let colon = line.firstIndex(of: ":") ?? line.endIndex
                return (name: String(line[..<colon]), value: String(line[colon...].dropFirst().drop { $0 == " " }))
            }
            var reply = Reply(status: status, fields: fields, body: [])
            if toHead || status == 204 || status == 304 { return reply }
            if reply.field("Transfer-Encoding") == "chunked" {
                try takeChunks(into: &reply)
            } else {
                reply.body = try take(Int(reply.field("Content-Length") ?? "") ?? 0)
            }
            return reply
        }
    }

    private func takeChunks(into reply: inout Reply) throws {
        while true {
            guard let line = try? take(through: Array("\r\n".utf8)),
                let count = Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16)
            else {
                reply.isComplete = false
                return
            }
            reply.body += try take(count)
            _ = try take(2)
            if count == 0 { return }
        }
    }

    /// Reads until some text has come, and leaves it to be read.
    func waitForInput(containing text: String) throws {
        while !String(decoding: input, as: UTF8.self).contains(text) { try receive() }
    }

    private func take(through end: [UInt8]) throws -> [UInt8] {
        var from = 0
        while true {
            if input.count >= end.count {
                for start in from...(input.count - end.count) where input[start..<start + end.count].elementsEqual(end) {
                    return try take(start + end.count)
                }
                from = input.count - end.count + 1
            }
            try receive()
        }
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while input.count < count { try receive() }
        defer { input.removeFirst(count) }
        return Array(input[..<count])
    }

    private func receive() throws {
        whileReceiving?()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { throw TestFailure("the connection ended, or nothing came: \(errno)") }
        input += buffer[..<count]
    }
}

/// JSON as a value to compare with.
indirect enum Value: Equatable, ExpressibleByStringLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral
{
    case null, bool(Bool), number(Double), string(String), array([Value])
    case object([String: Value], order: [String])

    init(stringLiteral value: String) { self = .string(value) }
    init(floatLiteral value: Double) { self = .number(value) }
    init(integerLiteral value: Int) { self = .number(Double(value)) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(nilLiteral: ()) { self = .null }
    init(arrayLiteral elements: Value...) { self = .array(elements) }

    init(_ bytes: [UInt8]) throws { self = try JSONParser().parse(bytes) { Value($0) } }

    private init(_ value: JSONValue) {
        switch value.kind {
        case .null: self = .null
        case .bool: self = .bool(value.bool == true)
        case .number: self = .number(value.double ?? .nan)
        case .string: self = .string(value.string ?? "")
        case .array:
            var elements: [Value] = []
            value.forEachElement { elements.append(Value($0)) }
            self = .array(elements)
        case .object:
            var members: [String: Value] = [:]
            var order: [String] = []
            // Safe: names are copied.
            unsafe value.forEachMember { name, value in
                let name = unsafe String(decoding: name, as: UTF8.self)
                members[name] = Value(value)
                order.append(name)
            }
            self = .object(members, order: order)
        }
    }

    /// A member; null when absent.
    subscript(_ name: String) -> Value { if case .object(let members, _) = self { members[name] ?? .null } else { .null } }
    subscript(_ index: Int) -> Value { if case .array(let all) = self, index < all.count { all[index] } else { .null } }

    var elements: [Value] { if case .array(let all) = self { all } else { [] } }
    var names: [String] { if case .object(_, let order) = self { order } else { [] } }
    var string: String? { if case .string(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }

    var faults: [String] {
        self["errors"].elements.map { error in
            let place = error["pointer"].string ?? error["parameter"].string ?? error["header"].string ?? "?"
            return "\(place): \(error["detail"].string ?? "?")"
        }
    }
}
