import JSON
import Routing

/// Reads a policy from parsed JSON, with all its faults at once.
struct PolicyReader {
    private var faults = Faults([])
    /// Where each element of a list of the policy stands in the request: faulty ones are left out of the policy.
    private var indices: [Place: [Int]] = [:]

    /// For a threshold at fault: no contradiction depends on it.
    private static let standIn = Threshold(1)

    fileprivate enum Place: String { case rules, floors, requiredFields, optionalFields, requiredSections }

    /// The document type of the path, when there is one: the body may not name another.
    static func read(_ root: JSONValue, documentType: String? = nil) throws(Faults) -> Policy {
        var reader = PolicyReader()
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
            } else if unsafe !(name.equals("version") || name.equals("changedAt") || name.equals("changedBy")
                || name.equals("changeReason"))
            {
                unsafe faults.add(Pointer.root.appending(foreign: name), "is not a member of a policy")
            }
        }
        if root["documentType"] == nil { faults.add(.root / "documentType", "is required") }
        if root["threshold"] == nil { faults.add(.root / "threshold", "is required") }
        // What is at fault does not hide how the rest contradicts itself: something valid stands in for it.
        guard let documentType = documentType ?? Name(DocumentType.anyOther), let threshold = threshold ?? PolicyReader.standIn else {
            return nil
        }
        let policy = Policy(
            documentType: documentType, threshold: threshold, rules: rules, floors: floors, requiredFields: required,
            optionalFields: optional, requiredSections: sections, sampleRate: sampleRate, targets: targets)
        contradictions(of: policy)
        return policy
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
        let threshold = value.double.flatMap(Threshold.init)
        if threshold == nil { faults.add(pointer, "must be a number from 0 to 1") }
        return threshold
    }

    private mutating func share(_ value: JSONValue, at pointer: Pointer) -> Double? {
        // As a threshold: a number in [0, 1], negative zero being zero.
        threshold(value, at: pointer)?.value
    }

    private mutating func name(_ value: JSONValue, at pointer: Pointer) -> Name? {
        guard let text = value.string else {
            faults.add(pointer, "must be a string")
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
        if element["threshold"] == nil { faults.add(pointer / "threshold", "is required") }
        let namesPair = element["procedure"] != nil || element["diagnosis"] != nil
        if element["field"] != nil, namesPair {
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

    private mutating func pattern(_ value: JSONValue, at pointer: Pointer) -> Pattern? {
        guard let name = name(value, at: pointer) else { return nil }
        let pattern = Pattern(name.string)
        if pattern == nil { faults.add(pointer, "may have one *, at its end", status: 422) }
        return pattern
    }

    private mutating func date(_ value: JSONValue, at pointer: Pointer) -> CivilDate? {
        let date = value.string.flatMap { CivilDate(iso8601: $0.utf8) }
        if date == nil { faults.add(pointer, "must be a date as YYYY-MM-DD") }
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
