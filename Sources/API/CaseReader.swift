import JSON
package import Learning
package import Ledger
package import Routing
package import Validation

/// Reads a result, with the review beside it if there is one, as models see it: with context and evidence, which decisions do without.
/// One per thread: it keeps its buffers.
///
/// 1. What `POST /v1/decisions` refuses is refused here, with the same words.
/// 2. Numbers, booleans and strings are kept; null, lists and objects among the evidence are left aside.
/// 3. A field's value is looked at and forgotten: its length, its shape and whether it is as a schema asks remain. Its evidence may
///    repeat it, so strings there are kept as shapes, too.
package final class CaseReader {
    private let parser = JSONParser()
    private let results = ResultReader()
    /// Nil where nobody says how values should look.
    private let formats: FieldFormats?

    /// - Parameter schemas: how values should look.
    package init(schemas: [FieldSchema] = []) {
        let formats = FieldFormats(schemas)
        self.formats = formats.isEmpty ? nil : formats
    }

    /// The fields with values that could not be compared with their pattern within its limits, and how many; they count as malformed.
    package var valuesBeyondLimits: [FieldFormats.BeyondLimits] { formats?.valuesBeyondLimits ?? [] }

    /// - Throws: `Faults`.
    package func read(line: [UInt8]) throws(Faults) -> Case {
        do {
            return try parser.parse(line) { try read($0) }
        } catch let faults as Faults {
            throw faults
        } catch let error as JSONSyntaxError {
            throw unsafe line.withUnsafeBufferPointer { unsafe Faults(error, in: $0) }
        } catch {
            preconditionFailure("reading throws faults only")
        }
    }

    func read(_ root: JSONValue) throws(Faults) -> Case {
        let (result, review) = try results.read(root, withReview: true)
        var document = Case(result)
        if let context = root["context"] { document.context = document.scalars(context, isShaped: false) }
        var index = 0
        for list in ["fields", "pairs"] as [StaticString] {
            root[list]?.forEachElement { element in
                let start = document.evidence.count
                if let value = element["value"] { document.addShape(of: value) }
                if let evidence = element["evidence"] {
                    document.evidence += document.scalars(evidence, isShaped: document.items[index].kind == .field)
                }
                document.items[index].evidence = start..<document.evidence.count
                index += 1
            }
        }
        if let formats { document.checkForms(root, formats) }
        if let review { document.outcome = document.outcome(of: review) }
        return document
    }
}

extension Case {
    /// Without context, evidence and outcome.
    package init(_ result: EngineResult) {
        self.init(
            text: result.text, documentType: result.documentType, documentId: result.documentId,
            items: result.items.map {
                Item(kind: $0.kind, first: $0.first, second: $0.second, confidence: $0.confidence, isEmpty: $0.isEmpty, evidence: 0..<0)
            })
        population = result.population
        payer = result.payer
        serviceDate = result.serviceDate
        receivedAt = result.receivedAt
        engineName = result.engineName
        engineVersion = result.engineVersion
        sections = result.sections
        findKeys()
    }

    fileprivate mutating func append(_ bytes: some Collection<UInt8>) -> TextRange {
        let start = text.count
        text += bytes
        return TextRange(start: start, count: text.count - start)
    }

    /// Longest string that is evidence, in bytes: longer ones are prose.
    private static let stringBytesMax = 256

    /// The scalars of an object; of anything else, none.
    fileprivate mutating func scalars(_ object: JSONValue, isShaped: Bool) -> [Scalar] {
        var scalars: [Scalar] = []
        // Safe: names and strings are copied during each call.
        unsafe object.forEachMember { name, value in
            if let number = value.double {
                scalars.append(Scalar(name: unsafe append(name), value: .number(number)))
            } else if let flag = value.bool {
                scalars.append(Scalar(name: unsafe append(name), value: .bool(flag)))
            } else if let bytes = unsafe value.stringBytes, bytes.count <= Case.stringBytesMax {
                let range = unsafe isShaped ? append(ValueShape.of(bytes)) : append(bytes)
                scalars.append(Scalar(name: unsafe append(name), value: .string(range)))
            }
        }
        return scalars
    }

    fileprivate mutating func addShape(of value: JSONValue) {
        guard let bytes = value.text else { return }
        evidence.append(Scalar(name: append("value.length".utf8), value: .number(Double(bytes.count))))
        let shape = ValueShape.of(bytes)
        evidence.append(Scalar(name: append("value.shape".utf8), value: .string(append(shape))))
    }

    /// Compares the values of fields with how they should look.
    fileprivate mutating func checkForms(_ root: JSONValue, _ formats: FieldFormats) {
        let type = string(documentType)
        var index = 0
        root["fields"]?.forEachElement { element in
            if let value = element["value"]?.text, !items[index].isEmpty {
                items[index].isMalformed = formats.isViolated(
                    by: String(decoding: value, as: UTF8.self), ofField: string(items[index].first), in: type)
            }
            index += 1
        }
    }

    /// What a logged review found. A rejected document was not usable at all: nothing of it was right.
    package func outcome(of review: ImportedReview) -> Outcome {
        if review.verdict == .rejected { return outcome(fates: items.map { _ in .removed }, added: []) }
        let fates = review.items.map { outcome -> Fate in
            switch outcome {
            case .kept: .kept
            case .changed: .changed
            case .removed: .removed
            }
        }
        let added = review.added.map { item -> Added in
            guard let second = item.second else {
                return Added(first: CanonicalForm.ofName(item.first.string.utf8), second: [], isPrimary: item.primary)
            }
            return Added(
                first: Case.codeKey(item.first.string.utf8), second: Case.codeKey(second.string.utf8), isPrimary: item.primary)
        }
        var outcome = outcome(fates: fates, added: added)
        if review.verdict != .approved { outcome.isUnchanged = false }
        return outcome
    }
}

/// What a value looks like, without what it says: `2026-01-31` is `9999-99-99`, `O'Neil` is `A'Aaaa`.
enum ValueShape {
    /// Longest shape, in bytes; of a longer value only how it begins, and a tilde.
    static let bytesMax = 24

    static func of(_ value: some Collection<UInt8>) -> [UInt8] {
        var shape: [UInt8] = []
        for byte in value {
            if shape.count == bytesMax { return shape + [UInt8(ascii: "~")] }
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): shape.append(UInt8(ascii: "9"))
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): shape.append(UInt8(ascii: "A"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"): shape.append(UInt8(ascii: "a"))
            case 0x21...0x7E, 0x20: shape.append(byte)
            // The bytes of other scripts, and controls.
            default: shape.append(UInt8(ascii: "*"))
            }
        }
        return shape
    }
}
