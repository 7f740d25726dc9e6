/// A pattern in the form that is compared, for what looks at names and codes outside of a policy.
public struct PatternForm: Sendable {
    private let form: ComparedPattern

    /// Of fields, populations, payers and sections.
    public init(name pattern: Pattern) { form = NameComparison.canonical.compared(field: pattern) }

    public init(code pattern: Pattern) { form = NameComparison.canonical.compared(code: pattern) ?? .anything }

    /// Whether a name or code, in canonical form, is one that the pattern is about.
    public func meets(_ canonical: [UInt8]) -> Bool { form.isPrefix ? canonical.starts(with: form.bytes) : canonical == form.bytes }
}
