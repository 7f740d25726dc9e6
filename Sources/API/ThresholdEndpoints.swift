import HTTPWire
import JSON
import Ledger
import Routing

/// `GET /v1/thresholds/{documentType}`, `…/{field}` and `…/{procedure}/{diagnosis}`: the thresholds in force.
extension Application {
    func listThresholds(_ request: ColdRequest) throws(Problem) -> Response {
        var query = request.query(["population", "payer", "serviceDate", "limit", "cursor"])
        var view = ThresholdView(&query, today: now().date)
        let limit = query.limit()
        var list = ListIdentity(.thresholds)
        list.add("documentType", request.parameter(0))
        view.identify(&list)
        if query.has("serviceDate") { list.add("serviceDate", view.date.iso8601) }
        let cursor = query.cursor(of: list, ThresholdPlace.init)
        try query.check()
        // A later page is of the policy, the version and the day that the first was of.
        if let cursor { view.date = cursor.date }
        let compiled = try policyInForce(request.parameter(0), at: cursor)
        let row = cursor?.row ?? 0
        let rows = compiled.distinctPatterns.dropFirst(row).prefix(limit)
        let end = row + rows.count
        let next =
            end < compiled.distinctPatterns.count
            ? ThresholdPlace(policy: compiled, date: view.date, row: end).cursor.text(of: list) : nil
        let tag = view.tag(compiled, row: row, limit: limit)
        var response = try Response.conditional(request.head, .revalidated(tag: tag), isNegotiated: true) { () throws(Problem) in
            view.page(rows, of: compiled, next: next)
        }
        response.addLink(toNext: next, request, query)
        return response
    }

    func showThreshold(_ request: ColdRequest) throws(Problem) -> Response {
        var query = request.query(["population", "payer", "serviceDate"])
        let view = ThresholdView(&query, today: now().date)
        var faults = query.faults
        let pattern = Application.itemPattern(request, &faults)
        guard faults.isEmpty, let pattern else { throw Problem(faults) }
        let compiled = try policyInForce(request.parameter(0))
        let tag = view.tag(compiled, pattern)
        return try .conditional(request.head, .revalidated(tag: tag)) { () throws(Problem) in view.one(pattern, of: compiled).bytes }
    }

    /// The policy that decides documents of a type: its own, else that of `*`.
    /// - Parameter place: of a later page, which is of the version that the first page was of.
    private func policyInForce(_ documentType: String, at place: ThresholdPlace? = nil) throws(Problem) -> CompiledPolicy {
        guard let name = Name(documentType), DocumentType.isValid(documentType.utf8),
            let other = Name(DocumentType.anyOther),
            let compiled = snapshot.policies.policy(of: name) ?? snapshot.policies.policy(of: other)
        else { throw Problem(.notFound, "There is no policy of this document type.") }
        guard let place, !place.isOf(compiled) else { return compiled }
        let reference = PolicyReference(documentType: place.isGeneral ? other : name, version: place.version)
        let found = try asking { () throws(LedgerError) in
            try ledger.policy(reference.documentType.string, version: reference.version) == nil ? nil : archive.policy(reference)
        }
        guard let found else { throw Problem(Fault(.parameter("cursor"), "is not a cursor of this list")) }
        return found.compiled
    }

    /// The pattern that a path names; nil with a fault.
    static func itemPattern(_ request: ColdRequest, _ faults: inout Faults) -> Policy.ItemPattern? {
        guard request.scope.endpoint == .pairThreshold else {
            return pattern("field", request.parameter(1), &faults).map { .field($0) }
        }
        let procedure = pattern("procedure", request.parameter(1), &faults)
        let diagnosis = pattern("diagnosis", request.parameter(2), &faults)
        guard let procedure, let diagnosis else { return nil }
        return .pair(procedure: procedure, diagnosis: diagnosis)
    }

    /// A name, or a prefix with a `*` at its end; nil with a fault.
    private static func pattern(_ parameter: String, _ text: String, _ faults: inout Faults) -> Pattern? {
        let pattern = Pattern(text)
        if Name(text) == nil {
            faults.add(Fault(.parameter(parameter), NameCheck.detail))
        } else if pattern == nil {
            faults.add(Fault(.parameter(parameter), "may have one *, at its end", status: 422))
        }
        return pattern
    }
}

/// In which scopes and on which date thresholds are asked for.
struct ThresholdView {
    let population: Name?
    let payer: Name?
    var date: CivilDate

    init(population: Name?, payer: Name?, date: CivilDate) {
        self.population = population
        self.payer = payer
        self.date = date
    }

    init(_ query: inout Query, today: CivilDate) {
        population = query.name("population")
        payer = query.name("payer")
        date = query.date("serviceDate") ?? today
    }

    func identify(_ list: inout ListIdentity) {
        list.add("population", population?.string)
        list.add("payer", payer?.string)
    }

    /// The tag of a page of the list.
    func tag(_ policy: CompiledPolicy, row: Int = 0, limit: Int = Query.limitDefault) -> String { tag(policy, "\(row)", "\(limit)") }

