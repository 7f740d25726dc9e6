import HTTPServer
import HTTPWire
import Ledger
import Routing

/// What is known of a request before its body: where it leads, who asks, under which id. An object, for it goes along with the request's
/// decision and its answer: as a value each step would count the references of all its members.
///
/// Sendable by proof: it is filled while the request is judged, and never changes afterwards.
final class RequestScope: @unchecked Sendable {
    private(set) var endpoint = Endpoint.none
    /// Nil for a request that no one could read.
    let method: Method?
    /// Visible ASCII: the caller's own or one of ours.
    let requestId: [UInt8]
    private(set) var caller = Caller.unknown
    /// The path's, decoded.
    private(set) var parameters: [String] = []
    private(set) var media = Media.none
    /// Of the body.
    private(set) var coding = ContentCoding.identity
    private(set) var idempotency = IdempotencyField.absent

    enum Media { case none, json, ndjson }

    init(method: Method?, requestId: [UInt8]) {
        self.method = method
        self.requestId = requestId
    }

    /// The scope of one line of a stream: `Idempotency-Key: K` acts as K and the line's number.
    func forLine(_ number: Int) -> RequestScope {
        guard case .key(let key) = idempotency else { return self }
        let scope = copy()
        scope.idempotency = .key("\(key):\(number)")
        return scope
    }

    /// The scope of a body that has been decoded.
    func decoded() -> RequestScope {
        if coding == .identity { return self }
        let scope = copy()
        scope.coding = .identity
        return scope
    }

    private func copy() -> RequestScope {
        let scope = RequestScope(method: method, requestId: requestId)
        scope.endpoint = endpoint
        scope.caller = caller
        scope.parameters = parameters
        scope.media = media
        scope.coding = coding
        scope.idempotency = idempotency
        return scope
    }
}

/// The field `Idempotency-Key`.
enum IdempotencyField {
    case absent
    /// 1…255 visible ASCII characters.
    case key(String)
    case faulty(Fault)

    init(_ fields: HeadFields, of head: RequestHead) {
        guard let range = fields.idempotencyKey else {
            self = .absent
            return
        }
        let value = head.bytes[range]
        if fields.idempotencyKeyCount > 1 {
            self = .faulty(Fault(.header("Idempotency-Key"), "occurs more than once"))
        } else if 1...255 ~= value.count, value.allSatisfy(ASCII.isVisible) {
            self = .key(String(decoding: value, as: UTF8.self))
        } else {
            self = .faulty(
                Fault(
                    .header("Idempotency-Key"),
                    "must be 1 to 255 visible ASCII characters, without spaces: for example a hash of document type and id"))
        }
    }

    var key: String? { if case .key(let key) = self { key } else { nil } }
    var fault: Fault? { if case .faulty(let fault) = self { fault } else { nil } }
}

/// A request judged by its head: the scope holds what is known even when it is refused.
struct Judged {
    var scope: RequestScope
    var problem: Problem?
}

extension RequestScope {
    /// Judges a request by its head, in this order: path, method, caller, role, media type, size.
    /// - Parameter word: for a request id, where the caller has none.
    static func judge(
        _ head: RequestHead, peer: Peer, tokens: TokenTable, authentication: Authentication, bodyBytesMax: Int, word: () -> UInt64
    ) -> Judged {
        let fields = HeadFields(head)
        let scope = RequestScope(method: head.method, requestId: requestId(fields, head, word))
        do throws(Problem) {
            try scope.fill(fields, head, peer, tokens, authentication, bodyBytesMax)
            return Judged(scope: scope, problem: nil)
        } catch {
            return Judged(scope: scope, problem: error)
        }
    }

    private func fill(
        _ fields: HeadFields, _ head: RequestHead, _ peer: Peer, _ tokens: TokenTable, _ authentication: Authentication,
        _ bodyBytesMax: Int
    ) throws(Problem) {
        let method = head.method
        if method == .options, ASCII.isSame(head.bytes[head.path], "*") { return }
        guard let destination = try Destination.find(head.bytes[head.path]) else {
            throw Problem(.notFound, "There is nothing at this path; /openapi.json lists those that there are.")
        }
        endpoint = destination.endpoint
        parameters = destination.parameters
        guard endpoint.allows(method) else {
            throw Problem(.methodNotAllowed, "This path does not take \(method.token).").appending("Allow", "\(endpoint.allowed)")
        }
        if method == .options { return }
        if let needed = endpoint.roles(for: method) {
            let caller = try authentication.caller(fields, of: head, peer: peer, tokens: tokens)
            self.caller = caller
            try Authentication.check(caller, needs: needed)
        }
        guard method == .post || method == .put else { return }
        coding = try ContentCoding.read(fields, of: head)
        media = try MediaType.read(fields, of: head, takesLines: endpoint == .decisions)
        if media == .json, let length = fields.contentLength, MediaType.isOver(bodyBytesMax, head.bytes[length]) {
            throw Problem.tooLong(bytesMax: bodyBytesMax)
        }
        // A part that would be taken for the whole (RFC 9110 §14.5).
        if method == .put, head.first("content-range") != nil {
            throw Problem(Fault(.header("Content-Range"), "is not supported: a change gives the whole"))
        }
        if endpoint == .decisions {
            idempotency = IdempotencyField(fields, of: head)
            if let query = head.query, !query.isEmpty { try checkQuery(head.bytes[query]) }
            // A line's answer can't say what the head got wrong.
            if media == .ndjson, let fault = idempotency.fault { throw Problem(fault) }
        }
    }

