import Foundation
import Glibc
import TestSupport
import Testing

/// A black-box case: bytes in, the statuses and the connection's state out.
struct WireCase {
    /// What becomes of the connection after the last answer.
    enum Ending { case stays, closes }

    let name: String
    /// Each character is one byte.
    let input: String
    let statuses: [Int]
    let ending: Ending
    /// The client ends its sending half behind the input.
    var endsInput = false
    /// What the last answer must have.
    var fields: [(name: String, value: String)] = []

    /// All statuses in order, 1xx too; the connection can be used on.
    static func stays(_ name: String, _ input: String, _ statuses: Int..., fields: [(String, String)] = []) -> WireCase {
        WireCase(name: name, input: input, statuses: statuses, ending: .stays, fields: fields.map { (name: $0.0, value: $0.1) })
    }

    /// The server ends the connection behind the last status, and says so.
    static func closes(_ name: String, _ input: String, _ statuses: Int..., endsInput: Bool = false) -> WireCase {
        WireCase(name: name, input: input, statuses: statuses, ending: .closes, endsInput: endsInput)
    }

    var bytes: [UInt8] { input.unicodeScalars.map { UInt8($0.value) } }
}

/// An answer with its field lines as they came.
struct RawAnswer {
    var status: Int
    var fields: [(name: String, value: String)]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The values of a field, its name in lower case.
    func values(_ name: String) -> [String] { fields.filter { $0.name.lowercased() == name }.map(\.value) }
    /// The value of the only such field.
    func value(_ name: String) -> String? { values(name).count == 1 ? values(name)[0] : nil }

    /// What is wrong with it whatever was asked (RFC 9110, 9112).
    var faults: [String] {
        var faults: [String] = []
        func check(_ holds: Bool, _ fault: String) { if !holds { faults.append("\(status): \(fault)") } }
        let isInformational = status < 200
        check(values("date").count == (isInformational ? 0 : 1), "Date fields: \(values("date"))")
        if let date = value("date") { check(Self.isDate(date), "Date is \(date)") }
        let hasNoBody = isInformational || status == 204 || status == 304
        check(values("content-length").count + values("transfer-encoding").count == (hasNoBody ? 0 : 1), "framing fields")
        check(hasNoBody || values("content-type").count == 1, "Content-Type")
        check(values("vary").count <= 1 && values("connection").count <= 1, "a field is repeated")
        check(isInformational || values("x-request-id").count == 1, "X-Request-Id")
        guard status >= 400 else { return faults }
        check(value("content-type") == "application/problem+json", "the type of an error")
        check(value("cache-control") == "no-store", "an error may not be kept")
        if !body.isEmpty {
            let problem = try? JSONDecoder().decode(ProblemBody.self, from: Data(body))
            check(problem?.status == status, "the problem's status")
        }
        if status == 405 { check(values("allow").count == 1, "Allow") }
        if status == 401 { check(values("www-authenticate").count == 1, "WWW-Authenticate") }
        if status == 503 { check(values("retry-after").count == 1, "Retry-After") }
        return faults
    }

    /// IMF-fixdate (RFC 9110 §5.6.7).
    private static func isDate(_ text: String) -> Bool {
        text.wholeMatch(
            of: /(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT/) != nil
    }
}

extension Connection {
    /// The next answer, an informational one too; one to a HEAD request has no body.
    func raw(isHead: Bool = false) throws -> RawAnswer {
        guard let line = try line() else { throw HTTPFailure.ended }
        let start = String(decoding: line, as: UTF8.self)
        guard let match = start.wholeMatch(of: /HTTP\/1\.1 (\d\d\d) .*/), let status = Int(match.1) else {
            throw HTTPFailure.malformed(start)
        }
        var answer = RawAnswer(status: status, fields: [], body: [])
        while let line = try self.line(), !line.isEmpty {
            let text = String(decoding: line, as: UTF8.self)
            guard let match = text.wholeMatch(of: /([!-9;-~]+): (.*)/) else { throw HTTPFailure.malformed(text) }
            answer.fields.append((String(match.1), String(match.2)))
        }
        if isHead || status < 200 || status == 204 || status == 304 { return answer }
        if answer.value("transfer-encoding") == "chunked" {
            while let piece = try chunk() { answer.body += piece }
        } else if let length = answer.value("content-length").flatMap({ Int($0) }) {
            answer.body = try bytes(length)
        } else {
            answer.body = try rest()
        }
        return answer
    }

