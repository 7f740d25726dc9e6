import JSON
import Ledger
import Routing

/// What was right of a result, from the corrections of a review.
struct CorrectionReading {
    /// What became of each item, and what was added.
    struct Found {
        var items: [ItemOutcome]
        var added: [ImportedReview.AddedItem] = []

        /// Whether two corrections come to the same, in whatever order they have it.
        func saysTheSame(as other: Found) -> Bool {
            func keys(_ found: Found) -> [[String]] {
                found.added.map { item in
                    let codes = Codes(
                        item.first.string.utf8, (item.second?.string ?? "").utf8, item.modifiers, item.line)
                    let first = item.second == nil ? CanonicalForm.ofName(item.first.string.utf8) : codes.procedure
                    return [
                        String(decoding: first, as: UTF8.self), String(decoding: codes.diagnosis, as: UTF8.self), item.primary ? "1" : "0",
                        String(codes.modifiers), item.line.map { String(describing: $0) } ?? "",
                    ]
                }.sorted { $0.lexicographicallyPrecedes($1) }
            }
            return items == other.items && keys(self) == keys(other)
        }
    }

    let result: EngineResult
    let root: JSONValue
    /// Where the corrections stand.
    let pointer: Pointer
    var faults = Faults([])
    var found: Found

    init(result: EngineResult, root: JSONValue, pointer: Pointer) {
        self.result = result
        self.root = root
        self.pointer = pointer
        found = Found(items: [ItemOutcome](repeating: .kept, count: result.items.count))
    }

    mutating func read(_ value: JSONValue) {
        switch value.kind {
        case .array: readPairs(value, at: pointer)
        case .object: if isByKind(value) { readBoth(value) } else { readFields(value, at: pointer) }
        default: faults.add(pointer, "must be an array of pairs or an object of fields")
        }
    }

    /// Whether an object has its corrections under `fields` and `pairs`: values of fields are neither objects nor arrays.
    private func isByKind(_ value: JSONValue) -> Bool {
        var hasNested = false
        var hasOther = false
        // Safe: names are compared during each call only.
        unsafe value.forEachMember { name, value in
            if value.kind == .object || value.kind == .array { hasNested = true }
            if unsafe !(value.isNull && (name.equals("fields") || name.equals("pairs"))) { hasOther = true }
        }
        return hasNested || !hasOther
    }

    private mutating func readBoth(_ value: JSONValue) {
        // Safe: names are compared during each call only.
        unsafe value.forEachMember { name, value in
            if unsafe name.equals("fields") {
                if value.kind == .object {
                    readFields(value, at: pointer / "fields")
                } else if !value.isNull {
                    faults.add(pointer / "fields", "must be an object: the right value of each field that was wrong")
                }
            } else if unsafe name.equals("pairs") {
                if value.kind == .array {
                    readPairs(value, at: pointer / "pairs")
                } else if !value.isNull {
                    faults.add(pointer / "pairs", "must be an array: the right pairs, all of them")
                }
            } else {
                unsafe faults.add(pointer.appending(foreign: name), "is not a member of corrections: they have fields and pairs")
            }
        }
    }

    /// An item that is right as it stands is kept; right but for `primary`, changed; not among the right ones, removed.
    private mutating func readPairs(_ list: JSONValue, at pointer: Pointer) {
        var indices: [Codes: Int] = [:]
        for (index, item) in result.items.enumerated() where item.kind != .field {
            found.items[index] = .removed
            indices[Codes(item, of: result)] = index
        }
        var seen: Set<Codes> = []
        var position = 0
        list.forEachElement { element in
            let here = pointer / position
            position += 1
            let primary = element["primary"].flatMap { $0.isNull ? nil : $0 }
            guard let procedure = element["procedure"]?.string.flatMap({ Name($0) }),
                let diagnosis = element["diagnosis"]?.string.flatMap({ Name($0) }), primary == nil || primary?.bool != nil
            else { return faults.add(here, "must be a pair: procedure, diagnosis and perhaps primary, modifiers and line") }
            let isPrimary = primary?.bool ?? false
            let modifiers =
                element["modifiers"].map { BillingReader.modifiers($0, at: { here / "modifiers" }, faults: &faults) } ?? Modifiers()
            let line = element["line"].flatMap { BillingReader.line($0, at: { here / "line" }, faults: &faults) }
            let codes = Codes(procedure.string.utf8, diagnosis.string.utf8, modifiers, line)
            guard seen.insert(codes).inserted else { return faults.add(here, "occurs twice", status: 422) }
            if let index = indices[codes] {
                found.items[index] = (result.items[index].kind == .primaryPair) == isPrimary ? .kept : .changed
            } else {
                found.added.append(
                    ImportedReview.AddedItem(
                        first: procedure, second: diagnosis, primary: isPrimary, modifiers: modifiers, line: line))
            }
        }
    }

    private mutating func readFields(_ corrected: JSONValue, at pointer: Pointer) {
        var indices: [[UInt8]: Int] = [:]
        for (index, item) in result.items.enumerated() where item.kind == .field {
            indices[CanonicalForm.ofName(result.text[item.first.indices])] = index
        }
        var values: [JSONValue?] = []
        root["fields"]?.forEachElement { values.append($0["value"]) }
        // Safe: names and strings are compared during each call only.
        unsafe corrected.forEachMember { name, value in
            let here = unsafe pointer.appending(foreign: name)
            guard let field = unsafe Name(String(decoding: name, as: UTF8.self)) else {
                return faults.add(here, "is not the name of a field: it " + NameCheck.detail)
            }
            guard value.kind != .object, value.kind != .array else {
                return faults.add(here, "must be a string, a number, true, false or null")
            }
            guard let index = unsafe indices[CanonicalForm.ofName(name)] else {
                return found.added.append(ImportedReview.AddedItem(first: field, second: nil, primary: false))
            }
            // Fields come first among the items, so an item's index is its field's.
            let read = index < values.count ? values[index] : nil
            found.items[index] = text(read) == text(value) ? .kept : .changed
        }
    }

    /// Null, absent and white space alone are one: nothing there. A number is as it would be written shortest.
    private func text(_ value: JSONValue?) -> [UInt8] {
        // Safe: the string is copied here.
        guard let value, let bytes = value.text, unsafe !bytes.withUnsafeBufferPointer({ unsafe WhiteSpace.isAll(of: $0) }) else {
            return []
        }
        return bytes
    }

    /// What pairs that are one to people have in common.
    private struct Codes: Hashable {
        let procedure: [UInt8]
        let diagnosis: [UInt8]
        let modifiers: UInt64
        let line: ClaimLine?

        init(_ procedure: some Collection<UInt8>, _ diagnosis: some Collection<UInt8>, _ modifiers: Modifiers, _ line: ClaimLine?) {
            self.procedure = CanonicalForm.ofCode(procedure)
            self.diagnosis = CanonicalForm.ofCode(diagnosis)
            self.modifiers = modifiers.canonical
            self.line = line
        }

        init(_ item: EngineResult.Item, of result: EngineResult) {
            self.init(result.text[item.first.indices], result.text[item.second.indices], item.modifiers, item.line)
        }
    }
}
