import JSON
import Routing

/// The answer of `GET /v1/policies/{documentType}/usage`.
enum UsageWriter {
    static func body(_ study: PolicyStudy, on today: CivilDate) -> [UInt8] {
        let policy = study.compiled.policy
        var json = JSONWriter(reserving: 512 + 192 * (policy.rules.count + policy.floors.count))
        json.beginObject()
        json.key("documentType")
        json.string(policy.documentType.string)
        json.key("version")
        json.int(study.compiled.version.number)
        json.key("decisions")
        json.int(Int64(study.usage.decisions))
        json.key("since")
        json.optional(study.usage.since)
        json.key("items")
        json.int(Int64(study.usage.items))
        json.key("byDefault")
        json.beginObject()
        json.count(study.usage.byDefault)
        json.endObject()
        json.counts("rules", policy.rules, study.usage.rules)
        json.counts("floors", policy.floors, study.usage.floors)
        json.warnings(study.advice(on: today))
        json.endObject()
        return json.bytes
    }
}

extension JSONWriter {
    /// Warnings beyond these are left out: `sluice policy lint` has them all.
    private static let warningsMax = 100

    /// `"seen":…` and, where there are any, `"warnings":[…]`.
    mutating func seen(_ count: Int, _ advice: [PolicyStudy.Advice]) {
        key("seen")
        int(Int64(count))
        if !advice.isEmpty { warnings(advice) }
    }

    fileprivate mutating func warnings(_ advice: [PolicyStudy.Advice]) {
        key("warnings")
        beginArray()
        for each in advice.prefix(JSONWriter.warningsMax) {
            beginObject()
            key("pointer")
            string(each.pointer)
            key("detail")
            string(each.detail)
            endObject()
        }
        endArray()
    }

    fileprivate mutating func counts(_ name: StaticString, _ rules: [Policy.Rule], _ counts: [PolicyUsage.Count]) {
        key(name)
        beginArray()
        for (rule, count) in zip(rules, counts) {
            beginObject()
            key("rule")
            raw(PolicyWriter.rule(rule))
            self.count(count)
            endObject()
        }
        endArray()
    }

    fileprivate mutating func count(_ count: PolicyUsage.Count) {
        key("matches")
        int(Int64(count.matches))
        key("accepted")
        int(Int64(count.accepted))
        key("lastSeen")
        optional(count.lastSeen)
    }

    fileprivate mutating func optional(_ instant: Instant?) {
        if let instant { time(instant) } else { null() }
    }
}
