/// A policy version made ready to decide by: the cost of an item does not grow with the number of rules.
public final class CompiledPolicy: Sendable {
    public let policy: Policy
    public let version: PolicyVersion
    /// Every distinct pattern of rules and floors that names an item, as first written: fields, then pairs, rules before floors.
    public let distinctPatterns: [Policy.ItemPattern]

    let comparison: NameComparison
    let reference: PolicyReference
    let defaultThreshold: Threshold
    let refusesUnlisted: Bool
    let catalog: PatternCatalog
    let scopes: ScopeTable
    let rules: RuleBook
    let floors: RuleBook
    /// Required fields, then the optional ones.
    let fieldRoles: NameTable
    let requiredFields: [Name]
    let requiredSections: [Name]
    let sections: NameTable

    /// - Parameters:
    ///   - policy: free of contradictions (`Policy.contradictions`). Where it has one, all the same: of rules that overlap the later
    ///     `effectiveFrom` wins, then the first written; a rule that is never in effect is passed over; a field both required and optional is
    ///     required.
    ///   - comparison: how names and codes are compared, of rules and of results.
    public init(_ policy: Policy, version: PolicyVersion, comparison: NameComparison = .canonical) {
        self.policy = policy
        self.version = version
        self.comparison = comparison
        reference = PolicyReference(documentType: policy.documentType, version: version)
        defaultThreshold = policy.threshold
        refusesUnlisted = policy.unlisted == .review

        var catalog = PatternCatalog(comparison: comparison)
        var scopes = ScopeTable(comparison: comparison)
        let place = { (rule: Policy.Rule) in
            (catalog.intern(rule.item), scopes.intern(population: rule.population, payer: rule.payer))
        }
        let rulePlaces = policy.rules.map(place)
        let floorPlaces = policy.floors.map(place)
        let numbered = { (place: (PatternCatalog.Place, Int32)) in RuleBook.Place(pattern: catalog.number(place.0), scope: place.1) }
        rules = RuleBook(policy.rules, places: rulePlaces.map(numbered), patternCount: catalog.count, precedence: .laterFrom)
        floors = RuleBook(policy.floors, places: floorPlaces.map(numbered), patternCount: catalog.count, precedence: .greaterThreshold)
        distinctPatterns = catalog.fieldPatterns + catalog.pairPatterns
        self.catalog = catalog
        self.scopes = scopes

        var fieldRoles = NameTable()
        requiredFields = fieldRoles.internDistinct(policy.requiredFields, comparison)
        for name in policy.optionalFields { _ = fieldRoles.intern(comparison.compared(name: name)) }
        self.fieldRoles = fieldRoles
        var sections = NameTable()
        requiredSections = sections.internDistinct(policy.requiredSections, comparison)
        self.sections = sections
    }
}

extension NameTable {
    /// Interns names into an empty table; gives them without repetitions, each at its number.
    fileprivate mutating func internDistinct(_ names: [Name], _ comparison: NameComparison) -> [Name] {
        names.filter { name in
            let known = count
            return Int(intern(comparison.compared(name: name))) == known
        }
    }
}
