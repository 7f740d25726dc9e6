/// How often each rule and floor of a policy met an item of decisions that were made, and what became of those items.
///
/// A rule meets an item when all that it names matches, whether or not another rule or a floor decides.
public struct PolicyUsage: Sendable {
    /// Items, and the newest decision of one.
    public struct Count: Sendable, Equatable {
        public var matches = 0
        /// Of those, the items that were accepted when they were decided.
        public var accepted = 0
        public var lastSeen: Instant?

        public init() {}

        fileprivate mutating func add(_ verdict: ItemVerdict?, _ instant: Instant) {
            matches += 1
            if verdict?.accepted == true { accepted += 1 }
            if lastSeen.map({ $0 < instant }) ?? true { lastSeen = instant }
        }
    }

    /// Parallel to the policy's rules.
    public private(set) var rules: [Count]
    /// Parallel to the policy's floors.
    public private(set) var floors: [Count]
    /// Items that no rule meets: the default decides them.
    public private(set) var byDefault = Count()
    /// Items that any rule or floor meets.
    public private(set) var met = Count()
    public private(set) var items = 0
    public private(set) var decisions = 0
    /// When the oldest of the decisions was made.
    public private(set) var since: Instant?

    private let policy: CompiledPolicy
    private let rulePlaces: RulePlaces
    private let floorPlaces: RulePlaces
    private var matches = ItemMatches()

    public init(_ policy: CompiledPolicy) {
        self.policy = policy
        rules = Array(repeating: Count(), count: policy.policy.rules.count)
        floors = Array(repeating: Count(), count: policy.policy.floors.count)
        rulePlaces = RulePlaces(policy.policy.rules, in: policy)
        floorPlaces = RulePlaces(policy.policy.floors, in: policy)
    }

    /// Takes a decision into account, in any order.
    /// - Parameter verdicts: parallel to the result's items.
    public mutating func add(_ result: EngineResult, _ verdicts: [ItemVerdict], decidedAt: Instant) {
        decisions += 1
        if since.map({ decidedAt < $0 }) ?? true { since = decidedAt }
        var text = ComparedText(result.text, policy.comparison)
        let context = policy.context(result, &text, decidedAt)
        for index in result.items.indices {
            let verdict = verdicts.indices.contains(index) ? verdicts[index] : nil
            items += 1
            var isRuled = false
            var isMet = false
            let (first, second) = text.item(result.items[index])
            let bytes = text.bytes.span
            policy.forEachMatch(result.items[index].kind, bytes.extracting(first), bytes.extracting(second), &matches) { pattern in
                rulePlaces.forEach(pattern, context) { rule in
                    rules[rule].add(verdict, decidedAt)
                    isRuled = true
                }
                floorPlaces.forEach(pattern, context) { floor in
                    floors[floor].add(verdict, decidedAt)
                    isMet = true
                }
                return true
            }
            if !isRuled { byDefault.add(verdict, decidedAt) }
            if isRuled || isMet { met.add(verdict, decidedAt) }
        }
    }
}

/// The rules of a policy, or its floors, by pattern and scopes: all of them, also those that others outrank. For cold paths.
struct RulePlaces: Sendable {
    private let rules: [Policy.Rule]
    /// By pattern and scopes: the number of a group.
    private var numbers = PairTable()
    /// Positions in `rules`.
    private(set) var groups: [[Int]] = []

    init(_ rules: [Policy.Rule], in policy: CompiledPolicy) {
        self.rules = rules
        // They are known to both, which stay as they are.
        var (catalog, scopes) = (policy.catalog, policy.scopes)
        for (index, rule) in rules.enumerated() {
            let pattern = catalog.number(catalog.intern(rule.item))
            let scope = scopes.intern(population: rule.population, payer: rule.payer)
            let known = numbers.find(pattern, scope)
            if known != PairTable.absent {
                groups[Int(known)].append(index)
            } else {
                numbers.set(pattern, scope, to: Int32(groups.count))
                groups.append([index])
            }
        }
    }

    /// The rules of a pattern in all scopes that the context is in, which hold on its date.
    func forEach(_ pattern: Int32, _ context: RuleContext, _ body: (Int) -> Void) {
        forEach(pattern, context.scopes) { rule in
            if rules[rule].holds(on: context.date) { body(rule) }
        }
    }

    /// The same on every date.
    func forEach(_ pattern: Int32, _ scopes: ScopeMatch, _ body: (Int) -> Void) {
        forEach(pattern, scope: ScopeTable.none, body)
        if scopes.payer != PairTable.absent { forEach(pattern, scope: scopes.payer, body) }
        if scopes.population != PairTable.absent { forEach(pattern, scope: scopes.population, body) }
        if scopes.both != PairTable.absent { forEach(pattern, scope: scopes.both, body) }
    }

    private func forEach(_ pattern: Int32, scope: Int32, _ body: (Int) -> Void) {
        let group = numbers.find(pattern, scope)
        if group != PairTable.absent { groups[Int(group)].forEach(body) }
    }
}

extension Policy.Rule {
    /// - Parameter date: days since 1970-01-01.
    fileprivate func holds(on date: Int32) -> Bool {
        (effectiveFrom?.days ?? .min) <= date && (effectiveTo.map { date < $0.days } ?? true)
    }
}
