import HTTPWire
import JSON
import Ledger
import Routing

/// `GET /v1/thresholds/{documentType}` and `/{field}`: the thresholds in force.
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
        let tag = view.tag(compiled, "\(row)", "\(limit)")
        var response = try Response.conditional(request.head, .revalidated(tag: tag)) { () throws(Problem) in
            view.page(rows, of: compiled, next: next)
        }
        response.addLink(toNext: next, request, query)
        return response
    }

    func showThreshold(_ request: ColdRequest) throws(Problem) -> Response {
        var query = request.query(["population", "payer", "serviceDate"])
        let view = ThresholdView(&query, today: now().date)
        var faults = query.faults
        let pattern = Application.fieldPattern(request.parameter(1), &faults)
        guard faults.isEmpty, let pattern else { throw Problem(faults) }
        let compiled = try policyInForce(request.parameter(0))
        let tag = view.tag(compiled, "field", request.parameter(1))
        return try .conditional(request.head, .revalidated(tag: tag)) { () throws(Problem) in view.one(.field(pattern), of: compiled) }
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
        guard let found else { throw Problem(LedgerError.badCursor) }
        return found.compiled
    }

    /// A name, or a prefix with a `*` at its end; nil with a fault.
    fileprivate static func fieldPattern(_ text: String, _ faults: inout Faults) -> Pattern? {
        let pattern = Pattern(text)
        if Name(text) == nil {
            faults.add(Fault(.parameter("field"), NameCheck.detail))
        } else if pattern == nil {
            faults.add(Fault(.parameter("field"), "may have one *, at its end", status: 422))
        }
        return pattern
    }
}

/// In which scopes and on which date thresholds are asked for.
private struct ThresholdView {
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

