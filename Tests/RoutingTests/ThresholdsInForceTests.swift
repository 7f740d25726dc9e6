import Routing
import Testing

@Suite struct ThresholdsInForceTests {
    private let policy = CompiledPolicy(
        makePolicy(
            rules: [
                rule(procedure: "7104*", diagnosis: "J18.*", 0.92), rule(field: "note.*", 0.5),
                rule(field: "note.line1", population: "north", 0.6),
                rule(payer: "medicare", 0.95), rule(field: "note.*", population: "north", 0.7),
            ], floors: [rule(diagnosis: "J*", 0.93), rule(field: "zip", 0.99), rule(field: "note.*", 0.1)]), version: PolicyVersion(3))

    @Test func `each pattern is listed once, fields and then pairs, as first written`() {
        #expect(
            policy.distinctPatterns
                == [
                    rule(field: "note.*", 0), rule(field: "note.line1", 0), rule(field: "zip", 0),
                    rule(procedure: "7104*", diagnosis: "J18.*", 0), rule(diagnosis: "J*", 0),
                ].map(\.item))
    }

    @Test(
        arguments: [
            ("note.*", nil, nil, 0.5, .rule, 1), ("note.*", "north", nil, 0.7, .rule, 4), ("note.line1", nil, nil, 0.5, .rule, 1),
            ("note.line1", "north", nil, 0.6, .rule, 2), ("note.l*", nil, nil, 0.5, .rule, 1), ("note*", nil, nil, 0.9, .default, -1),
            ("note*", nil, "medicare", 0.95, .rule, 3), ("*", nil, nil, 0.9, .default, -1), ("zip", nil, nil, 0.99, .floor, 1),
            ("nobody named it", nil, nil, 0.9, .default, -1), ("zip", nil, "medicare", 0.99, .floor, 1),
        ] as [(String, String?, String?, Double, ThresholdSource, Int32)])
    func `a field or field pattern has the threshold of what covers it`(
        field: String, population: String?, payer: String?, value: Double, source: ThresholdSource, index: Int32
    ) {
        let applied = policy.threshold(
            for: rule(field: field, 0).item, population: population.map(name), payer: payer.map(name), date: date("2026-03-02"))
        #expect(applied == AppliedThreshold(threshold: threshold(value), source: source, ruleIndex: index))
    }

    @Test(
        arguments: [
            ("7104*", "J18.*", 0.93, .floor, 0), ("71045", "J18.9", 0.93, .floor, 0), ("7104*", "K*", 0.9, .default, -1),
            (nil, "J*", 0.93, .floor, 0),
            (nil, "J18.*", 0.93, .floor, 0), ("710*", "J18.9", 0.93, .floor, 0), ("7104*", nil, 0.9, .default, -1),
        ] as [(String?, String?, Double, ThresholdSource, Int32)])
    func `a pair pattern has the threshold of what covers it`(
        procedure: String?, diagnosis: String?, value: Double, source: ThresholdSource, index: Int32
    ) {
        let applied = policy.threshold(
            for: rule(procedure: procedure, diagnosis: diagnosis, 0).item, population: nil, payer: nil, date: date("2026-03-02"))
        #expect(applied == AppliedThreshold(threshold: threshold(value), source: source, ruleIndex: index))
    }

    @Test func `a code left out is covered by the star`() {
        let policy = CompiledPolicy(
            makePolicy(rules: [rule(diagnosis: "J*", 0.5), rule(procedure: "*", diagnosis: "J*", 0.6)]), version: PolicyVersion(1))
        let applied = policy.threshold(for: rule(diagnosis: "J*", 0).item, population: nil, payer: nil, date: date("2026-03-02"))
        #expect(applied == AppliedThreshold(threshold: threshold(0.6), source: .rule, ruleIndex: 1))
    }

    @Test func `dates hold for patterns as for items`() {
        let policy = CompiledPolicy(makePolicy(rules: [rule(field: "a*", from: "2027-01-01", 0.5)]), version: PolicyVersion(1))
        let item = rule(field: "a*", 0).item
        #expect(policy.threshold(for: item, population: nil, payer: nil, date: date("2026-12-31")).source == .default)
        #expect(policy.threshold(for: item, population: nil, payer: nil, date: date("2027-01-01")).source == .rule)
    }
}
