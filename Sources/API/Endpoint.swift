import HTTPWire

/// The endpoints, as templates. Logs and metrics name these and nothing of the path itself.
enum Endpoint: Int, Sendable, CaseIterable {
    case health, readiness, version, openAPI, metrics
    case decisions, decision
    case policies, policy, policyVersions, policyVersion, policyUsage
    case thresholds, threshold, pairThreshold
    case audit
    case index, problems, problem
    /// No endpoint: what unknown paths are counted under.
    case none

    var template: StaticString {
        switch self {
        case .health: "/healthz"
        case .readiness: "/readyz"
        case .version: "/version"
        case .openAPI: "/openapi.json"
        case .metrics: "/metrics"
        case .decisions: "/v1/decisions"
        case .decision: "/v1/decisions/{id}"
        case .policies: "/v1/policies"
        case .policy: "/v1/policies/{documentType}"
        case .policyVersions: "/v1/policies/{documentType}/versions"
        case .policyVersion: "/v1/policies/{documentType}/versions/{version}"
        case .policyUsage: "/v1/policies/{documentType}/usage"
        case .thresholds: "/v1/thresholds/{documentType}"
        case .threshold: "/v1/thresholds/{documentType}/{field}"
        case .pairThreshold: "/v1/thresholds/{documentType}/{procedure}/{diagnosis}"
        case .audit: "/v1/audit"
        case .index: "/"
        case .problems: "/problems"
        case .problem: "/problems/{problem}"
        case .none: "none"
        }
    }

    /// For the field `Allow` (RFC 9110 §10.2.1).
    var allowed: StaticString {
        switch self {
        case .health, .readiness, .version, .openAPI, .metrics, .decision, .policies, .policyVersions, .policyVersion, .policyUsage, .audit,
            .index, .problems, .problem:
            "GET, HEAD, OPTIONS"
        case .decisions: "GET, HEAD, OPTIONS, POST"
        case .thresholds: "GET, HEAD, OPTIONS, PUT"
        case .policy, .threshold, .pairThreshold: "DELETE, GET, HEAD, OPTIONS, PUT"
        case .none: "DELETE, GET, HEAD, OPTIONS, POST, PUT"
        }
    }

    func allows(_ method: Method) -> Bool {
        switch method {
        case .get, .head, .options: true
        case .post: self == .decisions
        case .put: self == .policy || self == .thresholds || self == .threshold || self == .pairThreshold
        case .delete: self == .policy || self == .threshold || self == .pairThreshold
        case .patch, .connect, .trace: false
        }
    }

    /// The roles of which one is enough; nil where no one is asked.
    func roles(for method: Method) -> Roles? {
        switch self {
        case .health, .readiness, .version, .openAPI, .index, .problems, .problem, .none: nil
        case .metrics: .viewer
        case .decisions: method == .post ? .engine : [.engine, .viewer]
        case .decision: [.engine, .viewer]
        case .policies, .policyVersions, .policyVersion, .policyUsage: .viewer
        case .policy: method == .put || method == .delete ? .admin : .viewer
        case .thresholds, .threshold, .pairThreshold: method == .put || method == .delete ? .admin : [.engine, .reviewer, .viewer]
        case .audit: .viewer
        }
    }
}

/// Where a path leads, and what it says in the template's places, decoded.
struct Destination: Sendable {
    var endpoint: Endpoint
    var parameters: [String] = []

    /// Nil for a path that leads nowhere. Throws for one that can't be decoded, leads above the root, or names what nothing is named.
    static func find(_ path: ArraySlice<UInt8>) throws(Problem) -> Destination? {
        if ASCII.isSame(path, "/v1/decisions") { return Destination(endpoint: .decisions) }
        guard path.first == UInt8(ascii: "/") else { return nil }
        var segments: [String] = []
        for segment in path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let text = PercentCoding.decode(segment) else {
                throw Problem(.invalidRequest, "The path is not percent-encoded UTF-8.")
            }
            if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
                throw Problem(.invalidRequest, "The path holds a control character.")
            }
            segments.append(text)
        }
        segments = try withoutDots(segments)
        if segments.count == 1 { return top(segments[0]) }
        if segments.count == 2, segments[0] == "problems", segments[1] != "" {
            return Destination(endpoint: .problem, parameters: [segments[1]])
        }
        guard segments[0] == "v1", !segments.contains("") else { return nil }
        let rest = Array(segments.dropFirst(2))
        switch (segments[1], rest.count) {
        case ("decisions", 0): return Destination(endpoint: .decisions)
        case ("decisions", 1): return Destination(endpoint: .decision, parameters: rest)
        case ("policies", 0): return Destination(endpoint: .policies)
        case ("policies", 1): return Destination(endpoint: .policy, parameters: rest)
        case ("policies", 2) where rest[1] == "versions": return Destination(endpoint: .policyVersions, parameters: [rest[0]])
        case ("policies", 2) where rest[1] == "usage": return Destination(endpoint: .policyUsage, parameters: [rest[0]])
        case ("policies", 3) where rest[1] == "versions":
            return Destination(endpoint: .policyVersion, parameters: [rest[0], rest[2]])
        case ("thresholds", 1): return Destination(endpoint: .thresholds, parameters: rest)
        case ("thresholds", 2): return Destination(endpoint: .threshold, parameters: rest)
        case ("thresholds", 3): return Destination(endpoint: .pairThreshold, parameters: rest)
        case ("audit", 0): return Destination(endpoint: .audit)
        default: return nil
        }
    }

    /// Dot segments removed, encoded ones too: the paths are equivalent (RFC 3986 §5.2.4, §6.2.2). Above the root there is nothing.
    private static func withoutDots(_ segments: [String]) throws(Problem) -> [String] {
        guard segments.contains(where: { $0 == "." || $0 == ".." }) else { return segments }
        var kept: [String] = []
        for (index, segment) in segments.enumerated() {
            if segment == "..", kept.popLast() == nil { throw Problem(.invalidRequest, "The path leads above the root.") }
            if segment != ".", segment != ".." {
                kept.append(segment)
            } else if index == segments.count - 1 {
                kept.append("")
            }
        }
        return kept
    }

    private static func top(_ segment: String) -> Destination? {
        switch segment {
        case "": Destination(endpoint: .index)
        case "problems": Destination(endpoint: .problems)
        case "healthz": Destination(endpoint: .health)
        case "readyz": Destination(endpoint: .readiness)
        case "version": Destination(endpoint: .version)
        case "openapi.json": Destination(endpoint: .openAPI)
        case "metrics": Destination(endpoint: .metrics)
        default: nil
        }
    }
}

/// Percent-encoding (RFC 3986 §2.1).
enum PercentCoding {
    /// Nil for a `%` without two digits behind it, or bytes that are not UTF-8.
    static func decode(_ text: ArraySlice<UInt8>, plusIsSpace: Bool = false) -> String? {
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: "%") {
                guard text.endIndex - index >= 2, let high = Hexadecimal.value(text[index]),
                    let low = Hexadecimal.value(text[index + 1])
                else { return nil }
                out.append(high << 4 | low)
                index += 2
            } else {
                out.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(validating: out, as: UTF8.self)
    }

    /// All but the unreserved characters (RFC 3986 §2.3) is encoded.
    static func encode(_ text: String) -> String {
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                out.append(byte)
            default:
                out.append(UInt8(ascii: "%"))
                Hexadecimal.append(byte, to: &out)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
