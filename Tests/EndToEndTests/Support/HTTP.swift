import Foundation

/// A request as the test wants it, right or wrong.
struct Request {
    var method = "GET"
    var target: String
    var fields: [(String, String)] = []
    var body: [UInt8]?
    var host: String? = "127.0.0.1"

    static func get(_ target: String, token: String? = nil) -> Request {
        Request(target: target, fields: authorization(token))
    }

    static func post(_ body: [UInt8], type: String? = "application/json", key: String? = nil, token: String? = nil) -> Request {
        var fields = authorization(token)
        if let type { fields.append(("Content-Type", type)) }
        if let key { fields.append(("Idempotency-Key", key)) }
        return Request(method: "POST", target: "/v1/decisions", fields: fields, body: body)
    }

    static func put(_ target: String, _ body: String, token: String, _ condition: (String, String)) -> Request {
        Request(
            method: "PUT", target: target, fields: authorization(token) + [("Content-Type", "application/json"), condition],
            body: Array(body.utf8))
    }

    private static func authorization(_ token: String?) -> [(String, String)] { token.map { [("Authorization", "Bearer \($0)")] } ?? [] }

    var bytes: [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\n"
        if let host { head += "Host: \(host)\r\n" }
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + (body ?? [])
    }
}

struct Answer {
    var status: Int
    /// Names in lower case.
    var fields: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var decision: DecisionBody { get throws { try JSONDecoder().decode(DecisionBody.self, from: Data(body)) } }
    var problem: ProblemBody { get throws { try JSONDecoder().decode(ProblemBody.self, from: Data(body)) } }
    func decoded<T: Decodable>(_ type: T.Type) throws -> T { try JSONDecoder().decode(type, from: Data(body)) }
}

struct DecisionBody: Decodable {
    struct Item: Decodable {
        var field: String?
        var accepted: Bool
        var threshold: Double?
        var reasons: [Reason]
    }
    struct Reason: Decodable, Equatable {
        var code: String
        var field: String?
    }
    var id: String
    var documentId: String
    var documentType: String
    var route: String
    var policy: String?
    var policyVersion: Int?
    var reasons: [Reason]
    var items: [Item]
}

struct ProblemBody: Decodable {
    struct Fault: Decodable {
        var pointer: String?
        var parameter: String?
        var header: String?
        var detail: String
    }
    var type: String
    var title: String
    var status: Int
    var detail: String?
    var line: Int?
    var errors: [Fault]?
}

extension Connection {
    /// Sends a request and reads its answer.
    func ask(_ request: Request) throws -> Answer {
        try send(request.bytes)
        return try answer()
    }

    /// Reads one answer, whichever way its length is given.
    func answer() throws -> Answer {
        let (status, fields) = try head()
        let body: [UInt8]
        if fields["transfer-encoding"]?.lowercased() == "chunked" {
            var pieces: [UInt8] = []
            while let piece = try chunk() { pieces += piece }
            body = pieces
        } else if let length = fields["content-length"].flatMap({ Int($0) }) {
            body = try bytes(length)
        } else {
            body = status == 204 || status == 304 ? [] : try rest()
        }
        return Answer(status: status, fields: fields, body: body)
    }

    /// The status and the fields of an answer.
    func head() throws -> (status: Int, fields: [String: String]) {
        guard let line = try line() else { throw HTTPFailure.ended }
        let start = String(decoding: line, as: UTF8.self)
        let words = start.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else { throw HTTPFailure.malformed(start) }
        var fields: [String: String] = [:]
        while let line = try self.line(), !line.isEmpty {
            let text = String(decoding: line, as: UTF8.self)
            guard let colon = text.firstIndex(of: ":") else { throw HTTPFailure.malformed(text) }
            fields[text[..<colon].lowercased()] = text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        return (status, fields)
    }

    /// The next chunk's bytes; nil after the last one.
    func chunk() throws -> [UInt8]? {
        guard let line = try line(), let size = Int(String(decoding: line, as: UTF8.self), radix: 16) else { throw HTTPFailure.ended }
        let piece = try bytes(size)
        _ = try self.line()
        return size == 0 ? nil : piece
    }
}
