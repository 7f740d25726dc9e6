/// Byte strings numbered from 0 in the order they came: finds the number of one without allocation.
///
/// Open addressing with linear probing, at most half full, so that probing ends. A slot holds all that a miss needs.
struct NameTable: Sendable {
    private struct Slot {
        var hash: UInt32
        /// -1 in a free slot.
        var id: Int32
        var start: UInt32
        var count: UInt32
        static let free = Slot(hash: 0, id: -1, start: 0, count: 0)
    }

    private var slots: [Slot] = []
    private var bytes: [UInt8] = []
    private(set) var count = 0

    /// The number of these bytes; a new one if they are new.
    mutating func intern(_ name: Span<UInt8>) -> Int32 {
        let hash = ByteHash.of(name)
        let known = find(name, hash: hash)
        if known >= 0 { return known }
        if 2 * (count + 1) > slots.count { grow() }
        let id = Int32(count)
        place(Slot(hash: UInt32(truncatingIfNeeded: hash), id: id, start: UInt32(bytes.count), count: UInt32(name.count)))
        for index in name.indices { bytes.append(name[index]) }
        count += 1
        return id
    }

    mutating func intern(_ name: Name) -> Int32 {
        intern(Array(name.string.utf8).span)
    }

    /// The number of these bytes, or -1. `hash` is `ByteHash.of(name)`.
    @inline(__always)
    func find(_ name: Span<UInt8>, hash: UInt64) -> Int32 {
        if slots.isEmpty { return -1 }
        let slots = self.slots.span
        let mask = slots.count - 1
        let short = UInt32(truncatingIfNeeded: hash)
        var index = Int(truncatingIfNeeded: short) & mask
        while true {
            // Masked by the table's size, a power of two.
            let slot = unsafe slots[unchecked: index]
            if slot.id < 0 { return -1 }
            if slot.hash == short, Int(slot.count) == name.count, equals(slot, name) { return slot.id }
            index = (index + 1) & mask
        }
    }

    func find(_ name: Span<UInt8>) -> Int32 { count == 0 ? -1 : find(name, hash: ByteHash.of(name)) }

    @inline(__always)
    private func equals(_ slot: Slot, _ name: Span<UInt8>) -> Bool {
        let stored = bytes.span
        var index = 0
        let start = Int(slot.start)
        // Names are as long as their slots say, and lie within `bytes` as they were put there.
        while index < name.count {
            if unsafe stored[unchecked: start + index] != name[unchecked: index] { return false }
            index += 1
        }
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

/// Pairs of small numbers to a number of at least 0.
struct PairTable: Sendable {
    private struct Slot {
        var key: UInt64
        /// `PairTable.absent` in a free slot.
        var value: Int32
        static let free = Slot(key: 0, value: absent)
    }

    static let absent = Int32.min
    private var slots: [Slot] = []
    private(set) var count = 0

    /// The value, or `absent`.
    @inline(__always)
    func find(_ first: Int32, _ second: Int32) -> Int32 {
        if slots.isEmpty { return PairTable.absent }
        let key = PairTable.key(first, second)
        let slots = self.slots.span
        let mask = slots.count - 1
        var index = PairTable.hash(key) & mask
        while true {
            // Masked by the table's size, a power of two.
            let slot = unsafe slots[unchecked: index]
            if slot.value == PairTable.absent || slot.key == key { return slot.value }
            index = (index + 1) & mask
        }
    }

    mutating func set(_ first: Int32, _ second: Int32, to value: Int32) {
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
        var index = PairTable.hash(slot.key) & mask
        while slots[index].value != PairTable.absent, slots[index].key != slot.key { index = (index + 1) & mask }
        let added = slots[index].value == PairTable.absent ? 1 : 0
        slots[index] = slot
        return added
    }

    @inline(__always)
    private static func key(_ first: Int32, _ second: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
    }

    @inline(__always)
    private static func hash(_ key: UInt64) -> Int {
        let mixed = (key ^ key >> 32) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 32)
    }
}
