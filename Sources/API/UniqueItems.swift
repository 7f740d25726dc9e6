import Routing

/// Finds items that occur twice, whatever their number, and however they are written: names and codes are compared in canonical form.
///
/// 1. Of few, each is compared with those before it by a fingerprint: a word that equal items have in common.
/// 2. Of many, a table of hashes with linear probing, at most half full. The hash is Swift's, seeded anew in every process, so that no one
///    can choose names that collide.
struct UniqueItems {
    private static let fewMax = 32

    /// What two items have in common that are one to people.
    private struct Key {
        var first: TextRange
        var second: TextRange
        var modifiers: UInt64
        /// 0 where the item has none.
        var line: UInt16
    }

    private struct Slot {
        var hash: Int
        /// -1 in a free slot.
        var index: Int32
    }

    private var text = ComparedText()
    private var keys: [Key] = []
    private var fingerprints: [UInt64] = []
    private var slots: [Slot] = []
    /// The slots in use by this list, a power of two.
    private var mask = 0

    /// Takes the text that the items of the next lists stand in.
    mutating func begin(_ text: [UInt8]) {
        if self.text.bytes.count > UniqueItems.keptBytesMax { self.text = ComparedText() }
        self.text.begin(text)
    }

    /// Buffers larger than this are not kept.
    private static let keptBytesMax = 512 << 10

    /// The items that an earlier one equals, each with that one. Items without a name or codes are passed over.
    mutating func repetitions(in items: [EngineResult.Item]) -> [(index: Int, earlier: Int)] {
        if items.count < 2 { return [] }
        keys.removeAll(keepingCapacity: true)
        for item in items { keys.append(key(of: item)) }
        return items.count <= UniqueItems.fewMax ? repetitionsAmongFew(items) : repetitionsAmongMany(items)
    }

    @inline(__always)
    private mutating func key(of item: EngineResult.Item) -> Key {
        if item.kind == .field { return Key(first: TextRange(text.name(item.first)), second: item.second, modifiers: 0, line: 0) }
        return Key(
            first: TextRange(text.code(item.first)), second: TextRange(text.code(item.second)), modifiers: item.modifiers.canonical,
            line: item.line?.number ?? 0)
    }

    private mutating func repetitionsAmongFew(_ items: [EngineResult.Item]) -> [(index: Int, earlier: Int)] {
        var found: [(index: Int, earlier: Int)] = []
        fingerprints.removeAll(keepingCapacity: true)
        for index in items.indices {
            let fingerprint = fingerprint(keys[index])
            fingerprints.append(fingerprint)
            if items[index].first.count == 0 { continue }
            for earlier in 0..<index where fingerprints[earlier] == fingerprint {
                guard items[earlier].first.count > 0, areEqual(keys[earlier], keys[index]) else { continue }
                found.append((index, earlier))
                break
            }
        }
        return found
    }

    private mutating func repetitionsAmongMany(_ items: [EngineResult.Item]) -> [(index: Int, earlier: Int)] {
        var found: [(index: Int, earlier: Int)] = []
        reserve(count: items.count)
        for index in items.indices where items[index].first.count > 0 {
            if let earlier = insert(index) { found.append((index, earlier)) }
        }
        return found
    }

    /// Empties the table for a list of `count` items.
    private mutating func reserve(count: Int) {
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

    /// The index of the equal item that came before, or nil after adding this one.
    private mutating func insert(_ index: Int) -> Int? {
        let hash = hash(keys[index])
        var slot = hash & mask
        while slots[slot].index >= 0 {
            let earlier = Int(slots[slot].index)
            if slots[slot].hash == hash, areEqual(keys[earlier], keys[index]) { return earlier }
            slot = (slot + 1) & mask
        }
        slots[slot] = Slot(hash: hash, index: Int32(truncatingIfNeeded: index))
        return nil
    }

    /// Of each code its length and its first and last eight bytes, of a pair its modifiers and its line.
    private func fingerprint(_ key: Key) -> UInt64 {
        // Safe: the slices check the ranges.
        let word = unsafe text.bytes.withUnsafeBytes { bytes in
            let word = unsafe UnsafeRawBufferPointer(rebasing: bytes[key.first.indices]).ends
            if key.second.count == 0 { return word }
            let second = unsafe UnsafeRawBufferPointer(rebasing: bytes[key.second.indices]).ends
            return word &* 0xC4CE_B9FE_1A85_EC53 ^ second ^ UInt64(key.second.count) << 48
        }
        let lengths = UInt64(key.first.count) &* 0x9E37_79B9_7F4A_7C15
        return (word ^ lengths ^ key.modifiers ^ UInt64(key.line) << 32) | 1
    }

    private func hash(_ key: Key) -> Int {
        var hasher = Hasher()
        // Safe: the slices check the ranges.
        unsafe text.bytes.withUnsafeBytes { bytes in
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[key.first.indices]))
            if key.second.count > 0 {
                hasher.combine(key.first.count)
                unsafe hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[key.second.indices]))
            }
        }
        if key.modifiers != 0 || key.line != 0 {
            hasher.combine(key.modifiers)
            hasher.combine(key.line)
        }
        return hasher.finalize()
    }

    private func areEqual(_ a: Key, _ b: Key) -> Bool {
        a.modifiers == b.modifiers && a.line == b.line && text.bytes[a.first.indices] == text.bytes[b.first.indices]
            && text.bytes[a.second.indices] == text.bytes[b.second.indices]
    }
}

extension TextRange {
    @inline(__always)
    fileprivate init(_ range: Range<Int>) { self.init(start: range.lowerBound, count: range.count) }
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
