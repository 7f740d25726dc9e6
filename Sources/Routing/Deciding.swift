/// The decision itself, as the contract's "Decisions" has it: item by item, then the document.
extension CompiledPolicy {
    func decide(_ result: EngineResult, decidedAt: Instant, draw: AuditDraw) -> Decision {
        var text = ComparedText(result.text, comparison)
        let context = context(result, &text, decidedAt)
        var matches = ItemMatches()
        var weakest = WeakestLink()
        var allAccepted = true
        var isPresent = [Bool](repeating: false, count: requiredFields.count)

        var verdicts: [ItemVerdict] = []
        verdicts.append(addingCapacity: result.items.count) { (verdicts: inout OutputSpan<ItemVerdict>) in
            for index in result.items.indices {
                let item = result.items[index]
                let isField = item.kind == .field
                let (first, second) = text.item(item)
                let bytes = text.bytes.span
                let applied = threshold(item.kind, bytes.extracting(first), bytes.extracting(second), context, &matches)
                let role = isField ? role(bytes.extracting(first), matches.field, &isPresent) : .plain
                let isBlank = item.isEmpty && role == .optional
                let reasons = isBlank ? [] : refusals(item, role, applied)
                if !isBlank { weakest.add(item.confidence, at: index) }
                allAccepted = allAccepted && reasons.isEmpty
                verdicts.append(
                    ItemVerdict(
                        threshold: applied.threshold, source: applied.source, ruleIndex: applied.ruleIndex, accepted: reasons.isEmpty,
                        reasons: reasons))
            }
        }

        var reasons: [DecisionReason] = []
        for (name, isPresent) in zip(requiredFields, isPresent) where !isPresent { reasons.append(.missingRequiredField(name)) }
        let missingSections = missingSections(result, &text)
        for name in missingSections { reasons.append(.missingRequiredSection(name)) }
        if result.items.isEmpty { reasons.append(.nothingRead) }

        let route: Route =
            if !missingSections.isEmpty { .manual } else if allAccepted, reasons.isEmpty, weakest.item != nil { .confident } else {
                .review
            }
        return Decision(
            route: route, qualityAssurance: route == .confident && draw.isInSample, confidence: weakest.confidence,
            weakestItem: weakest.item, policy: reference, reasons: reasons, items: verdicts, audit: draw)
    }

    /// What all items have in common.
    func context(_ result: EngineResult, _ text: inout ComparedText, _ decidedAt: Instant) -> RuleContext {
        let date = (result.serviceDate ?? decidedAt.date).days
        guard !scopes.isEmpty else { return RuleContext(scopes: ScopeMatch(), date: date) }
        let population = result.population.map { text.name($0) }
        let payer = result.payer.map { text.name($0) }
        return RuleContext(scopes: scopes.match(in: text.bytes.span, population: population, payer: payer), date: date)
    }

    private enum FieldRole { case plain, required, optional }

    /// What the policy says of a field by its name; notes a required one as present. `matches` is what `threshold` made of the same name.
    @inline(__always)
    private func role(_ name: Span<UInt8>, _ matches: borrowing PatternMatches, _ isPresent: inout [Bool]) -> FieldRole {
        if fieldRoles.count == 0 { return .plain }
        let number = Int(catalog.fields.isEmpty ? fieldRoles.find(name) : fieldRoles.find(name, hash: matches.hash))
        if number < 0 { return .plain }
        if number >= isPresent.count { return .optional }
        isPresent[number] = true
        return .required
    }

    /// Every reason that holds against an item that is not accepted as blank.
    @inline(__always)
    private func refusals(_ item: EngineResult.Item, _ role: FieldRole, _ applied: AppliedThreshold) -> ItemReasons {
        var reasons: ItemReasons = []
        if let confidence = item.confidence {
            if !applied.threshold.accepts(confidence) { reasons.insert(.belowThreshold) }
        } else {
            reasons.insert(.noConfidence)
        }
        if applied.isUnlisted { reasons.insert(.unlisted) }
        if item.isEmpty, role == .required { reasons.insert(.missingRequiredField) }
        return reasons
    }

    private func missingSections(_ result: EngineResult, _ text: inout ComparedText) -> [Name] {
        if requiredSections.isEmpty { return [] }
        var isPresent = [Bool](repeating: false, count: requiredSections.count)
        for section in result.sections ?? [] {
            let name = text.name(section)
            let number = sections.find(text.bytes.span.extracting(name))
            if number >= 0 { isPresent[Int(number)] = true }
        }
        return zip(requiredSections, isPresent).compactMap { name, isPresent in isPresent ? nil : name }
    }
}

/// The least of the confidences seen, and the first item that has it; an item without one is weaker than any.
struct WeakestLink {
    private(set) var confidence: Confidence?
    private(set) var item: Int?

    @inline(__always)
    mutating func add(_ confidence: Confidence?, at index: Int) {
        guard item != nil else {
            self.confidence = confidence
            self.item = index
            return
        }
        guard let least = self.confidence else { return }
        guard let confidence, confidence.value >= least.value else {
            self.confidence = confidence
            self.item = index
            return
        }
    }
}

extension AuditDraw {
    /// Whether the document is in the audit sample: hash < ⌊q·2^64⌋. Exact: scaling by a power of two loses no bit of q, and a double
    /// below 2^64 fits the integer it is cut to.
    public var isInSample: Bool {
        if sampleRate >= 1 { return true }
        guard sampleRate > 0 else { return false }
        return hash < UInt64(sampleRate * 0x1p64)
    }
}
