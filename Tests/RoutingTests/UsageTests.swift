import Routing
import Testing

@Suite struct `The usage of a policy` {
    @Test func `counts the items that each rule and floor meets, whichever decides`() {
        let policy = makePolicy(
            "form", 0.9,
            rules: [
                rule(field: "a*", 0.5), rule(field: "ab", 0.95), rule(field: "ab", population: "north", 0.1),
                rule(population: "north", 0.2),
                rule(field: "ab", payer: "aetna", from: "2027-01-01", 0.3),
            ], floors: [rule(field: "a*", 0.3), rule(field: "a*", 0.6), rule(diagnosis: "J96.*", nil)])
        let compiled = CompiledPolicy(policy, version: PolicyVersion(1))
        var usage = PolicyUsage(compiled)
        for (result, time) in [
            (makeResult([.field("ab", 0.99), .field("x", 0.1)]), "2026-03-02T00:00:00Z"),
            (makeResult([.field("ab", 0.15), .pair("1", "J96.0", 1)], population: "north"), "2026-03-01T00:00:00Z"),
        ] {
            usage.add(result, set(policy).decide(result, at: time).items, decidedAt: instant(time))
        }
        #expect(usage.decisions == 2)
        #expect(usage.items == 4)
        #expect(usage.since == instant("2026-03-01T00:00:00Z"))
        #expect(usage.rules.map(\.matches) == [2, 2, 1, 2, 0])
        #expect(usage.rules.map(\.accepted) == [1, 1, 0, 0, 0])
        #expect(usage.rules[0].lastSeen == instant("2026-03-02T00:00:00Z"))
        #expect(usage.rules[4].lastSeen == nil)
        #expect(usage.floors.map(\.matches) == [2, 2, 1])
        #expect(usage.byDefault.matches == 1)
        #expect(usage.met.matches == 3)
    }
}

@Suite struct `Rules that never decide` {
    private func shadows(_ rules: [Policy.Rule], floors: [Policy.Rule] = []) -> [Int: RuleShadow] {
        CompiledPolicy(makePolicy("form", 0.9, rules: rules, floors: floors), version: PolicyVersion(1)).ruleShadows
    }

    @Test func `are those behind a rule of higher rank that meets as much`() {
        #expect(shadows([rule(diagnosis: "J18.9", 0.5), rule(procedure: "*", diagnosis: "J18.9", 0.6)]) == [0: .rule(1)])
        #expect(shadows([rule(procedure: "71*", diagnosis: "*", 0.5), rule(procedure: "71*", population: "north", 0.6)]) == [1: .rule(0)])
        #expect(shadows([rule(procedure: "1", 0.5), rule(procedure: "1", diagnosis: "*", from: "2026-01-01", 0.6)]) == [:])
        #expect(shadows([rule(field: "a*", 0.5), rule(field: "ab", 0.6), rule(field: "*", 0.1)]) == [:])
    }

    @Test func `are those below a floor that meets as much`() {
        #expect(shadows([rule(diagnosis: "J96.01", 0.5)], floors: [rule(diagnosis: "J96.*", 0.99)]) == [0: .floor(0)])
        #expect(shadows([rule(field: "a", population: "north", 1)], floors: [rule(field: "*", nil)]) == [0: .floor(0)])
        #expect(shadows([rule(field: "a*", 0.5)], floors: [rule(field: "ab", 1)]) == [:])
        #expect(shadows([rule(field: "a", 0.5)], floors: [rule(field: "a", population: "north", 1)]) == [:])
        #expect(shadows([rule(field: "a", 0.99)], floors: [rule(field: "a", 0.99)]) == [:])
    }

    @Test func `are found among floors too`() {
        let floors = [rule(field: "a*", 0.9), rule(field: "ab", 0.8), rule(field: "ab", 0.95), rule(field: "a*", 0.9)]
        let compiled = CompiledPolicy(makePolicy("form", 0.1, floors: floors), version: PolicyVersion(1))
        #expect(compiled.floorShadows.keys.sorted() == [1, 3])
    }
}
