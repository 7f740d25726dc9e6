import Routing

/// Turns cases into rows of features, as a schema says. One per thread: it keeps its memory, so that a case costs no allocation once the
/// largest has been seen.
///
/// 1. After `build`, `rows` holds one row an item, `width` numbers each, in the order of the schema.
/// 2. Nothing in a case is an error: what the schema does not know is left aside, what it knows and the case lacks is missing.
/// 3. All numbers are finite or NaN (missing): a forest and XGBoost then agree on every comparison.
package final class FeatureBuilder {
    package let width: Int
    private let plan: FeaturePlan
    /// Row by row.
    package private(set) var rows: [Float] = []
    /// Of the last case: an item's number of each text, or -1.
    private(set) var codes: [Int32] = []
    package private(set) var rowCount = 0
    private var caseCodes: [Int32] = []
    private var caseNumbers: [(column: Int32, value: Float)] = []
    private var engine: [UInt8] = []

    package convenience init(_ schema: FeatureSchema) { self.init(FeaturePlan(schema)) }

    init(_ plan: FeaturePlan) {
        self.plan = plan
        width = plan.schema.width
    }

    package func build(_ document: Case) {
        change(document) { rows, codes in
            fill(document, &rows, &codes)
            encode(&rows, codes.span)
            aggregate(&rows)
        }
    }

    /// Everything but encodings and aggregates, which training makes otherwise and then asks `finish` for.
    func fill(_ document: Case) {
        change(document) { rows, codes in fill(document, &rows, &codes) }
    }

    /// Training's own encodings of a row.
    func setEncoding(row: Int, column: Int, to value: Float) { rows[row * width + column] = value }

    /// The aggregates, from what the rows hold.
    func finish() {
        var rows: [Float] = []
        swap(&rows, &self.rows)
        do {
            var rowSpan = rows.mutableSpan
            aggregate(&rowSpan)
        }
        self.rows = rows
    }

    /// Lends the memory out as spans: an array of a class is checked for being its only owner at each write, a span once.
    private func change(_ document: Case, _ body: (inout MutableSpan<Float>, inout MutableSpan<Int32>) -> Void) {
        rowCount = document.items.count
        var rows: [Float] = []
        var codes: [Int32] = []
        swap(&rows, &self.rows)
        swap(&codes, &self.codes)
        if rows.count < rowCount * width { rows = [Float](repeating: 0, count: rowCount * width) }
        if codes.count < rowCount * plan.textCount { codes = [Int32](repeating: -1, count: rowCount * plan.textCount) }
        do {
            var rowSpan = rows.mutableSpan
            var codeSpan = codes.mutableSpan
            body(&rowSpan, &codeSpan)
        }
        self.rows = rows
        self.codes = codes
    }

    private func fill(_ document: Case, _ rows: inout MutableSpan<Float>, _ codes: inout MutableSpan<Int32>) {
        begin(document)
        for (index, item) in document.items.enumerated() { fill(document, item, row: index, &rows, &codes) }
        derive(document, &rows, codes.span)
    }

    /// What the whole document says.
    private func begin(_ document: Case) {
        caseNumbers.removeAll(keepingCapacity: true)
        caseCodes.removeAll(keepingCapacity: true)
        for _ in 0..<plan.textCount { caseCodes.append(-1) }
        let text = document.text.span
        for scalar in document.context {
            guard let use = plan.context.use(text.extracting(scalar.name.indices)) else { continue }
            switch scalar.value {
            case .number(let value): if use.number >= 0 { caseNumbers.append((use.number, FeatureBuilder.held(value))) }
            case .bool(let value): if use.number >= 0 { caseNumbers.append((use.number, value ? 1 : 0)) }
            case .string(let range):
                if use.text >= 0 { caseCodes[Int(use.text)] = plan.number(of: text.extracting(range.indices), text: Int(use.text)) }
            }
        }
        set(plan.documentType, document.documentType, text)
        set(plan.population, plan.usesKeys ? document.populationKey : document.population, text)
        set(plan.payer, plan.usesKeys ? document.payerKey : document.payer, text)
        if plan.engine >= 0, let name = document.engineName {
            // `name/version`: another version is another engine.
            engine.removeAll(keepingCapacity: true)
            engine += document.text[name.indices]
            if let version = document.engineVersion {
                engine.append(UInt8(ascii: "/"))
                engine += document.text[version.indices]
            }
            let whole = engine
            caseCodes[plan.engine] = plan.number(of: whole.span, text: plan.engine)
        }
    }

    private func set(_ textIndex: Int, _ range: TextRange?, _ text: Span<UInt8>) {
        guard textIndex >= 0, let range else { return }
        caseCodes[textIndex] = plan.number(of: text.extracting(range.indices), text: textIndex)
    }

    private func fill(
        _ document: Case, _ item: Case.Item, row: Int, _ rows: inout MutableSpan<Float>, _ codes: inout MutableSpan<Int32>
    ) {
        let base = row * width
        let codeBase = row * plan.textCount
        for column in 0..<plan.numberCount { rows[base + column] = .nan }
        for column in plan.numberCount..<plan.firstEncoding { rows[base + column] = 0 }
        for index in 0..<plan.textCount { codes[codeBase + index] = caseCodes[index] }
        for (column, value) in caseNumbers { rows[base + Int(column)] = value }
        let text = document.text.span
        for index in item.evidence {
            let scalar = document.evidence[index]
            guard let use = plan.evidence.use(text.extracting(scalar.name.indices)) else { continue }
            switch scalar.value {
            case .number(let value): if use.number >= 0 { rows[base + Int(use.number)] = FeatureBuilder.held(value) }
            case .bool(let value): if use.number >= 0 { rows[base + Int(use.number)] = value ? 1 : 0 }
            case .string(let range):
                if use.text >= 0 {
                    codes[codeBase + Int(use.text)] = plan.number(of: text.extracting(range.indices), text: Int(use.text))
                }
            }
        }
        if plan.first >= 0 {
            let first = plan.usesKeys ? item.firstKey : item.first
            codes[codeBase + plan.first] = plan.number(of: text.extracting(first.indices), text: plan.first)
        }
        if item.second.count > 0 {
            let second = text.extracting((plan.usesKeys ? item.secondKey : item.second).indices)
            if plan.second >= 0 { codes[codeBase + plan.second] = plan.number(of: second, text: plan.second) }
            if plan.secondFamily >= 0 {
                codes[codeBase + plan.secondFamily] = plan.number(of: plan.family(second), text: plan.secondFamily)
            }
        }
    }

    /// The numbers that are made of what every case has, then marks and one-hot columns.
    private func derive(_ document: Case, _ rows: inout MutableSpan<Float>, _ codes: Span<Int32>) {
        guard plan.firstEncoding > 0 else { return }
        var summary = ConfidenceSummary()
        for item in document.items { summary.add(item.confidence) }
        let date = document.serviceDate ?? document.receivedAt?.date
        for (index, item) in document.items.enumerated() {
            let base = index * width
            for (column, number) in plan.derived {
                rows[base + column] = FeatureBuilder.value(number, of: document, item, index, date, summary)
            }
            for (column, number) in plan.marks { rows[base + column] = rows[base + number].isNaN ? 1 : 0 }
            for text in plan.oneHotTexts {
                rows[base + plan.oneHotColumn(text: text, number: codes[index * plan.textCount + text])] = 1
            }
        }
    }

    private func encode(_ rows: inout MutableSpan<Float>, _ codes: Span<Int32>) {
        for row in 0..<rowCount { plan.encodings.encode(codes, from: row * plan.textCount, &rows, from: row * width) }
    }

    private func aggregate(_ rows: inout MutableSpan<Float>) {
        var column = plan.firstAggregate
        for source in plan.aggregated {
            var least = Float.infinity
            var greatest = -Float.infinity
            var sum: Float = 0
            var count: Float = 0
            var at = source
            for _ in 0..<rowCount {
                let value = rows[at]
                at += width
                if value.isNaN { continue }
                least = min(least, value)
                greatest = max(greatest, value)
                sum += value
                count += 1
            }
            let mean = count > 0 ? max(least, min(greatest, sum / count)) : .nan
            if count == 0 { (least, greatest) = (.nan, .nan) }
            at = column
            for _ in 0..<rowCount {
                rows[at] = least
                rows[at + 1] = mean
                rows[at + 2] = greatest
                at += width
            }
            column += 3
        }
    }

    /// As a finite float: XGBoost takes no infinities.
    private static func held(_ value: Double) -> Float {
        let most = Double(Float.greatestFiniteMagnitude) / 1e6
        return Float(min(max(value, -most), most))
    }

    private static func value(
        _ number: FeatureSchema.DerivedNumber, of document: Case, _ item: Case.Item, _ index: Int, _ date: CivilDate?,
        _ summary: ConfidenceSummary
    ) -> Float {
        switch number {
        case .confidence: item.confidence.map { Float($0.value) } ?? .nan
        case .confidenceLogit: item.confidence.map { Float(logit(Calibrator.clipped($0.value))) } ?? .nan
        case .isPrimary: item.kind == .primaryPair ? 1 : 0
        case .isEmpty: item.isEmpty ? 1 : 0
        case .isMalformed: item.isMalformed.map { $0 ? 1 : 0 } ?? .nan
        case .rank: Float(index)
        case .itemCount: Float(document.items.count)
        case .firstCount: Float(document.firstCount)
        case .itemsOfSameFirst: Float(document.itemsSharingFirst(of: item))
        case .leastConfidence: summary.count > 0 ? Float(summary.least) : .nan
        case .meanConfidence: summary.count > 0 ? Float(summary.sum / Double(summary.count)) : .nan
        case .greatestConfidence: summary.count > 0 ? Float(summary.greatest) : .nan
        case .day: date.map { Float($0.days) } ?? .nan
        case .month: date.map { Float($0.components.month) } ?? .nan
        }
    }
}

