/// The scopes that rules name, a population, a payer or both, numbered from 1; 0 is a rule that names neither.
struct ScopeTable: Sendable {
    static let none: Int32 = 0
    private static let absent: Int32 = -1

    private let comparison: NameComparison
    private var populations = NameTable()
    private var payers = NameTable()
    private var numbers = PairTable()

    init(comparison: NameComparison) { self.comparison = comparison }

    mutating func intern(population: Name?, payer: Name?) -> Int32 {
        let first = population.map { populations.intern(comparison.compared(name: $0)) } ?? ScopeTable.absent
        let second = payer.map { payers.intern(comparison.compared(name: $0)) } ?? ScopeTable.absent
        if first == ScopeTable.absent, second == ScopeTable.absent { return ScopeTable.none }
        let known = numbers.find(first, second)
        if known != PairTable.absent { return known }
        let number = Int32(numbers.count + 1)
        numbers.set(first, second, to: number)
        return number
    }

    var isEmpty: Bool { numbers.count == 0 }

    /// What a request's scopes are to the rules, given where their compared forms stand in a text. An absent scope, or one that no rule names, is in none of them.
    @inline(__always)
    func match(in text: Span<UInt8>, population: Range<Int>?, payer: Range<Int>?) -> ScopeMatch {
        var match = ScopeMatch()
        if isEmpty { return match }
        var first = ScopeTable.absent
        var second = ScopeTable.absent
        if let population { first = populations.find(text.extracting(population)) }
        if let payer { second = payers.find(text.extracting(payer)) }
        if second != ScopeTable.absent { match.payer = numbers.find(ScopeTable.absent, second) }
        if first != ScopeTable.absent { match.population = numbers.find(first, ScopeTable.absent) }
        if first != ScopeTable.absent, second != ScopeTable.absent { match.both = numbers.find(first, second) }
        return match
    }
}

/// The numbers of the scopes a request is in; `PairTable.absent` where no rule has it.
struct ScopeMatch {
    var payer = PairTable.absent
    var population = PairTable.absent
    var both = PairTable.absent
}

/// Which scopes the rules of one pattern name: as bits, the higher the rank the higher the bit.
struct ScopeKinds: OptionSet, Sendable {
    let rawValue: UInt8
    init(rawValue: UInt8) { self.rawValue = rawValue }
    static let none = ScopeKinds(rawValue: 1)
    static let payer = ScopeKinds(rawValue: 2)
    static let population = ScopeKinds(rawValue: 4)
    static let both = ScopeKinds(rawValue: 8)

    init(of rule: Policy.Rule) {
        switch (rule.population, rule.payer) {
        case (nil, nil): self = .none
        case (nil, _?): self = .payer
        case (_?, nil): self = .population
        case (_?, _?): self = .both
        }
    }
}
