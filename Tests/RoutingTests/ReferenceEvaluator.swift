import Foundation
import Routing

/// The contract read aloud: every rule is tried on every item. Slow, and written without a look at how the product does it.
struct ReferenceEvaluator {
    let policies: [Policy]

    func decide(_ result: EngineResult, decidedAt: Instant, hash: UInt64, saltId: UInt64) -> Decision {
        let type = result.string(result.documentType)
        let found = policies.firstIndex { $0.documentType.string == type } ?? policies.firstIndex { $0.documentType.string == "*" }
        guard let found else {
            let items = result.items.map {
                ItemVerdict(
                    threshold: nil, source: .default, ruleIndex: -1, accepted: false, reasons: $0.confidence == nil ? .noConfidence : [])
            }
            let (confidence, weakest) = weakestLink(Array(result.items.enumerated()))
            return Decision(
                route: .review, qualityAssurance: false, confidence: confidence, weakestItem: weakest, policy: nil,
                reasons: result.items.isEmpty ? [.unknownDocumentType, .nothingRead] : [.unknownDocumentType], items: items,
                audit: AuditDraw(hash: hash, sampleRate: 0, saltId: saltId))
        }
        let policy = policies[found]
        let day = result.serviceDate ?? decidedAt.date

        var items: [ItemVerdict] = []
        var counted: [(offset: Int, element: EngineResult.Item)] = []
        for (index, item) in result.items.enumerated() {
            let applied = threshold(policy, Subject(item, result), result, day)
            let isField = item.kind == .field
            let required = isField && policy.requiredFields.contains { same($0.string, result.string(item.first)) }
            let optional = isField && !required && policy.optionalFields.contains { same($0.string, result.string(item.first)) }
            if optional, item.isEmpty {
                items.append(
                    ItemVerdict(
                        threshold: applied.threshold, source: applied.source, ruleIndex: applied.ruleIndex, accepted: true, reasons: []))
                continue
            }
            counted.append((index, item))
            var reasons: ItemReasons = []
            if item.confidence == nil { reasons.insert(.noConfidence) }
            if let confidence = item.confidence, !applied.threshold.accepts(confidence) { reasons.insert(.belowThreshold) }
            if applied.isUnlisted { reasons.insert(.unlisted) }
            if required, item.isEmpty { reasons.insert(.missingRequiredField) }
            items.append(
                ItemVerdict(
                    threshold: applied.threshold, source: applied.source, ruleIndex: applied.ruleIndex, accepted: reasons == [],
                    reasons: reasons))
        }

        let fields = result.items.filter { $0.kind == .field }
        let missingFields = policy.requiredFields.filter { name in !fields.contains { same(name.string, result.string($0.first)) } }
        let missingSections = policy.requiredSections.filter { name in
            !(result.sections ?? []).contains { same(name.string, result.string($0)) }
        }
        let (confidence, weakest) = weakestLink(counted)
        var route = Route.review
        if !missingSections.isEmpty {
            route = .manual
        } else if items.allSatisfy(\.accepted), missingFields.isEmpty, !counted.isEmpty {
            route = .confident
        }
        let rate = policy.sampleRate ?? 0
        let draw = AuditDraw(hash: hash, sampleRate: rate, saltId: saltId)
        let inSample = rate >= 1 || hash < scaled(rate)
        return Decision(
            route: route, qualityAssurance: route == .confident && inSample, confidence: confidence, weakestItem: weakest,
            policy: PolicyReference(documentType: policy.documentType, version: PolicyVersion(Int64(found + 1))),
            reasons: missingFields.map { .missingRequiredField($0) } + missingSections.map { .missingRequiredSection($0) }
                + (result.items.isEmpty ? [.nothingRead] : []), items: items, audit: draw)
    }

    /// ⌊q·2^64⌋ from the bits of q below 1: q is significand · 2^(exponent - 52).
    private func scaled(_ rate: Double) -> UInt64 {
        let significand = UInt64(rate.significandBitPattern) | (rate.isNormal ? 1 << 52 : 0)
        let shift = (rate.isNormal ? Int(rate.exponent) : -1022) - 52 + 64
        return shift >= 0 ? significand << UInt64(shift) : significand >> UInt64(-shift)
    }

    /// What rules are tried on: an item, or a pattern taken for one.
    struct Subject {
        let isField: Bool
        let first: Pattern?
        let second: Pattern?

        init(_ item: EngineResult.Item, _ result: EngineResult) {
            isField = item.kind == .field
            first = Name(result.string(item.first)).map { .literal($0) }
            second = Name(result.string(item.second)).map { .literal($0) }
        }

