import HTTPWire
import JSON
import Ledger
import Routing

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
    /// Whether it is the rule of this very field pattern and these scopes, however they are written, that holds at all times.
    fileprivate func isUndated(_ field: Pattern, _ population: Name?, _ payer: Name?) -> Bool {
        item.isSame(as: .field(field)) && Policy.Rule.isSame(self.population, population) && Policy.Rule.isSame(self.payer, payer)
            && effectiveFrom == nil && effectiveTo == nil
    }

    private static func isSame(_ a: Name?, _ b: Name?) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        return a.isSame(as: b)
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
