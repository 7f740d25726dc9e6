import JSON
import Ledger
import Routing

/// Policies as canonical JSON: fixed member order, absent and empty members left out, shortest numbers. Equal policies give equal bytes.
enum PolicyWriter {
    static func canonical(_ policy: Policy) -> [UInt8] {
        var json = JSONWriter(reserving: 256 + 96 * (policy.rules.count + policy.floors.count))
        json.beginObject()
        json.key("documentType")
        json.string(policy.documentType.string)
        json.policyMembers(policy)
        json.endObject()
        return json.bytes
    }

    /// For a file: with why it is what it is.
    static func file(_ policy: Policy, changeReason: String) -> [UInt8] {
        var json = JSONWriter(reserving: 512 + 96 * (policy.rules.count + policy.floors.count))
        json.beginObject()
        json.key("documentType")
        json.string(policy.documentType.string)
        json.key("changeReason")
        json.string(changeReason)
        json.policyMembers(policy)
        json.endObject()
        return json.bytes
    }

    /// As GET answers it: with the members that are the server's own.
    static func stored(_ policy: Policy, _ stored: Ledger.StoredPolicy) -> [UInt8] {
        var json = JSONWriter(reserving: 320 + stored.body.count)
        json.beginObject()
        json.key("documentType")
        json.string(policy.documentType.string)
        json.key("version")
        json.int(stored.version.number)
        json.key("changedAt")
        json.string(stored.changedAt.rfc3339)
        json.key("changedBy")
        json.string(stored.changedBy)
        json.policyMembers(policy)
        json.endObject()
        return json.bytes
    }

    /// As PUT answers it: also what was seen of it, and what is suspicious.
    static func stored(_ policy: Policy, _ stored: Ledger.StoredPolicy, _ study: PolicyStudy, on today: CivilDate) -> [UInt8] {
        var json = JSONWriter(reserving: 320 + stored.body.count)
        json.bytes = PolicyWriter.stored(policy, stored)
        json.bytes.removeLast()
        json.seen(study.usage.met.matches, study.advice(on: today))
        json.endObject()
        return json.bytes
    }

    /// The version by which a policy was retired.
    static func retirement(_ stored: Ledger.StoredPolicy) -> [UInt8] {
        var json = JSONWriter(reserving: 256)
        json.beginObject()
        json.key("documentType")
        json.string(stored.documentType)
        json.key("version")
        json.int(stored.version.number)
        json.key("changedAt")
        json.string(stored.changedAt.rfc3339)
        json.key("changedBy")
        json.string(stored.changedBy)
        json.key("retired")
        json.bool(true)
        json.endObject()
        return json.bytes
    }

    /// A rule or floor as it is written.
    static func rule(_ rule: Policy.Rule) -> [UInt8] {
        var json = JSONWriter(reserving: 128)
        json.rule(rule)
        return json.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func policyMembers(_ policy: Policy) {
        key("threshold")
        threshold(policy.threshold)
        if policy.unlisted == .review {
            key("unlisted")
            string("review")
        }
        rules("rules", policy.rules)
        rules("floors", policy.floors)
        names("requiredFields", policy.requiredFields)
        names("optionalFields", policy.optionalFields)
        names("requiredSections", policy.requiredSections)
        if let rate = policy.sampleRate {
            key("qualityAssurance")
            beginObject()
            key("sampleRate")
            double(rate)
            endObject()
        }
        if let targets = policy.targets, targets != Policy.Targets() {
            key("targets")
            beginObject()
            number("field", targets.field)
            number("procedure", targets.procedure)
            number("primaryDiagnosis", targets.primaryDiagnosis)
            number("risk", targets.risk)
            endObject()
        }
    }

    private mutating func rules(_ name: StaticString, _ rules: [Policy.Rule]) {
        if rules.isEmpty { return }
        key(name)
        beginArray()
        for each in rules { rule(each) }
        endArray()
    }

    fileprivate mutating func rule(_ rule: Policy.Rule) {
        beginObject()
        switch rule.item {
        case .any: break
        case .field(let pattern):
            key("field")
            string(pattern.text)
        case .pair(let procedure, let diagnosis):
            text("procedure", procedure?.text)
            text("diagnosis", diagnosis?.text)
        }
        text("population", rule.population?.string)
        text("payer", rule.payer?.string)
        text("effectiveFrom", rule.effectiveFrom?.iso8601)
        text("effectiveTo", rule.effectiveTo?.iso8601)
        text("risk", rule.risk?.string)
        key("threshold")
        threshold(rule.threshold)
        endObject()
    }

    private mutating func names(_ name: StaticString, _ names: [Name]) {
        if names.isEmpty { return }
        key(name)
        beginArray()
        for each in names { string(each.string) }
        endArray()
    }

    private mutating func text(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        key(name)
        string(value)
    }

    private mutating func number(_ name: StaticString, _ value: Double?) {
        guard let value else { return }
        key(name)
        double(value)
    }
}
