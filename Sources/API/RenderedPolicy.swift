import JSON
import Routing

/// What every answer under one policy version says in the same words, rendered once.
final class RenderedPolicy: Sendable {
    let compiled: CompiledPolicy
    /// `"policy":…,"policyVersion":…`.
    let reference: [UInt8]
    /// By default, rule and floor, one after the other: `"threshold":…,"thresholdSource":…`, and `"rule":…` where there is one.
    private let verdicts: [UInt8]
    /// Where each of these ends: that of the default, then of the rules, then of the floors.
    private let ends: [Int]
    private let ruleCount: Int

    init(_ compiled: CompiledPolicy) {
        self.compiled = compiled
        let policy = compiled.policy
        reference = RenderedPolicy.members { json in
            json.key("policy")
            json.string(policy.documentType.string)
            json.key("policyVersion")
            json.int(compiled.version.number)
        }
        var verdicts: [UInt8] = []
        var ends: [Int] = []
        func add(_ threshold: Threshold, _ source: StaticString, _ rule: Policy.Rule?) {
            verdicts += RenderedPolicy.members { $0.verdict(threshold, source, rule: rule) }
            ends.append(verdicts.count)
        }
        add(policy.threshold, "default", nil)
        for rule in policy.rules { add(rule.threshold, "rule", rule) }
        for floor in policy.floors { add(floor.threshold, "floor", floor) }
        self.verdicts = verdicts
        self.ends = ends
        ruleCount = policy.rules.count
    }

    /// Where a verdict's part stands; the verdict is one of this very policy version.
    @inline(__always)
    func thresholdRange(of verdict: ItemVerdict) -> Range<Int> {
        let index =
            switch verdict.source {
            case .default: 0
            case .rule: 1 + Int(verdict.ruleIndex)
            case .floor: 1 + ruleCount + Int(verdict.ruleIndex)
            }
        return (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    // Safe: the slice is checked, and read during the call.
    @inline(__always)
    func write(_ verdict: ItemVerdict, to json: inout JSONOutput) {
        unsafe verdicts.withUnsafeBufferPointer { unsafe json.raw(UnsafeBufferPointer(rebasing: $0[thresholdRange(of: verdict)])) }
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
