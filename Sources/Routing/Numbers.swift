/// How sure the engine says it is of an item, in [0, 1].
public struct Confidence: Sendable, Hashable, Comparable {
    public let value: Double

    /// Nil outside [0, 1] and for NaN. Negative zero is stored as zero.
    public init?(_ value: Double) {
        guard value >= 0, value <= 1 else { return nil }
        self.value = value == 0 ? 0 : value
    }

    public static func < (a: Confidence, b: Confidence) -> Bool { a.value < b.value }
}

/// The least confidence at which an item is accepted, in [0, 1]; `confidence >= threshold` accepts.
public struct Threshold: Sendable, Hashable, Comparable {
    public let value: Double

    /// Nil outside [0, 1] and for NaN. Negative zero is stored as zero.
    public init?(_ value: Double) {
        guard value >= 0, value <= 1 else { return nil }
        self.value = value == 0 ? 0 : value
    }

    public static func < (a: Threshold, b: Threshold) -> Bool { a.value < b.value }
}

/// The number of a policy's version, from 1, without gaps.
public struct PolicyVersion: Sendable, Hashable, Comparable {
    public let number: Int64
    public init(_ number: Int64) { self.number = number }
    public static func < (a: PolicyVersion, b: PolicyVersion) -> Bool { a.number < b.number }
}
