import Foundation
import Routing
import TestSupport
import Testing

/// The compiled policy against the contract read aloud, over random policies and results that crowd the same few names, scopes and days.
@Suite struct ReferenceTests {
    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `the compiled policy decides as the contract's words do`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let policies = makePolicies(&random)
            let compiled = PolicySet(policies.enumerated().map { CompiledPolicy($0.element, version: PolicyVersion(Int64($0.offset + 1))) })
            let reference = ReferenceEvaluator(policies: policies)
            for _ in 0..<20 {
                let result = makeResult(&random)
                let at = Instant(
                    milliseconds: Int64.random(in: -3...12, using: &random) * 86_400_000 - Int64.random(in: 0...1, using: &random))
                let hash = random.chance(0.5) ? UInt64.max / 20 : random.next()
                let expected = reference.decide(result, decidedAt: at, hash: hash, saltId: 5)
                let decided = compiled.decide(result, decidedAt: at, hash: hash, saltId: 5)
                guard decided == expected else { return #expect(decided == expected) }
            }
        }
    }

    @Test(arguments: 101...106 as ClosedRange<UInt64>)
    func `the thresholds in force are those of the contract's words`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let policy = makePolicies(&random)[0]
            let compiled = CompiledPolicy(policy, version: PolicyVersion(1))
            let reference = ReferenceEvaluator(policies: [policy])
            let written = (policy.rules + policy.floors).map(\.item)
            #expect(Set(compiled.distinctPatterns).isSubset(of: written))
            for pattern in written where pattern != .any {
                #expect(compiled.distinctPatterns.count { $0.isSame(as: pattern) } == 1)
            }
            for _ in 0..<4 {
                let result = makeResult(&random)
                let day = CivilDate(days: Int32.random(in: -2...12, using: &random))
                for pattern in compiled.distinctPatterns {
                    let expected = reference.threshold(policy, ReferenceEvaluator.Subject(pattern), result, day)
                    let population = result.population.flatMap { Name(result.string($0)) }
                    let payer = result.payer.flatMap { Name(result.string($0)) }
                    let applied = compiled.threshold(for: pattern, population: population, payer: payer, date: day)
                    guard applied == expected else { return #expect(applied == expected, "\(pattern)") }
                }
            }
        }
    }

    /// Of each row one to people.
    private let fieldSpellings = [
        ["a", "A", " a"], ["ab", "aB"], ["abc"], ["abcd", "ABCD "], ["b"], ["bé", "be\u{301}", "BÉ"], ["x.y", "X.Y"], ["x.y.z"],
        ["a b", "A  b"],
    ]
    private let codes = ["7", "71", "710", "7104", "71045", " 71045", "J", "j1", "J18", "j18.9", "J189", "J 18.9"]

    /// Every field once, in one of its spellings.
    private func fieldNames(_ random: inout SeededGenerator) -> [String] { fieldSpellings.map { random.pick($0) } }
    private let days: [String?] = [nil, nil, "1970-01-01", "1970-01-03", "1970-01-05", "1970-01-08"]

    private func makePolicies(_ random: inout SeededGenerator) -> [Policy] {
        (random.chance(0.5) ? ["form", "*"] : random.chance(0.5) ? ["form"] : ["*"]).map { type in
            var rules: [Policy.Rule] = []
            for _ in 0..<Int.random(in: 0...24, using: &random) {
                rules.append(makeRule(&random))
                let candidate = makePolicy(type, rules: rules)
                if !candidate.contradictions.isEmpty { rules.removeLast() }
            }
            let floors = (0..<Int.random(in: 0...12, using: &random)).map { _ in makeRule(&random) }.filter { rule in
                rule.item != .any || rule.population != nil || rule.payer != nil
            }
            let names = fieldNames(&random).shuffled(using: &random)
            return makePolicy(
                type, random.pick([0.5, 0.9, 0, nil]), unlisted: random.pick([.default, .default, .review]), rules: rules, floors: floors,
                required: Array(names.prefix(random.pick([0, 0, 1, 2]))), optional: Array(names.suffix(random.pick([0, 2, 4]))),
                sections: random.pick([[], [], ["s"], ["s", "t"]]), sampleRate: random.pick([nil, 0, 0.05, 0.5, 1]))
        }
    }

    private func makeRule(_ random: inout SeededGenerator) -> Policy.Rule {
        var from = random.pick(days)
        var to = random.pick(days)
        if let first = from, let last = to, last <= first { (from, to) = last == first ? (nil, to) : (to, from) }
        let value = random.pick([0, 0.25, 0.5, 0.75, 0.9, 1, nil])
        let population = random.pick([nil, nil, nil, "north", "south"])
        let payer = random.pick([nil, nil, nil, "medicare", "aetna"])
        switch Int.random(in: 0..<7, using: &random) {
        case 0: return rule(population: population, payer: payer, from: from, to: to, value)
        case 1, 2, 3:
            return rule(field: makePattern(fieldNames(&random), &random), population: population, payer: payer, from: from, to: to, value)
        case 4: return rule(procedure: makePattern(codes, &random), population: population, payer: payer, from: from, to: to, value)
        case 5: return rule(diagnosis: makePattern(codes, &random), population: population, payer: payer, from: from, to: to, value)
        default:
            return rule(
                procedure: makePattern(codes, &random), diagnosis: makePattern(codes, &random), population: population, payer: payer,
                from: from, to: to, value)
        }
    }

    private func makePattern(_ names: [String], _ random: inout SeededGenerator) -> String {
        let name = random.pick(names)
        if random.chance(0.5) { return name }
        // Not within white space: what a prefix's own is, a test of its own says.
        return String(name.prefix(Int.random(in: 0...name.count, using: &random))).trimmingCharacters(in: .whitespaces) + "*"
    }

    private func makeResult(_ random: inout SeededGenerator) -> EngineResult {
        let confidences: [Double?] = [nil, 0, 0.25, 0.5, 0.75, 0.9, 0.95, 1, 1, 1, 1]
        var items: [TestItem] = []
        for field in fieldNames(&random).shuffled(using: &random).prefix(Int.random(in: 0...5, using: &random)) {
            items.append(.field(field, random.pick(confidences), empty: random.chance(0.3)))
        }
        var seen: Set<String> = []
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let (procedure, diagnosis) = (random.pick(codes), random.pick(codes))
            if seen.insert((procedure + "/" + diagnosis).lowercased().filter { $0 != " " && $0 != "." }).inserted {
                items.append(.pair(procedure, diagnosis, random.pick(confidences)))
            }
        }
        return RoutingTests.makeResult(
            items, type: random.pick(["form", "form", "other"]), population: random.pick([nil, "north", "South ", "elsewhere"]),
            payer: random.pick([nil, "medicare", "aetna", "nobody"]), serviceDate: random.pick(days + ["1970-01-04", "1969-12-31"]),
            sections: random.pick([nil, [], ["s"], ["T"], ["u", "t", "S"]]))
    }
}
