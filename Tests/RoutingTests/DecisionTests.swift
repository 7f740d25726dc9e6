import Routing
import Testing

/// Where a document goes, and why: the contract's "Decisions", sentence by sentence.
@Suite struct DecisionTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let items: [TestItem]
        var sections: [String]?
        let route: Route
        let confidence: Double?
        let weakest: Int?
        let itemReasons: [ItemReasons]
        let reasons: [DecisionReason]

        init(
            _ name: String, _ items: [TestItem], sections: [String]? = ["impression"], _ route: Route, _ confidence: Double?, weakest: Int?,
            _ itemReasons: [ItemReasons], _ reasons: [DecisionReason] = []
        ) {
            self.name = name
            self.items = items
            self.sections = sections
            self.route = route
            self.confidence = confidence
            self.weakest = weakest
            self.itemReasons = itemReasons
            self.reasons = reasons
        }

        var testDescription: String { name }
    }

    private static let present = TestItem.field("name", 1)

    /// By a policy of threshold 0.9 that requires the field `name` and the section `impression`, and lets `box` be empty.
    static let rows: [Row] = [
        Row("every item accepted", [present, .field("a", 0.95)], .confident, 0.95, weakest: 1, [[], []]),
        Row("exactly at the threshold", [.field("name", 0.9)], .confident, 0.9, weakest: 0, [[]]),
        Row("just below the threshold", [.field("name", 0.9.nextDown)], .review, 0.9.nextDown, weakest: 0, [.belowThreshold]),
        Row("one item below", [present, .field("a", 0.5), .pair("7", "J", 0.95)], .review, 0.5, weakest: 1, [[], .belowThreshold, []]),
        Row("a pair below", [present, .pair("7", "J", 0.1)], .review, 0.1, weakest: 1, [[], .belowThreshold]),
        Row(
            "the first of equal confidences", [present, .field("a", 0.95), .field("b", 0.95)], .confident, 0.95, weakest: 1, [[], [], []]),
        Row("no confidence", [present, .field("a", nil)], .review, nil, weakest: 1, [[], .noConfidence]),
        Row(
            "no confidence before a lesser one", [present, .field("a", nil), .field("b", 0.1)], .review, nil, weakest: 1,
            [[], .noConfidence, .belowThreshold]),
        Row(
            "no confidence behind a lesser one", [present, .field("a", 0.1), .field("b", nil), .field("c", nil)], .review, nil, weakest: 2,
            [[], .belowThreshold, .noConfidence, .noConfidence]),
        Row("no confidence of a pair", [present, .pair("7", "J", nil)], .review, nil, weakest: 1, [[], .noConfidence]),

        Row("a blank box", [present, .field("box", 0.1, empty: true)], .confident, 1, weakest: 0, [[], []]),
        Row("a blank box without confidence", [present, .field("box", nil, empty: true)], .confident, 1, weakest: 0, [[], []]),
        Row("a filled box is judged", [present, .field("box", 0.1)], .review, 0.1, weakest: 1, [[], .belowThreshold]),
        Row("a filled box without confidence is judged", [present, .field("box", nil)], .review, nil, weakest: 1, [[], .noConfidence]),
        Row(
            "an empty field that is not optional is judged by its confidence", [present, .field("a", 0.95, empty: true)], .confident, 0.95,
            weakest: 1, [[], []]),
        Row(
            "an empty field that is not optional, below", [present, .field("a", 0.1, empty: true)], .review, 0.1, weakest: 1,
            [[], .belowThreshold]),

        Row("a required field absent", [.field("a", 1)], .review, 1, weakest: 0, [[]], [.missingRequiredField(name("name"))]),
        Row("a required field empty", [.field("name", 1, empty: true)], .review, 1, weakest: 0, [.missingRequiredField]),
        Row(
            "a required field empty and below", [.field("name", 0.1, empty: true)], .review, 0.1, weakest: 0,
            [[.missingRequiredField, .belowThreshold]]),
        Row(
            "a required field empty without confidence", [.field("name", nil, empty: true)], .review, nil, weakest: 0,
            [[.missingRequiredField, .noConfidence]]),
        Row(
            "a pair is no field, whatever its codes", [.pair("name", "name", 1)], .review, 1, weakest: 0, [[]],
            [.missingRequiredField(name("name"))]),
        Row(
            "nothing left but blanks, and a required field absent", [.field("box", 0.1, empty: true)], .review, nil, weakest: nil, [[]],
            [.missingRequiredField(name("name"))]),

        Row("the section among others", [present], sections: ["findings", "impression"], .confident, 1, weakest: 0, [[]]),
        Row(
            "the section missing", [present], sections: ["findings"], .manual, 1, weakest: 0, [[]],
            [.missingRequiredSection(name("impression"))]),
        Row("no section", [present], sections: [], .manual, 1, weakest: 0, [[]], [.missingRequiredSection(name("impression"))]),
        Row("sections not given", [present], sections: nil, .manual, 1, weakest: 0, [[]], [.missingRequiredSection(name("impression"))]),
        Row(
            "a section of another name", [present], sections: ["Impressions"], .manual, 1, weakest: 0, [[]],
            [.missingRequiredSection(name("impression"))]),
        Row("a section's name in capitals", [present], sections: ["IMPRESSION"], .confident, 1, weakest: 0, [[]]),
        Row(
            "a missing section wins over all else", [.field("a", nil)], sections: nil, .manual, nil, weakest: 0, [.noConfidence],
            [.missingRequiredField(name("name")), .missingRequiredSection(name("impression"))]),
    ]

    @Test(arguments: rows) func `the contract names the route and its reasons`(row: Row) {
        let policies = set(makePolicy(required: ["name"], optional: ["box"], sections: ["impression"]))
        let decision = policies.decide(makeResult(row.items, sections: row.sections))
        #expect(decision.route == row.route)
        #expect(decision.confidence?.value == row.confidence)
        #expect(decision.weakestItem == row.weakest)
        #expect(decision.items.map(\.reasons) == row.itemReasons)
        #expect(decision.items.map(\.accepted) == row.itemReasons.map(\.isEmpty))
        #expect(decision.reasons == row.reasons)
        #expect(decision.policy == PolicyReference(documentType: name("form"), version: PolicyVersion(1)))
        #expect(!decision.qualityAssurance)
    }

    @Test func `a document of blanks alone goes to review`() {
        let decision = set(makePolicy(optional: ["a", "b"])).decide(
            makeResult([.field("a", 1, empty: true), .field("b", nil, empty: true)]))
        #expect(decision.route == .review)
        #expect(decision.confidence == nil)
        #expect(decision.weakestItem == nil)
        #expect(decision.items.allSatisfy { $0.accepted })
        #expect(decision.reasons.isEmpty)
    }

    @Test func `a blank keeps its threshold and source`() {
        let decision = set(makePolicy(rules: [rule(field: "a", 0.97)], optional: ["a"])).decide(makeResult([.field("a", nil, empty: true)]))
        #expect(
            decision.items == [ItemVerdict(threshold: threshold(0.97), source: .rule, ruleIndex: 0, accepted: true, reasons: [])])
    }

    @Test func `missing fields and sections are named in the policy's order`() {
        let policies = set(makePolicy(required: ["c", "a", "b"], sections: ["t", "s"]))
        #expect(
            policies.decide(makeResult([.field("a", 1)])).reasons == [
                .missingRequiredField(name("c")), .missingRequiredField(name("b")), .missingRequiredSection(name("t")),
                .missingRequiredSection(name("s")),
            ])
    }

    @Test func `required names are matched in all forms of their letters`() {
        let policies = set(makePolicy(required: ["\u{e9}"]))
        #expect(policies.decide(makeResult([.field("\u{e9}", 1)])).route == .confident)
        #expect(policies.decide(makeResult([.field("E\u{301}", 1)])).route == .confident)
        #expect(policies.decide(makeResult([.field("e", 1)])).reasons == [.missingRequiredField(name("\u{e9}"))])
    }

    @Test func `a type without a policy uses that of the star`() {
        let policies = set(makePolicy("form", 0.5), makePolicy("*", 1))
        let own = policies.decide(makeResult([.field("a", 0.7)]))
        #expect(own.policy?.documentType == name("form"))
        #expect(own.route == .confident)
        let other = policies.decide(makeResult([.field("a", 0.7)], type: "letter"))
        #expect(other.policy == PolicyReference(documentType: name("*"), version: PolicyVersion(2)))
        #expect(other.route == .review)
    }

    @Test func `without a policy nothing is accepted`() {
        let decision = set(makePolicy("form", 0, sampleRate: 1)).decide(
            makeResult([.field("a", 1), .field("b", nil), .pair("7", "J", 0.2)], type: "letter"), hash: 0)
        #expect(decision.route == .review)
        #expect(decision.policy == nil)
        #expect(decision.reasons == [.unknownDocumentType])
        #expect(decision.items.allSatisfy { $0.threshold == nil && !$0.accepted && $0.ruleIndex == -1 })
        #expect(decision.items.map(\.reasons) == [[], .noConfidence, []])
        #expect(decision.confidence == nil)
        #expect(decision.weakestItem == 1)
        #expect(decision.audit == AuditDraw(hash: 0, sampleRate: 0, saltId: 42))
    }

    @Test func `a policy is found by its type's bytes`() {
        let policies = set(makePolicy("form"), makePolicy("*"))
        #expect(policies.policy(of: name("form"))?.version == PolicyVersion(1))
        #expect(policies.policy(of: name("Form")) == nil)
        #expect(policies.policy(of: name("*"))?.version == PolicyVersion(2))
        #expect(PolicySet([]).policy(of: name("*")) == nil)
        #expect(PolicySet([]).decide(makeResult([.field("a", 1)])).reasons == [.unknownDocumentType])
    }

    @Test func `only a confident document in the sample is for quality assurance`() {
        let policies = set(makePolicy(sampleRate: 0.5))
        let (sampled, unsampled) = (UInt64(1) << 63 - 1, UInt64(1) << 63)
        #expect(policies.decide(makeResult([.field("a", 1)]), hash: sampled).qualityAssurance)
        #expect(!policies.decide(makeResult([.field("a", 1)]), hash: unsampled).qualityAssurance)
        #expect(!policies.decide(makeResult([.field("a", 0)]), hash: sampled).qualityAssurance)
        #expect(policies.decide(makeResult([.field("a", 0)]), hash: sampled).audit == AuditDraw(hash: sampled, sampleRate: 0.5, saltId: 42))
    }

    @Test(
        arguments: [
            (0, 0, false), (0, .max, false), (1, .max, true), (1, 0, true), (0.5, 0x7FFF_FFFF_FFFF_FFFF, true),
            (0.5, 0x8000_0000_0000_0000, false),
            (0.25, 0x3FFF_FFFF_FFFF_FFFF, true), (0.25, 0x4000_0000_0000_0000, false),
            // 1 - 2^-53, the greatest double below 1: 2^64 - 2^11.
            (1.0.nextDown, 0xFFFF_FFFF_FFFF_F7FF, true), (1.0.nextDown, 0xFFFF_FFFF_FFFF_F800, false),
            // 0.05 is 0x1.999999999999ap-5, so the bound is 0x0CCC_CCCC_CCCC_CD00.
            (0.05, 0x0CCC_CCCC_CCCC_CCFF, true), (0.05, 0x0CCC_CCCC_CCCC_CD00, false),
            (0x1p-64, 0, true), (0x1p-64, 1, false), (0x1p-65, 0, false), (.leastNonzeroMagnitude, 0, false),
            // 1.5 · 2^-64 is cut to 1.
            (0x1.8p-64, 0, true), (0x1.8p-64, 1, false),
        ] as [(Double, UInt64, Bool)])
    func `a document is in the audit sample below the share of all hashes`(rate: Double, hash: UInt64, isIn: Bool) {
        #expect(AuditDraw(hash: hash, sampleRate: rate, saltId: 0).isInSample == isIn)
    }
}
