import Routing
import Testing

/// Which rule or floor gives an item its threshold: the contract's "Policies and thresholds", sentence by sentence.
@Suite struct ThresholdTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let rules: [Policy.Rule]
        var floors: [Policy.Rule] = []
        let item: TestItem
        var population: String?
        var payer: String?
        var on: String?
        let value: Double
        let source: ThresholdSource
        let index: Int32

        init(
            _ name: String, _ rules: [Policy.Rule] = [], floors: [Policy.Rule] = [], _ item: TestItem, population: String? = nil,
            payer: String? = nil, on: String? = nil, is value: Double, _ source: ThresholdSource, _ index: Int32
        ) {
            self.name = name
            self.rules = rules
            self.floors = floors
            self.item = item
            self.population = population
            self.payer = payer
            self.on = on
            self.value = value
            self.source = source
            self.index = index
        }

        var testDescription: String { name }
    }

    private static let field = TestItem.field("note.line1", 1)
    private static let pair = TestItem.pair("71045", "J18.9", 1)

    static let rows: [Row] = [
        Row("no rule", [], field, is: 0.9, .default, -1),
        Row("a rule for the field", [rule(field: "note.line1", 0.5)], field, is: 0.5, .rule, 0),
        Row("a rule for another field", [rule(field: "note.line2", 0.5)], field, is: 0.9, .default, -1),
        Row("a rule equal to the default is a rule", [rule(field: "note.line1", 0.9)], field, is: 0.9, .rule, 0),
        Row("a rule of zero", [rule(field: "note.line1", 0)], field, is: 0, .rule, 0),
        Row("a prefix", [rule(field: "note.*", 0.5)], field, is: 0.5, .rule, 0),
        Row("the whole name as a prefix", [rule(field: "note.line1*", 0.5)], field, is: 0.5, .rule, 0),
        Row("a prefix longer than the name", [rule(field: "note.line1x*", 0.5)], field, is: 0.9, .default, -1),
        Row("every field", [rule(field: "*", 0.5)], field, is: 0.5, .rule, 0),
        Row("a literal before a prefix", [rule(field: "note.line1*", 0.5), rule(field: "note.line1", 0.6)], field, is: 0.6, .rule, 1),
        Row(
            "the longer prefix", [rule(field: "note.*", 0.5), rule(field: "note.line*", 0.6), rule(field: "*", 0.7)], field, is: 0.6, .rule,
            1),
        Row("a prefix in the middle of a letter", [rule(field: "n\u{6F}*", 0.5)], .field("no\u{301}", 1), is: 0.9, .default, -1),
        Row("a letter is one in all its forms", [rule(field: "\u{e9}", 0.5)], .field("e\u{301}", 1), is: 0.5, .rule, 0),
        Row("case does not matter", [rule(field: "Note.line1", 0.5)], field, is: 0.5, .rule, 0),
        Row("a field pattern is not for pairs", [rule(field: "*", 0.5)], pair, is: 0.9, .default, -1),
        Row("a code pattern is not for fields", [rule(procedure: "*", diagnosis: "*", 0.5)], field, is: 0.9, .default, -1),

        Row("both codes", [rule(procedure: "71045", diagnosis: "J18.9", 0.5)], pair, is: 0.5, .rule, 0),
        Row("one code of two differs", [rule(procedure: "71045", diagnosis: "J18.1", 0.5)], pair, is: 0.9, .default, -1),
        Row("a procedure alone", [rule(procedure: "71045", 0.5)], pair, is: 0.5, .rule, 0),
        Row("a diagnosis alone", [rule(diagnosis: "J18.*", 0.5)], pair, is: 0.5, .rule, 0),
        Row(
            "more literals first",
            [rule(procedure: "71045", diagnosis: "J18*", 0.5), rule(procedure: "71045", diagnosis: "J18.9", 0.6)], pair, is: 0.6, .rule, 1),
        Row(
            "of one literal each, the procedure's",
            [rule(procedure: "7104*", diagnosis: "J18.9", 0.5), rule(procedure: "71045", 0.6)], pair, is: 0.6, .rule, 1),
        Row(
            "a literal diagnosis before the longest prefixes",
            [rule(procedure: "71045*", diagnosis: "J18.9*", 0.5), rule(diagnosis: "J18.9", 0.6)], pair, is: 0.6, .rule, 1),
        Row(
            "the procedure's prefix before the diagnosis's",
            [rule(procedure: "71*", diagnosis: "J18.9*", 0.5), rule(procedure: "710*", 0.6)], pair, is: 0.6, .rule, 1),
        Row(
            "then the diagnosis's prefix",
            [rule(procedure: "71*", diagnosis: "J*", 0.5), rule(procedure: "71*", diagnosis: "J18*", 0.6)], pair, is: 0.6, .rule, 1),
        Row(
            "an absent procedure is below *",
            [rule(diagnosis: "J18.*", 0.5), rule(procedure: "*", diagnosis: "J*", 0.6)], pair, is: 0.6, .rule, 1),
        Row(
            "an absent diagnosis is below *",
            [rule(procedure: "71045", 0.5), rule(procedure: "71045", diagnosis: "*", 0.6)], pair, is: 0.6, .rule, 1),
        Row(
            "scopes alone are below any pattern",
            [rule(population: "north", payer: "medicare", 0.5), rule(field: "*", 0.6)], field, population: "north", payer: "medicare",
            is: 0.6,
            .rule, 1),

        Row("a population", [rule(field: "*", population: "north", 0.5)], field, population: "north", is: 0.5, .rule, 0),
        Row("another population", [rule(field: "*", population: "north", 0.5)], field, population: "south", is: 0.9, .default, -1),
        Row("no population given", [rule(field: "*", population: "north", 0.5)], field, is: 0.9, .default, -1),
        Row("a population is a literal", [rule(population: "nor*", 0.5)], field, population: "north", is: 0.9, .default, -1),
        Row(
            "a population before none",
            [rule(field: "*", 0.5), rule(field: "*", population: "north", 0.6)], field, population: "north", is: 0.6, .rule, 1),
        Row(
            "a population before a payer",
            [rule(payer: "medicare", 0.5), rule(population: "north", 0.6)], field, population: "north", payer: "medicare", is: 0.6, .rule, 1
        ),
        Row(
            "both before one",
            [rule(population: "north", 0.5), rule(population: "north", payer: "medicare", 0.6)], field, population: "north",
            payer: "medicare",
            is: 0.6, .rule, 1),
        Row(
            "a payer before none",
            [rule(procedure: "7*", 0.5), rule(procedure: "7*", payer: "medicare", 0.6)], pair, payer: "medicare", is: 0.6, .rule, 1),
        Row(
            "a longer prefix before any scope",
            [rule(field: "n*", population: "north", payer: "medicare", 0.5), rule(field: "no*", 0.6)], field, population: "north",
            payer: "medicare", is: 0.6, .rule, 1),
        Row(
            "a scope that does not match gives way to lower rank",
            [rule(field: "note.line1", population: "south", 0.5), rule(field: "*", 0.6)], field, population: "north", is: 0.6, .rule, 1),

        Row("on its first day", [rule(field: "*", from: "2027-01-01", 0.5)], field, on: "2027-01-01", is: 0.5, .rule, 0),
        Row("on the day before", [rule(field: "*", from: "2027-01-01", 0.5)], field, on: "2026-12-31", is: 0.9, .default, -1),
        Row("on its last day", [rule(field: "*", to: "2027-01-01", 0.5)], field, on: "2026-12-31", is: 0.5, .rule, 0),
        Row("on the day that it ends", [rule(field: "*", to: "2027-01-01", 0.5)], field, on: "2027-01-01", is: 0.9, .default, -1),
        Row(
            "one rule after the other",
            [
                rule(field: "*", to: "2027-01-01", 0.5), rule(field: "*", from: "2027-01-01", to: "2028-01-01", 0.6),
                rule(field: "*", from: "2029-01-01", 0.7),
            ],
            field, on: "2027-12-31", is: 0.6, .rule, 1),
        Row(
            "in the gap between two",
            [rule(field: "*", to: "2027-01-01", 0.5), rule(field: "*", from: "2029-01-01", 0.7)], field, on: "2028-01-01", is: 0.9,
            .default, -1),
        Row(
            "what is not in effect gives way to lower rank",
            [rule(field: "note.line1", from: "2027-01-01", 0.5), rule(field: "n*", 0.6)], field, on: "2026-01-01", is: 0.6, .rule, 1),

        Row("a floor above the default", floors: [rule(field: "*", 0.95)], field, is: 0.95, .floor, 0),
        Row("a floor equal to the default", floors: [rule(field: "*", 0.9)], field, is: 0.9, .default, -1),
        Row("a floor below the rule", [rule(field: "*", 0.99)], floors: [rule(field: "*", 0.95)], field, is: 0.99, .rule, 0),
        Row("a floor equal to the rule", [rule(field: "*", 0.95)], floors: [rule(field: "*", 0.95)], field, is: 0.95, .rule, 0),
        Row(
            "a floor above the rule, whatever its rank",
            [rule(field: "note.line1", 0.5)], floors: [rule(field: "*", 0.6)], field, is: 0.6, .floor, 0),
        Row(
            "the greatest of the floors, whatever their rank",
            floors: [rule(field: "note.line1", 0.95), rule(field: "*", 0.99), rule(field: "note.*", 0.97)], field, is: 0.99, .floor, 1),
        Row(
            "of equal floors the first", floors: [rule(field: "*", 0.91), rule(field: "*", 0.99), rule(field: "note.line1", 0.99)], field,
            is: 0.99, .floor, 1),
        Row(
            "of floors with the same pattern the greatest",
            floors: [rule(field: "*", 0.91), rule(field: "*", 0.99), rule(field: "*", 0.95)],
            field, is: 0.99, .floor, 1),
        Row("a floor in its scope", floors: [rule(population: "north", 0.99)], pair, population: "north", is: 0.99, .floor, 0),
        Row("a floor out of its scope", floors: [rule(population: "north", 0.99)], pair, population: "south", is: 0.9, .default, -1),
        Row("a floor by diagnosis", floors: [rule(diagnosis: "J18.*", 0.99)], pair, is: 0.99, .floor, 0),
        Row(
            "a floor out of its time", floors: [rule(diagnosis: "J18.*", to: "2026-01-01", 0.99)], pair, on: "2026-01-01", is: 0.9,
            .default, -1),
        Row(
            "a greater floor that has ended",
            floors: [rule(diagnosis: "J*", to: "2026-01-01", 0.99), rule(diagnosis: "J*", 0.95)], pair, on: "2026-06-01", is: 0.95, .floor,
            1),
        Row(
            "a greater floor in the midst of another",
            floors: [rule(diagnosis: "J*", 0.95), rule(diagnosis: "J*", from: "2026-01-01", to: "2027-01-01", 0.99)], pair,
            on: "2026-06-01",
            is: 0.99, .floor, 1),
    ]

    @Test(arguments: rows) func `the contract names the threshold and its source`(row: Row) {
        let policies = set(makePolicy(rules: row.rules, floors: row.floors))
        let expected = AppliedThreshold(threshold: threshold(row.value), source: row.source, ruleIndex: row.index)
        #expect(policies.applied(row.item, population: row.population, payer: row.payer, on: row.on ?? "2026-03-02") == expected)
    }

    @Test(arguments: rows) func `the order in which rules are written makes no difference`(row: Row) {
        let last = Int32(row.rules.count) - 1
        let policies = set(makePolicy(rules: row.rules.reversed(), floors: row.floors))
        let expected = AppliedThreshold(
            threshold: threshold(row.value), source: row.source, ruleIndex: row.source == .rule ? last - row.index : row.index)
        #expect(policies.applied(row.item, population: row.population, payer: row.payer, on: row.on ?? "2026-03-02") == expected)
    }

    @Test func `without a service date the UTC day of the decision counts`() {
        let policies = set(makePolicy(rules: [rule(field: "*", from: "2027-01-01", 0.5)]))
        let result = makeResult([.field("a", 0.7)])
        #expect(policies.decide(result, at: "2026-12-31T23:59:59.999Z").route == .review)
        #expect(policies.decide(result, at: "2027-01-01T00:00:00Z").route == .confident)
        #expect(policies.decide(result, at: "2027-01-01T00:30:00+01:00").route == .review)
        #expect(policies.decide(makeResult([.field("a", 0.7)], serviceDate: "2026-12-31"), at: "2027-06-01T00:00:00Z").route == .review)
    }

    @Test func `a primary pair is a pair like another`() {
        let policies = set(makePolicy(rules: [rule(procedure: "7*", 0.5)]))
        #expect(policies.applied(.pair("71045", "J18.9", 1, primary: true))?.source == .rule)
    }

    @Test func `a hundred thousand floors over one another are one staircase`() {
        let floors = (0..<100_000).map { (index: Int) -> Policy.Rule in
            let value = 0.5 + Double(index % 500) / 1_000
            return rule(field: "a", value).lasting(from: Int32(index % 1_000), days: Int32(1 + index % 37))
        }
        let policies = set(makePolicy("form", 0, floors: floors))
        for day in [0, 1, 499, 500, 777, 1_035, 1_036, 2_000] as [Int32] {
            let applied = policies.applied(.field("a", 1), on: CivilDate(days: day).iso8601)
            let today = CivilDate(days: day)
            let holding = floors.indices.filter { (index: Int) -> Bool in
                guard let from = floors[index].effectiveFrom, let to = floors[index].effectiveTo else { return false }
                return from <= today && today < to
            }
            let greatest = holding.map { floors[$0].threshold }.max()
            #expect(applied?.threshold == greatest ?? threshold(0))
            #expect(applied?.ruleIndex == Int32(holding.first { floors[$0].threshold == greatest } ?? -1))
        }
    }

    @Test func `names that differ in one byte are told apart, wherever it is`() {
        var names: [String] = []
        for length in 1...40 {
            names.append(String(repeating: "x", count: length))
            for place in 0..<length {
                names.append(String(repeating: "x", count: place) + "y" + String(repeating: "x", count: length - place - 1))
            }
        }
        let literals = set(makePolicy(rules: names.map { rule(field: $0, 0.5) }))
        let codes = set(makePolicy(rules: names.map { rule(procedure: $0, diagnosis: $0 + "*", 0.5) }))
        for (index, name) in names.enumerated() {
            #expect(literals.applied(.field(name, 1))?.ruleIndex == Int32(index), "\(name)")
            #expect(codes.applied(.pair(name, name + "z", 1))?.ruleIndex == Int32(index), "\(name)")
        }
        #expect(literals.applied(.field(String(repeating: "x", count: 41), 1))?.ruleIndex == -1)
    }

    @Test func `of many rules each item finds its own`() {
        let policies = set(makePolicy(rules: (0..<100_000).map { rule(field: "field.\($0)", Double($0 % 1_000) / 1_000) }))
        for index in stride(from: 0, to: 100_000, by: 997) {
            #expect(policies.applied(.field("field.\(index)", 1))?.ruleIndex == Int32(index))
        }
        #expect(policies.applied(.field("field.100000", 1))?.ruleIndex == -1)
    }
}

extension Policy.Rule {
    func lasting(from: Int32, days: Int32) -> Policy.Rule {
        var rule = self
        rule.effectiveFrom = CivilDate(days: from)
        rule.effectiveTo = CivilDate(days: from + days)
        return rule
    }
}