/// The engine's confidences in a document.
private struct ConfidenceSummary {
    var least = 1.0
    var greatest = 0.0
    var sum = 0.0
    var count = 0

    mutating func add(_ confidence: Confidence?) {
        guard let value = confidence?.value else { return }
        least = min(least, value)
        greatest = max(greatest, value)
        sum += value
        count += 1
    }
}

extension Case {
    /// Items beyond this are not compared with each other: the number of comparisons grows with the square.
    private static let comparedItemsMax = 64

    fileprivate var firstCount: Int {
        // The names of fields are distinct.
        guard items.count <= Case.comparedItemsMax, items.first?.kind != .field else { return items.count }
        var count = 0
        for (index, item) in items.enumerated() where !items[..<index].contains(where: { haveSameFirst($0, item) }) { count += 1 }
        return count
    }

    fileprivate func itemsSharingFirst(of item: Item) -> Int {
        guard items.count <= Case.comparedItemsMax, item.kind != .field else { return 1 }
        var count = 0
        for other in items where haveSameFirst(other, item) { count += 1 }
        return count
    }

    private func haveSameFirst(_ a: Item, _ b: Item) -> Bool {
        let (first, second) = (a.firstKey, b.firstKey)
        guard first.count == second.count else { return false }
        for offset in 0..<Int(first.count) where text[Int(first.start) + offset] != text[Int(second.start) + offset] { return false }
        return true
    }
}
