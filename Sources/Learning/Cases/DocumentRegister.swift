import Crypto
import Routing

/// A document's type and id, which name it, as one number: 16 bytes of SHA-256, so that a register of millions stays small.
package struct DocumentIdentity: Sendable, Hashable {
    private let high: UInt64
    private let low: UInt64

    package init(_ document: Case) {
        let digest = Array(SHA256.hash(data: document.identity).prefix(16))
        high = digest[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = digest[8...].reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// The documents that a command has met, by type and id: the one place that knows whether a document was there before, in the same part or
/// in another.
package struct DocumentRegister {
    /// Where a document stands.
    package struct Place: Sendable, Hashable {
        package var part: String
        package var file: String
        /// From 1.
        package var line: Int

        package init(part: String, file: String = "", line: Int = 0) {
            self.part = part
            self.file = file
            self.line = line
        }
    }

    /// Two parts that hold the same documents, and how many.
    package struct Shared: Sendable, Hashable {
        package var first: String
        package var second: String
        package var count: Int
    }

    private var places: [DocumentIdentity: Place] = [:]
    /// In the order in which they were found.
    package private(set) var shared: [Shared] = []

    package init() {}

    /// Enters a document.
    /// - Returns: nil for a new one; else the place of the first.
    package mutating func enter(_ document: Case, at place: Place) -> Place? {
        let identity = DocumentIdentity(document)
        guard let earlier = places[identity] else {
            places[identity] = place
            return nil
        }
        if earlier.part != place.part {
            if let index = shared.firstIndex(where: { $0.first == earlier.part && $0.second == place.part }) {
                shared[index].count += 1
            } else {
                shared.append(Shared(first: earlier.part, second: place.part, count: 1))
            }
        }
        return earlier
    }
}
