/// A procedure with a diagnosis that supports it, as an engine predicts it or a reviewer leaves it.
package struct CodedPair: Sendable, Hashable, Codable {
    package let procedure: String
    package let diagnosis: String
    /// Whether the diagnosis is the procedure's first one.
    package let isPrimary: Bool

    package init(procedure: String, diagnosis: String, isPrimary: Bool) {
        self.procedure = procedure
        self.diagnosis = diagnosis
        self.isPrimary = isPrimary
    }
}
