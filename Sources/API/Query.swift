import Routing

/// The parameters of a query, each known, once, and decoded. Faults are gathered; `check` throws them.
struct Query {
    private var values: [String: String] = [:]
    private(set) var faults = Faults([])

    /// - Parameters:
    ///   - text: what stands behind the `?`, nil for nothing; `+` is a space, as forms write it.
    ///   - known: the parameters this endpoint takes.
    init(_ text: ArraySlice<UInt8>?, known: [String]) {
        for part in text?.split(separator: UInt8(ascii: "&")) ?? [] {
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            guard let name = PercentCoding.decode(part[..<equals], plusIsSpace: true) else {
                faults.add(Fault(.parameter(""), "has a name that is not percent-encoded UTF-8"))
                continue
            }
            guard known.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
                faults.add(Fault(.parameter(Echo.text(Array(name.utf8))), "is not a parameter of this endpoint"))
                continue
            }
            guard let value = PercentCoding.decode(part[equals...].dropFirst(), plusIsSpace: true) else {
                faults.add(Fault(.parameter(name), "is not percent-encoded UTF-8"))
                continue
            }
            if values.updateValue(value, forKey: name) != nil { faults.add(Fault(.parameter(name), "occurs twice")) }
        }
    }

    /// The query again, encoded, in alphabetical order, with another cursor.
    func text(cursor: String) -> String {
        var values = values
        values["cursor"] = cursor
        return values.sorted { $0.key < $1.key }.map { "\($0.key)=\(PercentCoding.encode($0.value))" }.joined(separator: "&")
    }

    func has(_ name: String) -> Bool { values[name] != nil }

    func check() throws(Problem) {
        if !faults.isEmpty { throw Problem(faults) }
    }

    mutating func name(_ parameter: String) -> Name? {
        read(parameter, NameCheck.detail) { Name($0) }
    }

    mutating func documentType(_ parameter: String) -> String? {
        read(parameter, NameCheck.documentTypeDetail) { DocumentType.isValid($0.utf8) ? $0 : nil }
    }

    mutating func bool(_ parameter: String) -> Bool? {
        read(parameter, "must be true or false") { $0 == "true" ? true : $0 == "false" ? false : nil }
    }

    mutating func date(_ parameter: String) -> CivilDate? {
        read(parameter, TimeCheck.dateDetail) { CivilDate(iso8601: $0.utf8) }
    }

    /// A time; of a date its first instant in UTC.
    mutating func instant(_ parameter: String) -> Instant? {
        read(parameter, TimeCheck.instantDetail) { text in
            Instant(rfc3339: text.utf8)
                ?? CivilDate(iso8601: text.utf8).map { Instant(milliseconds: Int64($0.days) * 86_400_000) }
        }
    }

    /// Why something is changed.
    mutating func reason() -> String? {
        read("reason", ChangeReason.detail) { ChangeReason.isValid($0) ? $0 : nil }
    }

    mutating func route(_ parameter: String) -> Route? {
        read(parameter, "must be confident, review or manual") { text in Route.allCases.first { $0.name == text } }
    }

    /// 1…1000, default 100.
    mutating func limit() -> Int {
        read("limit", "must be a whole number from 1 to 1000") { text in
            guard 1...4 ~= text.utf8.count, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), text.utf8.first != 0x30 else { return nil }
            return Int(text).flatMap { $0 <= 1000 ? $0 : nil }
        } ?? Query.limitDefault
    }

    static let limitDefault = 100

    /// The place that a cursor of this very list names; `place` answers nil for one that no page ends at.
    mutating func cursor<Place>(of list: ListIdentity, _ place: (Cursor) -> Place?) -> Place? {
        read("cursor", "is not a cursor of this list with these filters") { Cursor($0, of: list).flatMap(place) }
    }

    private mutating func read<Value>(_ parameter: String, _ detail: String, _ parse: (String) -> Value?) -> Value? {
        read(parameter, { _ in detail }, parse)
    }

    /// - Parameter detail: what is wrong with a text that does not parse.
    private mutating func read<Value>(_ parameter: String, _ detail: (String) -> String, _ parse: (String) -> Value?) -> Value? {
        guard let text = values[parameter] else { return nil }
        let value = parse(text)
        if value == nil { faults.add(Fault(.parameter(parameter), detail(text))) }
        return value
    }
}

/// Which list, with which filters: cursors of one are nothing to another.
struct ListIdentity {
    private var text: [UInt8]

    init(_ endpoint: Endpoint) { text = Array("\(endpoint.template)".utf8) }

    mutating func add(_ filter: StaticString, _ value: String?) {
        guard let value else { return }
        text.append(0)
        text.append(literal: filter)
        text.append(UInt8(ascii: "="))
        text.append(contentsOf: value.utf8)
    }

    var digest: [UInt8] { Array(Digest.sha256(text).prefix(8)) }
}

/// Where a page begins: 8 bytes that say of which list, and the place in it. Unreserved characters only.
struct Cursor {
    let place: [UInt8]

    init(_ place: [UInt8]) { self.place = place }
    init(_ sequence: Int64) { place = (0..<8).map { UInt8(truncatingIfNeeded: sequence >> (56 - 8 * $0)) } }

    init?(_ text: String, of list: ListIdentity) {
        guard let bytes = Base64URL.decode(text.utf8), bytes.starts(with: list.digest) else { return nil }
        place = Array(bytes.dropFirst(8))
    }

    /// Nil for a cursor whose place is not a number.
    var sequence: Int64? { place.count == 8 ? place.reduce(0) { $0 << 8 | Int64($1) } : nil }

    func text(of list: ListIdentity) -> String { String(decoding: Base64URL.encode(list.digest + place), as: UTF8.self) }
}
