/// Which fields share a threshold.
package enum FieldPooling: String, Sendable, Hashable, Codable, CaseIterable {
    /// None: each has its own.
    case field
    /// Those of one kind (dates, codes, …), of all document types.
    case kind
    /// Those of one document type.
    case type
    case all
}

/// Fields that share a threshold.
package struct FieldPool: Sendable, Hashable, Codable {
    package var name: String
    package var members: [FieldKey]

    /// The most readings a document can have: the members of its type.
    package var readingsMax: Int {
        Dictionary(members.map { ($0.documentType, 1) }, uniquingKeysWith: +).values.max() ?? 1
    }

    /// In order of their names. A field without a kind is a kind of its own.
    package static func pools(_ keys: some Sequence<FieldKey>, _ pooling: FieldPooling, kinds: [FieldKey: String]) -> [FieldPool] {
        let groups = Dictionary(grouping: keys) { key in
            switch pooling {
            case .field: name(key)
            case .kind: kinds[key] ?? name(key)
            case .type: key.documentType
            case .all: "all fields"
            }
        }
        return groups.map { FieldPool(name: $0.key, members: $0.value.sorted()) }.sorted { $0.name < $1.name }
    }

    private static func name(_ key: FieldKey) -> String { "\(key.documentType)/\(key.field)" }
}
