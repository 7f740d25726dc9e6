/// How large a policy may be that a person writes: what it costs to compile, keep and answer stays bounded. What is in the store already is
/// read whatever its size.
package struct PolicyLimits: Sendable {
    /// Rules, and floors, of one policy. Each has some 60 bytes of JSON: a rule for every code of ICD-10-CM (72,000) has room.
    package var rulesMax = 100_000
    /// Required fields, optional fields, and required sections, each. A decision names every one that is missing: a small request has an
    /// answer of some 60 bytes for each, with the longest names 300 KB in all. The largest forms in use have some hundred fields.
    package var namesMax = 1_000
    /// Bytes of canonical JSON, in which each version is stored, kept and answered.
    package var bytesMax = 8 << 20

    package init() {}
}
