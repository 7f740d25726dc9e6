import Routing

/// The log's record of one decision: everything it was made from and everything that was answered, without values.
///
/// Version 2 is what is written. `string` is a varint length and that many bytes of UTF-8; integers are little-endian base-128 varints,
/// signed ones zigzag; a `share` is a number with a short form (below).
///
///     byte    version (2)
///     varint  flags: `Flags`, the route in the lowest two bits
///     string  documentType
///     string  documentId
///     string  population, payer                  (where the flags say so, as all that follows with "where")
///     signed  serviceDate, in days since 1970    (where)
///     signed  receivedAt, in milliseconds        (where)
///     string  engineName, engineVersion          (where)
///     varint  count of sections, a string each   (where)
///     string  the policy's document type         (where there is a policy, unless it is that of the document itself)
///     signed  the policy's version               (where)
///     share   confidence
///     varint  weakestItem                        (where)
///     varint  count of the decision's reasons    (where); each a varint (`Reason`), of what is missing also a string
///     u64     audit hash
///     u64     audit salt id
///     share   audit sample rate
///     varint  count of items; of each
///       varint  head: `Item`, the kind in the lowest two bits, the threshold's source in bits 4–5
///       string  field name or procedure; of a pair also the diagnosis
///       varint  count of modifiers, two bytes each (where the head says so)
///       varint  line                               (where the head says so)
///       share   confidence
///       share   threshold
///       signed  rule index + 1
///       varint  reasons, as the bits of `ItemReasons` (where the head says so)
///     u32     checksum of all bytes before it
///
/// A share is a varint: k in 0…10,000 is exactly k/10,000; 10,001 is followed by the eight bytes of a double; 10,002 is null; 10,003 is
/// followed by the four bytes of a float that is exactly the number; 10,004 is, of a threshold alone, "never": a policy applied and no
/// confidence is enough. The shortest form that gives the same number is the one written.
///
/// What comes later (a model and what it made of the confidences, the verdicts of formats, the generation in force) takes the next bits of
/// the flags or of an item's head, its bytes standing behind what is there: records without these bits keep their meaning. A bit, a reason
/// or a form of a share that the reader does not know is damage to it, never passed over.
///
/// Version 1, which is read for ever, differs in this: in place of the flags a byte of presence (population 1, payer 2, serviceDate 4,
/// receivedAt 8, engineName 16, engineVersion 32, sections 64, policy 128) and a byte of outcome (route, qualityAssurance 4, weakestItem 8,
/// own policy 16); the reasons' count is always there; a reason, an item's head and its reasons are bytes; there are no modifiers, lines
/// and "never". Its names compared byte by byte (`NameComparison`).
enum RecordFormat {
    static let version: UInt8 = 2
    static let firstVersion: UInt8 = 1

    /// The flags of a record, those that most records have within the two bytes of a short varint.
    enum Flags {
        static let routeMask: UInt64 = 3
        static let qualityAssurance: UInt64 = 1 << 2
        static let weakestItem: UInt64 = 1 << 3
        /// The policy is that of the document type itself.
        static let ownPolicy: UInt64 = 1 << 4
        static let policy: UInt64 = 1 << 5
        static let population: UInt64 = 1 << 6
        static let payer: UInt64 = 1 << 7
        static let serviceDate: UInt64 = 1 << 8
        static let receivedAt: UInt64 = 1 << 9
        static let engineName: UInt64 = 1 << 10
        static let engineVersion: UInt64 = 1 << 11
        static let sections: UInt64 = 1 << 12
        static let reasons: UInt64 = 1 << 13
        static let all: UInt64 = (1 << 14) - 1

        /// Of version 1: presence shows six members in the same order from `population` on, then the policy; the outcome's bits are as they are.
        static func ofVersion1(presence: UInt8, outcome: UInt8) -> UInt64 {
            UInt64(outcome) | UInt64(presence & 0x7F) << 6 | (presence & 0x80 == 0 ? 0 : policy) | reasons
        }

        /// All bits that an outcome of version 1 has.
        static let outcomeOfVersion1: UInt8 = 31
    }

    enum Item {
        static let kindMask: UInt64 = 3
        static let field: UInt64 = 0
        static let isEmpty: UInt64 = 1 << 2
        static let accepted: UInt64 = 1 << 3
        static let sourceShift: UInt64 = 4
        static let reasons: UInt64 = 1 << 6
        static let modifiers: UInt64 = 1 << 7
        static let line: UInt64 = 1 << 8
        static let all: UInt64 = (1 << 9) - 1
        static let allOfVersion1: UInt64 = (1 << 7) - 1
    }

    /// 5 and 6 are kept for below-model-threshold and uncertified-population.
    enum Reason {
        static let missingRequiredField: UInt64 = 0
        static let missingRequiredSection: UInt64 = 1
        static let unknownDocumentType: UInt64 = 2
        static let suspended: UInt64 = 3
        static let nothingRead: UInt64 = 4
        static let lastOfVersion1 = suspended
    }

    enum Share {
        static let scale = 10_000.0
        static let double: UInt64 = 10_001
        static let null: UInt64 = 10_002
        static let float: UInt64 = 10_003
        static let never: UInt64 = 10_004
        /// A two-byte varint and a double.
        static let bytesMax = 10
    }

    static let checksumBytes = 4
    /// Of a decision's id, which is in its card.
    static let idBytes = 16
    /// Of a 64-bit varint.
    static let varintBytesMax = 10
    /// Everything but strings, sections, reasons and items, generously.
    static let headBytesMax = 192
    /// Of an item, without its strings: head, two lengths, modifiers, line, two shares, the rule's index, reasons.
    static let itemBytesMax = 2 + 2 * 5 + 1 + 2 * Modifiers.countMax + 2 + 2 * Share.bytesMax + varintBytesMax + 5

    /// Mixes the bytes, eight at a time, into four states in turn (a processor works on them at once), and those into one. Every step is a
    /// bijection of the state it changes, so two records of one length that differ within one eight-byte word always differ in the last
    /// 64-bit state, of which 32 bits are kept.
    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let seed = UInt64(truncatingIfNeeded: bytes.count) &* multiplier
        var (a, b, c, d) = (seed, seed, seed, seed)
        var position = 0
        while position + 32 <= bytes.count {
            a = unsafe mixed(a, word(bytes, position))
            b = unsafe mixed(b, word(bytes, position + 8))
            c = unsafe mixed(c, word(bytes, position + 16))
            d = unsafe mixed(d, word(bytes, position + 24))
            position += 32
        }
        var state = mixed(mixed(mixed(a, b), c), d)
        while position + 8 <= bytes.count {
            state = unsafe mixed(state, word(bytes, position))
            position += 8
        }
        var rest: UInt64 = 0
        while position < bytes.count {
            rest = rest &<< 8 | UInt64(unsafe bytes[position])
            position += 1
        }
        return UInt32(truncatingIfNeeded: (mixed(state, rest) &* multiplier) &>> 32)
    }

    private static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

    @inline(__always)
    private static func mixed(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let product = (state ^ word) &* multiplier
        return product ^ product &>> 32
    }

    // Safe: the caller has checked that eight bytes from `position` are within the buffer.
    @inline(__always)
    @unsafe private static func word(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> UInt64 {
        unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }
}
