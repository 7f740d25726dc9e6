import Routing

/// A schema made ready: names and values to numbers, columns to places. Immutable; any number of builders share it.
struct FeaturePlan: Sendable {
    static let familyBytes = 3

    let schema: FeatureSchema
    /// Whether names and codes are known by their keys.
    let usesKeys: Bool
    let context: ScalarNames
    let evidence: ScalarNames
    let textCount: Int
    let numberCount: Int
    let derived: [(column: Int, number: FeatureSchema.DerivedNumber)]
    let marks: [(column: Int, number: Int)]
    let encodings: EncodingTable
    let aggregated: [Int]
    let firstEncoding: Int
    let firstAggregate: Int
    /// Texts with columns.
    let oneHotTexts: [Int]
    // Numbers of the texts that every case may have, or -1.
    let first: Int
    let second: Int
    let secondFamily: Int
    let documentType: Int
    let population: Int
    let payer: Int
    let engine: Int
    private let values: [NameTable]
    /// By text, then by value: its column; `other` where it has none; -1 for texts without columns.
    private let oneHot: [[Int32]]
    private let other: [Int32]

    init(_ schema: FeatureSchema) {
        self.schema = schema
        usesKeys = schema.version == FeatureSchema.currentVersion
        textCount = schema.texts.count
        numberCount = schema.numbers.count
        context = ScalarNames(schema, isContext: true)
        evidence = ScalarNames(schema, isContext: false)
        derived = schema.numbers.enumerated().compactMap { column, source in
            if case .derived(let number) = source { (column, number) } else { nil }
        }
        marks = schema.missingMarks.enumerated().map { (schema.firstMark + $0, $1) }
        aggregated = schema.aggregated
        firstEncoding = schema.firstEncoding
        firstAggregate = schema.firstAggregate
        oneHotTexts = schema.texts.indices.filter { !schema.texts[$0].oneHot.isEmpty }
        let number = { (source: FeatureSchema.TextSource) in schema.texts.firstIndex { $0.source == source } ?? -1 }
        first = number(.first)
        second = number(.second)
        secondFamily = number(.secondFamily)
        documentType = number(.documentType)
        population = number(.population)
        payer = number(.payer)
        engine = number(.engine)
        values = schema.texts.map { NameTable(interning: $0.values) }
        var column = Int32(schema.firstOneHot)
        var oneHot: [[Int32]] = []
        var other: [Int32] = []
        for text in schema.texts {
            let hasColumns = !text.oneHot.isEmpty
            let last = hasColumns ? column + Int32(text.oneHot.count) : -1
            var columns = [Int32](repeating: last, count: text.values.count)
            for (offset, value) in text.oneHot.enumerated() { columns[value] = column + Int32(offset) }
            oneHot.append(columns)
            other.append(last)
            column += Int32(text.columnCount)
        }
        self.oneHot = oneHot
        self.other = other
        encodings = EncodingTable(schema)
    }

    /// The number of a text's value, or -1.
    func number(of value: Span<UInt8>, text: Int) -> Int32 { values[text].find(value) }

    /// The column that is 1 for a value of a text that has columns. A value that is not there is another one, too.
    func oneHotColumn(text: Int, number: Int32) -> Int { Int(number >= 0 ? oneHot[text][Int(number)] : other[text]) }

    /// A code's first three letters and digits, its category in ICD-10; in schemas of the first version, as far as the point.
    @_lifetime(copy code)
    func family(_ code: Span<UInt8>) -> Span<UInt8> {
        if usesKeys { return code.extracting(0..<min(code.count, FeaturePlan.familyBytes)) }
        for index in code.indices where code[index] == UInt8(ascii: ".") { return code.extracting(0..<index) }
        return code
    }
}

/// What is made of the scalars of one kind, by name.
struct ScalarNames: Sendable {
    struct Use: Sendable {
        /// The column of its numbers, or -1.
        var number: Int32 = -1
        /// The text of its strings, or -1.
        var text: Int32 = -1
    }

    private var names = NameTable()
    private var uses: [Use] = []

    init(_ schema: FeatureSchema, isContext: Bool) {
        for (column, source) in schema.numbers.enumerated() {
            switch source {
            case .context(let name) where isContext: set(name) { $0.number = Int32(column) }
            case .evidence(let name) where !isContext: set(name) { $0.number = Int32(column) }
            default: break
            }
        }
        for (index, text) in schema.texts.enumerated() {
            switch text.source {
            case .context(let name) where isContext: set(name) { $0.text = Int32(index) }
            case .evidence(let name) where !isContext: set(name) { $0.text = Int32(index) }
            default: break
            }
        }
    }

    private mutating func set(_ name: String, _ change: (inout Use) -> Void) {
        let number = Int(names.intern(Array(name.utf8).span))
        if number == uses.count { uses.append(Use()) }
        change(&uses[number])
    }

    func use(_ name: Span<UInt8>) -> Use? {
        let number = names.find(name)
        return number >= 0 ? uses[Int(number)] : nil
    }
}

extension NameTable {
    init(interning values: [String]) {
        self.init()
        for value in values { _ = intern(Array(value.utf8).span) }
    }
}
