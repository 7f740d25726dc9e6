import Learning
import Routing

/// Certified thresholds as a policy.
///
/// 1. Each field has a rule: its certified threshold, or 1. So has every other field, by the default.
/// 2. A threshold of 1 is met by a confidence of 1, which engines may report and models never assess. For thresholds on engines' own
///    confidences a field without a certified one therefore also makes the policy ask for a field that no document has, named after what
///    is missing: no document is then routed confident (docs/policies.md).
enum ThresholdPolicy {
    /// - Throws: `Failure` (badData) for fields whose names no rule can have.
    static func policy(_ report: FieldReport, documentType: String, schema: FieldSchema?) throws(Failure) -> Policy {
        guard let type = Name(documentType), let never = Threshold(1) else {
            throw Failure(.badData, "\"\(documentType)\" is the type of no policy.")
        }
        let request = report.thresholds.plan.request
        let certified = report.thresholds.certifiedThresholds
        let keys = report.thresholds.pools.flatMap { $0.pool.members }.filter { $0.documentType == documentType }.sorted()
        var rules: [Policy.Rule] = []
        for key in keys {
            guard let name = Name(key.field), case .literal? = Pattern(key.field) else {
                throw Failure(.badData, "no rule can name the field \"\(key.field)\" alone.")
            }
            rules.append(Policy.Rule(item: .field(.literal(name)), threshold: certified[key].flatMap(Threshold.init) ?? never))
        }
        let fields = schema?.fields ?? []
        var required = fields.filter { $0.required == true }.compactMap { Name($0.name) }
        if report.heldTypes.contains(documentType), let missing = Name(missingField) { required.append(missing) }
        var targets = Policy.Targets()
        targets.field = request.accuracy
        targets.risk = request.risk.delta
        return Policy(
            documentType: type, threshold: never, rules: rules, requiredFields: required,
            optionalFields: fields.filter { $0.required == false }.compactMap { Name($0.name) }, sampleRate: sampleRate, targets: targets)
    }

    /// Of no document.
    static let missingField = "(a certified threshold for each field)"
    /// What the starting policies have, too: without an audit sample nothing could be certified again.
    private static let sampleRate = 0.05
}
