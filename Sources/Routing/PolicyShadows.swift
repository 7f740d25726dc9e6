/// Rules and floors that can never decide, because others of the same policy do wherever they match.
public enum RuleShadow: Sendable, Hashable {
    /// A rule of higher rank, at this position, meets all that the rule meets.
    case rule(Int)
    /// A floor, at this position, meets all that the rule or floor meets, and is higher (or equal, and stands before it).
    case floor(Int)
}

extension CompiledPolicy {
    /// Rules looked at for each pattern and scope that could stand before a rule: of more, the rest is passed over.
    private static let candidatesMax = 64

    /// By rule: what stands before it, if anything does.
    public var ruleShadows: [Int: RuleShadow] {
        let places = (rules: RulePlaces(policy.rules, in: self), floors: RulePlaces(policy.floors, in: self))
        var shadows: [Int: RuleShadow] = [:]
        for (index, rule) in policy.rules.enumerated() {
            if let other = covering(rule, among: policy.rules, places.rules, where: { $0 != index && outranks(policy.rules[$0], rule) }) {
                shadows[index] = .rule(other)
            } else if let floor = covering(
                rule, among: policy.floors, places.floors, where: { policy.floors[$0].threshold > rule.threshold })
            {
                shadows[index] = .floor(floor)
            }
        }
        return shadows
    }

    /// By floor: what stands before it, if anything does.
    public var floorShadows: [Int: RuleShadow] {
        let places = RulePlaces(policy.floors, in: self)
        var shadows: [Int: RuleShadow] = [:]
        for (index, floor) in policy.floors.enumerated() {
            let other = covering(floor, among: policy.floors, places) { other in
                let threshold = policy.floors[other].threshold
                return threshold > floor.threshold || (threshold == floor.threshold && other < index)
            }
            if let other { shadows[index] = .floor(other) }
        }
        return shadows
    }

    /// The first found of the rules that meet whatever `rule` meets, and of which `stands` says that they stand before it.
    private func covering(_ rule: Policy.Rule, among rules: [Policy.Rule], _ places: RulePlaces, where stands: (Int) -> Bool) -> Int? {
        var text: [UInt8] = []
        let population = rule.population.map { text.appendRange(comparison.compared(name: $0)) }
        let payer = rule.payer.map { text.appendRange(comparison.compared(name: $0)) }
        let scopes = self.scopes.match(in: text.span, population: population, payer: payer)
        var found: Int?
        forEachPattern(covering: rule.item) { pattern in
            var candidates = 0
            places.forEach(pattern, scopes) { other in
                candidates += 1
                guard found == nil, candidates <= CompiledPolicy.candidatesMax, rules[other].lasts(aroundThatOf: rule) else { return }
                if stands(other) { found = other }
            }
            return found == nil
        }
        return found
    }

    /// Whether a rule decides where both match. Both cover the other's items in part at least; the dates are those of one day.
    private func outranks(_ a: Policy.Rule, _ b: Policy.Rule) -> Bool {
        b.rank(comparison).lexicographicallyPrecedes(a.rank(comparison))
    }
}

extension Policy.Rule {
    fileprivate func lasts(aroundThatOf other: Policy.Rule) -> Bool {
        let begins = effectiveFrom.map { own in other.effectiveFrom.map { own <= $0 } ?? false } ?? true
        let ends = effectiveTo.map { own in other.effectiveTo.map { own >= $0 } ?? false } ?? true
        return begins && ends
    }

    /// Greater is higher: number of literals, procedure literal, length of the procedure's prefix, of the diagnosis's or field's, population,
    /// payer, the later beginning. An absent pattern is below `*`.
    fileprivate func rank(_ comparison: NameComparison) -> [Int] {
        func isLiteral(_ pattern: ComparedPattern?) -> Int { pattern?.isPrefix == false ? 1 : 0 }
        func length(_ pattern: ComparedPattern?) -> Int { pattern.map { $0.isPrefix ? $0.bytes.count : -1 } ?? -1 }
        let (procedure, other): (ComparedPattern?, ComparedPattern?) =
            switch comparison.compared(item) {
            case .any: (nil, nil)
            case .field(let field): (nil, field)
            case .pair(let procedure, let diagnosis): (procedure, diagnosis)
            }
        return [
            isLiteral(procedure) + isLiteral(other), isLiteral(procedure), length(procedure), length(other), population == nil ? 0 : 1,
            payer == nil ? 0 : 1, effectiveFrom.map { Int($0.days) } ?? .min,
        ]
    }
}