    /// One request, raw, and its answer.
    func raw(_ text: String) throws -> RawAnswer {
        try send(text.unicodeScalars.map { UInt8($0.value) })
        return try raw(isHead: text.hasPrefix("HEAD "))
    }
}

/// Runs cases against one server, each on a connection of its own.
struct WireRunner {
    let directory: TemporaryDirectory
    let server: RunningServer

    init(_ flags: String...) throws {
        directory = try TemporaryDirectory()
        server = try RunningServer(database: directory + "a.sqlite", flags: flags)
    }

    func token(_ role: String) throws -> String { try PolicyTests.token(server.database, role: role, name: role) }

    func run(_ cases: [WireCase]) throws {
        for row in cases {
            do {
                try run(row)
            } catch {
                Issue.record("\(row.name): \(error)")
            }
        }
        #expect(try server.ask(.get("/healthz")).status == 200)
    }

    /// Where the bytes of each case are also written, as seeds for the fuzzers (scripts/fuzz-seeds.py asks for it).
    private static let seeds = ProcessInfo.processInfo.environment["SLUICE_WIRE_SEEDS"]

    private func run(_ row: WireCase) throws {
        if let seeds = Self.seeds { try Data(row.bytes).write(to: URL(filePath: seeds).appending(path: UUID().uuidString)) }
        let connection = try server.connect()
        try connection.send(row.bytes)
        if row.endsInput { connection.endOutput() }
        var last: RawAnswer?
        for (index, status) in row.statuses.enumerated() {
            let answer = try connection.raw(isHead: index == 0 && row.input.hasPrefix("HEAD "))
            #expect(answer.status == status, "\(row.name): answer \(index + 1): \(answer.text.prefix(200))")
            #expect(answer.faults == [], "\(row.name)")
            last = answer
        }
        for field in row.fields {
            #expect(last?.value(field.name) == field.value, "\(row.name): \(field.name): \(last?.values(field.name) ?? [])")
        }
        switch row.ending {
        case .stays:
            #expect(last?.values("connection").contains("close") != true, "\(row.name)")
            #expect(try connection.ask(.get("/healthz")).status == 200, "\(row.name): the next request")
        case .closes:
            // A client that ended its half has said so itself.
            if !row.endsInput { #expect(last?.value("connection") == "close", "\(row.name)") }
            #expect(try connection.rest() == [], "\(row.name): behind the last answer")
        }
    }
}

/// Parts of raw requests.
enum Raw {
    static let host = "Host: localhost\r\n"
    static let json = "Content-Type: application/json\r\n"

    /// A GET of the health endpoint with further field lines, each ended by CRLF.
    static func get(_ fields: String = "") -> String { "GET /healthz HTTP/1.1\r\n\(host)\(fields)\r\n" }

    static func target(_ target: String) -> String { "GET \(target) HTTP/1.1\r\n\(host)\r\n" }

    static let result = #"{"documentType":"t","documentId":"d","fields":[{"name":"a","confidence":0.5}]}"#

    /// A result posted, with further field lines before its length.
    static func post(_ fields: String = "", body: String = result) -> String {
        "POST /v1/decisions HTTP/1.1\r\n\(host)\(json)\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// The head of a POST with these field lines, and what follows it.
    static func post(fields: String, _ rest: String) -> String { "POST /v1/decisions HTTP/1.1\r\n\(host)\(json)\(fields)\r\n\(rest)" }

    /// A chunked POST of a coded body.
    static func chunked(_ body: String, fields: String = "") -> String {
        post(fields: "\(fields)Transfer-Encoding: chunked\r\n", body)
    }

    /// One chunk of text.
    static func chunk(_ text: String, extensions: String = "") -> String {
        "\(String(text.utf8.count, radix: 16))\(extensions)\r\n\(text)\r\n"
    }

    /// What would be answered if a body's bytes were taken for a request.
    static let smuggled = "GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n"
}
