/// Every item pattern of a policy, rules' and floors', each with a number that tables are indexed by: 0 is the pattern that names no item,
/// then come the literal fields, the field prefixes, and the pairs.
///
/// For an item it goes through the numbers of the patterns that match, in the order of rank: number of literal patterns, procedure
/// literal, length of the procedure's prefix, length of the diagnosis's (or field's), absent below `*`.
struct PatternCatalog: Sendable {
    static let any: Int32 = 0

    private let comparison: NameComparison
    private(set) var fields = PatternIndex()
    private var procedures = PatternIndex()
    private var diagnoses = PatternIndex()
    private var pairs = PairTable()
    /// By a procedure pattern's number: the shapes of the diagnosis patterns that it occurs with.
    private var diagnosesOfLiteral: [PatternShapes] = []
    private var diagnosesOfPrefix: [PatternShapes] = []
    private var diagnosesAlone: PatternShapes = []
    /// As first written.
    private(set) var fieldPatterns: [Policy.ItemPattern] = []
    private(set) var pairPatterns: [Policy.ItemPattern] = []

    init(comparison: NameComparison) { self.comparison = comparison }

    /// How many numbers there are.
    var count: Int { 1 + fieldPatterns.count + pairPatterns.count }

    /// A pattern's place among those of its shape; its number is known when all are interned.
    enum Place { case any, field(PatternNumber), pair(Int32) }

    mutating func intern(_ pattern: Policy.ItemPattern) -> Place {
        switch pattern {
        case .any, .pair(procedure: nil, diagnosis: nil): return .any
        case .field(let field):
            let number = fields.intern(comparison.compared(field: field))
            if fieldPatterns.count < fields.count { fieldPatterns.append(pattern) }
            return .field(number)
        case .pair(let procedure, let diagnosis):
            let first = procedures.intern(comparison.compared(code: procedure))
            let second = diagnoses.intern(comparison.compared(code: diagnosis))
            let known = pairs.find(first.raw, second.raw)
            if known != PairTable.absent { return .pair(known) }
            let place = Int32(pairPatterns.count)
            pairs.set(first.raw, second.raw, to: place)
            pairPatterns.append(pattern)
            remember(diagnoses.shape(of: second), with: first)
            return .pair(place)
        }
    }

    /// Valid once nothing more is interned.
    func number(_ place: Place) -> Int32 {
        switch place {
        case .any: PatternCatalog.any
        case .field(let field): field.raw >= 0 ? 1 + field.raw : firstFieldPrefix + (-2 - field.raw)
        case .pair(let pair): firstPair + pair
        }
    }

    private var firstFieldPrefix: Int32 { Int32(truncatingIfNeeded: 1 + fields.literals.count) }
    private var firstPair: Int32 { Int32(truncatingIfNeeded: 1 + fieldPatterns.count) }

    private mutating func remember(_ shape: PatternShapes, with procedure: PatternNumber) {
        if procedure == .absent {
            diagnosesAlone.insert(shape)
        } else if procedure.raw >= 0 {
            let index = Int(procedure.raw)
            while diagnosesOfLiteral.count <= index { diagnosesOfLiteral.append([]) }
            diagnosesOfLiteral[index].insert(shape)
        } else {
            let index = Int(-2 - procedure.raw)
            while diagnosesOfPrefix.count <= index { diagnosesOfPrefix.append([]) }
            diagnosesOfPrefix[index].insert(shape)
        }
    }

    /// The patterns that match a field, the highest rank first, until `body` says false.
    @inline(__always)
    func forEachMatch(field: Span<UInt8>, isPrefix: Bool, matches: inout PatternMatches, _ body: (Int32) -> Bool) {
        fields.match(field, isPrefix: isPrefix, into: &matches)
        if matches.literal >= 0, !body(1 + matches.literal) { return }
        var index = matches.prefixCount
        while index > 0 {
            index -= 1
            if !body(firstFieldPrefix + matches.prefixes[index]) { return }
        }
        _ = body(PatternCatalog.any)
    }

    /// What of a pair was matched: `PatternIndex.match` of both codes.
    struct PairMatches {
        var procedure = PatternMatches()
        var diagnosis = PatternMatches()
    }

    /// The patterns that match a pair of codes, the highest rank first, until `body` says false.
    @inline(__always)
    func forEachMatch(
        procedure: Span<UInt8>, isProcedurePrefix: Bool, diagnosis: Span<UInt8>, isDiagnosisPrefix: Bool,
        matches: inout PairMatches, _ body: (Int32) -> Bool
    ) {
        guard pairs.count > 0 else {
            _ = body(PatternCatalog.any)
            return
        }
        procedures.match(procedure, isPrefix: isProcedurePrefix, into: &matches.procedure)
        diagnoses.match(diagnosis, isPrefix: isDiagnosisPrefix, into: &matches.diagnosis)
        let literal = matches.procedure.literal

        // A literal procedure, with a literal diagnosis and then with the others.
        if literal >= 0 {
            let shapes = diagnosesOfLiteral[Int(literal)]
            if !literalDiagnosis(.literal(literal), shapes, matches, body) { return }
            if !otherDiagnoses(.literal(literal), shapes, matches, body) { return }
        }
        // A literal diagnosis with the other procedures: the longest prefix first, none at all last.
        if matches.diagnosis.literal >= 0 {
            var index = matches.procedure.prefixCount
            while index > 0 {
                index -= 1
                let prefix = matches.procedure.prefixes[index]
                if !literalDiagnosis(.prefix(prefix), diagnosesOfPrefix[Int(prefix)], matches, body) { return }
            }
            if !literalDiagnosis(.absent, diagnosesAlone, matches, body) { return }
        }
        // No literal.
        var index = matches.procedure.prefixCount
        while index > 0 {
            index -= 1
            let prefix = matches.procedure.prefixes[index]
            if !otherDiagnoses(.prefix(prefix), diagnosesOfPrefix[Int(prefix)], matches, body) { return }
        }
        if !otherDiagnoses(.absent, diagnosesAlone, matches, body) { return }
        _ = body(PatternCatalog.any)
    }

    @inline(__always)
    private func literalDiagnosis(
        _ procedure: PatternNumber, _ shapes: PatternShapes, _ matches: borrowing PairMatches, _ body: (Int32) -> Bool
    ) -> Bool {
        guard matches.diagnosis.literal >= 0, shapes.contains(.literal) else { return true }
        return found(procedure, .literal(matches.diagnosis.literal), body)
    }

    /// The longest prefix first, none at all last.
    @inline(__always)
    private func otherDiagnoses(
        _ procedure: PatternNumber, _ shapes: PatternShapes, _ matches: borrowing PairMatches, _ body: (Int32) -> Bool
    ) -> Bool {
        let wanted = shapes.intersection(matches.diagnosis.shapes)
        if !wanted.isSubset(of: [.absent, .literal]) {
            var index = matches.diagnosis.prefixCount
            while index > 0 {
                index -= 1
                let prefix = matches.diagnosis.prefixes[index]
                guard wanted.contains(.prefix(diagnoses.prefixLengths[Int(prefix)])) else { continue }
                if !found(procedure, .prefix(prefix), body) { return false }
            }
        }
        return wanted.contains(.absent) ? found(procedure, .absent, body) : true
    }

    @inline(__always)
    private func found(_ procedure: PatternNumber, _ diagnosis: PatternNumber, _ body: (Int32) -> Bool) -> Bool {
        let pair = pairs.find(procedure.raw, diagnosis.raw)
        return pair == PairTable.absent ? true : body(firstPair + pair)
    }
}
