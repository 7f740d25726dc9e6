import JSON
import Ledger
import Routing

/// Reads a result (`POST /v1/decisions`) from parsed JSON, with all its faults at once. One per thread: it keeps its buffers.
///
/// 1. A good result costs the arrays it is made of and nothing else; pointers and words are made for faults only.
/// 2. Items are numbered as in the request, faulty ones too, so that every pointer is right.
/// 3. Values are looked at for being empty and forgotten.
/// 4. Null is absent.
final class ResultReader {
    /// The strings of the result in the making.
    private var text: [UInt8] = []
    private var fields: [EngineResult.Item] = []
    private var pairs: [EngineResult.Item] = []
    private var faults = Faults([])
    private var items = UniqueItems()
    /// Whether there is a `fields` or `pairs`, of whatever shape.
    private var hasList = false

    /// `review` is a member too when `withReview`.
    func read(_ root: JSONValue, withReview: Bool) throws(Faults) -> (EngineResult, ImportedReview?) {
        begin()
        guard root.kind == .object else { throw Faults([Fault(.pointer(""), "must be an object")]) }
        var result = EngineResult(documentType: TextRange(start: 0, count: 0), documentId: TextRange(start: 0, count: 0))
        var hasType = false
        var hasId = false
        var review: JSONValue?
        // Safe: names are read during each call only.
        unsafe root.forEachMember { name, value in
            if unsafe name.equals("fields") {
                readList(value, "fields") { readField($0, $1) }
            } else if unsafe name.equals("pairs") {
                readList(value, "pairs") { readPair($0, $1) }
            } else if unsafe name.equals("documentType") {
                hasType = !value.isNull
                if let range = documentType(value) { result.documentType = range }
            } else if unsafe name.equals("documentId") {
                hasId = !value.isNull
                if let range = self.name(value, at: { .root / "documentId" }) { result.documentId = range }
            } else if unsafe name.equals("population") {
                result.population = self.name(value, at: { .root / "population" })
            } else if unsafe name.equals("payer") {
                result.payer = self.name(value, at: { .root / "payer" })
            } else if unsafe name.equals("serviceDate") {
                result.serviceDate = date(value)
            } else if unsafe name.equals("receivedAt") {
                result.receivedAt = instant(value)
            } else if unsafe name.equals("engine") {
                engine(value, into: &result)
            } else if unsafe name.equals("sections") {
                result.sections = sections(value)
            } else if unsafe name.equals("context") {
                return
            } else if withReview, unsafe name.equals("review") {
                if !value.isNull { review = value }
            } else {
                unsafe faults.add(Pointer.root.appending(foreign: name), "is not a member of a result")
            }
        }
        if !hasType { faults.add(.root / "documentType", "is required") }
        if !hasId { faults.add(.root / "documentId", "is required") }
        if !hasList { faults.add(.root / "fields", "fields or pairs are required; where nothing was read, an empty array") }
        items.begin(text)
        findRepeatedFields()
        findRepeatedPairs()
        var items: [EngineResult.Item] = []
        items.reserveCapacity(fields.count + pairs.count)
        items.append(contentsOf: fields)
        items.append(contentsOf: pairs)
        result.items = items
        result.text = Array(text[...])
        let imported = review.flatMap { ReviewReader.read($0, of: result, in: root, faults: &faults) }
        try faults.check()
        return (result, imported)
    }

    private func begin() {
        text.removeAll(keepingCapacity: text.capacity <= ResultReader.keptBytesMax)
        fields.removeAll(keepingCapacity: fields.capacity <= ResultReader.keptItemsMax)
        pairs.removeAll(keepingCapacity: pairs.capacity <= ResultReader.keptItemsMax)
        faults = Faults([])
        hasList = false
    }

    /// Buffers larger than these are not kept: one large result must not hold memory for ever.
    private static let keptBytesMax = 256 << 10
    private static let keptItemsMax = 4096
}

