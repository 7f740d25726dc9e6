import Foundation
import Routing
import TestSupport
import Testing

private func nameForm(_ text: String) -> String { String(decoding: CanonicalForm.ofName(text.utf8), as: UTF8.self) }
private func codeForm(_ text: String) -> String { String(decoding: CanonicalForm.ofCode(text.utf8), as: UTF8.self) }

@Suite struct `Canonical forms` {
    @Test(arguments: [
        ["patient.name", "Patient.Name", " PATIENT.NAME ", "patient.name\u{A0}", "\u{3000}patient.NAME"],
        ["Patient Name", "patient  name", " Patient\u{2003}\u{A0} NAME"],
        ["Größe", "GRÖSSE", "Gro\u{308}ße", "GRO\u{308}\u{1E9E}E", "grösse"],
        ["ΟΔΟΣ", "οδος", "οδοσ", "Οδός".replacing("ό", with: "ο")],
        ["\u{212A}elvin", "kelvin", "KELVIN"],
        ["İD", "i\u{307}d", "I\u{307}d"],
        ["\u{1E69}", "s\u{323}\u{307}", "s\u{307}\u{323}", "S\u{307}\u{323}"],
        ["ﬃx", "FFIX", "ffix"],
        ["한글", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}"],
    ]) func `of names that are one to people are one`(names: [String]) {
        #expect(Set(names.map(nameForm)).count == 1, "\(names.map(nameForm))")
        for name in names { #expect(nameForm(nameForm(name)) == nameForm(name)) }
    }

    @Test(arguments: [
        ("patient.name", "patient name"), ("patientname", "patient name"), ("a", "á"), ("Ａ", "A"), ("ı", "i"), ("x²", "x2"), ("o", "ø"),
    ]) func `of names that are two to people are two`(a: String, b: String) {
        #expect(nameForm(a) != nameForm(b))
    }

    @Test(arguments: [
        ["J96.01", "j96.01", "J9601", " J96.01", "J 96 01", "j.9.6.0.1", "J96\u{A0}01"], ["99213", " 99213", "99213 "],
        ["g0008", "G0008"], ["Ä1", "ä1", "A\u{308}.1"],
    ]) func `of codes that are one to people are one`(codes: [String]) {
        #expect(Set(codes.map(codeForm)).count == 1, "\(codes.map(codeForm))")
    }

    /// The fast way over whole texts gives what the plain one gives.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func `are found in any text`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let parts = [
            "a", "Zz", ".", " ", "  ", "9", "É", "e\u{301}", "ß", "\u{A0}", "J18.9", "@[`{", String(repeating: "Long.Name ", count: 9),
        ]
        for _ in 0..<100 {
            var text: [UInt8] = []
            var ranges: [TextRange] = []
            let isPlain = random.chance(0.3)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let word = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                    isPlain ? random.pick(["a", "Zz", ".", "9", "@[`{"]) : random.pick(parts)
                }.joined()
                ranges.append(TextRange(start: text.count, count: word.utf8.count))
                text += word.utf8
            }
            var compared = ComparedText(text)
            var asWritten = ComparedText(text, .asWritten)
            for range in ranges {
                let word = text[range.indices]
                let name = compared.name(range)
                #expect(Array(compared.bytes[name]) == CanonicalForm.ofName(word))
                let code = compared.code(range)
                #expect(Array(compared.bytes[code]) == CanonicalForm.ofCode(word))
                #expect(asWritten.bytes[asWritten.name(range)] == word && asWritten.bytes[asWritten.code(range)] == word)
            }
        }
    }

    @Test func `of codes hold floors however the codes are written`() {
        let set = set(makePolicy(floors: [rule(procedure: "992.*", 0.99), rule(diagnosis: "J96.*", 0.98), rule(diagnosis: "a41*", 0.97)]))
        for (procedure, diagnosis, wanted) in [
            ("71046", "J9601", 0.98), ("71046", "j96.01", 0.98), ("71046", " J96.01", 0.98), (" 992 13", "R05.9", 0.99),
            ("71046", "A41.9", 0.97), ("71046", "J9.7", 0.9), ("71046", "I96.01", 0.9),
        ] {
            #expect(set.applied(.pair(procedure, diagnosis, 1))?.threshold.value == wanted, "\(procedure) \(diagnosis)")
        }
    }

    @Test func `of names hold rules, roles, sections and scopes`() {
        let set = set(
            makePolicy(
                rules: [rule(field: "Patient.*", 0.95), rule(field: "Straße", 0.96), rule(field: "box", population: "North Side", 0.5)],
                required: ["Patient.Name"], optional: ["BOX"], sections: ["Impression"]))
        #expect(set.applied(.field("PATIENT.name", 1))?.threshold.value == 0.95)
        #expect(set.applied(.field("STRASSE ", 1))?.threshold.value == 0.96)
        #expect(set.applied(.field("Box", 1), population: "north  side")?.threshold.value == 0.5)
        let decision = set.decide(
            makeResult([.field("patient.name", 1), .field("Box", nil, empty: true)], sections: ["IMPRESSION"]))
        #expect(decision.route == .confident)
        #expect(
            set.decide(makeResult([.field("patient.name", 1, empty: true)], sections: ["impression"])).items[0].reasons
                == .missingRequiredField)
    }

    @Test func `make two rules one, which contradict each other then`() {
        func contradictions(_ rules: Policy.Rule...) -> [PolicyContradiction] { makePolicy(rules: rules).contradictions }
        #expect(contradictions(rule(diagnosis: "J18.9", 0.9), rule(diagnosis: "j189", 0.8)) == [.overlappingRules(0, 1)])
        #expect(contradictions(rule(procedure: "7104*", 0.9), rule(procedure: "71.04*", 0.8)) == [.overlappingRules(0, 1)])
        #expect(contradictions(rule(field: "Total", 0.9), rule(field: "total ", 0.8)) == [.overlappingRules(0, 1)])
        #expect(
            contradictions(rule(field: "a", population: "North", 0.9), rule(field: "a", population: "NORTH", 0.8)) == [
                .overlappingRules(0, 1)
            ])
        #expect(contradictions(rule(field: "note*", 0.9), rule(field: "note *", 0.8)).isEmpty)
        #expect(makePolicy(required: ["a", "A"]).contradictions == [.duplicateName(.requiredFields, 0, 1)])
        #expect(makePolicy(required: ["a"], optional: ["A "]).contradictions == [.requiredAndOptional(required: 0, optional: 0)])
    }

    @Test func `count for nothing where decisions were made before there were any`() {
        let policy = makePolicy(rules: [rule(diagnosis: "J18.9", 0.5), rule(diagnosis: "j189", 0.6)], required: ["Name"])
        let old = PolicySet([CompiledPolicy(policy, version: PolicyVersion(1), comparison: .asWritten)])
        let decision = old.decide(makeResult([.field("name", 1), .pair("7", "J18.9", 1), .pair("7", "j189", 1), .pair("7", "J189", 1)]))
        #expect(decision.reasons == [.missingRequiredField(name("Name"))])
        #expect(decision.items.map { $0.threshold?.value } == [0.9, 0.5, 0.6, 0.9])
    }

    @Test func `longer than any name are compared as well as they can be`() {
        // Each of these, of two bytes, folds to two characters of three.
        let long = String(repeating: "\u{149}", count: 127)
        let set = set(makePolicy(rules: [rule(field: long + "*", 0.5), rule(field: long + "a", 0.6)]))
        #expect(set.applied(.field(long + "A", 1))?.threshold.value == 0.6)
        #expect(set.applied(.field(long + "B", 1))?.threshold.value == 0.5)
    }
}

