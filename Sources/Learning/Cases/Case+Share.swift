import Routing

extension Case {
    /// Where a document falls when documents are split by a seed: uniform in [0, 1), by its type and id alone, so that it is always in the same
    /// part whatever else is in the files.
    package func share(seed: UInt64) -> Double {
        // FNV-1a, mixed: the low bits alone are weak.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ seed
        for range in [documentType, documentId] {
            for index in range.indices { hash = (hash ^ UInt64(text[index])) &* 0x0000_0100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x0000_0100_0000_01B3
        }
        var mixer = SplitMix64(state: hash)
        return Double(mixer.next() >> 11) * 0x1p-53
    }
}
