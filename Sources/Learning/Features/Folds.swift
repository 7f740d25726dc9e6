import Routing

/// Which part of train a document is in when encodings are made without it. By its id, so that it depends on nothing else that is in train.
struct Folds {
    let count: Int
    let seed: UInt64

    /// 0..<count.
    func fold(of document: Case) -> Int {
        // FNV-1a, mixed: the low bits alone are weak.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ seed
        for index in document.documentId.indices { hash = (hash ^ UInt64(document.text[index])) &* 0x0000_0100_0000_01B3 }
        var mixer = SplitMix64(state: hash)
        return Int(mixer.next() % UInt64(count))
    }
}
