/// How features are found in data. Part of the model file.
package struct FeatureSettings: Sendable, Hashable, Codable {
    /// Times a number or a missing value must have been seen in train to be a column.
    package var seenMin = 20
    /// Times a text's value must have been seen to have a column of its own.
    package var oneHotSeenMin = 20
    /// The most values with columns; a text that has more frequent ones is encoded only.
    package var oneHotValuesMax = 64
    /// Times a value must have been seen to be known at all. Rarer ones are as new ones.
    package var valueSeenMin = 5
    /// A text most of whose values are seen once says who, not what, and may be a person's: above this share of distinct values it is left out.
    package var distinctShareMax = 0.3
    /// Times that the values of an encoding must have been seen together.
    package var encodingSeenMin = 4
    /// Distinct values from which on a text is encoded.
    package var encodedValuesMin = 5
    /// The weight of the prior, in observations.
    package var priorWeight = 10.0
    /// Pairs of texts that are encoded, at most, for each label: those whose smoothed rate, out of fold, tells most beyond the better of the two
    /// alone (log loss).
    package var pairsPerLabel = 16
    /// Texts that are tried in pairs, at most; those that tell most alone.
    package var pairedTextsMax = 24
    /// Parts that encodings are made out of.
    package var folds = 5
    /// What a model does without; nil for nothing.
    package var leftOut: [FeatureGroup]?

    package init() {}
}

/// What a model may be denied, to see what it is worth.
package enum FeatureGroup: String, Sendable, Hashable, Codable, CaseIterable {
    /// What the engine saw on the way, of items and of documents.
    case evidence
    /// What values look like: length, shape, and whether they are as a schema asks.
    case format
}

extension FeatureSettings {
    func isLeftOut(_ group: FeatureGroup) -> Bool { leftOut?.contains(group) == true }

    /// The group of a name among the evidence: what is made of the value itself begins with `value.`.
    static func group(ofEvidence name: some Collection<UInt8>) -> FeatureGroup {
        name.starts(with: "value.".utf8) ? .format : .evidence
    }
}
