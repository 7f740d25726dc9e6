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

/// The least confidence at which an item is accepted, a number in [0, 1]; or `never`, which no confidence reaches and which is greater
/// than every number.
public struct Threshold: Sendable, Hashable, Comparable {
    /// Infinite for `never`: one comparison accepts, orders and finds the greatest floor.
    private let bound: Double

    /// Nil outside [0, 1] and for NaN. Negative zero is stored as zero.
    public init?(_ value: Double) {
        guard value >= 0, value <= 1 else { return nil }
        bound = value == 0 ? 0 : value
    }

    private init(bound: Double) { self.bound = bound }

    /// No confidence is enough: a human looks at every item.
    public static var never: Threshold { Threshold(bound: .infinity) }

    /// The number; nil for `never`.
    public var value: Double? { bound <= 1 ? bound : nil }

    @inline(__always)
    public func accepts(_ confidence: Confidence) -> Bool { confidence.value >= bound }

    public static func < (a: Threshold, b: Threshold) -> Bool { a.bound < b.bound }
}

/// The number of a policy's version, from 1, without gaps.
public struct PolicyVersion: Sendable, Hashable, Comparable {
    public let number: Int64
    public init(_ number: Int64) { self.number = number }
    public static func < (a: PolicyVersion, b: PolicyVersion) -> Bool { a.number < b.number }
}
