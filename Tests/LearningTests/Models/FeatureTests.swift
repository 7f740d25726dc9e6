import Routing
import Testing

@testable import Learning

/// Features: found in data, made without the review, and never an error.
struct FeatureTests {
    private let train: [Case]
    private let training: FeatureTraining

    init() {
        var synthetic = SyntheticCases(seed: 5)
        train = synthetic.documents(800)
        training = FeatureTraining(train, heads: [.first, .second], kind: .situated, settings: FeatureSettings(), seed: 1)
    }

    private func row(_ document: Case, _ item: Int = 0, by schema: FeatureSchema? = nil) -> [String: Float] {
        let schema = schema ?? training.schema
        let builder = FeatureBuilder(schema)
        builder.build(document)
        let names = schema.columnNames(labels: ["first", "second"])
        return Dictionary(uniqueKeysWithValues: zip(names, builder.rows[(item * schema.width)..<((item + 1) * schema.width)]))
    }

    @Test func `numbers, flags, texts and derived numbers become columns`() {
        var maker = CaseMaker(id: "new")
        maker.document.serviceDate = CivilDate(days: 20_100)
        maker.context("site", .string("south"))
        maker.context("hedges", .number(2))
        maker.pair("71003", "J12.1", confidence: 0.75, [("margin", .number(0.25)), ("seen", .bool(true)), ("phrase", .string("phrase-7"))])
        maker.pair("71004", "J12.1", confidence: 0.5)
        let row = row(maker.document)
        #expect(row["hedges"] == 2)
        #expect(row["margin"] == 0.25)
        #expect(row["seen"] == 1)
        #expect(row["confidence"] == 0.75)
        #expect(row["leastConfidence"] == 0.5)
        #expect(row["itemCount"] == 2)
        #expect(row["firstCount"] == 2)
        #expect(row["day"] == 20_100)
        #expect(row["site = south"] == 1)
        #expect(row["site = north"] == 0)
        #expect(row["site is another"] == 0)
        #expect(row["phrase = phrase-7"] == 1)
        #expect(row["least of the document: margin"] == 0.25)
    }

    @Test func `what is missing is missing and marked`() {
        var maker = CaseMaker(id: "new")
        maker.pair("71003", "J12.1", confidence: nil)
        let row = row(maker.document)
        #expect(row["margin"]?.isNaN == true)
        #expect(row["margin is missing"] == 1)
        #expect(row["confidence"]?.isNaN == true)
        #expect(row["day"]?.isNaN == true)
        #expect(row["least of the document: margin"]?.isNaN == true)
        #expect(row["site is another"] == 1)
    }

    @Test func `new codes, engines, names and kinds of value are no error`() {
        var maker = CaseMaker(id: "new", type: "unheard-of")
        maker.document.engineName = maker.range("engine")
        maker.document.engineVersion = maker.range("9")
        maker.context("site", .number(4))
        maker.context("never seen", .string("x"))
        maker.context("hedges", .string("many"))
        maker.pair(
            "99999", "Z99.9", [("margin", .string("wide")), ("phrase", .bool(true)), ("huge", .number(1e300)), ("margin", .number(1e300))])
        maker.field("a field among pairs")
        let row = row(maker.document)
        #expect(row["margin"]?.isFinite == true)
        #expect(row["procedure or field: times seen"] == 0)
        #expect(row.values.allSatisfy { !$0.isInfinite })
    }

    @Test(arguments: [(" 71003", "j12.1", " North "), ("71 003", "J121", "NORTH"), ("71.003", "j.1.2.1", "north\u{A0}")])
    func `codes and names are known however they are written`(procedure: String, diagnosis: String, population: String) {
        func row(_ procedure: String, _ diagnosis: String, _ population: String, by schema: FeatureSchema? = nil) -> [String: Float] {
            var maker = CaseMaker(id: "new")
            maker.document.population = maker.range(population)
            maker.pair(procedure, diagnosis)
            return self.row(maker.document, by: schema)
        }
        let written = row("71003", "J12.1", "north")
        #expect(row(procedure, diagnosis, population).mapValues(\.bitPattern) == written.mapValues(\.bitPattern))
        #expect((written["procedure or field: times seen"] ?? 0) > 0)
        #expect(training.schema.version == FeatureSchema.currentVersion)

        // A schema of the first version knows what was written, and nothing else.
        var old = training.schema
        old.version = nil
        #expect(row("71003", "J12.1", "north", by: old)["procedure or field: times seen"] == written["procedure or field: times seen"])
        #expect(row(" 71003", "J12.1", "north", by: old)["procedure or field: times seen"] == 0)
    }

    @Test func `a document without items has no rows`() {
        let builder = FeatureBuilder(training.schema)
        builder.build(CaseMaker(id: "empty").document)
        #expect(builder.rowCount == 0)
    }

