import Routing

/// Finds items that occur twice, whatever their number.
///
/// 1. Of few, each is compared with those before it by a fingerprint: a word that equal codes have in common.
/// 2. Of many, a table of hashes with linear probing, at most half full. The hash is Swift's, seeded anew in every process, so that no one
///    can choose names that collide.
struct UniqueItems {
    private static let fewMax = 32

    private struct Slot {
        var hash: Int
        /// -1 in a free slot.
        var index: Int32
    }

    private var fingerprints: [UInt64] = []
    private var slots: [Slot] = []
    /// The slots in use by this list, a power of two.
    private var mask = 0

    /// The items whose codes an earlier one has, each with that one. Items without codes are passed over.
    mutating func repetitions(in items: [EngineResult.Item], text: [UInt8]) -> [(index: Int, earlier: Int)] {
        items.count <= UniqueItems.fewMax ? repetitionsAmongFew(items, text) : repetitionsAmongMany(items, text)
    }

    private mutating func repetitionsAmongFew(_ items: [EngineResult.Item], _ text: [UInt8]) -> [(index: Int, earlier: Int)] {
        var found: [(index: Int, earlier: Int)] = []
        fingerprints.removeAll(keepingCapacity: true)
        for index in items.indices {
            let fingerprint = UniqueItems.fingerprint(items[index], text)
            fingerprints.append(fingerprint)
            if items[index].first.count == 0 { continue }
            for earlier in 0..<index where fingerprints[earlier] == fingerprint {
                guard UniqueItems.areEqual(items[earlier], items[index], text) else { continue }
                found.append((index, earlier))
                break
            }
        }
        return found
    }

    private mutating func repetitionsAmongMany(_ items: [EngineResult.Item], _ text: [UInt8]) -> [(index: Int, earlier: Int)] {
        var found: [(index: Int, earlier: Int)] = []
        begin(count: items.count)
        for index in items.indices where items[index].first.count > 0 {
            if let earlier = insert(index, of: items, in: text) { found.append((index, earlier)) }
        }
        return found
    }

    /// Empties the table for a list of `count` items.
    private mutating func begin(count: Int) {
        var wanted = 128
        while wanted < 2 * count { wanted *= 2 }
        mask = wanted - 1
        let free = Slot(hash: 0, index: -1)
        if slots.count < wanted || slots.count > 16 * wanted {
            slots = [Slot](repeating: free, count: wanted)
        } else {
            for index in 0..<wanted { slots[index] = free }
        }
    }

    /// The index of the item of the same codes that came before, or nil after adding this one.
    private mutating func insert(_ index: Int, of items: [EngineResult.Item], in text: [UInt8]) -> Int? {
        let item = items[index]
        let hash = UniqueItems.hash(item, text)
        var slot = hash & mask
        while slots[slot].index >= 0 {
            let earlier = Int(slots[slot].index)
            if slots[slot].hash == hash, UniqueItems.areEqual(items[earlier], item, text) { return earlier }
            slot = (slot + 1) & mask
        }
        slots[slot] = Slot(hash: hash, index: Int32(truncatingIfNeeded: index))
        return nil
    }

    /// Of each code its length and its first and last eight bytes.
    private static func fingerprint(_ item: EngineResult.Item, _ text: [UInt8]) -> UInt64 {
        // Safe: the slices check the ranges.
        let word = unsafe text.withUnsafeBytes { bytes in
            let word = unsafe UnsafeRawBufferPointer(rebasing: bytes[item.first.indices]).ends
            if item.second.count == 0 { return word }
            let second = unsafe UnsafeRawBufferPointer(rebasing: bytes[item.second.indices]).ends
            return word &* 0xC4CE_B9FE_1A85_EC53 ^ second ^ UInt64(item.second.count) << 48
        }
        return (word ^ UInt64(item.first.count) &* 0x9E37_79B9_7F4A_7C15) | 1
    }

    private static func hash(_ item: EngineResult.Item, _ text: [UInt8]) -> Int {
        var hasher = Hasher()
        // Safe: the ranges were made by appending to this text, and the slices check them.
        unsafe text.withUnsafeBytes { bytes in
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[item.first.indices]))
            if item.second.count > 0 {
                hasher.combine(item.first.count)
                unsafe hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[item.second.indices]))
            }
        }
        return hasher.finalize()
    }

    private static func areEqual(_ a: EngineResult.Item, _ b: EngineResult.Item, _ text: [UInt8]) -> Bool {
        text[a.first.indices] == text[b.first.indices] && text[a.second.indices] == text[b.second.indices]
    }
}

extension UnsafeRawBufferPointer {
    /// The first and the last eight bytes mixed; of fewer, all of them.
    // Safe: all loads are within the buffer.
    @inline(__always)
    fileprivate var ends: UInt64 {
        if count >= 8 {
            let first = unsafe loadUnaligned(fromByteOffset: 0, as: UInt64.self)
            let last = unsafe loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
            return first &* 0xFF51_AFD7_ED55_8CCD ^ last
        }
        var word: UInt64 = 0
        for index in 0..<count { word = unsafe word << 8 | UInt64(self[index]) }
        return word
    }
}