@Suite struct `Nothing read` {
    @Test func `goes to review with its reason, or to manual as ever`() {
        let plain = set(makePolicy(required: ["name"])).decide(makeResult([]))
        #expect(plain.route == .review && plain.confidence == nil && plain.weakestItem == nil)
        #expect(plain.reasons == [.missingRequiredField(name("name")), .nothingRead])
        let manual = set(makePolicy(sections: ["impression"])).decide(makeResult([], sections: []))
        #expect(manual.route == .manual && manual.reasons == [.missingRequiredSection(name("impression")), .nothingRead])
        let none = PolicySet([]).decide(makeResult([]))
        #expect(none.route == .review && none.reasons == [.unknownDocumentType, .nothingRead])
        #expect(set(makePolicy(optional: ["box"])).decide(makeResult([.field("box", 1, empty: true)])).reasons.isEmpty)
    }
}

@Suite struct `White space` {
    @Test(arguments: ["", " ", "\t\n", "\u{A0}", "\u{2003}\u{3000}", "\u{85}\u{2028}", "\u{1680}\u{205F} "]) func `alone says nothing`(
        text: String
    ) {
        var text = text
        #expect(text.withUTF8 { unsafe WhiteSpace.isAll(of: $0) })
    }

    @Test(arguments: ["0", " 0", "\u{A0}x", "\u{200B}", "é", "-", "\u{7F}"]) func `with anything says something`(text: String) {
        var text = text
        #expect(!text.withUTF8 { unsafe WhiteSpace.isAll(of: $0) })
    }
}

@Suite struct `Modifiers of a procedure` {
    private func modifiers(_ texts: String...) throws -> Modifiers {
        var modifiers = Modifiers()
        for text in texts.map({ Array($0.utf8) }) {
            let isAdded = modifiers.append(text[0], text[1])
            try #require(isAdded)
        }
        return modifiers
    }

    @Test func `are one in any case and order`() throws {
        #expect(try modifiers("RT", "59").canonical == modifiers("59", "rt").canonical)
        #expect(try modifiers("RT").canonical != modifiers("LT").canonical)
        #expect(try modifiers("RT").canonical != modifiers("RT", "RT").canonical)
        #expect(try modifiers("aa", "bb", "cc", "dd").count == 4)
        #expect(try modifiers("x1", "Y2")[1] == "Y2")
    }

    @Test func `are four at most, of two letters or digits`() throws {
        var full = try modifiers("aa", "bb", "cc", "dd")
        let (isFifth, isOdd) = (
            full.append(65, 65),
            {
                var none = Modifiers(); return none.append(65, 32)
            }()
        )
        #expect(!isFifth && !isOdd)
    }
}