    @Test func `memory that is used again holds nothing of the case before`() throws {
        let builder = FeatureBuilder(training.schema)
        let width = training.schema.width
        for document in train.prefix(50) {
            builder.build(document)
            let fresh = FeatureBuilder(training.schema)
            fresh.build(document)
            let size = document.items.count * width
            #expect(builder.rows[..<size].map(\.bitPattern) == fresh.rows[..<size].map(\.bitPattern))
        }
    }

    @Test func `no feature looks at the review`() {
        for document in train.prefix(100) {
            var bare = document
            bare.outcome = nil
            let (with, without) = (row(document), row(bare))
            #expect(with.mapValues(\.bitPattern) == without.mapValues(\.bitPattern))
        }
    }

    @Test func `a document's own labels are in none of its training rows`() throws {
        let width = training.schema.width
        let rows = training.trainRows()
        // The labels of one fold turned over: its own rows stay, but for what all rows share (the prior).
        let fold = training.folds.fold(of: train[0])
        var turned = train
        for index in turned.indices where training.folds.fold(of: turned[index]) == fold {
            guard let outcome = turned[index].outcome else { continue }
            turned[index].outcome?.items = outcome.items.map {
                Case.ItemOutcome(isKept: !$0.isKept, isFirstRight: !$0.isFirstRight, isSecondRight: !$0.isSecondRight)
            }
        }
        let text = try #require(training.schema.texts.first { $0.source == .first })
        let column = training.schema.firstEncoding
        #expect(training.schema.texts[training.schema.encodings[0].first] == text)
        var flat = FeatureSettings()
        flat.priorWeight = 1e-9
        let same = FeatureTraining(train, heads: [.first], kind: .nonsituated, settings: flat, seed: 1)
        let other = FeatureTraining(turned, heads: [.first], kind: .nonsituated, settings: flat, seed: 1)
        let (a, b) = (same.trainRows(), other.trainRows())
        var row = 0
        var differing = 0
        for document in train {
            for _ in document.items {
                let place = row * a.width + same.schema.firstEncoding
                if training.folds.fold(of: document) == fold {
                    #expect(abs(a.values[place] - b.values[place]) < 1e-4)
                } else if a.values[place] != b.values[place] {
                    differing += 1
                }
                row += 1
            }
        }
        #expect(differing > 100)
        #expect(rows.values.count == row * width && column < width)
    }

    @Test func `an encoding is the smoothed log-odds of what was seen`() throws {
        let labels: [Float] = [1, 1, 0, 1, 0, 0, 1, 1]
        let codes: [Int32] = [0, 0, 0, 0, 1, 1, -1, 0]
        var settings = FeatureSettings()
        settings.priorWeight = 2
        let statistics = EncodingStatistics(
            first: codes, second: nil, labels: [labels], folds: [0, 1, 2, 3, 4, 0, 1, 2], settings: settings)
        let encoding = statistics.encoding(first: 0, second: nil)
        // Value 0: four of five right, prior 5/8; value 1 was seen twice only.
        #expect(encoding.rows.firsts == [0])
        #expect(abs(Double(encoding.rows.columns[0]) - logit((4 + 2 * 0.625) / 7)) < 1e-6)
        #expect(abs(Double(encoding.rows.columns[1]) - 1.791_759_469) < 1e-6)
        // The third row's fold holds it and the last one, 0 and 1: three of three right remain.
        let rows = statistics.outOfFold()
        #expect(abs(Double(rows[2 * 2]) - logit((3 + 2 * 0.625) / 5)) < 1e-6)
        // A value that was seen too seldom is as none.
        #expect(Array(rows[12..<14]) == Array(rows[8..<10]))
        let odds = (0..<8).map { Double(rows[2 * $0]) }
        let loss = zip(odds, labels).reduce(0) { $0 + softplus($1.1 > 0.5 ? -$1.0 : $1.0) } / 8
        #expect(abs(statistics.losses([labels])[0] - loss) < 1e-6)
    }

    @Test func `texts that say who are left out`() {
        var named = train
        for index in named.indices {
            var maker = CaseMaker(id: "x")
            maker.document = named[index]
            maker.context("name", .string("person \(index)"))
            named[index] = maker.document
        }
        let training = FeatureTraining(named, heads: [.unchanged], kind: .situated, settings: FeatureSettings(), seed: 1)
        #expect(!training.schema.texts.contains { $0.source == .context("name") })
    }

    @Test func `a nonsituated model sees the codes alone`() {
        let training = FeatureTraining(train, heads: [.unchanged], kind: .nonsituated, settings: FeatureSettings(), seed: 1)
        #expect(training.schema.numbers.isEmpty)
        #expect(Set(training.schema.texts.map(\.source)).isSubset(of: [.first, .second, .secondFamily]))
        var bare = train[0]
        (bare.context, bare.evidence, bare.population, bare.serviceDate) = ([], [], nil, nil)
        bare.items = bare.items.map { item in
            var item = item
            (item.evidence, item.confidence) = (0..<0, nil)
            return item
        }
        #expect(row(bare, by: training.schema) == row(train[0], by: training.schema))
    }
}
