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

    /// The verdicts' parts of a policy, or without one, for as long as `body` runs: an answer asks for one an item.
    // Safe: both arrays stay in place for the call.
    static func withParts<R>(of policy: RenderedPolicy?, _ body: (Parts) -> R) -> R {
        let verdicts = policy?.verdicts ?? noThreshold
        let ends = policy?.ends ?? noThresholdEnds
        return unsafe verdicts.withUnsafeBufferPointer { verdicts in
            unsafe ends.withUnsafeBufferPointer { ends in
                body(unsafe Parts(verdicts: verdicts, ends: ends, ruleCount: policy?.ruleCount ?? 0))
            }
        }
    }

    /// Safe: made by `withParts` alone, whose closure it does not leave; every index is checked.
    @safe
    struct Parts {
        fileprivate let verdicts: UnsafeBufferPointer<UInt8>
        fileprivate let ends: UnsafeBufferPointer<Int>
        fileprivate let ruleCount: Int

        fileprivate init(verdicts: UnsafeBufferPointer<UInt8>, ends: UnsafeBufferPointer<Int>, ruleCount: Int) {
            unsafe self.verdicts = verdicts
            unsafe self.ends = ends
            self.ruleCount = ruleCount
        }

        /// `"threshold":…,"thresholdSource":…` and the rule, if any; the verdict is one of this very policy version.
        @inline(__always)
        subscript(_ verdict: ItemVerdict) -> UnsafeBufferPointer<UInt8> {
            let index =
                switch verdict.source {
                case .default: 0
                case .rule: 1 + Int(verdict.ruleIndex)
                case .floor: 1 + ruleCount + Int(verdict.ruleIndex)
                }
            unsafe precondition(index >= 0 && index < ends.count)
            let start = unsafe index == 0 ? 0 : ends[index - 1]
            return unsafe UnsafeBufferPointer(rebasing: verdicts[start..<ends[index]])
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

    private static let noThresholdEnds = [noThreshold.count]

    private static func members(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter(reserving: 128)
        write(&json)
        return json.bytes
    }
}

extension JSONWriter {
    /// A number, or null for never.
    mutating func threshold(_ threshold: Threshold) {
        if let value = threshold.value { double(value) } else { null() }
    }

    fileprivate mutating func verdict(_ applied: Threshold, _ source: StaticString, rule: Policy.Rule?) {
        key("threshold")
        threshold(applied)
        key("thresholdSource")
        string(source)
        if let rule {
            key("rule")
            raw(PolicyWriter.rule(rule))
        }
    }
}
