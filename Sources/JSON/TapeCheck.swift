/// What simdjson does not check of a document: that members are unique in every object, and depth to the last level.
///
/// RFC 8259 §4 leaves duplicate names to the reader; refusing them leaves no doubt about which one counts. Names compare
/// after unescaping, as bytes. The cost is linear in the document: objects of up to `fewMembers` compare 8-byte heads of names in pairs, larger
/// ones go through a hash table (SipHash with the process's own seed, so that no sender can make names collide).
enum TapeCheck {
    static let fewMembers = 16

    enum Fault: Equatable {
        case tooDeep
        /// The JSON Pointer of a member whose name its object has had before.
        case duplicate(pointer: String)
    }

    static func fault(of root: JSONValue, depthMax: Int) -> Fault? {
        let end = root.end
        var index = root.index
        var depth = 0
        while index < end {
            let word = root.word(index)
            switch UInt8(truncatingIfNeeded: word >> 56) {
            case TapeType.object:
                depth += 1
                if depth > depthMax { return .tooDeep }
                let count = Int(truncatingIfNeeded: word >> 32 & 0xFF_FFFF)
                if count > 1 {
                    let object = unsafe JSONValue(tape: root.tape, strings: root.strings, index: index)
                    let duplicate = count <= fewMembers ? duplicateAmongFew(object) : duplicateAmongMany(object)
                    if let duplicate { return .duplicate(pointer: pointer(to: duplicate, from: root)) }
                }
                index += 1
            case TapeType.array:
                depth += 1
                if depth > depthMax { return .tooDeep }
                index += 1
            case TapeType.objectEnd, TapeType.arrayEnd:
                depth -= 1
                index += 1
            case TapeType.signed, TapeType.unsigned, TapeType.double:
                index += 2
            default:
                index += 1
            }
        }
        return nil
    }

    /// The tape index of the first name that stands there a second time.
    private static func duplicateAmongFew(_ object: JSONValue) -> Int? {
        // The temporary buffer has room for `fewMembers`, and the object has no more.
        unsafe withUnsafeTemporaryAllocation(of: NameHead.self, capacity: fewMembers) { (heads) -> Int? in
            var count = 0
            let end = object.end - 1
            var name = object.index + 1
            while name < end {
                let head = NameHead(object, at: name)
                for earlier in 0..<count where unsafe heads[earlier].bits == head.bits && heads[earlier].count == head.count {
                    if unsafe object.bytes(at: heads[earlier].index).equals(object.bytes(at: name)) { return name }
                }
                unsafe heads.initializeElement(at: count, to: head)
                count += 1
                name = unsafe JSONValue(tape: object.tape, strings: object.strings, index: name + 1).end
            }
            return nil
        }
    }

    /// The first eight bytes of a name and its length: most names differ there.
    private struct NameHead {
        let bits: UInt64
        let count: UInt32
        let index: Int

        @inline(__always)
        init(_ object: JSONValue, at index: Int) {
            let bytes = unsafe object.bytes(at: index)
            // The string buffer has eight readable bytes behind every name.
            let word = unsafe UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped).loadUnaligned(as: UInt64.self)
            bits = bytes.count >= 8 ? word : word & ((1 << UInt64(truncatingIfNeeded: 8 * bytes.count)) &- 1)
            count = UInt32(truncatingIfNeeded: bytes.count)
            self.index = index
        }
    }

    private static func duplicateAmongMany(_ object: JSONValue) -> Int? {
        var capacity = 64
        while capacity < 2 * object.count { capacity *= 2 }
        // Of each name the tape index (below 2^32, never 0) and half of its hash; 0 is free. At most half full, so probing ends.
        var table = [UInt64](repeating: 0, count: capacity)
        let end = object.end - 1
        var name = object.index + 1
        while name < end {
            let bytes = unsafe object.bytes(at: name)
            var hasher = Hasher()
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
            let hash = UInt64(truncatingIfNeeded: UInt(bitPattern: hasher.finalize()))
            var slot = Int(truncatingIfNeeded: hash) & (capacity - 1)
            while table[slot] != 0 {
                let earlier = Int(truncatingIfNeeded: table[slot] & 0xFFFF_FFFF)
                if table[slot] >> 32 == hash >> 32, unsafe object.bytes(at: earlier).equals(bytes) { return name }
                slot = (slot + 1) & (capacity - 1)
            }
            table[slot] = hash & ~0xFFFF_FFFF | UInt64(truncatingIfNeeded: name)
            name = unsafe JSONValue(tape: object.tape, strings: object.strings, index: name + 1).end
        }
        return nil
    }

    /// The JSON Pointer (RFC 6901) of the member whose name stands at an index of the tape.
    private static func pointer(to name: Int, from root: JSONValue) -> String {
        var pointer = ""
        var container = root
        while true {
            var next: JSONValue?
            var position = 0
            unsafe container.forEachMember { bytes, value in
                let nameIndex = value.index - 1
                guard nameIndex <= name, name < value.end else { return }
                unsafe append(bytes, to: &pointer)
                if nameIndex < name { next = value }
            }
            container.forEachElement { value in
                if value.index <= name, name < value.end {
                    pointer += "/\(position)"
                    next = value
                }
                position += 1
            }
            guard let inner = next else { return pointer }
            container = inner
        }
    }

    /// RFC 6901 §3: `~` is written `~0`, `/` is written `~1`.
    private static func append(_ name: UnsafeBufferPointer<UInt8>, to pointer: inout String) {
        var escaped: [UInt8] = [UInt8(ascii: "/")]
        for byte in unsafe Array(name) {
            switch byte {
            case UInt8(ascii: "~"): escaped.append(contentsOf: "~0".utf8)
            case UInt8(ascii: "/"): escaped.append(contentsOf: "~1".utf8)
            default: escaped.append(byte)
            }
        }
        pointer += String(decoding: escaped, as: UTF8.self)
    }
}
