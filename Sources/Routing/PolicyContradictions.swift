/// How a policy contradicts itself: names and codes are the same where their canonical forms are. Indices are positions in the lists as written; of two, the lower comes first.
public enum PolicyContradiction: Sendable, Hashable {
    /// Rules or floors.
    public enum RuleList: Sendable, Hashable { case rules, floors }
    public enum NameList: Sendable, Hashable { case requiredFields, optionalFields, requiredSections }

    /// Two rules with the same patterns and scopes are in effect on the same day. (Floors may be: the greatest holds.)
    case overlappingRules(Int, Int)
    /// `effectiveTo` is not after `effectiveFrom`: never in effect.
    case emptyPeriod(RuleList, Int)
    /// Neither an item nor a scope.
    case namesNothing(RuleList, Int)
    /// A name that its list has had before.
    case duplicateName(NameList, Int, Int)
    /// A field both required and optional: its index in either list.
    case requiredAndOptional(required: Int, optional: Int)
}

extension Policy {
    /// Every contradiction, rule by rule, then list by list. Takes n log n time; of many rules that all overlap, each but the first is
    /// named once, with one that it overlaps.
    public var contradictions: [PolicyContradiction] {
        faults(of: rules, in: .rules) + overlaps + faults(of: floors, in: .floors)
            + duplicates(of: requiredFields, in: .requiredFields) + duplicates(of: optionalFields, in: .optionalFields)
            + duplicates(of: requiredSections, in: .requiredSections) + requiredAndOptional
    }

    private func faults(of rules: [Rule], in list: PolicyContradiction.RuleList) -> [PolicyContradiction] {
        var faults: [PolicyContradiction] = []
        for (index, rule) in rules.enumerated() {
            if !rule.hasPeriod { faults.append(.emptyPeriod(list, index)) }
            if !rule.item.isNamed, rule.population == nil, rule.payer == nil { faults.append(.namesNothing(list, index)) }
        }
        return faults
    }

    /// What makes two rules compete at equal rank, but for their dates.
    private struct Place: Hashable {
        let item: ComparedItem
        let population: [UInt8]?
        let payer: [UInt8]?

        init(_ rule: Rule) {
            item = NameComparison.canonical.compared(rule.item)
            population = rule.population.map { CanonicalForm.ofName($0.string.utf8) }
            payer = rule.payer.map { CanonicalForm.ofName($0.string.utf8) }
        }
    }

    private var overlaps: [PolicyContradiction] {
        var groups: [Place: [Int]] = [:]
        for (index, rule) in rules.enumerated() where rule.hasPeriod {
            groups[Place(rule), default: []].append(index)
        }
        var pairs: [(Int, Int)] = []
        for group in groups.values where group.count > 1 {
            let ordered = group.sorted { (rules[$0].firstDay, $0) < (rules[$1].firstDay, $1) }
            // Of the rules that have begun, the one that ends last: what overlaps any of them overlaps this one.
            var longest = ordered[0]
            for index in ordered.dropFirst() {
                if rules[index].firstDay < rules[longest].endDay { pairs.append((min(index, longest), max(index, longest))) }
                if rules[index].endDay > rules[longest].endDay { longest = index }
            }
        }
        pairs.sort { ($0.1, $0.0) < ($1.1, $1.0) }
        return pairs.map { .overlappingRules($0.0, $0.1) }
    }

    private func duplicates(of names: [Name], in list: PolicyContradiction.NameList) -> [PolicyContradiction] {
        var seen: [[UInt8]: Int] = [:]
        return names.enumerated().compactMap { index, name in
            let form = CanonicalForm.ofName(name.string.utf8)
            guard let first = seen[form] else {
                seen[form] = index
                return nil
            }
            return .duplicateName(list, first, index)
        }
    }

    private var requiredAndOptional: [PolicyContradiction] {
        let required = Dictionary(zip(requiredFields.map { CanonicalForm.ofName($0.string.utf8) }, 0...)) { first, _ in first }
        return optionalFields.enumerated().compactMap { index, name in
            required[CanonicalForm.ofName(name.string.utf8)].map { .requiredAndOptional(required: $0, optional: index) }
        }
    }
}

extension Policy.Rule {
    fileprivate var firstDay: Int64 { effectiveFrom.map { Int64($0.days) } ?? .min }
    fileprivate var endDay: Int64 { effectiveTo.map { Int64($0.days) } ?? .max }
    fileprivate var hasPeriod: Bool { firstDay < endDay }
}

extension Policy.ItemPattern {
    /// Whether the pattern is about items of some name or codes, `*` included, and not about every item of its scopes.
    public var isNamed: Bool {
        switch self {
        case .any, .pair(procedure: nil, diagnosis: nil): false
        case .field, .pair: true
        }
    }
}
