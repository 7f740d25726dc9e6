import JSON
import Routing

/// Reads a policy from parsed JSON, with all its faults at once. A member that is null is absent, but for thresholds: there null is never.
struct PolicyReader {
    /// Where a policy comes from.
    enum Origin {
        /// From a person: it must be free of contradictions, and within the bounds.
        case written(PolicyLimits)
        /// From the store, where it was checked by the rules of its day: it is what decisions were made by, and stays readable.
        case stored
    }

    private let origin: Origin
    private var faults = Faults([])
    /// Where each element of a list of the policy stands in the request: faulty ones are left out of the policy.
    private var indices: [Place: [Int]] = [:]

    /// For a threshold at fault: no contradiction depends on it.
    private static let standIn = Threshold(1)

    fileprivate enum Place: String { case rules, floors, requiredFields, optionalFields, requiredSections }

    private init(origin: Origin) { self.origin = origin }

    /// The document type of the path, when there is one: the body may not name another.
    static func read(_ root: JSONValue, _ origin: Origin = .written(PolicyLimits()), documentType: String? = nil) throws(Faults) -> Policy {
        var reader = PolicyReader(origin: origin)
        let policy = reader.policy(root, documentType: documentType)
        try reader.faults.check()
        guard let policy else { throw Faults([Fault(.pointer(""), "is not a policy")]) }
        return policy
    }

    private mutating func policy(_ root: JSONValue, documentType wanted: String?) -> Policy? {
        guard root.kind == .object else {
            faults.add(.root, "must be an object")
            return nil
        }
        var documentType: Name?
        var threshold: Threshold?
        var unlisted = Policy.Unlisted.default
        var rules: [Policy.Rule] = []
        var floors: [Policy.Rule] = []
        var required: [Name] = []
        var optional: [Name] = []
        var sections: [Name] = []
        var sampleRate: Double?
        var targets: Policy.Targets?
        // Safe: names are read during each call only.
        unsafe root.forEachMember { name, value in
            if unsafe name.equals("documentType") {
                documentType = self.documentType(value, wanted: wanted)
            } else if unsafe name.equals("threshold") {
                threshold = self.threshold(value, at: .root / "threshold")
            } else if unsafe PolicyReader.isServers(name) || (value.isNull && PolicyReader.isOptional(name)) {
                return
            } else if unsafe name.equals("unlisted") {
                unlisted = self.unlisted(value)
            } else if unsafe name.equals("rules") {
                rules = self.rules(value, .rules)
            } else if unsafe name.equals("floors") {
                floors = self.rules(value, .floors)
            } else if unsafe name.equals("requiredFields") {
                required = names(value, .requiredFields)
            } else if unsafe name.equals("optionalFields") {
                optional = names(value, .optionalFields)
            } else if unsafe name.equals("requiredSections") {
                sections = names(value, .requiredSections)
            } else if unsafe name.equals("qualityAssurance") {
                sampleRate = self.sampleRate(value)
            } else if unsafe name.equals("targets") {
                targets = self.targets(value)
            } else {
                unsafe faults.add(Pointer.root.appending(foreign: name), "is not a member of a policy")
            }
        }
        if root["documentType"] == nil { faults.add(.root / "documentType", "is required") }
        if root["threshold"] == nil { faults.add(.root / "threshold", PolicyReader.thresholdIsRequired) }
        // What is at fault does not hide how the rest contradicts itself: something valid stands in for it.
        guard let documentType = documentType ?? Name(DocumentType.anyOther), let threshold = threshold ?? PolicyReader.standIn else {
            return nil
        }
        let policy = Policy(
            documentType: documentType, threshold: threshold, unlisted: unlisted, rules: rules, floors: floors, requiredFields: required,
            optionalFields: optional, requiredSections: sections, sampleRate: sampleRate, targets: targets)
        if case .written = origin { contradictions(of: policy) }
        return policy
    }