// MARK: Items

extension ResultReader {
    private static let none = TextRange(start: 0, count: 0)

    @inline(__always)
    private func readList(_ list: JSONValue, _ name: StaticString, _ read: (JSONValue, Int) -> Void) {
        if list.isNull { return }
        hasList = true
        guard list.kind == .array else { return faults.add(.root / name, "must be an array") }
        var index = 0
        list.forEachElement { element in
            read(element, index)
            index += 1
        }
    }

    private func readField(_ element: JSONValue, _ index: Int) {
        var item = EngineResult.Item(kind: .field, first: ResultReader.none, second: ResultReader.none, confidence: nil, isEmpty: true)
        var hasName = false
        let pointer = { Pointer.root / "fields" / index }
        if element.kind != .object {
            faults.add(pointer(), "must be an object")
            return fields.append(item)
        }
        // Safe: names are read during each call only.
        unsafe element.forEachMember { name, value in
            if unsafe name.equals("name") {
                hasName = !value.isNull
                if let range = self.name(value, at: { pointer() / "name" }) { item.first = range }
            } else if unsafe name.equals("value") {
                item.isEmpty = isEmpty(value, at: pointer)
            } else if unsafe name.equals("confidence") {
                item.confidence = confidence(value, at: pointer)
            } else if unsafe !name.equals("evidence") {
                unsafe faults.add(pointer().appending(foreign: name), "is not a member of a field")
            }
        }
        if !hasName { faults.add(pointer() / "name", "is required") }
        fields.append(item)
    }

    private func readPair(_ element: JSONValue, _ index: Int) {
        var item = EngineResult.Item(kind: .pair, first: ResultReader.none, second: ResultReader.none, confidence: nil, isEmpty: false)
        var hasProcedure = false
        var hasDiagnosis = false
        let pointer = { Pointer.root / "pairs" / index }
        if element.kind != .object {
            faults.add(pointer(), "must be an object")
            return pairs.append(item)
        }
        // Safe: names are read during each call only.
        unsafe element.forEachMember { name, value in
            if unsafe name.equals("procedure") {
                hasProcedure = !value.isNull
                if let range = self.name(value, at: { pointer() / "procedure" }) { item.first = range }
            } else if unsafe name.equals("diagnosis") {
                hasDiagnosis = !value.isNull
                if let range = self.name(value, at: { pointer() / "diagnosis" }) { item.second = range }
            } else if unsafe name.equals("primary") {
                if let isPrimary = value.bool {
                    item.kind = isPrimary ? .primaryPair : .pair
                } else if !value.isNull {
                    faults.add(pointer() / "primary", "must be true or false")
                }
            } else if unsafe name.equals("modifiers") {
                item.modifiers = BillingReader.modifiers(value, at: { pointer() / "modifiers" }, faults: &faults)
            } else if unsafe name.equals("line") {
                item.line = BillingReader.line(value, at: { pointer() / "line" }, faults: &faults)
            } else if unsafe name.equals("confidence") {
                item.confidence = confidence(value, at: pointer)
            } else if unsafe !name.equals("evidence") {
                unsafe faults.add(pointer().appending(foreign: name), "is not a member of a pair")
            }
        }
        if !hasProcedure { faults.add(pointer() / "procedure", "is required") }
        if !hasDiagnosis { faults.add(pointer() / "diagnosis", "is required") }
        // With one code it equals nothing.
        if item.second.count == 0 { item.first = ResultReader.none }
        pairs.append(item)
    }

    private func confidence(_ value: JSONValue, at item: () -> Pointer) -> Confidence? {
        if let confidence = value.double.flatMap(Confidence.init) { return confidence }
        if !value.isNull { faults.add(item() / "confidence", "must be a number from 0 to 1, or null") }
        return nil
    }

