import Learning
import Routing
import Validation

/// Certified thresholds as a policy: each field has a rule, its certified threshold or never; what nobody has reviewed falls under the
/// default, which is never. So a document with any field without a certified threshold waits for a human.
enum ThresholdPolicy {
    /// - Throws: `Failure` (badData) for fields whose names no rule can have.
    static func policy(_ report: FieldReport, documentType: String, schema: FieldSchema?) throws(Failure) -> Policy {
        guard let type = Name(documentType) else { throw Failure(.badData, "\"\(documentType)\" is the type of no policy.") }
        let request = report.thresholds.plan.request
        let certified = report.thresholds.certifiedThresholds
        let keys = report.thresholds.pools.flatMap { $0.pool.members }.filter { $0.documentType == documentType }.sorted()
        var rules: [Policy.Rule] = []
        for key in keys {
            guard let name = Name(key.field), case .literal? = Pattern(key.field) else {
                throw Failure(.badData, "no rule can name the field \"\(key.field)\" alone.")
            }
            rules.append(Policy.Rule(item: .field(.literal(name)), threshold: certified[key].flatMap { Threshold($0) } ?? .never))
        }
        let fields = schema?.fields ?? []
        var targets = Policy.Targets()
        targets.field = request.accuracy
        targets.risk = request.risk.delta
        return Policy(
            documentType: type, threshold: .never, rules: rules,
            requiredFields: fields.filter { $0.required == true }.compactMap { Name($0.name) },
            optionalFields: fields.filter { $0.required == false }.compactMap { Name($0.name) }, sampleRate: sampleRate, targets: targets)
    }

    /// What the starting policies have, too: without an audit sample nothing could be certified again.
    private static let sampleRate = 0.05
}