    static let thresholdIsRequired = "is required: a number from 0 to 1, or null for never"

    /// The members that GET and PUT answer of their own.
    // Safe: the name is read during the call only.
    private static func isServers(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        unsafe name.equals("version") || name.equals("changedAt") || name.equals("changedBy") || name.equals("changeReason")
            || name.equals("seen")
            || name.equals("warnings")
    }

    // Safe: the name is read during the call only.
    private static func isOptional(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        unsafe name.equals("unlisted") || name.equals("rules") || name.equals("floors") || name.equals("requiredFields")
            || name.equals("optionalFields") || name.equals("requiredSections") || name.equals("qualityAssurance")
            || name.equals("targets")
    }

    private mutating func documentType(_ value: JSONValue, wanted: String?) -> Name? {
        let pointer = Pointer.root / "documentType"
        guard let text = value.string, DocumentType.isValid(text.utf8), let name = Name(text) else {
            faults.add(pointer, NameCheck.documentTypeDetail)
            return nil
        }
        if let wanted, !wanted.utf8.elementsEqual(text.utf8) {
            faults.add(pointer, "is not the document type of the path", status: 422)
        }
        return name
    }

    private mutating func threshold(_ value: JSONValue, at pointer: Pointer) -> Threshold? {
        let threshold = Threshold(value)
        if threshold == nil { faults.add(pointer, Threshold.detail) }
        return threshold
    }

    private mutating func share(_ value: JSONValue, at pointer: Pointer) -> Double? {
        if value.isNull { return nil }
        // As a threshold: a number in [0, 1], negative zero being zero.
        let share = value.double.flatMap { Threshold($0)?.value }
        if share == nil { faults.add(pointer, "must be a number from 0 to 1") }
        return share
    }

    private mutating func unlisted(_ value: JSONValue) -> Policy.Unlisted {
        switch value.string {
        case "default": return .default
        case "review": return .review
        default:
            faults.add(.root / "unlisted", "must be \"default\" or \"review\"")
            return .default
        }
    }

    private mutating func name(_ value: JSONValue, at pointer: Pointer) -> Name? {
        guard let text = value.string else {
            faults.add(pointer, value.kind == .number ? "must be a string; write a code in quotes: \"71045\"" : "must be a string")
            return nil
        }
        let name = Name(text)
        if name == nil { faults.add(pointer, NameCheck.detail) }
        return name
    }

    private mutating func names(_ value: JSONValue, _ place: Place) -> [Name] {
        let pointer = Pointer(place)
        guard value.kind == .array else {
            faults.add(pointer, "must be an array of names")
            return []
        }
        var names: [Name] = []
        var index = 0
        value.forEachElement { element in
            if let name = name(element, at: pointer / index) {
                names.append(name)
                indices[place, default: []].append(index)
            }
            index += 1
        }
        if case .written(let limits) = origin, index > limits.namesMax {
            add(pointer, "has \(index) names; at most \(limits.namesMax) are taken")
        }
        return names
    }

    private mutating func sampleRate(_ value: JSONValue) -> Double? {
        let pointer = Pointer.root / "qualityAssurance"
        guard value.kind == .object else {
            faults.add(pointer, "must be an object")
            return nil
        }
        var rate: Double?
        unsafe value.forEachMember { name, value in
            if unsafe name.equals("sampleRate") {
                rate = share(value, at: pointer / "sampleRate")
            } else {
                unsafe faults.add(pointer.appending(foreign: name), "is not a member of qualityAssurance")
            }
        }
        return rate
    }

