import JSON
import Ledger
import Routing

/// The JSON of a decision. A pure function of what the log keeps, so that an answer can be given again byte for byte.
enum DecisionWriter {
    /// - Parameter policy: the version that `decision` names; nil when it names none.
    static func answer(
        id: DecisionID, decidedAt: Instant, result: EngineResult, decision: Decision, policy: RenderedPolicy?
    ) -> [UInt8] {
        let escapes = JSONOutput.needsNoEscapes(result.text)
        return RenderedPolicy.withParts(of: policy) { parts in
            let reference = policy?.reference ?? RenderedPolicy.noReference
            let bytesMax = bytesMax(result, decision, parts, needsNoEscapes: escapes) + reference.count
            return JSONOutput.bytes(upTo: bytesMax, needsNoEscapes: escapes) { json in
                // Safe: the text stays in place for the call.
                unsafe result.text.withUnsafeBufferPointer { text in
                    unsafe json.decision(
                        id: id, decidedAt: decidedAt, result: result, text: text, decision: decision, reference: reference, parts: parts)
                }
            }
        }
    }

    /// What an answer takes at most. Of a result's text every item's codes stand in the answer once, and again where a required field is
    /// empty; the document's names once or twice, and the weakest item's codes: three times the text, therefore.
    private static func bytesMax(
        _ result: EngineResult, _ decision: Decision, _ parts: RenderedPolicy.Parts, needsNoEscapes: Bool
    ) -> Int {
        var bytes = 768 + 3 * result.text.count * (needsNoEscapes ? 1 : JSONOutput.escapedBytesMax)
        for reason in decision.reasons { bytes += 96 + JSONOutput.escapedBytesMax * (reason.name?.string.utf8.count ?? 0) }
        for verdict in decision.items { unsafe bytes += itemBytesMax + parts[verdict].count }
        return bytes
    }

    /// An item's literals, its confidence and every reason, without its codes and its threshold.
    private static let itemBytesMax = 440

    /// The same, and the review beside it when there is one.
    static func answer(_ logged: LoggedDecision, policy: RenderedPolicy?) -> [UInt8] {
        var bytes = answer(
            id: logged.id, decidedAt: logged.decidedAt, result: logged.result, decision: logged.decision, policy: policy)
        guard let review = logged.review else { return bytes }
        bytes.removeLast()
        var json = JSONWriter(reserving: 0)
        json.bytes = bytes
        json.key("review")
        json.review(review)
        json.endObject()
        return json.bytes
    }
}

extension JSONOutput {
    // Safe in all of these: ranges are of the result that the text is of, and the slices check them.

