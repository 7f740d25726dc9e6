/// The hash of names and of their beginnings in one pass (FNV-1a, 64 bits): `state` after k bytes is that of the prefix of k bytes.
///
/// Tables built from policies are its only users. Policies are an admin's own, so no stranger chooses what is stored; what a request looks up
/// can at worst meet a chain that is there already.
struct ByteHash {
    private(set) var state: UInt64 = 0xCBF2_9CE4_8422_2325

    @inline(__always)
    mutating func add(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    /// 32 bits, mixed: FNV's low bits alone are weak where they choose a slot.
    @inline(__always)
    var value: UInt64 { (state ^ state >> 32) &* 0x9E37_79B9_7F4A_7C15 >> 32 }

    @inline(__always)
    static func of(_ bytes: Span<UInt8>) -> UInt64 {
        var hash = ByteHash()
        for index in bytes.indices { hash.add(unsafe bytes[unchecked: index]) }
        return hash.value
    }
}