    private mutating func targets(_ value: JSONValue) -> Policy.Targets? {
        let pointer = Pointer.root / "targets"
        guard value.kind == .object else {
            faults.add(pointer, "must be an object")
            return nil
        }
        var targets = Policy.Targets()
        unsafe value.forEachMember { name, value in
            if unsafe name.equals("field") {
                targets.field = share(value, at: pointer / "field")
            } else if unsafe name.equals("procedure") {
                targets.procedure = share(value, at: pointer / "procedure")
            } else if unsafe name.equals("primaryDiagnosis") {
                targets.primaryDiagnosis = share(value, at: pointer / "primaryDiagnosis")
            } else if unsafe name.equals("risk") {
                targets.risk = share(value, at: pointer / "risk")
            } else {
                unsafe faults.add(pointer.appending(foreign: name), "is not a member of targets")
            }
        }
        return targets == Policy.Targets() ? nil : targets
    }
}

// MARK: Rules and floors

extension PolicyReader {
    private mutating func rules(_ list: JSONValue, _ place: Place) -> [Policy.Rule] {
        let pointer = Pointer(place)
        guard list.kind == .array else {
            faults.add(pointer, "must be an array")
            return []
        }
        var rules: [Policy.Rule] = []
        var index = 0
        list.forEachElement { element in
            if let rule = rule(element, at: pointer / index, isFloor: place == .floors) {
                rules.append(rule)
                indices[place, default: []].append(index)
            }
            index += 1
        }
        if case .written(let limits) = origin, index > limits.rulesMax {
            add(pointer, "has \(index) \(place.rawValue); at most \(limits.rulesMax) are taken")
        }
        return rules
    }

    /// Nil unless it is plain what the rule is about; whatever else is at fault, it may contradict other rules.
    private mutating func rule(_ element: JSONValue, at pointer: Pointer, isFloor: Bool) -> Policy.Rule? {
        guard element.kind == .object else {
            faults.add(pointer, "must be an object")
            return nil
        }
        var isPlaced = true
        var patterns = (field: Pattern?.none, procedure: Pattern?.none, diagnosis: Pattern?.none)
        var scopes = (population: Name?.none, payer: Name?.none)
        var dates = (from: CivilDate?.none, to: CivilDate?.none)
        var risk: Name?
        var threshold: Threshold?
        unsafe element.forEachMember { name, value in
            if value.isNull, unsafe PolicyReader.isOptionalOfRule(name, isFloor: isFloor) { return }
            if unsafe name.equals("field") {
                patterns.field = pattern(value, at: pointer / "field")
                isPlaced = isPlaced && patterns.field != nil
            } else if unsafe name.equals("procedure") {
                patterns.procedure = pattern(value, at: pointer / "procedure")
                isPlaced = isPlaced && patterns.procedure != nil
            } else if unsafe name.equals("diagnosis") {
                patterns.diagnosis = pattern(value, at: pointer / "diagnosis")
                isPlaced = isPlaced && patterns.diagnosis != nil
            } else if unsafe name.equals("population") {
                scopes.population = self.name(value, at: pointer / "population")
                isPlaced = isPlaced && scopes.population != nil
            } else if unsafe name.equals("payer") {
                scopes.payer = self.name(value, at: pointer / "payer")
                isPlaced = isPlaced && scopes.payer != nil
            } else if unsafe name.equals("effectiveFrom") {
                dates.from = date(value, at: pointer / "effectiveFrom")
                isPlaced = isPlaced && dates.from != nil
            } else if unsafe name.equals("effectiveTo") {
                dates.to = date(value, at: pointer / "effectiveTo")
                isPlaced = isPlaced && dates.to != nil
            } else if isFloor, unsafe name.equals("risk") {
                risk = self.name(value, at: pointer / "risk")
            } else if unsafe name.equals("threshold") {
                threshold = self.threshold(value, at: pointer / "threshold")
            } else {
                unsafe faults.add(pointer.appending(foreign: name), "is not a member of a \(isFloor ? "floor" : "rule")")
            }
        }
        if element["threshold"] == nil { faults.add(pointer / "threshold", PolicyReader.thresholdIsRequired) }
        let namesPair = element.has("procedure") || element.has("diagnosis")
        if element.has("field"), namesPair {
            faults.add(pointer, "names a field and codes; it may name one or the other", status: 422)
            isPlaced = false
        }
        guard isPlaced, let threshold = threshold ?? PolicyReader.standIn else { return nil }
        let item: Policy.ItemPattern =
            if let field = patterns.field {
                .field(field)
            } else if namesPair {
                .pair(procedure: patterns.procedure, diagnosis: patterns.diagnosis)
            } else {
                .any
            }
        return Policy.Rule(
            item: item, population: scopes.population, payer: scopes.payer, effectiveFrom: dates.from, effectiveTo: dates.to, risk: risk,
            threshold: threshold)
    }