    /// Of the version, the query and the date; never equal to a policy's own.
    func tag(_ policy: CompiledPolicy, _ parts: String...) -> String {
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
        json.double(policy.policy.threshold.value)
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

    func one(_ pattern: Policy.ItemPattern, of policy: CompiledPolicy) -> [UInt8] {
        var json = JSONWriter(reserving: 256)
        json.beginObject()
        head(policy, &json)
        row(pattern, of: policy, &json)
        json.endObject()
        return json.bytes
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
        json.double(applied.threshold.value)
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

/// Changes of single thresholds. On `changes`.
extension Application {
    func putDefaultThreshold(_ request: ColdRequest) throws(Problem) -> Response {
        var faults = request.query([]).faults
        let head = ChangeHead(request.head, faults: &faults)
        let body = try ThresholdBody.read(request.body, faults, hasScopes: false)
        return try change(request, head, action: "threshold.put") { policy, _ throws(Problem) in
            policy.threshold = body.threshold
            return .changed
        } render: { compiled in
            var json = JSONWriter(reserving: 128)
            json.beginObject()
            json.key("documentType")
            json.string(compiled.policy.documentType.string)
            json.key("version")
            json.int(compiled.version.number)
            json.key("threshold")
            json.double(compiled.policy.threshold.value)
            json.endObject()
            return json.bytes
        }
    }

    func putThreshold(_ request: ColdRequest) throws(Problem) -> Response {
        var faults = request.query([]).faults
        let head = ChangeHead(request.head, faults: &faults)
        let named = Application.fieldPattern(request.parameter(1), &faults)
        let body = try ThresholdBody.read(request.body, faults, hasScopes: true)
        guard let pattern = named else { throw Problem(faults) }
        let rule = Policy.Rule(item: .field(pattern), population: body.population, payer: body.payer, threshold: body.threshold)
        let shown = ThresholdView(population: body.population, payer: body.payer, date: now().date)
        return try change(request, head, action: "threshold.put") { policy, faults throws(Problem) in
            if let index = policy.rules.firstIndex(where: { $0.isUndated(pattern, body.population, body.payer) }) {
                policy.rules[index].threshold = rule.threshold
                return .changed
            }
            policy.rules.append(rule)
            for case .overlappingRules(let first, let second) in policy.contradictions where second == policy.rules.count - 1 {
                faults.add(
                    Fault(.parameter("field"), "overlaps in time with /rules/\(first) of the policy, of the same scopes", status: 422))
            }
            return .added
        } render: {
            shown.one(.field(pattern), of: $0)
        }
    }

    func deleteThreshold(_ request: ColdRequest) throws(Problem) -> Response {
        var query = request.query(["population", "payer"])
        let population = query.name("population")
        let payer = query.name("payer")
        var faults = query.faults
        let head = ChangeHead(request.head, faults: &faults)
        let named = Application.fieldPattern(request.parameter(1), &faults)
        guard faults.isEmpty, let pattern = named else { throw Problem(faults) }
        return try change(request, head, action: "threshold.delete") { policy, _ throws(Problem) in
            guard let index = policy.rules.firstIndex(where: { $0.isUndated(pattern, population, payer) }) else {
                throw Problem(.notFound, "There is no such rule.")
            }
            policy.rules.remove(at: index)
            return .removed
        } render: { _ in
            []
        }
    }

    private enum ThresholdChange { case added, changed, removed }

    private func change(
        _ request: ColdRequest, _ head: ChangeHead, action: String,
        _ edit: (inout Policy, inout Faults) throws(Problem) -> ThresholdChange, render: (CompiledPolicy) -> [UInt8]
    ) throws(Problem) -> Response {
        try head.precondition.require(canMake: false)
        let current = try storedPolicy(request.parameter(0), version: nil)
        var policy = try asking { () throws(LedgerError) in try PolicyArchive.compile(current) }.policy
        var faults = Faults([])
        let kind = try edit(&policy, &faults)
        if !faults.isEmpty { throw Problem(faults) }
        let stored = try make(
            PolicyChange(
                policy: policy, documentType: current.documentType, precondition: try head.precondition.resolved(against: current.version),
                action: action, by: request.scope.caller.name, reason: head.reason))
        let compiled = CompiledPolicy(policy, version: stored.version)
        let caching = Caching.revalidated(tag: "\(stored.version.number)")
        switch kind {
        case .added: return .json(render(compiled), status: 201, caching)
        case .changed: return .json(render(compiled), caching)
        case .removed:
            var response = Response(status: 204)
            response.addCaching(caching)
            return response
        }
    }
}

extension Policy.Rule {
    /// Whether it is the rule of exactly this field pattern and these scopes that holds at all times.
    fileprivate func isUndated(_ field: Pattern, _ population: Name?, _ payer: Name?) -> Bool {
        item == .field(field) && self.population == population && self.payer == payer && effectiveFrom == nil && effectiveTo == nil
    }
}

/// `{"threshold": 0.97, "population": null, "payer": null}`.
private struct ThresholdBody {
    let threshold: Threshold
    let population: Name?
    let payer: Name?

    static func read(_ body: [UInt8], _ before: Faults, hasScopes: Bool) throws(Problem) -> ThresholdBody {
        try Application.reading(body, before) { body throws(Faults) in
            try JSONDocument.read(body) { root throws(Faults) in try ThresholdBody(root, hasScopes: hasScopes) }
        }
    }

    private init(_ root: JSONValue, hasScopes: Bool) throws(Faults) {
        guard root.kind == .object else { throw Faults([Fault(.pointer(""), "must be an object")]) }
        var faults = Faults([])
        var threshold: Threshold?
        var population: Name?
        var payer: Name?
        // Safe: names are read during each call only.
        unsafe root.forEachMember { name, value in
            if unsafe name.equals("threshold") {
                threshold = value.double.flatMap(Threshold.init)
                if threshold == nil { faults.add(.root / "threshold", "must be a number from 0 to 1") }
            } else if hasScopes, unsafe name.equals("population") {
                population = ThresholdBody.scope(value, .root / "population", &faults)
            } else if hasScopes, unsafe name.equals("payer") {
                payer = ThresholdBody.scope(value, .root / "payer", &faults)
            } else {
                unsafe faults.add(Pointer.root.appending(foreign: name), "is not a member of a threshold")
            }
        }
        if root["threshold"] == nil { faults.add(.root / "threshold", "is required") }
        try faults.check()
        guard let threshold else { throw Faults([Fault(.pointer("/threshold"), "is required")]) }
        self.threshold = threshold
        self.population = population
        self.payer = payer
    }

    private static func scope(_ value: JSONValue, _ pointer: Pointer, _ faults: inout Faults) -> Name? {
        if value.isNull { return nil }
        let name = value.string.flatMap { Name($0) }
        if name == nil { faults.add(pointer, NameCheck.detail + ", or null") }
        return name
    }
}