    /// The tag of one item's threshold.
    func tag(_ policy: CompiledPolicy, _ item: Policy.ItemPattern) -> String {
        switch item {
        case .any: tag(policy, "any")
        case .field(let field): tag(policy, "field", field.text)
        case .pair(let procedure, let diagnosis): tag(policy, "pair", procedure?.text ?? "*", diagnosis?.text ?? "*")
        }
    }

    /// Of the version, the query and the date; never equal to a policy's own.
    private func tag(_ policy: CompiledPolicy, _ parts: String...) -> String {
        var identity = ListIdentity(.thresholds)
        identify(&identity)
        identity.add("policy", policy.policy.documentType.string)
        identity.add("version", "\(policy.version.number)")
        identity.add("date", date.iso8601)
        for part in parts { identity.add("part", part) }
        return "t-" + String(decoding: Hexadecimal.text(identity.digest), as: UTF8.self)
    }

    func page(_ patterns: some Collection<Policy.ItemPattern>, of policy: CompiledPolicy, next: String?) -> [UInt8] {
        var json = JSONWriter(reserving: 256 + 160 * patterns.count)
        json.beginObject()
        head(policy, &json)
        json.key("threshold")
        json.threshold(policy.policy.threshold)
        for (name, wantsFields) in [("fields" as StaticString, true), ("pairs", false)] {
            json.key(name)
            json.beginArray()
            for pattern in patterns {
                let isField = if case .field = pattern { true } else { false }
                if isField == wantsFields {
                    json.beginObject()
                    row(pattern, of: policy, &json)
                    json.endObject()
                }
            }
            json.endArray()
        }
        json.key("next")
        json.optional(next)
        json.endObject()
        return json.bytes
    }

    /// One item's row, and behind it what `more` writes.
    func one(_ pattern: Policy.ItemPattern, of policy: CompiledPolicy, more: (inout JSONWriter) -> Void = { _ in }) -> JSONWriter {
        var json = JSONWriter(reserving: 256)
        json.beginObject()
        head(policy, &json)
        row(pattern, of: policy, &json)
        more(&json)
        json.endObject()
        return json
    }

    private func head(_ policy: CompiledPolicy, _ json: inout JSONWriter) {
        json.key("documentType")
        json.string(policy.policy.documentType.string)
        json.key("version")
        json.int(policy.version.number)
    }

    private func row(_ pattern: Policy.ItemPattern, of policy: CompiledPolicy, _ json: inout JSONWriter) {
        switch pattern {
        case .any: break
        case .field(let field):
            json.key("field")
            json.string(field.text)
        case .pair(let procedure, let diagnosis):
            json.key("procedure")
            json.optional(procedure?.text)
            json.key("diagnosis")
            json.optional(diagnosis?.text)
        }
        let applied = policy.threshold(for: pattern, population: population, payer: payer, date: date)
        json.key("threshold")
        json.threshold(applied.threshold)
        json.key("thresholdSource")
        switch applied.source {
        case .default: json.string("default")
        case .rule: json.string("rule")
        case .floor: json.string("floor")
        }
        json.key("rule")
        switch applied.source {
        case .default: json.null()
        case .rule: json.raw(PolicyWriter.rule(policy.policy.rules[Int(applied.ruleIndex)]))
        case .floor: json.raw(PolicyWriter.rule(policy.policy.floors[Int(applied.ruleIndex)]))
        }
        if applied.isUnlisted {
            json.key("unlisted")
            json.bool(true)
        }
    }
}

/// A row of a policy version's thresholds on a day.
private struct ThresholdPlace {
    /// Whether it is the policy of `*`.
    let isGeneral: Bool
    let version: PolicyVersion
    let date: CivilDate
    let row: Int

    init(policy: CompiledPolicy, date: CivilDate, row: Int) {
        isGeneral = ThresholdPlace.isGeneral(policy)
        version = policy.version
        self.date = date
        self.row = row
    }

    init?(_ cursor: Cursor) {
        let numbers = stride(from: 0, to: cursor.place.count, by: 8).compactMap { Cursor(Array(cursor.place[$0...].prefix(8))).sequence }
        guard cursor.place.count == 32, numbers.count == 4, let days = Int32(exactly: numbers[2]), numbers[3] >= 0 else { return nil }
        date = CivilDate(days: days)
        guard CivilDate.min <= date, date <= CivilDate.max else { return nil }
        isGeneral = numbers[0] == 1
        version = PolicyVersion(numbers[1])
        row = Int(numbers[3])
    }

    var cursor: Cursor {
        Cursor([isGeneral ? 1 : 0, version.number, Int64(date.days), Int64(row)].flatMap { Cursor($0).place })
    }

    func isOf(_ policy: CompiledPolicy) -> Bool { isGeneral == ThresholdPlace.isGeneral(policy) && version == policy.version }

    private static func isGeneral(_ policy: CompiledPolicy) -> Bool {
        policy.policy.documentType.string.utf8.elementsEqual(DocumentType.anyOther.utf8)
    }
}
