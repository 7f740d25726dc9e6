import JSON
import Routing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Bodies, results and policies to measure with.
enum Sample {
    /// One of `Bodies/`: made up for this purpose, CC0.
    static func body() -> [UInt8] {
        let directory = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        guard let file = unsafe fopen("/\(directory)/Bodies/0.json", "r") else { preconditionFailure("Bodies/0.json is missing") }
        defer { unsafe fclose(file) }
        return [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = unsafe fread(buffer.baseAddress, 1, buffer.count, file)
        }
    }

    static func kind(_ padded: [UInt8], _ count: Int, _ parser: JSONParser) -> JSONValue.Kind? {
        try? unsafe padded.withUnsafeBufferPointer { buffer in
            try unsafe parser.parse(padded: UnsafeBufferPointer(rebasing: buffer[..<count])) { $0.kind }
        }
    }

    static func read(_ padded: [UInt8], _ count: Int, _ parser: JSONParser) -> EngineResult? {
        try? unsafe padded.withUnsafeBufferPointer { buffer in
            try unsafe parser.parse(padded: UnsafeBufferPointer(rebasing: buffer[..<count])) { read($0) }
        }
    }

    static func result(_ body: [UInt8]) -> EngineResult {
        guard let result = try? JSONParser().parse(body, { read($0) }) else { preconditionFailure("the sample body is not JSON") }
        return result
    }

    /// As the endpoint reads a body, without its checks.
    static func read(_ root: JSONValue) -> EngineResult {
        let nothing = TextRange(start: 0, count: 0)
        var result = EngineResult(documentType: nothing, documentId: nothing)
        result.text.reserveCapacity(1_024)
        result.items.reserveCapacity(32)
        unsafe root.forEachMember { name, value in
            if unsafe name.equals("documentType") {
                result.documentType = range(value, &result.text)
            } else if unsafe name.equals("documentId") {
                result.documentId = range(value, &result.text)
            } else if unsafe name.equals("fields") {
                value.forEachElement { field in
                    var item = EngineResult.Item(kind: .field, first: nothing, second: nothing, confidence: nil, isEmpty: true)
                    unsafe field.forEachMember { name, value in
                        if unsafe name.equals("name") {
                            item.first = range(value, &result.text)
                        } else if unsafe name.equals("value") {
                            item.isEmpty = unsafe value.stringBytes?.isEmpty ?? true
                        } else if unsafe name.equals("confidence") {
                            item.confidence = value.double.flatMap { Confidence($0) }
                        }
                    }
                    result.items.append(item)
                }
            }
        }
        return result
    }

    private static func range(_ value: JSONValue, _ text: inout [UInt8]) -> TextRange {
        let start = text.count
        // The bytes are the document's, which outlives the call.
        if let bytes = unsafe value.stringBytes { unsafe text.append(contentsOf: bytes) }
        return TextRange(start: start, count: text.count - start)
    }

    /// An answer much like the service's.
    static func write(_ result: EngineResult) -> Int {
        var writer = JSONWriter(reserving: 4_096)
        writer.beginObject()
        writer.key("items")
        writer.beginArray()
        for item in result.items {
            writer.beginObject()
            writer.key("field")
            writer.string(utf8: result.text[item.first.indices])
            writer.key("confidence")
            writer.double(item.confidence?.value ?? 0)
            writer.key("threshold")
            writer.double(0.92)
            writer.key("thresholdSource")
            writer.string("rule")
            writer.key("accepted")
            writer.bool(true)
            writer.key("reasons")
            writer.beginArray()
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes.count
    }
}

extension Sample {
    /// Half of the fields have rules of their own; the rest of the rules are about other fields, one in ten a prefix, one in seven for a population.
    static func policies(rules count: Int, for result: EngineResult) -> PolicySet {
        let names = result.items.map { result.string($0.first) }
        return set(
            (0..<count).map { index in
                let name = index < 10 ? names[2 * index] : "field.\(index)"
                return Policy.Rule(
                    item: .field(pattern(index % 10 == 9 ? name.prefix(8) + "*" : name)),
                    population: index % 7 == 6 ? makeName("north") : nil,
                    threshold: threshold(index))
            }, [])
    }

    static func numberedPolicies(rules count: Int) -> PolicySet {
        set((0..<count).map { Policy.Rule(item: .field(pattern("field.\($0)")), threshold: threshold($0)) }, [])
    }

    /// 2,000 results, their fields spread over all that the policy has rules for.
    static func numberedResults(rules count: Int) -> [EngineResult] {
        (0..<2_000).map { number in
            var result = empty()
            for place in 0..<20 {
                append("field.\((number * 20 + place) * 7_919 % count)", nil, to: &result)
            }
            return result
        }
    }

    /// Rules about procedures and diagnoses by literal and prefix, as many floors, all of them dated or not.
    static func codePolicies(rules count: Int) -> PolicySet {
        let rules = (0..<count).map { index in
            Policy.Rule(
                item: .pair(
                    procedure: pattern(index % 3 == 0 ? code(index).prefix(4) + "*" : code(index)),
                    diagnosis: index % 2 == 0 ? pattern("J\(index % 100).*") : pattern("J\(index % 100).\(index % 10)")),
                effectiveFrom: CivilDate(days: Int32(index % 1_000)), threshold: threshold(index))
        }
        return set(rules, rules)
    }

    static func codedResult(rules count: Int) -> EngineResult {
        var result = empty()
        for place in 0..<20 {
            let index = place * 5 % count
            append(code(index), "J\(index % 100).\(index % 10)", to: &result)
        }
        return result
    }

    private static func code(_ index: Int) -> String { String(10_000 + index * 7 % 90_000) }

    private static func empty() -> EngineResult {
        var result = EngineResult(documentType: TextRange(start: 0, count: 7), documentId: TextRange(start: 0, count: 7))
        result.text = Array("invoice".utf8)
        return result
    }

    private static func append(_ first: String, _ second: String?, to result: inout EngineResult) {
        let start = result.text.count
        result.text += first.utf8
        result.text += (second ?? "").utf8
        result.items.append(
            EngineResult.Item(
                kind: second == nil ? .field : .pair, first: TextRange(start: start, count: first.utf8.count),
                second: TextRange(start: start + first.utf8.count, count: second?.utf8.count ?? 0), confidence: Confidence(0.5),
                isEmpty: false))
    }

    private static func set(_ rules: [Policy.Rule], _ floors: [Policy.Rule]) -> PolicySet {
        let policy = Policy(documentType: makeName("invoice"), threshold: threshold(90), rules: rules, floors: floors)
        return PolicySet([CompiledPolicy(policy, version: PolicyVersion(1))])
    }

    private static func pattern(_ text: some StringProtocol) -> Pattern {
        guard let pattern = Pattern(String(text)) else { preconditionFailure("not a pattern") }
        return pattern
    }

    private static func makeName(_ text: String) -> Name {
        guard let name = Name(text) else { preconditionFailure("not a name") }
        return name
    }

    private static func threshold(_ index: Int) -> Threshold {
        guard let threshold = Threshold(Double(index % 100) / 100) else { preconditionFailure("not a threshold") }
        return threshold
    }
}
