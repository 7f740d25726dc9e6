import JSON
import Ledger
import Routing

/// Reads a result (`POST /v1/decisions`) from parsed JSON, with all its faults at once. One per thread: it keeps its buffers.
///
/// 1. A good result costs the arrays it is made of and nothing else; pointers and words are made for faults only.
/// 2. Items are numbered as in the request, faulty ones too, so that every pointer is right.
/// 3. Values are looked at for being empty and forgotten.
final class ResultReader {
    /// The strings of the result in the making.
    private var text: [UInt8] = []
    private var fields: [EngineResult.Item] = []
    private var pairs: [EngineResult.Item] = []
    private var faults = Faults([])
    private var items = UniqueItems()
    /// Whether `fields` or `pairs` was of a shape that could hold no item.
    private var hasFaultyList = false

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
                readFields(value)
            } else if unsafe name.equals("pairs") {
                readPairs(value)
            } else if unsafe name.equals("documentType") {
                hasType = true
                if let range = documentType(value) { result.documentType = range }
            } else if unsafe name.equals("documentId") {
                hasId = true
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
                review = value
            } else {
                unsafe faults.add(Pointer.root.appending(foreign: name), "is not a member of a result")
            }
        }
        if !hasType { faults.add(.root / "documentType", "is required") }
        if !hasId { faults.add(.root / "documentId", "is required") }
        if fields.isEmpty, pairs.isEmpty, !hasFaultyList { faults.add(.root / "fields", "at least one field or pair is required") }
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
        hasFaultyList = false
    }

    /// Buffers larger than these are not kept: one large result must not hold memory for ever.
    private static let keptBytesMax = 256 << 10
    private static let keptItemsMax = 4096
}

// MARK: Items

extension ResultReader {
    private static let none = TextRange(start: 0, count: 0)

    private func readFields(_ list: JSONValue) {
        guard list.kind == .array else {
            hasFaultyList = true
            return faults.add(.root / "fields", "must be an array")
        }
        var index = 0
        list.forEachElement { element in
            readField(element, index)
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
                hasName = true
                if let range = self.name(value, at: { pointer() / "name" }) { item.first = range }
            } else if unsafe name.equals("value") {
                if let bytes = unsafe value.stringBytes {
                    item.isEmpty = bytes.isEmpty
                } else if !value.isNull {
                    faults.add(pointer() / "value", "must be a string or null")
                }
            } else if unsafe name.equals("confidence") {
                item.confidence = confidence(value, at: pointer)
            } else if unsafe !name.equals("evidence") {
                unsafe faults.add(pointer().appending(foreign: name), "is not a member of a field")
            }
        }
        if !hasName { faults.add(pointer() / "name", "is required") }
        fields.append(item)
    }

    private func readPairs(_ list: JSONValue) {
        guard list.kind == .array else {
            hasFaultyList = true
            return faults.add(.root / "pairs", "must be an array")
        }
        var index = 0
        list.forEachElement { element in
            readPair(element, index)
            index += 1
        }
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
                hasProcedure = true
                if let range = self.name(value, at: { pointer() / "procedure" }) { item.first = range }
            } else if unsafe name.equals("diagnosis") {
                hasDiagnosis = true
                if let range = self.name(value, at: { pointer() / "diagnosis" }) { item.second = range }
            } else if unsafe name.equals("primary") {
                if let isPrimary = value.bool {
                    item.kind = isPrimary ? .primaryPair : .pair
                } else {
                    faults.add(pointer() / "primary", "must be true or false")
                }
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

    private func findRepeatedFields() {
        for (index, earlier) in items.repetitions(in: fields, text: text) {
            faults.add(.root / "fields" / index / "name", "is the name of /fields/\(earlier) already", status: 422)
        }
    }

    private func findRepeatedPairs() {
        for (index, earlier) in items.repetitions(in: pairs, text: text) {
            faults.add(.root / "pairs" / index, "has the codes of /pairs/\(earlier) already", status: 422)
        }
    }
}

// MARK: Members

extension ResultReader {
    // Safe in all of these: the string's bytes live as long as the document, and are copied.

    private func name(_ value: JSONValue, at pointer: () -> Pointer) -> TextRange? {
        guard let bytes = unsafe value.stringBytes else {
            faults.add(pointer(), "must be a string")
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
            faults.add(.root / "documentType", "must be a string")
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
        faults.add(.root / "serviceDate", "must be a date as YYYY-MM-DD")
        return nil
    }

    private func instant(_ value: JSONValue) -> Instant? {
        if let bytes = unsafe value.stringBytes, let instant = unsafe Instant(rfc3339: bytes) { return instant }
        faults.add(.root / "receivedAt", "must be a time as RFC 3339 writes it")
        return nil
    }

    private func engine(_ value: JSONValue, into result: inout EngineResult) {
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
        guard value.kind == .array else {
            faults.add(.root / "sections", "must be an array")
            return nil
        }
        var sections: [TextRange] = []
        var index = 0
        value.forEachElement { element in
            if let range = name(element, at: { .root / "sections" / index }) { sections.append(range) }
            index += 1
        }
        return sections
    }
}

/// What names and document types are, said once.
enum NameCheck {
    static let detail = "must be 1 to 256 bytes without control characters"
    static let documentTypeDetail = "must be 1 to 128 of A-Za-z0-9._-, or *"

    /// `Name.isValid` for the hot path: eight bytes at a time, and one by one only where a byte may be at fault.
    // Safe: every load stays below the count.
    static func isName(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard 1...Name.bytesMax ~= bytes.count else { return false }
        let raw = UnsafeRawBufferPointer(bytes)
        var index = 0
        while index + 8 <= bytes.count {
            if unsafe isSuspect(raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)) { return unsafe Name.isValid(bytes) }
            index += 8
        }
        while index < bytes.count {
            let byte = unsafe bytes[index]
            if byte < 0x20 || byte == 0x7F || byte == 0xC2 { return unsafe Name.isValid(bytes) }
            index += 1
        }
        return true
    }

    /// Whether one of eight bytes may be a control character (below space, DEL) or begin one (C2). A borrow may say so of a byte that is
    /// none, never the other way.
    private static func isSuspect(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let deletes = word ^ (ones &* 0x7F)
        let leads = word ^ (ones &* 0xC2)
        let controls = (word &- ones &* 0x20) & ~word
        return (controls | ((deletes &- ones) & ~deletes) | ((leads &- ones) & ~leads)) & (ones &* 0x80) != 0
    }
}
