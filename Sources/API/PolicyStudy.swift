package import Ledger
package import Routing

/// A policy beside the newest decisions of its type: what its rules and floors met, and what is suspicious about it.
package struct PolicyStudy {
    /// Decisions looked at.
    package static let decisionsMax = 10_000

    /// Something to look at, and where in the policy it stands (a JSON Pointer).
    package struct Advice: Sendable, Equatable {
        package var pointer: String
        package var detail: String
    }

    let compiled: CompiledPolicy
    package private(set) var usage: PolicyUsage
    private(set) var seen = SeenNames()

    /// Reads the ledger: not for a loop's thread.
    package init(_ policy: Policy, version: PolicyVersion = PolicyVersion(0), in ledger: Ledger) throws(LedgerError) {
        try self.init(CompiledPolicy(policy, version: version), in: ledger)
    }

    init(_ compiled: CompiledPolicy, in ledger: Ledger) throws(LedgerError) {
        self.compiled = compiled
        var usage = PolicyUsage(compiled)
        var seen = SeenNames()
        try ledger.forEachRecentDecision(of: compiled.policy.documentType.string, limit: PolicyStudy.decisionsMax) { logged in
            usage.add(logged.result, logged.decision.items, decidedAt: logged.decidedAt)
            seen.add(logged.result)
        }
        self.usage = usage
        self.seen = seen
    }

    /// Everything suspicious, rules first, then floors, then names.
    /// - Parameter today: what rules that are over, or are to come, are told by.
    package func advice(on today: CivilDate) -> [Advice] {
        var advice = unlisted
        let (ruleShadows, floorShadows) = (compiled.ruleShadows, compiled.floorShadows)
        for index in compiled.policy.rules.indices {
            advice += self.advice(.rules, index, ruleShadows[index], on: today)
        }
        for index in compiled.policy.floors.indices {
            advice += self.advice(.floors, index, floorShadows[index], on: today)
        }
        return advice + names
    }

    /// What is suspicious about one rule by the decisions alone; nil when it met an item.
    func advice(ofRule index: Int, on today: CivilDate) -> Advice? {
        unmet(compiled.policy.rules[index], usage.rules[index], "/rules/\(index)", on: today)
    }

    private enum RuleList: String { case rules, floors }

    private func advice(_ list: RuleList, _ index: Int, _ shadow: RuleShadow?, on today: CivilDate) -> [Advice] {
        let pointer = "/\(list.rawValue)/\(index)"
        let rule = list == .rules ? compiled.policy.rules[index] : compiled.policy.floors[index]
        var advice: [Advice] = []
        switch shadow {
        case .rule(let other)?:
            advice.append(Advice(pointer: pointer, detail: "never decides: /rules/\(other) meets all that it meets, and goes before it"))
        case .floor(let floor)?:
            let isEqual = list == .floors && compiled.policy.floors[floor].threshold == rule.threshold
            advice.append(
                Advice(
                    pointer: pointer,
                    detail: "never decides: the floor /floors/\(floor) meets all that it meets, and is \(isEqual ? "as high" : "higher")"))
        case nil: break
        }
        if let to = rule.effectiveTo, to <= today {
            return advice + [Advice(pointer: pointer, detail: "is over since \(to.iso8601)")]
        }
        let usage = list == .rules ? self.usage.rules[index] : self.usage.floors[index]
        return advice + [unmet(rule, usage, pointer, on: today)].compactMap { $0 }
    }

    private func unmet(_ rule: Policy.Rule, _ usage: PolicyUsage.Count, _ pointer: String, on today: CivilDate) -> Advice? {
        guard self.usage.decisions > 0, usage.matches == 0, rule.effectiveFrom.map({ $0 <= today }) ?? true else { return nil }
        let hint = seen.hint(for: rule).map { "; \($0)" } ?? ""
        return Advice(pointer: pointer, detail: "met no item of \(lastDecisions)\(hint)")
    }

    /// "the last 214 decisions".
    var lastDecisions: String { usage.decisions == 1 ? "the last decision" : "the last \(usage.decisions) decisions" }

    private var unlisted: [Advice] {
        guard compiled.policy.unlisted == .review, !compiled.policy.rules.contains(where: { $0.item.isNamed }) else { return [] }
        return [Advice(pointer: "/unlisted", detail: "is \"review\", and no rule names an item: none is ever accepted")]
    }

    /// Names of fields and sections that no document had.
    private var names: [Advice] {
        guard usage.decisions > 0 else { return [] }
        var advice: [Advice] = []
        func look(_ list: String, _ names: [Name], among known: SeenNames.Kind, _ what: String) {
            for (index, name) in names.enumerated() where !known.meets(.literal(name)) {
                let hint = known.likely(for: .literal(name)).map { "; did you mean `\($0)`?" } ?? ""
                advice.append(Advice(pointer: "/\(list)/\(index)", detail: "is \(what) in none of \(lastDecisions)\(hint)"))
            }
        }
        look("requiredFields", compiled.policy.requiredFields, among: seen.fields, "a field")
        look("optionalFields", compiled.policy.optionalFields, among: seen.fields, "a field")
        look("requiredSections", compiled.policy.requiredSections, among: seen.sections, "a section")
        return advice
    }
}
