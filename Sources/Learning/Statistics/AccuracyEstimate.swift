/// The accuracy of a set of codes: right / all, with a two-sided interval.
package struct AccuracyEstimate: Sendable, Hashable, Codable {
    package let right: Int
    package let codes: Int
    /// Documents (clusters) with a code.
    package let clusters: Int
    /// Bounds in [0, 1]; [0, 1] without codes.
    package let lower: Double
    package let upper: Double

    /// Nil without codes.
    package var accuracy: Double? { codes > 0 ? Double(right) / Double(codes) : nil }
}
