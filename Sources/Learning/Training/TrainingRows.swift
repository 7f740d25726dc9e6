import Routing

/// Rows of features with the labels of the heads.
struct TrainingRows {
    var width: Int
    /// Row by row.
    var values: [Float] = []
    /// By head, then row: 0 or 1.
    var labels: [[Float]]
    /// Rows that the second head is of: those of pairs.
    var hasSecond: [Bool] = []

    var count: Int { hasSecond.count }

    /// The rows that a head is taught by, and their labels.
    func rows(of head: Head, at index: Int) -> (values: [Float], labels: [Float]) {
        guard head == .second, hasSecond.contains(false) else { return (values, labels[index]) }
        var chosen: [Float] = []
        var chosenLabels: [Float] = []
        for row in hasSecond.indices where hasSecond[row] {
            chosen += values[(row * width)..<((row + 1) * width)]
            chosenLabels.append(labels[index][row])
        }
        return (chosen, chosenLabels)
    }

    /// The labels of all items of the cases, by head.
    static func labels(_ cases: [Case], _ heads: [Head]) -> [[Float]] {
        heads.map { head in
            cases.flatMap { document in
                document.items.indices.map { row in document.outcome.map { head.isTrue($0, item: row) } == true ? 1 : 0 }
            }
        }
    }
}

/// Makes a schema from train, and rows from train and tune by it.
struct FeatureTraining {
    let settings: FeatureSettings
    let heads: [Head]
    let folds: Folds
    private(set) var schema: FeatureSchema
    private var statistics: [EncodingStatistics] = []
    private let train: [Case]
    private let labels: [[Float]]

    init(_ train: [Case], heads: [Head], kind: ModelKind, settings: FeatureSettings, seed: UInt64) {
        self.train = train
        self.settings = settings
        self.heads = heads
        folds = Folds(count: settings.folds, seed: seed)
        labels = TrainingRows.labels(train, heads)
        var finder = SchemaFinder(settings)
        for document in train { finder.add(document) }
        schema = finder.schema(kind)
        findEncodings()
        schema.aggregated = FeatureTraining.aggregated(schema)
    }

    /// What differs between the items of a document: its own evidence and what is said of it, not what is the document's.
    private static func aggregated(_ schema: FeatureSchema) -> [Int] {
        var columns: [Int] = []
        for (column, number) in schema.numbers.enumerated() {
            switch number {
            case .evidence, .derived(.confidenceLogit), .derived(.isPrimary), .derived(.isMalformed): columns.append(column)
            case .context, .derived: break
            }
        }
        var column = schema.firstEncoding
        for encoding in schema.encodings {
            let isOfItems = [encoding.first, encoding.second ?? encoding.first].contains { schema.texts[$0].source.isOfItem }
            if isOfItems { columns += encoding.prior.indices.map { column + $0 } }
            column += FeatureSchema.width(of: encoding)
        }
        return schema.numbers.isEmpty ? [] : columns
    }

    private mutating func findEncodings() {
        let codes = codesByText()
        let foldOfRow = train.flatMap { document in repeatElement(UInt8(folds.fold(of: document)), count: document.items.count) }
        let (labels, settings) = (labels, settings)
        let make = { (first: Int, second: Int?) in
            EncodingStatistics(first: codes[first], second: second.map { codes[$0] }, labels: labels, folds: foldOfRow, settings: settings)
        }
        var alone: [(losses: [Double], statistics: EncodingStatistics)] = []
        for text in schema.texts.indices {
            let statistics = make(text, nil)
            alone.append((statistics.losses(labels), statistics))
        }
        var chosen: [(first: Int, second: Int?, statistics: EncodingStatistics)] = []
        for text in schema.texts.indices where schema.texts[text].values.count >= settings.encodedValuesMin {
            chosen.append((text, nil, alone[text].statistics))
        }
        for pair in pairs(alone.map(\.losses), make) { chosen.append((pair.first, pair.second, make(pair.first, pair.second))) }
        schema.encodings = chosen.map { $0.statistics.encoding(first: $0.first, second: $0.second) }
        statistics = chosen.map(\.statistics)
    }

    /// The pairs that tell most beyond the better of the two alone, for any label.
    private func pairs(_ alone: [[Double]], _ make: (Int, Int?) -> EncodingStatistics) -> [(first: Int, second: Int)] {
        let paired = schema.texts.indices.sorted { a, b in
            let (x, y) = (alone[a].reduce(0, +), alone[b].reduce(0, +))
            return x < y || (x == y && a < b)
        }.prefix(settings.pairedTextsMax).sorted()
        var gains: [[(gain: Double, first: Int, second: Int)]] = heads.map { _ in [] }
        for first in paired {
            for second in paired where second > first {
                if SchemaFinder.family.isSuperset(of: [schema.texts[first].source, schema.texts[second].source]) { continue }
                let losses = make(first, second).losses(labels)
                for head in heads.indices {
                    let gain = min(alone[first][head], alone[second][head]) - losses[head]
                    if gain > 0 { gains[head].append((gain, first, second)) }
                }
            }
        }
        var chosen: Set<[Int]> = []
        for list in gains {
            let best = list.sorted { $0.gain > $1.gain || ($0.gain == $1.gain && ($0.first, $0.second) < ($1.first, $1.second)) }
            for pair in best.prefix(settings.pairsPerLabel) { chosen.insert([pair.first, pair.second]) }
        }
        return chosen.map { ($0[0], $0[1]) }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    }

    /// By text, then row: the numbers of the values.
    private func codesByText() -> [[Int32]] {
        let builder = FeatureBuilder(schema)
        var codes = schema.texts.map { _ in [Int32]() }
        for document in train {
            builder.fill(document)
            for row in document.items.indices {
                for text in schema.texts.indices { codes[text].append(builder.codes[row * schema.texts.count + text]) }
            }
        }
        return codes
    }

    /// The rows of train, their encodings made without the fold of each.
    func trainRows() -> TrainingRows {
        let builder = FeatureBuilder(schema)
        var rows = TrainingRows(width: schema.width, labels: labels)
        rows.values.reserveCapacity(schema.width * (labels.first?.count ?? 0))
        let encoded = statistics.map { $0.outOfFold() }
        let width = heads.count + 1
        var row = 0
        for document in train {
            builder.fill(document)
            for index in document.items.indices {
                var column = schema.firstEncoding
                for part in encoded.indices {
                    for offset in 0..<width {
                        builder.setEncoding(row: index, column: column + offset, to: encoded[part][row * width + offset])
                    }
                    column += width
                }
                row += 1
            }
            builder.finish()
            rows.append(builder, document)
        }
        return rows
    }

    /// The rows of other documents, as they will be made at assessment.
    func rows(_ cases: [Case]) -> TrainingRows {
        let builder = FeatureBuilder(schema)
        var rows = TrainingRows(width: schema.width, labels: TrainingRows.labels(cases, heads))
        for document in cases {
            builder.build(document)
            rows.append(builder, document)
        }
        return rows
    }
}

extension TrainingRows {
    fileprivate mutating func append(_ builder: FeatureBuilder, _ document: Case) {
        values += builder.rows[..<(builder.rowCount * width)]
        for item in document.items { hasSecond.append(item.kind != .field) }
    }
}

extension FeatureSchema.TextSource {
    /// Whether it may differ between the items of a document.
    var isOfItem: Bool {
        switch self {
        case .evidence, .first, .second, .secondFamily: true
        case .context, .documentType, .population, .payer, .engine: false
        }
    }
}
