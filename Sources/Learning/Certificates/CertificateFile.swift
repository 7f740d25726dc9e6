import FoundationEssentials

/// The bytes of plans and certificates: JSON (RFC 8259), members sorted by name, two spaces of indent, one line feed at the end; doubles in
/// the shortest form that reads back to the same bits. The same value always has the same bytes, so their hash names it.
///
/// A file is read only if what it says fits together; whether it is *true* is for `Certificate.verify`.
package enum CertificateFile {
    package enum ReadError: Error, Sendable, Hashable {
        /// Not JSON, or not of this shape; the path of the odd member, and what is odd.
        case malformed(path: String, reason: String)
        /// Written by another version; its format.
        case format(Int)
        /// Parts that don't fit each other.
        case inconsistent
    }

    package static func encode(_ plan: Plan) -> [UInt8] { bytes(plan) }
    package static func encode(_ certificate: Certificate) -> [UInt8] { bytes(certificate) }

    package static func plan(_ bytes: [UInt8]) throws(ReadError) -> Plan {
        let format = try value(bytes, as: FormatAlone.self).format
        guard format == Plan.formatCurrent else { throw .format(format) }
        let plan = try value(bytes, as: Plan.self)
        try check(plan)
        return plan
    }

    package static func certificate(_ bytes: [UInt8]) throws(ReadError) -> Certificate {
        let format = try value(bytes, as: CertificateFormat.self).plan.format
        guard format == Plan.formatCurrent else { throw .format(format) }
        let certificate = try value(bytes, as: Certificate.self)
        try check(certificate.plan)
        guard certificate.outcome.rows.allSatisfy(\.isWellFormed) else { throw .inconsistent }
        return certificate
    }

    private static func check(_ plan: Plan) throws(ReadError) {
        let requests = plan.request.targets
        let targetsFit =
            !requests.isEmpty && requests.count == plan.targets.count
            && requests.allSatisfy { $0.accuracy > 0 && $0.accuracy < 1 && $0.codesMax ?? 1 >= 1 }
            && plan.targets.allSatisfy { $0.codesMax >= 1 && $0.errorRate > 0 && $0.errorRate < 1 }
        let risk = plan.request.risk
        let riskFits = Risk(delta: risk.delta, scope: risk.scope) == risk
        let bets = plan.targets.contains(where: \.test.isBetting)
        guard targetsFit, riskFits, plan.level > 0, plan.level < 1, plan.request.gridStep >= 0.001, plan.request.gridStep <= 0.5,
            plan.sequence.isWellFormed(targetCount: plan.targets.count), !bets || plan.sequence.start == nil || plan.sequence.stake != nil
        else { throw .inconsistent }
    }

    /// Read first: what another version wrote has another shape.
    private struct FormatAlone: Decodable { var format: Int }
    private struct CertificateFormat: Decodable { var plan: FormatAlone }

    private static func bytes(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")]
        } catch {
            preconditionFailure("plans and certificates hold finite numbers only: \(error)")
        }
    }

    private static func value<Value: Decodable>(_ bytes: [UInt8], as type: Value.Type) throws(ReadError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw .malformed(path: path(error), reason: reason(error))
        } catch {
            throw .malformed(path: "", reason: "\(error)")
        }
    }

    private static func path(_ error: DecodingError) -> String {
        context(error).codingPath.map { $0.intValue.map { "/\($0)" } ?? "/\($0.stringValue)" }.joined()
    }

    private static func reason(_ error: DecodingError) -> String {
        if case .keyNotFound(let key, _) = error { return "has no \(key.stringValue)" }
        return context(error).debugDescription
    }

    private static func context(_ error: DecodingError) -> DecodingError.Context {
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context), .dataCorrupted(let context):
            context
        @unknown default: DecodingError.Context(codingPath: [], debugDescription: "not of this shape")
        }
    }
}
