import JSON
import Routing
import Testing

@testable import Learning

/// A model says nothing of what it never saw.
@Suite struct `A vocabulary` {
    private func pairs(_ id: String, type: String = "report", _ codes: [(String, String)]) -> Case {
        var maker = CaseMaker(id: id, type: type)
        for (procedure, diagnosis) in codes { maker.pair(procedure, diagnosis, confidence: 0.9, []) }
        return maker.document
    }

    private func fields(_ id: String, type: String, _ names: [String], population: String? = nil) -> Case {
        var maker = CaseMaker(id: id, type: type)
        for name in names { maker.field(name, confidence: 0.9, []) }
        maker.document.population = population.map { maker.range($0) }
        maker.document.findKeys()
        return maker.document
    }

    private var train: [Case] {
        [
            pairs("p-1", [("71045", "J18.9"), ("71046", "R91.8")]), pairs("p-2", [("71045", "R05")]),
            fields("f-1", type: "claim", ["total", "date"]), fields("f-2", type: "letter", ["date", "name"]),
            pairs("b-1", type: "both", [("71045", "J18.9")]),
        ]
    }

    private func reasons(_ document: Case, population: String? = nil) -> [Unassessed?] {
        var reasons: [Unassessed?] = [.field]
        VocabularyIndex(Vocabulary(train), population: population).find(document, into: &reasons)
        return reasons
    }

    @Test func `knows new combinations of what it has seen apart`() {
        #expect(reasons(pairs("n", [("71045", "R91.8"), ("71046", "R05")])) == [nil, nil])
        #expect(reasons(fields("n", type: "letter", ["name", "date"])) == [nil, nil])
        #expect(reasons(pairs("n", type: "both", [("71046", "R05")])) == [nil])
    }

    @Test func `tells types, fields, pairs and codes that training never held`() {
        #expect(reasons(fields("n", type: "invoice", ["total", "date"])) == [.documentType, .documentType])
        #expect(reasons(pairs("n", type: "Report", [("71045", "J18.9")])) == [.documentType])
        #expect(reasons(fields("n", type: "claim", ["total", "name", "tota"])) == [nil, .field, .field])
        #expect(reasons(fields("n", type: "report", ["total"])) == [.field])
        #expect(reasons(pairs("n", type: "claim", [("71045", "J18.9")])) == [.pair])
        #expect(
            reasons(pairs("n", [("99213", "J18.9"), ("71045", "J18.8"), ("99213", "J18.8"), ("71045", "J18.9")])) == [
                .procedure, .diagnosis, .procedure, nil,
            ])
        // A code is not known as a name, nor a procedure as a diagnosis.
        #expect(reasons(pairs("n", [("J18.9", "71045")])) == [.procedure])
        #expect(reasons(pairs("n", [])) == [])
    }

    @Test func `of one population knows no other`() {
        for (population, reason) in [
            ("north", nil), (" North", nil), ("south", .population), ("northern", .population), (nil, .population),
        ]
            as [(String?, Unassessed?)]
        {
            #expect(reasons(fields("n", type: "claim", ["total"], population: population), population: "north") == [reason])
        }
    }

    @Test func `leaves items without confidence, and their documents without score`() throws {
        var synthetic = SyntheticCases(seed: 4)
        var request = TrainingRequest()
        request.learner = .logistic
        let train = synthetic.documents(300)
        let model = try Trainer(request).train(train: train, tune: synthetic.documents(100))
        let read = try ModelFile.read(ModelFile.bytes(of: model))
        #expect(read.vocabulary == Vocabulary(train))
        let known = (model.vocabulary.procedures[0], model.vocabulary.diagnoses[0])
        for (codes, reason) in [(("00000", known.1), Unassessed.procedure), ((known.0, "Z99.9"), .diagnosis)] {
            let assessment = read.assess(pairs("n", [known, codes]))
            #expect(assessment.items[0].confidence != nil && assessment.items[0].unassessed == nil)
            #expect(assessment.items[1] == Assessment.Item(confidence: nil, raw: nil, unassessed: reason))
            #expect(assessment.score == nil && assessment.confidence == nil)
        }
        let strange = read.assess(pairs("n", type: "letter", [known]))
        #expect(strange.items.map(\.unassessed) == [.documentType])
        var counts = UnassessedCounts()
        for document in [pairs("a", [known]), pairs("b", [("0", "0"), known]), pairs("c", type: "x", [known, known])] {
            counts.add(read.assess(document))
        }
        #expect(counts.documents == 2 && counts.itemCount == 3)
        #expect(counts.items == ["procedure": 1, "documentType": 2])
    }

    @Test func `all that a model was trained on is in its vocabulary`() throws {
        var synthetic = SyntheticCases(seed: 6)
        var request = TrainingRequest()
        request.learner = .logistic
        let train = synthetic.forms(200)
        let model = try Trainer(request).train(train: train, tune: synthetic.forms(60))
        #expect(UnassessedCounts(train, by: model) == UnassessedCounts())
    }
}

