import HTTPWire
import JSON
import Ledger
import Routing

/// Changes of single thresholds. On `changes`.
extension Application {
    func putDefaultThreshold(_ request: ColdRequest) throws(Problem) -> Response {
        var query = request.query(["dryRun", "reason"])
        let isDryRun = query.bool("dryRun") ?? false
        let reason = query.reason()
        var faults = query.faults
        let head = ChangeHead(request.head, queried: reason, faults: &faults)
        let body = try ThresholdBody.read(request.body, faults, hasScopes: false)
        let view = ThresholdView(population: nil, payer: nil, date: now().date)
        let edit = ThresholdEdit(action: "threshold.put", head: head, isDryRun: isDryRun) { view.tag($0) }
        let (compiled, study, _) = try change(request, edit) { policy, _ throws(Problem) in
            policy.threshold = body.threshold
            return .changed
        }
        var json = JSONWriter(reserving: 128)
        json.beginObject()
        json.key("documentType")
        json.string(compiled.policy.documentType.string)
        json.key("version")
        json.int(compiled.version.number)
        json.key("threshold")
        json.threshold(compiled.policy.threshold)
        let count = study.usage.byDefault.matches
        json.seen(count, count > 0 ? [] : [PolicyStudy.Advice(pointer: "/threshold", detail: study.nothingByDefault)])
        json.endObject()
        return .json(json.bytes)
    }

    func putThreshold(_ request: ColdRequest) throws(Problem) -> Response {
        var query = request.query(["dryRun", "reason"])
        let isDryRun = query.bool("dryRun") ?? false
        let reason = query.reason()
        var faults = query.faults
        let head = ChangeHead(request.head, queried: reason, faults: &faults)
        let named = Application.itemPattern(request, &faults)
        let body = try ThresholdBody.read(request.body, faults, hasScopes: true)
        guard let pattern = named else { throw Problem(faults) }
        let rule = Policy.Rule(item: pattern, population: body.population, payer: body.payer, threshold: body.threshold)
        let view = ThresholdView(population: body.population, payer: body.payer, date: now().date)
        let edit = ThresholdEdit(action: "threshold.put", head: head, isDryRun: isDryRun) {
            ThresholdView(population: nil, payer: nil, date: view.date).tag($0, pattern)
        }
        let (compiled, study, kind) = try change(request, edit) { policy, faults throws(Problem) in
            if let index = policy.undatedRule(pattern, body.population, body.payer) {
                policy.rules[index].threshold = rule.threshold
                return .changed
            }
            policy.rules.append(rule)
            for case .overlappingRules(let first, let second) in policy.contradictions where second == policy.rules.count - 1 {
                faults.add(
                    Fault(
                        .parameter(request.scope.endpoint == .pairThreshold ? "diagnosis" : "field"),
                        "overlaps in time with /rules/\(first) of the policy, of the same scopes", status: 422))
            }
            return .added
        }
        let index = compiled.policy.undatedRule(pattern, body.population, body.payer)
        let answer = view.one(pattern, of: compiled) { json in
            let count = index.map { study.usage.rules[$0].matches } ?? 0
            json.seen(count, index.map { study.warning(ofRule: $0, on: view.date) } ?? [])
        }
        return .json(answer.bytes, status: kind == .added && !isDryRun ? 201 : 200)
    }

    func deleteThreshold(_ request: ColdRequest) throws(Problem) -> Response {
        var query = request.query(["population", "payer", "reason"])
        let population = query.name("population")
        let payer = query.name("payer")
        let reason = query.reason()
        var faults = query.faults
        let head = ChangeHead(request.head, queried: reason, faults: &faults)
        let named = Application.itemPattern(request, &faults)
        guard faults.isEmpty, let pattern = named else { throw Problem(faults) }
        let view = ThresholdView(population: population, payer: payer, date: now().date)
        let edit = ThresholdEdit(action: "threshold.delete", head: head, isDryRun: false) { view.tag($0, pattern) }
        _ = try change(request, edit) { policy, _ throws(Problem) in
            guard let index = policy.undatedRule(pattern, population, payer) else {
                throw Problem(.notFound, "The policy has no undated rule of this pattern and these scopes.")
            }
            policy.rules.remove(at: index)
            return .removed
        }
        return .noContent()
    }

    private enum ThresholdChange { case added, changed, removed }

