import Routing
import Testing

@Suite struct ContradictionTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let policy: Policy
        let contradictions: [PolicyContradiction]

        init(_ name: String, _ policy: Policy, _ contradictions: [PolicyContradiction]) {
            self.name = name
            self.policy = policy
            self.contradictions = contradictions
        }

        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row("an empty policy", makePolicy(), []),
        Row("one rule twice", makePolicy(rules: [rule(field: "a", 0.5), rule(field: "a", 0.6)]), [.overlappingRules(0, 1)]),
        Row("equal in threshold too", makePolicy(rules: [rule(field: "a", 0.5), rule(field: "a", 0.5)]), [.overlappingRules(0, 1)]),
        Row(
            "other patterns",
            makePolicy(rules: [
                rule(field: "a", 0.5), rule(field: "a*", 0.5), rule(procedure: "a", 0.5), rule(diagnosis: "a", 0.5),
                rule(procedure: "a", diagnosis: "*", 0.5), rule(procedure: "*", diagnosis: "a", 0.5),
            ]), []),
        Row(
            "names that look the same", makePolicy(rules: [rule(field: "\u{e9}", 0.5), rule(field: "e\u{301}", 0.5)]),
            [.overlappingRules(0, 1)]),
        Row(
            "other scopes",
            makePolicy(rules: [
                rule(field: "a", 0.5), rule(field: "a", population: "n", 0.5), rule(field: "a", payer: "n", 0.5),
                rule(field: "a", population: "n", payer: "n", 0.5),
            ]), []),
        Row(
            "the same scopes",
            makePolicy(rules: [rule(population: "n", payer: "m", 0.5), rule(field: "a", 0.5), rule(population: "n", payer: "m", 0.5)]),
            [.overlappingRules(0, 2)]),
        Row(
            "one after the other",
            makePolicy(rules: [
                rule(field: "a", from: "2027-01-01", 0.5), rule(field: "a", to: "2026-01-01", 0.5),
                rule(field: "a", from: "2026-01-01", to: "2027-01-01", 0.5),
            ]), []),
        Row(
            "a day in common",
            makePolicy(rules: [rule(field: "a", from: "2027-01-01", 0.5), rule(field: "a", to: "2027-01-02", 0.5)]),
            [.overlappingRules(0, 1)]),
        Row(
            "a long one over two short ones",
            makePolicy(rules: [
                rule(field: "a", from: "2026-02-01", to: "2026-03-01", 0.5), rule(field: "a", from: "2026-01-01", to: "2027-01-01", 0.5),
                rule(field: "a", from: "2026-04-01", to: "2026-05-01", 0.5), rule(field: "a", from: "2027-01-01", 0.5),
            ]), [.overlappingRules(0, 1), .overlappingRules(1, 2)]),
        Row("floors may overlap", makePolicy(floors: [rule(field: "a", 0.5), rule(field: "a", 0.5)]), []),
        Row(
            "ends when it begins", makePolicy(rules: [rule(field: "a", from: "2026-01-01", to: "2026-01-01", 0.5)]),
            [.emptyPeriod(.rules, 0)]),
        Row(
            "ends before it begins",
            makePolicy(floors: [rule(field: "a", 0.5), rule(field: "a", from: "2026-01-02", to: "2026-01-01", 0.5)]),
            [.emptyPeriod(.floors, 1)]),
        Row(
            "a rule never in effect overlaps none",
            makePolicy(rules: [rule(field: "a", 0.5), rule(field: "a", from: "2026-01-02", to: "2026-01-01", 0.5)]),
            [.emptyPeriod(.rules, 1)]),
        Row(
            "names nothing", makePolicy(rules: [rule(0.5)], floors: [rule(field: "a", 0.5), rule(from: "2026-01-01", 0.5)]),
            [.namesNothing(.rules, 0), .namesNothing(.floors, 1)]),
        Row(
            "a pair without codes names nothing",
            makePolicy(rules: [Policy.Rule(item: .pair(procedure: nil, diagnosis: nil), threshold: threshold(0.5))]),
            [.namesNothing(.rules, 0)]),
        Row("a scope is enough", makePolicy(rules: [rule(payer: "m", 0.5)], floors: [rule(population: "n", 0.5)]), []),
        Row(
            "names twice", makePolicy(required: ["a", "b", "a", "a"], optional: ["c", "c"], sections: ["s", "t", "t"]),
            [
                .duplicateName(.requiredFields, 0, 2), .duplicateName(.requiredFields, 0, 3), .duplicateName(.optionalFields, 0, 1),
                .duplicateName(.requiredSections, 1, 2),
            ]),
        Row(
            "required and optional", makePolicy(required: ["a", "b"], optional: ["c", "b"]),
            [.requiredAndOptional(required: 1, optional: 1)]),
    ]

    @Test(arguments: rows) func `a policy's contradictions are all found`(row: Row) {
        #expect(row.policy.contradictions == row.contradictions)
    }

    @Test func `among a hundred thousand rules the one pair that overlaps is found`() {
        var rules = (0..<100_000).map { rule(field: "field.\($0)", 0.5) }
        rules[70_001] = rule(field: "field.123", 0.7)
        #expect(makePolicy(rules: rules).contradictions == [.overlappingRules(123, 70_001)])
    }

    @Test func `a hundred thousand rules that all overlap are each named once`() {
        let rules = [Policy.Rule](repeating: rule(field: "a", 0.5), count: 100_000)
        let contradictions = makePolicy(rules: rules).contradictions
        #expect(contradictions.count == 99_999)
        #expect(contradictions.last == .overlappingRules(0, 99_999))
    }

    @Test func `a policy that contradicts itself fails closed all the same`() {
        let policies = set(
            makePolicy(
                rules: [
                    rule(field: "a", 0.5), rule(field: "a", from: "2026-01-01", 0.95),
                    rule(field: "b", from: "2026-01-02", to: "2026-01-01", 0),
                    rule(field: "c", 0.97), rule(field: "c", 0.1),
                ], required: ["d", "d"], optional: ["d"]))
        #expect(policies.applied(.field("a", 1), on: "2026-03-02")?.ruleIndex == 1)
        #expect(policies.applied(.field("b", 1), on: "2026-01-01")?.source == .default)
        #expect(policies.applied(.field("c", 1))?.ruleIndex == 3)
        let decision = policies.decide(makeResult([.field("d", 1, empty: true), .field("a", 1)]))
        #expect(decision.items[0].reasons == .missingRequiredField)
        #expect(policies.decide(makeResult([.field("a", 1)])).reasons == [.missingRequiredField(name("d"))])
    }
}
