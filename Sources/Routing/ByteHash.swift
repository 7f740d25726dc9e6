/// Hashes of names and numbers by a key that is random in each process: whoever chooses names cannot choose such as collide.
///
/// Multiply and fold: the two halves of a 128-bit product by the secret multiplier, which spread a difference in any bit over all of them.
/// Nothing depends on a hash but where in a table something stands: numbers are given in the order of coming.
struct ByteHash: Sendable {
    /// The one that all tables of the process share.
    static let process = ByteHash(seed: random(1), multiplier: random(2))

    private let seed: UInt64
    /// Odd.
    private let multiplier: UInt64

    init(seed: UInt64, multiplier: UInt64) {
        self.seed = seed
        self.multiplier = multiplier | 1
    }

    /// The standard library's hashes are keyed by the process (SipHash); two of them are a key for ours.
    private static func random(_ number: Int) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(number)
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }

    /// Of a whole name, eight bytes at a time: 32 bits.
    @inline(__always)
    func of(_ name: Span<UInt8>) -> UInt64 {
        // Bytes have no padding to be read by mistake.
        let bytes = unsafe name.bytes
        let count = bytes.byteCount
        var hash = seed ^ UInt64(truncatingIfNeeded: count)
        // Every load lies within the count that its branch has checked.
        if count >= 8 {
            var at = 0
            while at + 8 < count {
                hash = unsafe mix(hash ^ bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self))
                at += 8
            }
            // The last eight, which may overlap those before.
            unsafe hash ^= bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: count - 8, as: UInt64.self)
        } else if count >= 4 {
            let first = unsafe UInt64(bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 0, as: UInt32.self))
            let last = unsafe UInt64(bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: count - 4, as: UInt32.self))
            hash ^= first << 32 | last
        } else if count > 0 {
            hash ^= UInt64(name[0]) | UInt64(name[count / 2]) << 8 | UInt64(name[count - 1]) << 16
        }
        return mix(hash) >> 32
    }

    /// Of a pair of numbers: 32 bits.
    @inline(__always)
    func of(_ pair: UInt64) -> UInt64 { mix(seed ^ pair) >> 32 }

    /// Of a name's beginnings in one pass: after k bytes, `value` is that of the prefix of k bytes.
    @inline(__always)
    var ofPrefixes: Prefixes { Prefixes(hash: self) }

    struct Prefixes {
        private let hash: ByteHash
        private var state: UInt64

        @inline(__always)
        init(hash: ByteHash) {
            self.hash = hash
            state = hash.seed
        }

        @inline(__always)
        mutating func add(_ byte: UInt8) { state = hash.mix(state ^ UInt64(byte)) }

        @inline(__always)
        var value: UInt64 { state >> 32 }
    }

    func ofPrefix(_ prefix: [UInt8]) -> UInt64 {
        var prefixes = ofPrefixes
        for byte in prefix { prefixes.add(byte) }
        return prefixes.value
    }

    @inline(__always)
    private func mix(_ word: UInt64) -> UInt64 {
        let product = word.multipliedFullWidth(by: multiplier)
        return product.high ^ product.low
    }
}
