import HTTPWire
import JSON
import Ledger

/// `GET /healthz`, `/readyz` and `/version`: quick enough for a loop, and asked for when little else works.
extension Application {
    func health() -> Response { .json(Application.object("status", "ok")) }

    func readiness() -> Response {
        if isDraining { return Problem(.notReady, "draining").response() }
        if let failure = ledger.health.writeFailure {
            return Problem(.notReady, "The log takes no writes: \(failure.reasonForAll).").response()
        }
        if let failure = ledger.health.readFailure {
            return Problem(.notReady, "The log cannot be read: \(failure.reasonForAll).").response()
        }
        return .json(Application.object("status", "ready"))
    }

    func versionAnswer() -> Response {
        var json = JSONWriter(reserving: 64)
        json.beginObject()
        json.key("name")
        json.string("sluice")
        json.key("version")
        json.string(settings.version)
        json.endObject()
        return .json(json.bytes)
    }

    private static func object(_ name: StaticString, _ value: StaticString) -> [UInt8] {
        var json = JSONWriter(reserving: 32)
        json.beginObject()
        json.key(name)
        json.string(value)
        json.endObject()
        return json.bytes
    }
}

extension LedgerError {
    /// What may be told to anyone: no paths.
    fileprivate var reasonForAll: String {
        switch self {
        case .full: "the disk is full"
        case .io(let code, _): "input/output error \(code)"
        case .locked: "the database is locked"
        case .corrupt: "the database is damaged; stop the server, and restore a backup (sluice restore)"
        case .file(_, let fault):
            "the database \(fault.problem). \(fault.remedy.hasSuffix(".") ? String(fault.remedy.dropLast()) : fault.remedy)"
        default: "the database does not answer"
        }
    }
}
