/// The threshold in force for an item, and where it comes from.
public struct AppliedThreshold: Sendable, Hashable {
    public var threshold: Threshold
    public var source: ThresholdSource
    /// Index of the deciding rule in `Policy.rules`, or floor in `Policy.floors`, as `source` says; -1 for the default.
    public var ruleIndex: Int32
    /// No rule names the item, and the policy refuses such ones (`Policy.Unlisted.review`).
    public var isUnlisted: Bool

    public init(threshold: Threshold, source: ThresholdSource, ruleIndex: Int32, isUnlisted: Bool = false) {
        self.threshold = threshold
        self.source = source
        self.ruleIndex = ruleIndex
        self.isUnlisted = isUnlisted
    }
}

extension CompiledPolicy {
    /// The threshold in force for a pattern as if it were an item: only patterns that match all that it matches apply. A literal pattern
    /// is the item of that name; a code that a pair pattern leaves out may be any, as under `*`.
    /// - Parameter date: what `effectiveFrom` and `effectiveTo` compare with.
    public func threshold(for pattern: Policy.ItemPattern, population: Name?, payer: Name?, date: CivilDate) -> AppliedThreshold {
        var text: [UInt8] = []
        let populationRange = population.map { text.appendRange(comparison.compared(name: $0)) }
        let payerRange = payer.map { text.appendRange(comparison.compared(name: $0)) }
        let context = RuleContext(
            scopes: scopes.match(in: text.span, population: populationRange, payer: payerRange), date: date.days)
        var choice = Choice()
        forEachPattern(covering: pattern) { consider($0, context, &choice) }
        return applied(choice)
    }

    /// The patterns that match all that a pattern matches, the highest rank first, until `body` says false.
    func forEachPattern(covering pattern: Policy.ItemPattern, _ body: (Int32) -> Bool) {
        var matches = ItemMatches()
        switch pattern {
        case .any: _ = body(PatternCatalog.any)
        case .field(let field):
            let field = comparison.compared(field: field)
            catalog.forEachMatch(field: field.bytes.span, isPrefix: field.isPrefix, matches: &matches.field, body)
        case .pair(let procedure, let diagnosis):
            let procedure = comparison.compared(code: procedure) ?? .anything
            let diagnosis = comparison.compared(code: diagnosis) ?? .anything
            catalog.forEachMatch(
                procedure: procedure.bytes.span, isProcedurePrefix: procedure.isPrefix, diagnosis: diagnosis.bytes.span,
                isDiagnosisPrefix: diagnosis.isPrefix, matches: &matches.pair, body)
        }
    }
}

extension [UInt8] {
    mutating func appendRange(_ name: [UInt8]) -> Range<Int> {
        let start = count
        append(contentsOf: name)
        return start..<count
    }
}

/// What all items of one decision have in common.
struct RuleContext {
    let scopes: ScopeMatch
    /// Days since 1970-01-01.
    let date: Int32
}

/// Room for what matches one item, used again for the next.
struct ItemMatches {
    var field = PatternMatches()
    var pair = PatternCatalog.PairMatches()
}

/// The rule and the floor found so far, as indices; -1 for none.
struct Choice {
    var rule: Int32 = -1
    var floor: Int32 = -1
}

extension CompiledPolicy {
    /// The threshold of one item of a result, given the compared forms of its name or codes.
    @inline(__always)
    func threshold(
        _ kind: EngineResult.Kind, _ first: Span<UInt8>, _ second: Span<UInt8>, _ context: RuleContext, _ matches: inout ItemMatches
    ) -> AppliedThreshold {
        var choice = Choice()
        forEachMatch(kind, first, second, &matches) { consider($0, context, &choice) }
        return applied(choice)
    }

    /// The patterns that match an item, given the compared forms of its name or codes, the highest rank first, until `body` says false.
    @inline(__always)
    func forEachMatch(
        _ kind: EngineResult.Kind, _ first: Span<UInt8>, _ second: Span<UInt8>, _ matches: inout ItemMatches, _ body: (Int32) -> Bool
    ) {
        if kind == .field {
            catalog.forEachMatch(field: first, isPrefix: false, matches: &matches.field, body)
        } else {
            catalog.forEachMatch(
                procedure: first, isProcedurePrefix: false, diagnosis: second, isDiagnosisPrefix: false, matches: &matches.pair, body)
        }
    }

    /// Takes a matching pattern's rules and floors into account, patterns of higher rank first; whether those of lower rank still matter.
    @inline(__always)
    @discardableResult
    private func consider(_ pattern: Int32, _ context: RuleContext, _ choice: inout Choice) -> Bool {
        if choice.rule < 0, !rules.isEmpty { choice.rule = rules.highest(pattern, context.scopes, on: context.date) }
        if floors.isEmpty { return choice.rule < 0 }
        choice.floor = floors.greatest(choice.floor, pattern, context.scopes, on: context.date)
        return true
    }

    @inline(__always)
    private func applied(_ choice: Choice) -> AppliedThreshold {
        let isUnlisted = refusesUnlisted && !namesItem(choice.rule)
        let base = choice.rule >= 0 ? rules.threshold(choice.rule) : defaultThreshold
        if choice.floor >= 0 {
            let floor = floors.threshold(choice.floor)
            if floor > base {
                return AppliedThreshold(threshold: floor, source: .floor, ruleIndex: choice.floor, isUnlisted: isUnlisted)
            }
        }
        if choice.rule >= 0 {
            return AppliedThreshold(threshold: base, source: .rule, ruleIndex: choice.rule, isUnlisted: isUnlisted)
        }
        return AppliedThreshold(threshold: base, source: .default, ruleIndex: -1, isUnlisted: isUnlisted)
    }

    /// Whether the rule that was found names the item. Rules without an item rank below all others: when one is found, no other matched.
    private func namesItem(_ rule: Int32) -> Bool { rule >= 0 && policy.rules[Int(rule)].item.isNamed }
}