    /// Deciding takes no parameters: whoever gives one means something that would not happen.
    private func checkQuery(_ text: ArraySlice<UInt8>) throws(Problem) {
        var faults = Query(text, known: []).faults
        if faults.isEmpty { return }
        if let fault = idempotency.fault { faults.add(fault) }
        throw Problem(faults)
    }

    /// Taken if 1…128 visible ASCII characters, else made.
    private static func requestId(_ fields: HeadFields, _ head: RequestHead, _ word: () -> UInt64) -> [UInt8] {
        if let range = fields.requestId, 1...128 ~= range.count, head.bytes[range].allSatisfy(ASCII.isVisible) {
            return Array(head.bytes[range])
        }
        return requestId(word())
    }

    static func requestId(_ random: UInt64) -> [UInt8] {
        var text: [UInt8] = []
        text.append(addingCapacity: 16) { (out: inout OutputSpan<UInt8>) in
            for index in 0..<16 { out.append(Hexadecimal.digit(UInt8(truncatingIfNeeded: random >> UInt64(4 * index)) & 15)) }
        }
        return text
    }
}

/// What bodies are made of (RFC 9110 §8.3).
enum MediaType {
    /// One name of NDJSON is registered, and several are in use.
    static let linesNames: [StaticString] = ["application/x-ndjson", "application/ndjson", "application/jsonl"]
    static let accepted: StaticString = "application/json"
    static let acceptedWithLines: StaticString = "application/json, application/x-ndjson, application/ndjson, application/jsonl"

    static func read(_ fields: HeadFields, of head: RequestHead, takesLines: Bool) throws(Problem) -> RequestScope.Media {
        guard let range = fields.contentType, fields.contentTypeCount == 1 else {
            throw refusal(fields.contentTypeCount > 1 ? "There is more than one Content-Type." : "There is no Content-Type.", takesLines)
        }
        let value = head.bytes[range]
        if ASCII.isSame(value, "application/json") { return .json }
        let type = value.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        guard hasUTF8(value.dropFirst(type.count)) else { throw refusal("The body must be in UTF-8.", takesLines) }
        if ASCII.equals(type, "application/json") { return .json }
        if takesLines, linesNames.contains(where: { ASCII.equals(type, $0) }) { return .ndjson }
        // What curl says of `-d` by itself.
        let isForm = ASCII.equals(type, "application/x-www-form-urlencoded")
        throw refusal("The body is said to be \(isForm ? "a form (curl: use --json in place of -d)" : "of another type").", takesLines)
    }

    private static func refusal(_ fault: String, _ takesLines: Bool) -> Problem {
        let remedy =
            takesLines
            ? "One result goes as application/json; many, one a line, as application/x-ndjson (or application/ndjson, application/jsonl)."
            : "It goes as application/json."
        return Problem(.unsupportedMediaType, "\(fault) \(remedy)")
            .appending(takesLines ? "Accept-Post" : "Accept", "\(takesLines ? acceptedWithLines : accepted)")
    }

    /// Parameters say nothing, but for a charset, which must be UTF-8, by whichever of its two usual names.
    private static func hasUTF8(_ parameters: ArraySlice<UInt8>) -> Bool {
        parameters.split(separator: UInt8(ascii: ";")).allSatisfy { parameter in
            let text = FieldList.trimmed(parameter)
            guard text.count >= 8, ASCII.equals(text.prefix(8), "charset=") else { return true }
            var value = text.dropFirst(8)
            if value.count >= 2, value.first == UInt8(ascii: "\""), value.last == UInt8(ascii: "\"") {
                value = value.dropFirst().dropLast()
            }
            return ASCII.equals(value, "utf-8") || ASCII.equals(value, "utf8")
        }
    }

    /// Whether a length, as the parser let it through, is over a limit: digits, and perhaps the same number again behind a comma.
    static func isOver(_ limit: Int, _ text: ArraySlice<UInt8>) -> Bool {
        var length = 0
        for digit in text.prefix(while: { 0x30...0x39 ~= $0 }) {
            length = length * 10 + Int(digit &- 0x30)
            if length > limit { return true }
        }
        return false
    }
}
