import JSON
import Ledger
import Routing

/// The JSON of a decision. A pure function of what the log keeps, so that an answer can be given again byte for byte.
enum DecisionWriter {
    /// - Parameter policy: the version that `decision` names; nil when it names none.
    static func answer(
        id: DecisionID, decidedAt: Instant, result: EngineResult, decision: Decision, policy: RenderedPolicy?
    ) -> [UInt8] {
        var json = JSONWriter(reserving: 640 + result.text.count + 160 * result.items.count)
        json.beginObject()
        json.members(id: id, decidedAt: decidedAt, result: result, decision: decision, policy: policy)
        json.endObject()
        return json.bytes
    }

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

extension JSONWriter {
    fileprivate mutating func members(
        id: DecisionID, decidedAt: Instant, result: EngineResult, decision: Decision, policy: RenderedPolicy?
    ) {
        key("id")
        string(utf8: id.text)
        key("documentId")
        text(result, result.documentId)
        key("documentType")
        text(result, result.documentType)
        key("decidedAt")
        time(decidedAt)
        key("route")
        string(decision.route.literal)
        key("queue")
        queue(decision.route, of: result)
        key("qualityAssurance")
        bool(decision.qualityAssurance)
        key("confidence")
        optional(decision.confidence)
        key("weakestItem")
        weakest(decision.weakestItem, of: result)
        raw(policy?.reference ?? RenderedPolicy.noReference)
        key("modelVersion")
        null()
        key("reasons")
        beginArray()
        for reason in decision.reasons { self.reason(reason) }
        endArray()
        key("items")
        beginArray()
        for index in result.items.indices { item(result.items[index], decision.items[index], of: result, policy) }
        endArray()
    }

    /// Literals carry their commas, so that an accepted field takes six writes.
    @inline(__always)
    private mutating func item(_ item: EngineResult.Item, _ verdict: ItemVerdict, of result: EngineResult, _ policy: RenderedPolicy?) {
        if item.kind == .field {
            bytes.append(literal: #"{"field":"#, after: needsSeparator)
            text(result, item.first)
        } else {
            bytes.append(literal: #"{"procedure":"#, after: needsSeparator)
            text(result, item.first)
            bytes.append(literal: #","diagnosis":"#)
            text(result, item.second)
            bytes.append(literal: item.kind == .primaryPair ? #","primary":true"# : #","primary":false"#)
        }
        bytes.append(literal: #","confidence":"#)
        optional(item.confidence)
        bytes.append(UInt8(ascii: ","))
        if let policy { policy.appendThreshold(of: verdict, to: &bytes) } else { bytes.append(contentsOf: RenderedPolicy.noThreshold) }
        if verdict.accepted, verdict.reasons.isEmpty {
            bytes.append(literal: #","accepted":true,"reasons":[]}"#)
        } else if verdict.reasons == .belowThreshold {
            bytes.append(literal: #","accepted":false,"reasons":[{"code":"below-threshold"}]}"#)
        } else {
            key("accepted")
            bool(verdict.accepted)
            key("reasons")
            beginArray()
            reasons(verdict.reasons, of: item, in: result)
            endArray()
            endObject()
        }
    }

    private mutating func reasons(_ reasons: ItemReasons, of item: EngineResult.Item, in result: EngineResult) {
        if reasons.contains(.noConfidence) { bytes.append(literal: #"{"code":"no-confidence"}"#, after: needsSeparator) }
        if reasons.contains(.belowThreshold) { bytes.append(literal: #"{"code":"below-threshold"}"#, after: needsSeparator) }
        if reasons.contains(.missingRequiredField) {
            beginObject()
            key("code")
            string("missing-required-field")
            key("field")
            text(result, item.first)
            endObject()
        }
        if reasons.contains(.invalidValue) { bytes.append(literal: #"{"code":"invalid-value"}"#, after: needsSeparator) }
        if reasons.contains(.notInCrosswalk) { bytes.append(literal: #"{"code":"not-in-crosswalk"}"#, after: needsSeparator) }
    }

    private var needsSeparator: Bool { bytes.last != UInt8(ascii: "[") }

    private mutating func reason(_ reason: DecisionReason) {
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
        }
        endObject()
    }

    /// `review/cms-1500`: where a human finds it; null for what is released.
    private mutating func queue(_ route: Route, of result: EngineResult) {
        guard route != .confident else { return null() }
        string(utf8: Array(route.name.utf8) + [UInt8(ascii: "/")] + result.text[result.documentType.indices])
    }

    /// A field's name, or `procedure/diagnosis`.
    private mutating func weakest(_ index: Int?, of result: EngineResult) {
        guard let index else { return null() }
        let item = result.items[index]
        if item.kind == .field { return text(result, item.first) }
        string(utf8: result.text[item.first.indices] + [UInt8(ascii: "/")] + result.text[item.second.indices])
    }

    // Safe: the slice is checked, and read during the call.
    @inline(__always)
    private mutating func text(_ result: EngineResult, _ range: TextRange) {
        unsafe result.text.withUnsafeBufferPointer { unsafe string(utf8: UnsafeBufferPointer(rebasing: $0[range.indices])) }
    }

    private mutating func optional(_ confidence: Confidence?) {
        if let confidence { double(confidence.value) } else { null() }
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
        } else {
            key("field")
            string(item.first.string)
        }
        endObject()
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
    /// Appends a literal's bytes, behind a comma if need be.
    // Safe: a StaticString's bytes live as long as the program.
    @inline(__always)
    mutating func append(literal: StaticString, after comma: Bool = false) {
        if comma { append(UInt8(ascii: ",")) }
        unsafe append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }
}
