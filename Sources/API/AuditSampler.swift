import Crypto

/// The audit sample's hash: first 8 bytes, big-endian, of SHA-256(salt ‖ ":" ‖ documentType ‖ ":" ‖ documentId).
package struct AuditSampler: Sendable {
    /// The first 8 bytes, big-endian, of SHA-256("sluice audit salt id:" ‖ salt): tells salts apart and reveals none.
    package let saltId: UInt64
    /// SHA-256 after salt ‖ ":".
    private let salted: SHA256

    package init(salt: [UInt8]) {
        saltId = Digest.leadingWord(SHA256.hash(data: Array("sluice audit salt id:".utf8) + salt))
        var salted = SHA256()
        salted.update(data: salt)
        salted.update(data: [UInt8(ascii: ":")])
        self.salted = salted
    }

    package func hash(documentType: some Collection<UInt8>, documentId: some Collection<UInt8>) -> UInt64 {
        var text: [UInt8] = []
        text.reserveCapacity(documentType.count + 1 + documentId.count)
        text.append(contentsOf: documentType)
        text.append(UInt8(ascii: ":"))
        text.append(contentsOf: documentId)
        var sha = salted
        sha.update(data: text)
        return Digest.leadingWord(sha.finalize())
    }
}

enum Digest {
    static func sha256(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    // Safe: the bytes are read during the call only.
    static func sha256(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        unsafe Array(SHA256.hash(data: UnsafeRawBufferPointer(bytes)))
    }

    /// The first 8 bytes, big-endian.
    static func leadingWord(_ digest: SHA256.Digest) -> UInt64 {
        var word: UInt64 = 0
        for byte in digest.prefix(8) { word = word << 8 | UInt64(byte) }
        return word
    }
}
