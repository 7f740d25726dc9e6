/// The rules of a policy, or its floors, by pattern, scopes and date.
struct RuleBook: Sendable {
    /// Where a rule belongs: the number of its pattern in the catalog, and of its scopes in the scope table.
    struct Place: Equatable {
        let pattern: Int32
        let scope: Int32
    }

    /// What a pattern's rules come to.
    private struct Entry {
        var scopes: ScopeKinds = []
        /// Where the rules without scopes start, if `scopes` has them.
        var plain: Timelines.Start = 0
    }

    /// Which of two rules with the same pattern and scopes wins when both hold.
    enum Precedence { case laterFrom, greaterThreshold }

    /// By the pattern's number in the catalog.
    private var entries: [Entry]
    /// By pattern and scope.
    private var scoped = PairTable()
    private var timelines = Timelines()
    private let thresholds: [Threshold]

    var isEmpty: Bool { thresholds.isEmpty }

    /// - Parameters:
    ///   - places: parallel to the rules.
    ///   - patternCount: how many patterns the catalog has.
    init(_ rules: [Policy.Rule], places: [Place], patternCount: Int, precedence: Precedence) {
        thresholds = rules.map(\.threshold)
        entries = Array(repeating: Entry(), count: patternCount)
        let order = rules.indices.sorted {
            (places[$0].pattern, places[$0].scope, $0) < (places[$1].pattern, places[$1].scope, $1)
        }
        var start = 0
        while start < order.count {
            let place = places[order[start]]
            let end = order[start...].firstIndex { places[$0] != place } ?? order.count
            add(order[start..<end], of: rules, at: place, precedence)
            start = end
        }
    }

    private mutating func add(
        _ indices: ArraySlice<Int>, of rules: [Policy.Rule], at place: Place, _ precedence: Precedence
    ) {
        let ranked = indices.sorted { a, b in
            switch precedence {
            case .laterFrom: (rules[b].start, a) < (rules[a].start, b)
            case .greaterThreshold: (rules[b].threshold, a) < (rules[a].threshold, b)
            }
        }
        guard let timeline = timelines.add(ranked.map { (Int32($0), rules[$0].start, rules[$0].effectiveTo?.days) }) else { return }
        let kind = ScopeKinds(of: rules[ranked[0]])
        entries[Int(place.pattern)].scopes.insert(kind)
        if kind == .none {
            entries[Int(place.pattern)].plain = timeline
        } else {
            scoped.set(place.pattern, place.scope, to: timeline)
        }
    }

    /// The rule of a pattern that holds in these scopes on a date, of the highest rank: population and payer, population, payer, neither. -1 if none.
    @inline(__always)
    func highest(_ pattern: Int32, _ scopes: ScopeMatch, on date: Int32) -> Int32 {
        let entry = entries[Int(pattern)]
        if entry.scopes.isEmpty { return Timelines.none }
        if entry.scopes != .none {
            if entry.scopes.contains(.both) {
                let rule = scopedWinner(pattern, scopes.both, date)
                if rule >= 0 { return rule }
            }
            if entry.scopes.contains(.population) {
                let rule = scopedWinner(pattern, scopes.population, date)
                if rule >= 0 { return rule }
            }
            if entry.scopes.contains(.payer) {
                let rule = scopedWinner(pattern, scopes.payer, date)
                if rule >= 0 { return rule }
            }
            if !entry.scopes.contains(.none) { return Timelines.none }
        }
        return timelines.winner(entry.plain, on: date)
    }

    /// Of `best` and the rules of a pattern that hold in these scopes on a date, the one of the greatest threshold; of equals the first written.
    @inline(__always)
    func greatest(_ best: Int32, _ pattern: Int32, _ scopes: ScopeMatch, on date: Int32) -> Int32 {
        let entry = entries[Int(pattern)]
        if entry.scopes.isEmpty { return best }
        var best = best
        if entry.scopes.contains(.none) { best = greater(best, timelines.winner(entry.plain, on: date)) }
        if entry.scopes != .none {
            if entry.scopes.contains(.payer) { best = greater(best, scopedWinner(pattern, scopes.payer, date)) }
            if entry.scopes.contains(.population) { best = greater(best, scopedWinner(pattern, scopes.population, date)) }
            if entry.scopes.contains(.both) { best = greater(best, scopedWinner(pattern, scopes.both, date)) }
        }
        return best
    }

    func threshold(_ rule: Int32) -> Threshold { thresholds[Int(rule)] }

    private func scopedWinner(_ pattern: Int32, _ scope: Int32, _ date: Int32) -> Int32 {
        if scope == PairTable.absent { return Timelines.none }
        let start = scoped.find(pattern, scope)
        return start == PairTable.absent ? Timelines.none : timelines.winner(start, on: date)
    }

    private func greater(_ a: Int32, _ b: Int32) -> Int32 {
        if a < 0 || b < 0 { return max(a, b) }
        let (first, second) = (thresholds[Int(a)], thresholds[Int(b)])
        return first == second ? min(a, b) : first > second ? a : b
    }
}

extension Policy.Rule {
    /// The first day, as days since 1970-01-01; since ever is the least number there is.
    fileprivate var start: Int32 { effectiveFrom?.days ?? .min }
}
