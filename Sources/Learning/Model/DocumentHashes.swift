import Crypto
import FoundationEssentials
import Routing

/// Which documents a model has seen, told by 8 bytes each: the first of HMAC-SHA256 of type and id, in ascending order, in base64.
///
/// 1. The key is the digest of the documents themselves: the same documents give the same bytes, and the hashes of two models cannot be compared.
///    Ids cannot be read from it; whoever has a model file can try whether an id that he guesses is in it.
/// 2. One of a million fresh documents is taken for one of 30,000 seen ones with a probability below 2e-9.
package struct DocumentHashes: Sendable, Hashable, Codable {
    private let sorted: [UInt64]

    /// - Parameter key: the digest of the part that the documents make.
    init(_ cases: [Case], key: String) {
        let key = SymmetricKey(data: Array(key.utf8))
        sorted = Set(cases.map { DocumentHashes.hash($0, key) }).sorted()
    }

    package var count: Int { sorted.count }

    func contains(_ document: Case, key: String) -> Bool {
        let hash = DocumentHashes.hash(document, SymmetricKey(data: Array(key.utf8)))
        var range = sorted.startIndex..<sorted.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if sorted[middle] == hash { return true }
            range = sorted[middle] < hash ? (middle + 1)..<range.upperBound : range.lowerBound..<middle
        }
        return false
    }

    private static func hash(_ document: Case, _ key: SymmetricKey) -> UInt64 {
        HMAC<SHA256>.authenticationCode(for: document.identity, using: key).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let bytes = Array(try container.decode(Data.self))
        let hashes = stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { start in
            bytes[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard bytes.count.isMultiple(of: 8), zip(hashes, hashes.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not hashes of documents in ascending order")
        }
        sorted = hashes
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let bytes = sorted.flatMap { hash in (0..<8).map { UInt8(truncatingIfNeeded: hash >> (56 - 8 * $0)) } }
        try container.encode(Data(bytes))
    }
}

extension Model.Part {
    /// Whether the part held a document (by type and id); false for parts that do not remember theirs.
    package func holds(_ document: Case) -> Bool { hashes?.contains(document, key: digest) == true }
}
