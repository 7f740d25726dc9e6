/// Byte strings numbered from 0 in the order they came: finds the number of one without allocation.
///
/// Open addressing with linear probing, at most half full, so that probing ends. A slot holds a short name whole: in a large table each
/// look-up costs one cache miss, not two.
public struct NameTable: Sendable {
    /// 32 bytes, half a cache line.
    private struct Slot {
        var head: NameHead
        /// Where the name stands in `bytes`.
        var start: UInt32
        var hash: UInt32
        /// -1 in a free slot.
        var id: Int32
        static let free = Slot(head: NameHead(), start: 0, hash: 0, id: -1)
    }

    private var slots: [Slot] = []
    private var bytes: [UInt8] = []
    public private(set) var count = 0
    let hash: ByteHash

    public init() { self.init(hash: .process) }

    init(hash: ByteHash) { self.hash = hash }

    /// The number of these bytes; a new one if they are new.
    public mutating func intern(_ name: Span<UInt8>) -> Int32 { intern(name, hash: hash.of(name)) }

    /// The same by a hash of the caller's own, which it then finds the name by.
    mutating func intern(_ name: Span<UInt8>, hash: UInt64) -> Int32 {
        let known = find(name, hash: hash)
        if known >= 0 { return known }
        if 2 * (count + 1) > slots.count { grow() }
        let id = Int32(count)
        place(Slot(head: NameHead(name), start: UInt32(bytes.count), hash: UInt32(truncatingIfNeeded: hash), id: id))
        for index in name.indices { bytes.append(name[index]) }
        count += 1
        return id
    }

    mutating func intern(_ name: [UInt8]) -> Int32 { intern(name.span) }

    /// The number of these bytes, or -1. `hash` is what they were interned by.
    @inline(__always)
    func find(_ name: Span<UInt8>, hash: UInt64) -> Int32 {
        if slots.isEmpty { return -1 }
        let slots = self.slots.span
        let mask = slots.count - 1
        let short = UInt32(truncatingIfNeeded: hash)
        let head = NameHead(name)
        var index = Int(truncatingIfNeeded: short) & mask
        while true {
            // Masked by the table's size, a power of two.
            let slot = unsafe slots[unchecked: index]
            if slot.id < 0 { return -1 }
            if slot.hash == short, slot.head == head, name.count <= NameHead.bytesMax || restEquals(slot, name) { return slot.id }
            index = (index + 1) & mask
        }
    }

    public func find(_ name: Span<UInt8>) -> Int32 { count == 0 ? -1 : find(name, hash: hash.of(name)) }

    /// Whether what lies behind the head is the same; the head says that the counts are.
    private func restEquals(_ slot: Slot, _ name: Span<UInt8>) -> Bool {
        for index in NameHead.bytesMax..<name.count where bytes[Int(slot.start) + index] != name[index] { return false }
        return true
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: .free, count: max(8, 2 * old.count))
        for slot in old where slot.id >= 0 { place(slot) }
    }

    private mutating func place(_ slot: Slot) {
        let mask = slots.count - 1
        var index = Int(slot.hash) & mask
        while slots[index].id >= 0 { index = (index + 1) & mask }
        slots[index] = slot
    }
}

/// The count and the first 16 bytes of a name. Names of up to 16 bytes have equal heads only if they are equal.
struct NameHead: Equatable, Sendable {
    static let bytesMax = 16
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var count: UInt32 = 0

    init() {}

    /// Words are loaded so that they overlap where the name is shorter than two: with the count known, every byte is in one of them.
    @inline(__always)
    init(_ name: Span<UInt8>) {
        // Bytes have no padding to be read by mistake.
        let bytes = unsafe name.bytes
        let count = bytes.byteCount
        self.count = UInt32(truncatingIfNeeded: count)
        // Every load lies within the count that its branch has checked.
        if count >= 8 {
            first = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 0, as: UInt64.self)
            second = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: min(count - 8, 8), as: UInt64.self)
        } else if count >= 4 {
            first = unsafe UInt64(bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 0, as: UInt32.self))
            second = unsafe UInt64(bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: count - 4, as: UInt32.self))
        } else if count > 0 {
            first = UInt64(name[0]) | UInt64(name[count / 2]) << 8 | UInt64(name[count - 1]) << 16
        }
    }
}

/// Pairs of small numbers to a number of at least 0.
public struct PairTable: Sendable {
    private struct Slot {
        var key: UInt64
        /// `PairTable.absent` in a free slot.
        var value: Int32
        static let free = Slot(key: 0, value: absent)
    }

    public static let absent = Int32.min
    private var slots: [Slot] = []
    public private(set) var count = 0
    private let hash = ByteHash.process

    public init() {}

    /// The value, or `absent`.
    @inline(__always)
    public func find(_ first: Int32, _ second: Int32) -> Int32 {
        if slots.isEmpty { return PairTable.absent }
        let key = PairTable.key(first, second)
        let slots = self.slots.span
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: hash.of(key)) & mask
        while true {
            // Masked by the table's size, a power of two.
            let slot = unsafe slots[unchecked: index]
            if slot.value == PairTable.absent || slot.key == key { return slot.value }
            index = (index + 1) & mask
        }
    }

    public mutating func set(_ first: Int32, _ second: Int32, to value: Int32) {
        precondition(value != PairTable.absent)
        if 2 * (count + 1) > slots.count {
            let old = slots
            slots = [Slot](repeating: .free, count: max(8, 2 * old.count))
            for slot in old where slot.value != PairTable.absent { place(slot) }
        }
        count += place(Slot(key: PairTable.key(first, second), value: value))
    }

    /// How many slots that took: none where the key was there.
    @discardableResult
    private mutating func place(_ slot: Slot) -> Int {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: hash.of(slot.key)) & mask
        while slots[index].value != PairTable.absent, slots[index].key != slot.key { index = (index + 1) & mask }
        let added = slots[index].value == PairTable.absent ? 1 : 0
        slots[index] = slot
        return added
    }

    @inline(__always)
    private static func key(_ first: Int32, _ second: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
    }
}
