import Routing

/// Finds items that occur twice, whatever their number, in one pass: a table of hashes with linear probing, at most half full.
///
/// The hash is Swift's, seeded anew in every process, so that no one can choose names that collide.
struct UniqueItems {
    private struct Slot {
        var hash: Int
        /// -1 in a free slot.
        var index: Int32
    }

    private var slots: [Slot] = []
    /// The slots in use by this list, a power of two.
    private var mask = 0

    /// Empties the table for a list of `count` items.
    mutating func begin(count: Int) {
        var wanted = 16
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
    mutating func insert(_ index: Int, of items: [EngineResult.Item], in text: [UInt8]) -> Int? {
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