        init(_ pattern: Policy.ItemPattern) {
            switch pattern {
            case .field(let field): (isField, first, second) = (true, field, nil)
            case .pair(let procedure, let diagnosis): (isField, first, second) = (false, procedure ?? .prefix([]), diagnosis ?? .prefix([]))
            case .any: (isField, first, second) = (false, nil, nil)
            }
        }
    }

    func threshold(_ policy: Policy, _ subject: Subject, _ result: EngineResult, _ day: CivilDate) -> AppliedThreshold {
        var best: Int?
        for (index, rule) in policy.rules.enumerated() where matches(rule, subject, result, day) {
            if best == nil || precedes(rank(policy.rules[best ?? 0]), rank(rule)) { best = index }
        }
        let base = best.map { policy.rules[$0].threshold } ?? policy.threshold
        var floor: Int?
        for (index, rule) in policy.floors.enumerated() where matches(rule, subject, result, day) {
            if rule.threshold > (floor.map { policy.floors[$0].threshold } ?? base) { floor = index }
        }
        let isNamed = policy.rules.contains { rule in rule.item != .any && matches(rule, subject, result, day) }
        let isUnlisted = policy.unlisted == .review && !isNamed
        if let floor {
            return AppliedThreshold(
                threshold: policy.floors[floor].threshold, source: .floor, ruleIndex: Int32(floor), isUnlisted: isUnlisted)
        }
        return AppliedThreshold(
            threshold: base, source: best == nil ? .default : .rule, ruleIndex: Int32(best ?? -1), isUnlisted: isUnlisted)
    }

    private func matches(_ rule: Policy.Rule, _ subject: Subject, _ result: EngineResult, _ day: CivilDate) -> Bool {
        switch rule.item {
        case .any: break
        case .field(let field): if !subject.isField || !covers(field, subject.first, isCode: false) { return false }
        case .pair(let procedure, let diagnosis):
            if subject.isField || !covers(procedure, subject.first, isCode: true) || !covers(diagnosis, subject.second, isCode: true) {
                return false
            }
        }
        if let population = rule.population {
            guard let given = result.population, same(population.string, result.string(given)) else { return false }
        }
        if let payer = rule.payer {
            guard let given = result.payer, same(payer.string, result.string(given)) else { return false }
        }
        if let from = rule.effectiveFrom, day < from { return false }
        if let to = rule.effectiveTo, day >= to { return false }
        return true
    }

    private func covers(_ pattern: Pattern?, _ subject: Pattern?, isCode: Bool) -> Bool {
        guard let pattern else { return true }
        switch (pattern, subject) {
        case (.literal(let a), .literal(let b)): return form(a.string, isCode) == form(b.string, isCode)
        case (.prefix(let prefix), .literal(let b)): return form(b.string, isCode).starts(with: form(text(prefix), isCode))
        case (.prefix(let prefix), .prefix(let b)): return form(text(b), isCode).starts(with: form(text(prefix), isCode))
        default: return false
        }
    }

    private func rank(_ rule: Policy.Rule) -> [Int] {
        func isLiteral(_ pattern: Pattern?) -> Int { if case .literal = pattern { 1 } else { 0 } }
        let isCode = if case .field = rule.item { false } else { true }
        func length(_ pattern: Pattern?) -> Int { if case .prefix(let bytes) = pattern { form(text(bytes), isCode).count } else { -1 } }
        let (procedure, other): (Pattern?, Pattern?) =
            switch rule.item {
            case .any: (nil, nil)
            case .field(let field): (nil, field)
            case .pair(let procedure, let diagnosis): (procedure, diagnosis)
            }
        return [
            isLiteral(procedure) + isLiteral(other), isLiteral(procedure), length(procedure), length(other), rule.population == nil ? 0 : 1,
            rule.payer == nil ? 0 : 1, rule.effectiveFrom.map { Int($0.days) } ?? .min,
        ]
    }

    private func precedes(_ a: [Int], _ b: [Int]) -> Bool { a.lexicographicallyPrecedes(b) }

    private func weakestLink(_ items: [(offset: Int, element: EngineResult.Item)]) -> (Confidence?, Int?) {
        if let unknown = items.first(where: { $0.element.confidence == nil }) { return (nil, unknown.offset) }
        let least = items.compactMap(\.element.confidence).min()
        return (least, items.first { $0.element.confidence == least }?.offset)
    }

    private func same(_ a: String, _ b: String) -> Bool { form(a, false) == form(b, false) }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// What a name or a code is to people, by Foundation's means.
    private func form(_ text: String, _ isCode: Bool) -> [UInt8] {
        var words = text.split(whereSeparator: \.isWhitespace)
        if isCode { words = words.map { Substring($0.replacing(".", with: "")) } }
        return Array(words.joined(separator: isCode ? "" : " ").lowercased().precomposedStringWithCanonicalMapping.utf8)
    }
}
