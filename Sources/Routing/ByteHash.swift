/// The hash of a whole name, eight bytes at a time (multiply and fold), 32 bits.
///
/// Tables built from policies and from the data of models are its only users. Both are an admin's own, so no stranger chooses what is stored;
/// what a request looks up can at worst meet a chain that is there already.
enum ByteHash {
    @inline(__always)
    static func of(_ name: Span<UInt8>) -> UInt64 {
        // Bytes have no padding to be read by mistake.
        let bytes = unsafe name.bytes
        let count = bytes.byteCount
        var hash = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
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

    @inline(__always)
    private static func mix(_ word: UInt64) -> UInt64 {
        let product = word.multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return product.high ^ product.low
    }
}

/// The hash of a name's beginnings in one pass (FNV-1a, 64 bits): after k bytes, that of the prefix of k bytes.
struct PrefixHash {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    @inline(__always)
    mutating func add(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    /// 32 bits, mixed: FNV's low bits alone are weak where they choose a slot.
    @inline(__always)
    var value: UInt64 { (state ^ state >> 32) &* 0x9E37_79B9_7F4A_7C15 >> 32 }

    static func of(_ prefix: Span<UInt8>) -> UInt64 {
        var hash = PrefixHash()
        for index in prefix.indices { hash.add(prefix[index]) }
        return hash.value
    }
}