/// What a model remembers of its documents.
@Suite struct `Documents that made a model` {
    private static func trained(_ train: [Case], _ tune: [Case]) throws -> Model {
        var request = TrainingRequest()
        request.learner = .logistic
        return try Trainer(request).train(train: train, tune: tune)
    }

    @Test func `are known by type and id, in whatever order and with whatever content, and others are not`() throws {
        var synthetic = SyntheticCases(seed: 5)
        let (train, tune, fresh) = (synthetic.documents(200), synthetic.documents(80), synthetic.documents(500))
        let model = try ModelFile.read(ModelFile.bytes(of: Self.trained(train, tune)))
        #expect(train.allSatisfy { model.about.train.holds($0) && !model.about.tune.holds($0) })
        #expect(tune.allSatisfy { model.about.tune.holds($0) && !model.about.train.holds($0) })
        #expect(!fresh.contains { model.about.train.holds($0) || model.about.tune.holds($0) })
        for document in train.prefix(3) {
            var other = CaseMaker(id: document.string(document.documentId))
            other.pair("1", "2", confidence: nil, [])
            #expect(model.about.train.holds(other.document))
            #expect(!model.about.train.holds(CaseMaker(id: document.string(document.documentId), type: "letter").document))
        }
    }

    @Test func `leave the same bytes when they are the same, and cannot be read from them`() throws {
        var synthetic = SyntheticCases(seed: 8)
        let (train, tune) = (synthetic.documents(150), synthetic.documents(60))
        let bytes = try ModelFile.bytes(of: Self.trained(train, tune))
        #expect(try ModelFile.bytes(of: Self.trained(train, tune)) == bytes)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("document-1"))
    }

    @Test(arguments: [0, 1, 2, 500]) func `take 8 bytes each`(count: Int) throws {
        var synthetic = SyntheticCases(seed: 9)
        let part = Model.Part(synthetic.documents(count), remembersDocuments: true)
        #expect(part.hashes?.count == count)
    }
}

/// One place knows documents by type and id.
@Suite struct `A register of documents` {
    @Test func `gives the place of the first, and counts what two parts share`() {
        var register = DocumentRegister()
        func place(_ part: String, _ line: Int) -> DocumentRegister.Place { DocumentRegister.Place(part: part, file: "f", line: line) }
        func document(_ id: String, type: String = "t") -> Case { CaseMaker(id: id, type: type).document }
        #expect(register.enter(document("1"), at: place("train", 1)) == nil)
        #expect(register.enter(document("1", type: "u"), at: place("train", 2)) == nil)
        #expect(register.enter(document("1"), at: place("train", 3)) == place("train", 1))
        #expect(register.shared.isEmpty)
        #expect(register.enter(document("2"), at: place("tune", 1)) == nil)
        #expect(register.enter(document("1"), at: place("tune", 2)) == place("train", 1))
        #expect(register.enter(document("1", type: "u"), at: place("tune", 3)) == place("train", 2))
        #expect(register.enter(document("2"), at: place("certify", 1)) == place("tune", 1))
        #expect(
            register.shared == [
                DocumentRegister.Shared(first: "train", second: "tune", count: 2),
                DocumentRegister.Shared(first: "tune", second: "certify", count: 1),
            ])
    }

    @Test(arguments: [("ab", "c"), ("a", "bc"), ("a", "b.c"), ("a.b", "c")])
    func `does not mistake a type that ends as an id begins`(type: String, id: String) {
        var register = DocumentRegister()
        let others = [("ab", "c"), ("a", "bc"), ("a", "b.c"), ("a.b", "c")].filter { $0 != (type, id) }
        for (type, id) in others { _ = register.enter(CaseMaker(id: id, type: type).document, at: DocumentRegister.Place(part: "a")) }
        #expect(register.enter(CaseMaker(id: id, type: type).document, at: DocumentRegister.Place(part: "a")) == nil)
    }
}
