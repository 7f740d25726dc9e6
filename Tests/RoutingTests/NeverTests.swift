import Routing
import Testing

@Suite struct `A threshold of never` {
    @Test(arguments: [0, 0.5, 1] as [Double]) func `accepts no confidence, not even 1`(value: Double) throws {
        let confidence = try #require(Confidence(value))
        #expect(!Threshold.never.accepts(confidence))
        #expect(threshold(value).accepts(confidence))
        #expect(Threshold.never > threshold(value))
        #expect(Threshold.never.value == nil)
    }

    @Test func `as the default, a rule or a floor sends an item to review`() {
        for policy in [
            makePolicy(nil), makePolicy(rules: [rule(field: "a", nil)]), makePolicy(floors: [rule(field: "a*", nil)]),
            makePolicy(rules: [rule(field: "a", 0)], floors: [rule(field: "a", nil), rule(field: "*", 1)]),
        ] {
            let decision = set(policy).decide(makeResult([.field("a", 1)]))
            #expect(decision.route == .review)
            #expect(decision.items[0].threshold == .never)
            #expect(decision.items[0].reasons == .belowThreshold)
        }
    }

    @Test func `of a rule gives way to a rule of higher rank`() {
        let policies = set(makePolicy(rules: [rule(diagnosis: "J*", nil), rule(diagnosis: "J18.9", 0.8)]))
        #expect(policies.applied(.pair("1", "J18.9", 1))?.threshold == threshold(0.8))
        #expect(policies.applied(.pair("1", "J96.0", 1))?.threshold == .never)
    }

    private func makePolicy(_ value: Double?) -> Policy { RoutingTests.makePolicy("form", value) }
    private func makePolicy(rules: [Policy.Rule] = [], floors: [Policy.Rule] = []) -> Policy {
        RoutingTests.makePolicy("form", 0.5, rules: rules, floors: floors)
    }
}

@Suite struct `An item that no rule names` {
    private func reasons(_ item: TestItem, _ rules: [Policy.Rule], floors: [Policy.Rule] = [], population: String? = nil) -> ItemReasons {
        let policies = set(makePolicy("form", 0.5, unlisted: .review, rules: rules, floors: floors, optional: ["blank"]))
        return policies.decide(makeResult([item], population: population)).items[0].reasons
    }

    @Test func `is refused where the policy wants it looked at`() {
        #expect(reasons(.field("x", 1), [rule(field: "a", 0.1)]) == .unlisted)
        #expect(reasons(.pair("1", "2", 0.1), [rule(field: "*", 0.1)]) == [.unlisted, .belowThreshold])
        #expect(reasons(.field("x", nil), []) == [.unlisted, .noConfidence])
        #expect(reasons(.field("a", 1), [rule(field: "a", 0.1)]) == [])
        #expect(reasons(.pair("71045", "J18.9", 1), [rule(procedure: "71*", 0.1)]) == [])
    }

    @Test func `is not named by a rule without an item, a floor, or a rule of another scope`() {
        #expect(reasons(.field("x", 1), [rule(population: "north", 0.1)], population: "north") == .unlisted)
        #expect(reasons(.field("x", 1), [], floors: [rule(field: "x", 0.1)]) == .unlisted)
        #expect(reasons(.field("x", 1), [rule(field: "x", population: "north", 0.1)], population: "south") == .unlisted)
        #expect(reasons(.field("x", 1), [rule(field: "x", population: "north", 0.1)], population: "north") == [])
    }

    @Test func `is accepted as blank where it is optional and empty`() {
        #expect(reasons(.field("blank", nil, empty: true), []) == [])
        #expect(reasons(.field("blank", 1), []) == .unlisted)
    }
}
