import JSON
import Routing

/// What every answer under one policy version says in the same words, rendered once.
final class RenderedPolicy: Sendable {
    let compiled: CompiledPolicy
    /// `"policy":…,"policyVersion":…`.
    let reference: [UInt8]
    /// By rule, floor and default: `"threshold":…,"thresholdSource":…`, and `"rule":…` where there is one.
    private let byRule: [[UInt8]]
    private let byFloor: [[UInt8]]
    private let byDefault: [UInt8]

    init(_ compiled: CompiledPolicy) {
        self.compiled = compiled
        let policy = compiled.policy
        reference = RenderedPolicy.members { json in
            json.key("policy")
            json.string(policy.documentType.string)
            json.key("policyVersion")
            json.int(compiled.version.number)
        }
        byDefault = RenderedPolicy.members { $0.verdict(policy.threshold, "default", rule: nil) }
        byRule = policy.rules.map { rule in RenderedPolicy.members { $0.verdict(rule.threshold, "rule", rule: rule) } }
        byFloor = policy.floors.map { floor in RenderedPolicy.members { $0.verdict(floor.threshold, "floor", rule: floor) } }
    }

    /// `verdict` is one of this very policy version.
    @inline(__always)
    func threshold(of verdict: ItemVerdict) -> [UInt8] {
        switch verdict.source {
        case .default: byDefault
        case .rule: byRule[Int(verdict.ruleIndex)]
        case .floor: byFloor[Int(verdict.ruleIndex)]
        }
    }

    /// Without a policy.
    static let noReference = members { json in
        json.key("policy")
        json.null()
        json.key("policyVersion")
        json.null()
    }

    static let noThreshold = members { json in
        json.key("threshold")
        json.null()
        json.key("thresholdSource")
        json.null()
    }

    private static func members(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter(reserving: 128)
        write(&json)
        return json.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func verdict(_ threshold: Threshold, _ source: StaticString, rule: Policy.Rule?) {
        key("threshold")
        double(threshold.value)
        key("thresholdSource")
        string(source)
        if let rule {
            key("rule")
            raw(PolicyWriter.rule(rule))
        }
    }
}