    // Safe: the name is read during the call only.
    private static func isOptionalOfRule(_ name: UnsafeBufferPointer<UInt8>, isFloor: Bool) -> Bool {
        unsafe name.equals("field") || name.equals("procedure") || name.equals("diagnosis") || name.equals("population")
            || name.equals("payer") || name.equals("effectiveFrom") || name.equals("effectiveTo") || (isFloor && name.equals("risk"))
    }

    private mutating func pattern(_ value: JSONValue, at pointer: Pointer) -> Pattern? {
        guard let name = name(value, at: pointer) else { return nil }
        let pattern = Pattern(name.string)
        if pattern == nil { faults.add(pointer, "may have one *, at its end", status: 422) }
        return pattern
    }

    private mutating func date(_ value: JSONValue, at pointer: Pointer) -> CivilDate? {
        guard let text = value.string else {
            faults.add(pointer, "must be a string, a date as 2027-01-31")
            return nil
        }
        let date = CivilDate(iso8601: text.utf8)
        if date == nil { faults.add(pointer, TimeCheck.dateDetail(text)) }
        return date
    }
}

// MARK: Contradictions

extension PolicyReader {
    private mutating func contradictions(of policy: Policy) {
        for contradiction in policy.contradictions {
            switch contradiction {
            case .overlappingRules(let first, let second):
                let (first, second) = (pointer(.rules, first), pointer(.rules, second))
                add(first, "has the patterns and scopes of \(second.text) and overlaps it in time")
                add(second, "has the patterns and scopes of \(first.text) and overlaps it in time")
            case .emptyPeriod(let list, let index):
                add(pointer(list == .rules ? .rules : .floors, index) / "effectiveTo", "must be later than effectiveFrom")
            case .namesNothing(let list, let index):
                add(pointer(list == .rules ? .rules : .floors, index), "names no item, population or payer")
            case .duplicateName(let list, let first, let second):
                let place: Place =
                    switch list {
                    case .requiredFields: .requiredFields
                    case .optionalFields: .optionalFields
                    case .requiredSections: .requiredSections
                    }
                add(pointer(place, second), "stands at \(pointer(place, first).text) already")
            case .requiredAndOptional(let required, let optional):
                add(pointer(.requiredFields, required), "is optional at \(pointer(.optionalFields, optional).text)")
                add(pointer(.optionalFields, optional), "is required at \(pointer(.requiredFields, required).text)")
            }
        }
    }

    private mutating func add(_ pointer: Pointer, _ detail: String) { faults.add(pointer, detail, status: 422) }

    private func pointer(_ place: Place, _ index: Int) -> Pointer { Pointer(place) / (indices[place]?[index] ?? index) }
}

extension Pointer {
    fileprivate init(_ place: PolicyReader.Place) {
        self = .root
        append(place.rawValue)
    }
}

extension JSONValue {
    /// Whether the object has the member, and not as null.
    fileprivate func has(_ name: StaticString) -> Bool { self[name].map { !$0.isNull } ?? false }
}

extension Threshold {
    static let detail = "must be a number from 0 to 1, or null for never"

    /// Null is never; nil for anything else that is not a number in [0, 1].
    init?(_ value: JSONValue) {
        if value.isNull {
            self = .never
        } else if let threshold = value.double.flatMap({ Threshold($0) }) {
            self = threshold
        } else {
            return nil
        }
    }
}
