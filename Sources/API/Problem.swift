import HTTPWire
import JSON
import Ledger
import Routing

/// An error as the client is told of it (RFC 9457): the kind says type, title and status; the rest is this request's own.
struct Problem: Error, Sendable {
    typealias Kind = ProblemType

    var kind: Kind
    var detail: String
    var faults: [Fault]
    /// `Allow`, `WWW-Authenticate` and the like.
    var fields: [Field] = []
    /// For the operator's log, never for the client.
    var note: String?

    struct Field: Sendable {
        var name: StaticString
        var value: String
    }

    init(_ kind: Kind, _ detail: String, faults: [Fault] = [], note: String? = nil) {
        self.kind = kind
        self.detail = detail
        self.faults = faults
        self.note = note
    }

    init(_ faults: Faults) {
        let count = faults.faults.count
        let isShape = faults.status == 400
        let said = count == 1 ? "One fault was found" : "\(count) faults were found"
        self.init(isShape ? .invalidRequest : .contradiction, "\(said) in the request; see errors.", faults: faults.faults)
    }

    init(_ fault: Fault) { self.init(Faults([fault])) }

    static let busy = Problem(.overloaded, "Too much is waiting already; try again in a moment.")
}

extension Problem {
    init(_ error: LedgerError) {
        switch error {
        case .versionMismatch(let current):
            let stands = current.map { "is at version \($0.number) now: If-Match: \"\($0.number)\" is wanted" } ?? "is not there now"
            self.init(.preconditionFailed, "The policy was changed meanwhile. It \(stands).")
        case .alreadyExists: self.init(.preconditionFailed, "The precondition does not hold: there is a policy already.")
        case .notFound: self.init(.notFound, "There is nothing here.")
        case .revoked: self.init(.contradiction, "The token is revoked.")
        case .full, .io, .locked, .file:
            self.init(.logUnavailable, "The store does not take writes at the moment.", note: "\(error)")
        case .notADatabase, .cannotOpen, .migration, .pendingMigrations, .corrupt:
            self.init(.internalError, "The store could not answer.", note: "\(error)")
        }
    }

    func appending(_ name: StaticString, _ value: String) -> Problem {
        var problem = self
        problem.fields.append(Field(name: name, value: value))
        return problem
    }

    var status: UInt16 { kind.status }

    /// The document; of a line of NDJSON with its number.
    func body(line: Int? = nil) -> [UInt8] {
        var json = JSONWriter(reserving: 256)
        json.beginObject()
        json.key("type")
        json.string(kind.uri)
        json.key("title")
        json.string(kind.title)
        json.key("status")
        json.int(Int64(status))
        json.key("detail")
        json.string(detail)
        if let line {
            json.key("line")
            json.int(Int64(line))
        }
        if !faults.isEmpty {
            json.key("errors")
            json.beginArray()
            for fault in faults { json.fault(fault) }
            json.endArray()
        }
        json.endObject()
        return json.bytes
    }

    func response() -> Response {
        var response = Response(status: status, body: body())
        response.addField("Content-Type", "application/problem+json")
        response.addCaching(.never)
        for field in fields { response.addField(field.name, field.value) }
        switch kind {
        case .overloaded, .logUnavailable, .notReady: response.addField("Retry-After", "1")
        default: break
        }
        return response
    }
}

extension JSONWriter {
    fileprivate mutating func fault(_ fault: Fault) {
        beginObject()
        switch fault.place {
        case .pointer(let text):
            key("pointer")
            string(text)
        case .parameter(let name):
            key("parameter")
            string(name)
        case .header(let name):
            key("header")
            string(name)
        }
        key("detail")
        string(fault.detail)
        endObject()
    }
}