    /// Whether a field's value says nothing: null, or a string of white space alone.
    @inline(__always)
    private func isEmpty(_ value: JSONValue, at item: () -> Pointer) -> Bool {
        // Safe: the string is read during the call only.
        if let bytes = unsafe value.stringBytes { return unsafe WhiteSpace.isAll(of: bytes) }
        switch value.kind {
        case .null: return true
        case .number, .bool: return false
        default:
            faults.add(item() / "value", "must be a string, a number, true, false or null")
            return true
        }
    }

    private func findRepeatedFields() {
        for (index, earlier) in items.repetitions(in: fields) {
            faults.add(.root / "fields" / index / "name", "is the name of /fields/\(earlier) already", status: 422)
        }
    }

    private func findRepeatedPairs() {
        for (index, earlier) in items.repetitions(in: pairs) {
            faults.add(
                .root / "pairs" / index,
                "has the codes of /pairs/\(earlier) already; modifiers or a line tell apart what a claim bills twice", status: 422)
        }
    }
}

// MARK: Members

extension ResultReader {
    // Safe in all of these: the string's bytes live as long as the document, and are copied.

    /// Nil of null too: whether there has to be a name the caller knows.
    private func name(_ value: JSONValue, at pointer: () -> Pointer) -> TextRange? {
        guard let bytes = unsafe value.stringBytes else {
            if !value.isNull { faults.add(pointer(), "must be a string") }
            return nil
        }
        guard unsafe NameCheck.isName(bytes) else {
            faults.add(pointer(), NameCheck.detail)
            return nil
        }
        return unsafe append(bytes)
    }

    private func documentType(_ value: JSONValue) -> TextRange? {
        guard let bytes = unsafe value.stringBytes else {
            if !value.isNull { faults.add(.root / "documentType", "must be a string") }
            return nil
        }
        guard unsafe DocumentType.isValid(bytes) else {
            faults.add(.root / "documentType", NameCheck.documentTypeDetail)
            return nil
        }
        return unsafe append(bytes)
    }

    private func append(_ bytes: UnsafeBufferPointer<UInt8>) -> TextRange {
        let start = text.count
        unsafe text.append(contentsOf: bytes)
        return TextRange(start: start, count: bytes.count)
    }

    private func date(_ value: JSONValue) -> CivilDate? {
        if let bytes = unsafe value.stringBytes, let date = unsafe CivilDate(iso8601: bytes) { return date }
        if !value.isNull { faults.add(.root / "serviceDate", TimeCheck.dateDetail(value.string ?? "")) }
        return nil
    }

    private func instant(_ value: JSONValue) -> Instant? {
        if let bytes = unsafe value.stringBytes, let instant = unsafe Instant(rfc3339: bytes) { return instant }
        if !value.isNull { faults.add(.root / "receivedAt", TimeCheck.timeDetail(value.string ?? "")) }
        return nil
    }

    private func engine(_ value: JSONValue, into result: inout EngineResult) {
        if value.isNull { return }
        guard value.kind == .object else { return faults.add(.root / "engine", "must be an object") }
        unsafe value.forEachMember { name, value in
            if unsafe name.equals("name") {
                result.engineName = self.name(value, at: { .root / "engine" / "name" })
            } else if unsafe name.equals("version") {
                result.engineVersion = self.name(value, at: { .root / "engine" / "version" })
            } else {
                unsafe faults.add((Pointer.root / "engine").appending(foreign: name), "is not a member of an engine")
            }
        }
    }

    private func sections(_ value: JSONValue) -> [TextRange]? {
        if value.isNull { return nil }
        guard value.kind == .array else {
            faults.add(.root / "sections", "must be an array")
            return nil
        }
        var sections: [TextRange] = []
        var index = 0
        value.forEachElement { element in
            if let range = name(element, at: { .root / "sections" / index }) {
                sections.append(range)
            } else if element.isNull {
                faults.add(.root / "sections" / index, "must be a string")
            }
            index += 1
        }
        return sections
    }
}