    fileprivate mutating func decision(
        id: DecisionID, decidedAt: Instant, result: EngineResult, text: UnsafeBufferPointer<UInt8>, decision: Decision,
        reference: [UInt8], parts: RenderedPolicy.Parts
    ) {
        literal(#"{"id":""#)
        ascii(upTo: DecisionID.textBytes) { id.write(to: &$0) }
        literal(#"","documentId":"#)
        unsafe name(text, result.documentId)
        literal(#","documentType":"#)
        unsafe name(text, result.documentType)
        literal(#","decidedAt":""#)
        ascii(upTo: Instant.textBytes) { decidedAt.write(to: &$0) }
        literal(#"","route":""#)
        literal(decision.route.literal)
        literal(#"","queue":"#)
        if decision.route == .confident {
            literal("null")
        } else {
            byte(UInt8(ascii: "\""))
            literal(decision.route.literal)
            byte(UInt8(ascii: "/"))
            unsafe content(part(text, result.documentType))
            byte(UInt8(ascii: "\""))
        }
        literal(decision.qualityAssurance ? #","qualityAssurance":true,"confidence":"# : #","qualityAssurance":false,"confidence":"#)
        optional(decision.confidence)
        literal(#","weakestItem":"#)
        if let weakest = decision.weakestItem { unsafe codes(text, result.items[weakest]) } else { literal("null") }
        byte(UInt8(ascii: ","))
        raw(reference)
        literal(#","modelVersion":null,"reasons":["#)
        for (index, reason) in decision.reasons.enumerated() {
            if index > 0 { byte(UInt8(ascii: ",")) }
            self.reason(reason)
        }
        literal(#"],"items":["#)
        for index in result.items.indices {
            if index > 0 { byte(UInt8(ascii: ",")) }
            unsafe item(result.items[index], decision.items[index], text, parts)
        }
        literal("]}")
    }

    @inline(__always)
    private mutating func item(
        _ item: EngineResult.Item, _ verdict: ItemVerdict, _ text: UnsafeBufferPointer<UInt8>, _ parts: RenderedPolicy.Parts
    ) {
        if item.kind == .field {
            literal(#"{"field":"#)
            unsafe name(text, item.first)
        } else {
            literal(#"{"procedure":"#)
            unsafe name(text, item.first)
            literal(#","diagnosis":"#)
            unsafe name(text, item.second)
            literal(item.kind == .primaryPair ? #","primary":true"# : #","primary":false"#)
            if !item.modifiers.isEmpty { modifiers(item.modifiers) }
            if let line = item.line {
                literal(#","line":"#)
                integer(UInt64(line.number))
            }
        }
        literal(#","confidence":"#)
        optional(item.confidence)
        byte(UInt8(ascii: ","))
        unsafe raw(parts[verdict])
        literal(verdict.accepted ? #","accepted":true,"reasons":["# : #","accepted":false,"reasons":["#)
        if !verdict.reasons.isEmpty { unsafe reasons(verdict.reasons, of: item, text) }
        literal("]}")
    }

    private mutating func modifiers(_ modifiers: Modifiers) {
        literal(#","modifiers":["#)
        for index in 0..<modifiers.count {
            literal(index == 0 ? "\"" : ",\"")
            byte(modifiers[byte: 2 * index])
            byte(modifiers[byte: 2 * index + 1])
            byte(UInt8(ascii: "\""))
        }
        byte(UInt8(ascii: "]"))
    }

    private mutating func reasons(_ reasons: ItemReasons, of item: EngineResult.Item, _ text: UnsafeBufferPointer<UInt8>) {
        var isFirst = true
        func separate(_ output: inout JSONOutput) {
            if !isFirst { output.byte(UInt8(ascii: ",")) }
            isFirst = false
        }
        for (reason, code) in ItemReasons.codes where reasons.contains(reason) {
            separate(&self)
            literal(#"{"code":""#)
            literal(code)
            byte(UInt8(ascii: "\""))
            if reason == .missingRequiredField {
                literal(#","field":"#)
                unsafe name(text, item.first)
            }
            byte(UInt8(ascii: "}"))
        }
    }

    private mutating func reason(_ reason: DecisionReason) {
        var json = JSONWriter(reserving: 64)
        json.reason(reason)
        raw(json.bytes)
    }

    /// A field's name, or `procedure/diagnosis`.
    private mutating func codes(_ text: UnsafeBufferPointer<UInt8>, _ item: EngineResult.Item) {
        if item.kind == .field { return unsafe name(text, item.first) }
        byte(UInt8(ascii: "\""))
        unsafe content(part(text, item.first))
        byte(UInt8(ascii: "/"))
        unsafe content(part(text, item.second))
        byte(UInt8(ascii: "\""))
    }

    @inline(__always)
    private mutating func name(_ text: UnsafeBufferPointer<UInt8>, _ range: TextRange) {
        unsafe string(part(text, range))
    }

    @inline(__always)
    private func part(_ text: UnsafeBufferPointer<UInt8>, _ range: TextRange) -> UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(rebasing: text[range.indices])
    }

    @inline(__always)
    private mutating func optional(_ confidence: Confidence?) {
        if let confidence { number(confidence.value) } else { literal("null") }
    }
}

extension ItemReasons {
    /// In the order in which they are written.
    fileprivate static let codes: [(ItemReasons, StaticString)] = [
        (.noConfidence, "no-confidence"), (.belowThreshold, "below-threshold"), (.missingRequiredField, "missing-required-field"),
        (.invalidValue, "invalid-value"), (.notInCrosswalk, "not-in-crosswalk"), (.unlisted, "unlisted"),
    ]
}

extension DecisionReason {
    /// What is missing, where something is.
    fileprivate var name: Name? {
        switch self {
        case .missingRequiredField(let name), .missingRequiredSection(let name): name
        case .unknownDocumentType, .suspended, .nothingRead: nil
        }
    }
}

extension JSONWriter {
    fileprivate mutating func reason(_ reason: DecisionReason) {
        beginObject()
        key("code")
        switch reason {
        case .missingRequiredField(let name):
            string("missing-required-field")
            key("field")
            string(name.string)
        case .missingRequiredSection(let name):
            string("missing-required-section")
            key("section")
            string(name.string)
        case .unknownDocumentType: string("unknown-document-type")
        case .suspended: string("suspended")
        case .nothingRead: string("nothing-read")
        }
        endObject()
    }

    fileprivate mutating func review(_ review: ImportedReview) {
        beginObject()
        key("verdict")
        switch review.verdict {
        case .approved: string("approved")
        case .modified: string("modified")
        case .rejected: string("rejected")
        }
        key("reviewer")
        if let reviewer = review.reviewer { string(reviewer.string) } else { null() }
        key("at")
        if let at = review.at { time(at) } else { null() }
        key("items")
        beginArray()
        for outcome in review.items {
            switch outcome {
            case .kept: string("kept")
            case .changed: string("changed")
            case .removed: string("removed")
            }
        }
        endArray()
        key("added")
        beginArray()
        for item in review.added { added(item) }
        endArray()
        endObject()
    }

    private mutating func added(_ item: ImportedReview.AddedItem) {
        beginObject()
        if let diagnosis = item.second {
            key("procedure")
            string(item.first.string)
            key("diagnosis")
            string(diagnosis.string)
            key("primary")
            bool(item.primary)
            modifiers(item.modifiers, line: item.line)
        } else {
            key("field")
            string(item.first.string)
        }
        endObject()
    }

    /// As an item of the decision has them.
    private mutating func modifiers(_ modifiers: Modifiers, line: ClaimLine?) {
        if !modifiers.isEmpty {
            key("modifiers")
            beginArray()
            for index in 0..<modifiers.count { string(modifiers[index]) }
            endArray()
        }
        if let line {
            key("line")
            int(Int64(line.number))
        }
    }

    /// A time in quotes.
    mutating func time(_ instant: Instant) {
        var text: [UInt8] = []
        text.reserveCapacity(24)
        instant.append(to: &text)
        string(utf8: text)
    }
}

extension Route {
    var literal: StaticString {
        switch self {
        case .confident: "confident"
        case .review: "review"
        case .manual: "manual"
        }
    }
}

extension [UInt8] {
    /// Appends a literal's bytes.
    // Safe: a StaticString's bytes live as long as the program.
    @inline(__always)
    mutating func append(literal: StaticString) {
        unsafe append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }
}