    /// What is said of a change beside what is changed.
    private struct ThresholdEdit {
        /// In the audit trail.
        let action: String
        let head: ChangeHead
        let isDryRun: Bool
        /// The tag that GET of the same URL answers under a policy version.
        let tag: (CompiledPolicy) -> String
    }

    /// Puts the edited policy in force; or, in a dry run, says what that would be.
    private func change(
        _ request: ColdRequest, _ edit: ThresholdEdit, _ apply: (inout Policy, inout Faults) throws(Problem) -> ThresholdChange
    ) throws(Problem) -> (CompiledPolicy, PolicyStudy, ThresholdChange) {
        let current = try storedPolicy(request.parameter(0), version: nil)
        let before = try asking { () throws(LedgerError) in try PolicyArchive.compile(current) }
        try edit.head.precondition.require(current.version, for: .part(tags: []), unless: edit.isDryRun)
        var policy = before.policy
        var faults = Faults([])
        let kind = try apply(&policy, &faults)
        if !faults.isEmpty { throw Problem(faults) }
        let precondition = try edit.head.precondition.resolved(
            against: current.version, for: .part(tags: [edit.tag(before), Caching.codedTag(edit.tag(before))]))
        // Before the change: what cannot be told afterwards must not have been made.
        let study = try asking { () throws(LedgerError) in try PolicyStudy(policy, in: ledger) }
        let change = PolicyChange(
            policy: policy, documentType: current.documentType, precondition: precondition, action: edit.action,
            by: request.scope.caller.name, reason: edit.head.reason)
        let stored = try edit.isDryRun ? outcome(of: change) : make(change)
        return (CompiledPolicy(policy, version: stored.version), study, kind)
    }
}

extension Policy {
    /// The rule of this very pattern and these scopes, however they are written, that holds at all times. A code that a rule leaves out is any, as `*`; where both
    /// ways of writing it are there, it is the one that decides.
    fileprivate func undatedRule(_ item: ItemPattern, _ population: Name?, _ payer: Name?) -> Int? {
        let candidates = rules.indices.filter { index in
            let rule = rules[index]
            return Policy.isSame(rule.population, population) && Policy.isSame(rule.payer, payer) && rule.effectiveFrom == nil
                && rule.effectiveTo == nil && rule.item.written.isSame(as: item.written)
        }
        return candidates.first { rules[$0].item.isSame(as: item) } ?? candidates.first
    }
}

extension Policy {
    private static func isSame(_ a: Name?, _ b: Name?) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        return a.isSame(as: b)
    }
}

extension Policy.ItemPattern {
    /// With `*` for a code that is left out.
    fileprivate var written: Policy.ItemPattern {
        guard case .pair(let procedure, let diagnosis) = self, isNamed else { return self }
        return .pair(procedure: procedure ?? .prefix([]), diagnosis: diagnosis ?? .prefix([]))
    }
}

extension PolicyStudy {
    /// What an answer says of a rule that met nothing.
    fileprivate func warning(ofRule index: Int, on today: CivilDate) -> [Advice] {
        let pointer = "/rules/\(index)"
        if usage.decisions == 0 {
            return [Advice(pointer: pointer, detail: "met nothing: no decision of this document type is logged yet")]
        }
        return [advice(ofRule: index, on: today)].compactMap { $0 }
    }

    fileprivate var nothingByDefault: String {
        usage.decisions == 0
            ? "decides nothing: no decision of this document type is logged yet"
            : "decides nothing: rules met every item of \(lastDecisions)"
    }
}

/// `{"threshold": 0.97, "population": null, "payer": null}`; a threshold of null is never.
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
                threshold = Threshold(value)
                if threshold == nil { faults.add(.root / "threshold", Threshold.detail) }
            } else if hasScopes, unsafe name.equals("population") {
                population = ThresholdBody.scope(value, .root / "population", &faults)
            } else if hasScopes, unsafe name.equals("payer") {
                payer = ThresholdBody.scope(value, .root / "payer", &faults)
            } else {
                unsafe faults.add(Pointer.root.appending(foreign: name), "is not a member of a threshold")
            }
        }
        if root["threshold"] == nil { faults.add(.root / "threshold", PolicyReader.thresholdIsRequired) }
        try faults.check()
        guard let threshold else { throw Faults([Fault(.pointer("/threshold"), PolicyReader.thresholdIsRequired)]) }
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
