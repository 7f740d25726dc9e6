import Routing

/// Finds in the train part what columns a model can have.
struct SchemaFinder {
    private let settings: FeatureSettings
    private var contextNames = ScalarCounts()
    private var evidenceNames = ScalarCounts()
    private var members: [TextCounts]
    private var itemCount = 0
    /// Items whose form a schema says.
    private var checkedCount = 0

    /// The texts that every case may have, in the order of their columns.
    private static let memberSources: [FeatureSchema.TextSource] = [
        .first, .second, .secondFamily, .documentType, .population, .payer, .engine,
    ]

    /// Texts that are the same one, said more or less exactly.
    static let family: Set<FeatureSchema.TextSource> = [.second, .secondFamily]

    init(_ settings: FeatureSettings) {
        self.settings = settings
        members = SchemaFinder.memberSources.map { _ in TextCounts() }
    }

    mutating func add(_ document: Case) {
        let items = document.items.count
        itemCount += items
        if !settings.isLeftOut(.evidence) {
            for scalar in document.context { contextNames.add(scalar, of: document, times: items) }
        }
        for scalar in document.evidence
        where !settings.isLeftOut(FeatureSettings.group(ofEvidence: document.text[scalar.name.indices])) {
            evidenceNames.add(scalar, of: document, times: 1)
        }
        for item in document.items {
            if item.isMalformed != nil { checkedCount += 1 }
            members[0].add(document.text[item.firstKey.indices], times: 1)
            guard item.second.count > 0 else { continue }
            let code = document.text[item.secondKey.indices]
            members[1].add(code, times: 1)
            members[2].add(code.prefix(FeaturePlan.familyBytes), times: 1)
        }
        members[3].add(document.text[document.documentType.indices], times: items)
        if let population = document.populationKey { members[4].add(document.text[population.indices], times: items) }
        if let payer = document.payerKey { members[5].add(document.text[payer.indices], times: items) }
        if let name = document.engineName {
            let version = document.engineVersion.map { [UInt8(ascii: "/")] + document.text[$0.indices] } ?? []
            members[6].add((Array(document.text[name.indices]) + version)[...], times: items)
        }
    }

    /// The schema without encodings and aggregates.
    func schema(_ kind: ModelKind) -> FeatureSchema {
        var schema = FeatureSchema(
            version: FeatureSchema.currentVersion, numbers: [], missingMarks: [], texts: [], encodings: [], aggregated: [])
        switch kind {
        case .nonsituated:
            for (source, counts) in zip(SchemaFinder.memberSources, members).prefix(3) {
                if let text = counts.columns(source, settings) {
                    schema.texts.append(FeatureSchema.TextColumns(source: source, values: text.values, oneHot: []))
                }
            }
        case .situated:
            let isChecked = checkedCount >= settings.seenMin && !settings.isLeftOut(.format)
            for number in FeatureSchema.DerivedNumber.allCases where number != .isMalformed || isChecked {
                schema.numbers.append(.derived(number))
            }
            for (name, count) in contextNames.numbers(seenMin: settings.seenMin) {
                schema.add(.context(name), seen: count, of: itemCount, settings)
            }
            for (name, count) in evidenceNames.numbers(seenMin: settings.seenMin) {
                schema.add(.evidence(name), seen: count, of: itemCount, settings)
            }
            schema.texts = zip(SchemaFinder.memberSources, members).compactMap { $1.columns($0, settings) }
            schema.texts += contextNames.texts { .context($0) }.compactMap { $1.columns($0, settings) }
            schema.texts += evidenceNames.texts { .evidence($0) }.compactMap { $1.columns($0, settings) }
        }
        return schema
    }
}

extension FeatureSchema {
    fileprivate mutating func add(_ number: NumberSource, seen: Int, of itemCount: Int, _ settings: FeatureSettings) {
        if itemCount - seen >= settings.seenMin { missingMarks.append(numbers.count) }
        numbers.append(number)
    }
}

/// The values of a text and how often each was seen.
private struct TextCounts {
    /// Values beyond this are not told apart: memory stays bounded whatever an engine writes.
    static let valuesMax = 200_000

    private var names = NameTable()
    private var values: [String] = []
    private var counts: [Int] = []
    private var total = 0

    mutating func add(_ value: ArraySlice<UInt8>, times: Int) {
        total += times
        let known = Int(names.find(value.span))
        if known >= 0 {
            counts[known] += times
        } else if values.count < TextCounts.valuesMax {
            _ = names.intern(value.span)
            values.append(String(decoding: value, as: UTF8.self))
            counts.append(times)
        }
    }

    /// Nil when it says nothing, or too much.
    func columns(_ source: FeatureSchema.TextSource, _ settings: FeatureSettings) -> FeatureSchema.TextColumns? {
        guard total >= settings.seenMin, Double(values.count) <= settings.distinctShareMax * Double(total) else { return nil }
        let known = values.indices.filter { counts[$0] >= settings.valueSeenMin }
            .sorted { values[$0].utf8.lexicographicallyPrecedes(values[$1].utf8) }
        guard known.count > 1 || (known.count == 1 && counts[known[0]] < total) else { return nil }
        let frequent = known.indices.filter { counts[known[$0]] >= settings.oneHotSeenMin }
        return FeatureSchema.TextColumns(
            source: source, values: known.map { values[$0] }, oneHot: frequent.count <= settings.oneHotValuesMax ? Array(frequent) : [])
    }
}

/// The scalars of one kind (context or evidence) by name.
private struct ScalarCounts {
    /// Names beyond this are left aside.
    static let namesMax = 1_000

    private var table = NameTable()
    private var names: [String] = []
    private var numbers: [Int] = []
    private var texts: [TextCounts] = []

    mutating func add(_ scalar: Case.Scalar, of document: Case, times: Int) {
        let bytes = document.text[scalar.name.indices]
        var name = Int(table.find(bytes.span))
        if name < 0 {
            guard names.count < ScalarCounts.namesMax else { return }
            name = Int(table.intern(bytes.span))
            names.append(String(decoding: bytes, as: UTF8.self))
            numbers.append(0)
            texts.append(TextCounts())
        }
        switch scalar.value {
        case .number, .bool: numbers[name] += times
        case .string(let range): texts[name].add(document.text[range.indices], times: times)
        }
    }

    private var order: [Int] { names.indices.sorted { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) } }

    func numbers(seenMin: Int) -> [(name: String, count: Int)] {
        order.filter { numbers[$0] >= seenMin }.map { (names[$0], numbers[$0]) }
    }

    func texts(_ source: (String) -> FeatureSchema.TextSource) -> [(FeatureSchema.TextSource, TextCounts)] {
        order.map { (source(names[$0]), texts[$0]) }
    }
}
