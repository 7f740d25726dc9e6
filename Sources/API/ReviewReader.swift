import JSON
import Ledger
import Routing

/// Reads what a reviewer said of a past result, as the corpora have it beside the result:
/// `{"verdict", "reviewedBy", "corrected", "at"}`, where `corrected` is the right pairs, all of them, or the right values of the fields
/// that were wrong. Values are compared and forgotten; codes and names are kept. Null is absent.
enum ReviewReader {
    static func read(_ review: JSONValue, of result: EngineResult, in root: JSONValue, faults: inout Faults) -> ImportedReview? {
        let pointer = Pointer.root / "review"
        guard review.kind == .object else {
            faults.add(pointer, "must be an object")
            return nil
        }
        var reader = Reading(result: result, root: root)
        reader.members(review)
        for fault in reader.faults.faults { faults.add(fault) }
        guard let verdict = reader.verdict else { return nil }
        var items = reader.items
        if verdict == .rejected { items = items.map { _ in .removed } }
        let isUnchanged = reader.added.isEmpty && items.allSatisfy { $0 == .kept }
        if verdict == .approved, !isUnchanged {
            faults.add(pointer / "corrected", "changes what the verdict approves", status: 422)
        }
        if verdict == .modified, isUnchanged {
            faults.add(pointer / "corrected", "changes nothing, but the verdict says so", status: 422)
        }
        return ImportedReview(verdict: verdict, reviewer: reader.reviewer, at: reader.at, items: items, added: reader.added)
    }
}

private struct Reading {
    let result: EngineResult
    let root: JSONValue
    let pointer = Pointer.root / "review"
    var faults = Faults([])
    var verdict: ReviewVerdict?
    var reviewer: Name?
    var at: Instant?
    var items: [ItemOutcome]
    var added: [ImportedReview.AddedItem] = []

    init(result: EngineResult, root: JSONValue) {
        self.result = result
        self.root = root
        items = [ItemOutcome](repeating: .kept, count: result.items.count)
    }

    mutating func members(_ review: JSONValue) {
        var hasVerdict = false
        // Safe: names are read during each call only.
        unsafe review.forEachMember { name, value in
            if unsafe name.equals("verdict") {
                hasVerdict = !value.isNull
                if hasVerdict { readVerdict(value) }
            } else if unsafe name.equals("reviewedBy") {
                reviewer = value.string.flatMap { Name($0) }
                if reviewer == nil, !value.isNull { faults.add(pointer / "reviewedBy", NameCheck.detail) }
            } else if unsafe name.equals("at") {
                at = value.string.flatMap { Instant(rfc3339: $0.utf8) }
                if at == nil, !value.isNull { faults.add(pointer / "at", TimeCheck.timeDetail) }
            } else if unsafe name.equals("corrected") {
                switch value.kind {
                case .array: readPairs(value)
                case .object: readFields(value)
                case .null: break
                default: faults.add(pointer / "corrected", "must be an array of pairs or an object of fields")
                }
            } else {
                unsafe faults.add(pointer.appending(foreign: name), "is not a member of a review")
            }
        }
        if !hasVerdict { faults.add(pointer / "verdict", "is required") }
    }

    private mutating func readVerdict(_ value: JSONValue) {
        switch value.string {
        case "approved": verdict = .approved
        case "modified": verdict = .modified
        case "rejected": verdict = .rejected
        default: faults.add(pointer / "verdict", "must be approved, modified or rejected")
        }
    }

    /// An item that is right as it stands is kept; right but for `primary`, changed; not among the right ones, removed.
    private mutating func readPairs(_ list: JSONValue) {
        var indices: [Codes: Int] = [:]
        for (index, item) in result.items.enumerated() where item.kind != .field {
            items[index] = .removed
            indices[Codes(item, of: result)] = index
        }
        var seen: Set<Codes> = []
        var position = 0
        list.forEachElement { element in
            let here = pointer / "corrected" / position
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
                items[index] = (result.items[index].kind == .primaryPair) == isPrimary ? .kept : .changed
            } else {
                added.append(
                    ImportedReview.AddedItem(
                        first: procedure, second: diagnosis, primary: isPrimary, modifiers: modifiers, line: line))
            }
        }
    }

    private mutating func readFields(_ corrected: JSONValue) {
        var indices: [[UInt8]: Int] = [:]
        for (index, item) in result.items.enumerated() where item.kind == .field {
            indices[CanonicalForm.ofName(result.text[item.first.indices])] = index
        }
        var values: [JSONValue?] = []
        root["fields"]?.forEachElement { values.append($0["value"]) }
        // Safe: names and strings are compared during each call only.
        unsafe corrected.forEachMember { name, value in
            let here = unsafe (pointer / "corrected").appending(foreign: name)
            guard let field = unsafe Name(String(decoding: name, as: UTF8.self)) else {
                return faults.add(here, "is not the name of a field: it " + NameCheck.detail)
            }
            guard value.kind != .object, value.kind != .array else {
                return faults.add(here, "must be a string, a number, true, false or null")
            }
            guard let index = unsafe indices[CanonicalForm.ofName(name)] else {
                return added.append(ImportedReview.AddedItem(first: field, second: nil, primary: false))
            }
            // Fields come first among the items, so an item's index is its field's.
            let read = index < values.count ? values[index] : nil
            items[index] = text(read) == text(value) ? .kept : .changed
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
