import API
import JSON
import Learning
import Routing
import Testing

/// Results as models see them.
@Suite struct `A case` {
    private func read(_ line: String) throws -> Case { try CaseReader().read(line: Array(line.utf8)) }

    /// Scalars as text, in their order.
    private func text(_ scalars: some Sequence<Case.Scalar>, _ document: Case) -> [String] {
        scalars.map { scalar in
            let value =
                switch scalar.value {
                case .number(let number): "\(number)"
                case .bool(let flag): "\(flag)"
                case .string(let range): "'\(document.string(range))'"
                }
            return "\(document.string(scalar.name))=\(value)"
        }
    }

    private static let coded = #"""
        {"documentType":"report","documentId":"d-1","population":"north","payer":"medicare","serviceDate":"2026-02-03",
        "engine":{"name":"coder","version":"2"},"context":{"age":61,"sex":"F","hasImpression":true,"none":null,"list":[1]},
        "pairs":[{"procedure":"71045","diagnosis":"J18.9","primary":true,"confidence":0.5,"evidence":{"margin":0.25,"side":"L","seen":false}},
        {"procedure":"71045","diagnosis":"R05","confidence":null}],
        "review":{"verdict":"modified","corrected":[{"procedure":"71046","diagnosis":"J18.9","primary":true},{"procedure":"71045","diagnosis":"R05","primary":false}]}}
        """#

    @Test func `keeps context, evidence and what was right`() throws {
        let document = try read(Self.coded)
        #expect(text(document.context, document) == ["age=61.0", "sex='F'", "hasImpression=true"])
        #expect(text(document.evidence[document.items[0].evidence], document) == ["margin=0.25", "side='L'", "seen=false"])
        #expect(document.items[1].evidence.isEmpty)
        #expect(document.items[1].confidence == nil)
        #expect(document.population.map { document.string($0) } == "north")
        #expect(document.engineVersion.map { document.string($0) } == "2")
        let outcome = try #require(document.outcome)
        #expect(!outcome.isUnchanged)
        #expect(outcome.items[0] == Case.ItemOutcome(isKept: false, isFirstRight: false, isSecondRight: true))
        #expect(outcome.items[1].isKept)
    }

    @Test func `knows names and codes by their canonical forms, and shows them as written`() throws {
        let document = try read(
            #"""
            {"documentType":"t","documentId":"d","population":" North  Side","fields":[{"name":"Patient.Name"}],
            "pairs":[{"procedure":" 99213","diagnosis":"j96.01"},{"procedure":"A1","diagnosis":"R05"}]}
            """#)
        let (field, pair) = (document.items[0], document.items[1])
        #expect(document.string(field.first) == "Patient.Name" && document.string(field.firstKey) == "patient.name")
        #expect(document.string(pair.first) == " 99213" && document.string(pair.firstKey) == "99213")
        #expect(document.string(pair.second) == "j96.01" && document.string(pair.secondKey) == "J9601")
        #expect(document.items[2].firstKey == document.items[2].first && document.items[2].secondKey == document.items[2].second)
        #expect(document.populationKey.map { document.string($0) } == "north side")
    }

    @Test(arguments: ["12.5", "true", "null", "\" \\t\"", "\"\u{A0}\u{3000}\""])
    func `has values of every kind, and blanks for empty`(value: String) throws {
        let document = try read(#"{"documentType":"t","documentId":"d","context":[1],"fields":[{"name":"a","value":\#(value)}]}"#)
        #expect(document.items[0].isEmpty == !["12.5", "true"].contains(value))
        #expect(document.context.isEmpty)
        if value == "12.5" { #expect(text(document.evidence, document) == ["value.length=4.0", "value.shape='99.9'"]) }
    }

    @Test func `holds no value of a field, only its length and shape`() throws {
        let document = try read(
            #"""
            {"documentType":"form","documentId":"d","fields":[{"name":"insured.id","value":"XK-4471 Zoë","confidence":0.9,
            "evidence":{"rawText":"XK-4471","words":2}},{"name":"note","value":"","confidence":null},{"name":"date","value":null}]}
            """#)
        let all = String(decoding: document.text, as: UTF8.self)
        #expect(!all.contains("4471") && !all.contains("Zo"))
        #expect(
            text(document.evidence[document.items[0].evidence], document)
                == ["value.length=12.0", "value.shape='AA-9999 Aa**'", "rawText='AA-9999'", "words=2.0"])
        #expect(text(document.evidence[document.items[1].evidence], document) == ["value.length=0.0", "value.shape=''"])
        #expect(document.items[2].evidence.isEmpty)
        #expect(document.items[2].isEmpty)
        #expect(document.outcome == nil)
    }

    @Test(arguments: [
        (#"{"documentId":"d","fields":[{"name":"a"}]}"#, "/documentType: is required"),
        (#"{"documentType":"t","#, ": is not valid JSON"),
    ])
    func `that is no result is refused as the endpoint would`(line: String, fault: String) {
        do throws(Faults) {
            _ = try CaseReader().read(line: Array(line.utf8))
            Issue.record("it was read")
        } catch {
            let first = error.faults[0]
            guard case .pointer(let place) = first.place else {
                Issue.record("\(first)")
                return
            }
            #expect("\(place): \(first.detail)".hasPrefix(fault))
        }
    }

    @Test func `is written back assessed, with what the engine said beside it`() throws {
        let line = Self.coded.replacing("\n", with: "")
        let model = try SmallModel.trained()
        let answer = try AssessedLines(model).assessed(Array(line.utf8))
        #expect(answer.last == UInt8(ascii: "\n"))
        let expected = model.assess(try read(line))
        try JSONParser().parse(answer) { root in
            #expect(root["documentId"]?.string == "d-1")
            #expect(root["assessment"]?["score"]?.double == expected.score)
            #expect(root["assessment"]?["model"]?.string == model.hash)
            var index = 0
            root["pairs"]?.forEachElement { pair in
                #expect(pair["confidence"]?.double == expected.items[index].confidence)
                #expect(pair["reported"]?.double == [0.5, nil][index])
                index += 1
            }
            #expect(index == 2)
            #expect(root["review"]?["verdict"]?.string == "modified")
        }
    }
}

/// A model of a few made-up documents.
enum SmallModel {
    static func trained() throws -> Model {
        var generator = SeededGenerator(seed: 3)
        let reader = CaseReader()
        let cases = try (0..<200).map { number in
            let margin = Double(generator.below(100)) / 100
            let pair = #"{"procedure":"7104\#(generator.below(5))","diagnosis":"J18.9","primary":true"#
            let isRight = generator.unit() < 0.3 + 0.6 * margin
            let wrong = #"{"procedure":"99999","diagnosis":"Z00","primary":true}"#
            let review =
                isRight ? #"{"verdict":"approved","corrected":[\#(pair)}]}"# : #"{"verdict":"modified","corrected":[\#(wrong)]}"#
            let line =
                #"{"documentType":"report","documentId":"s-\#(number)","pairs":[\#(pair),"confidence":0.5,"evidence":{"margin":\#(margin)}}],"review":\#(review)}"#
            return try reader.read(line: Array(line.utf8))
        }
        var request = TrainingRequest()
        request.label = .document
        request.learner = .logistic
        return try Trainer(request).train(train: Array(cases[..<150]), tune: Array(cases[150...]))
    }
}
