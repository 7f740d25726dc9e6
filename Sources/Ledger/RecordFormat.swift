/// The log's record of one decision: everything it was made from and everything that was answered, without values.
///
/// Version 1. `string` is a varint length and that many bytes of UTF-8; integers are little-endian base-128 varints, signed ones zigzag;
/// a `share` is a number with a short form (below).
///
///     byte    version (1)
///     byte    presence: population 1, payer 2, serviceDate 4, receivedAt 8, engineName 16, engineVersion 32, sections 64, policy 128
///     byte    route (bits 0–1), qualityAssurance 4, weakestItem present 8, the policy is that of the document type itself 16
///     string  documentType
///     string  documentId
///     string  population, payer                  (where present)
///     signed  serviceDate, in days since 1970    (where present)
///     signed  receivedAt, in milliseconds        (where present)
///     string  engineName, engineVersion          (where present)
///     varint  count of sections, a string each   (where present)
///     string  the policy's document type         (where present, unless that of the document itself)
///     signed  the policy's version               (where present)
///     share   confidence
///     varint  weakestItem                        (where present)
///     varint  count of the decision's reasons; each a byte (0 missing field, 1 missing section, 2 unknown document type, 3 suspended),
///             and for the first two a string
///     u64     audit hash
///     u64     audit salt id
///     share   audit sample rate
///     varint  count of items; of each
///       byte    kind (bits 0–1), isEmpty 4, accepted 8, threshold source (bits 4–5), has reasons 64; 128 is reserved for a format verdict
///       string  field name or procedure; of a pair also the diagnosis
///       share   confidence
///       share   threshold
///       signed  rule index + 1
///       byte    reasons (where it has any)
///     u32     checksum of all bytes before it
///
/// A share is a varint: k in 0…10,000 is exactly k/10,000; 10,001 is followed by the eight bytes of a double; 10,002 is null; 10,003 is
/// followed by the four bytes of a float that is exactly the number. The shortest form that gives the same number is the one written.
enum RecordFormat {
    static let version: UInt8 = 1

    enum Presence {
        static let population: UInt8 = 1
        static let payer: UInt8 = 2
        static let serviceDate: UInt8 = 4
        static let receivedAt: UInt8 = 8
        static let engineName: UInt8 = 16
        static let engineVersion: UInt8 = 32
        static let sections: UInt8 = 64
        static let policy: UInt8 = 128
    }

    enum Outcome {
        static let routeMask: UInt8 = 3
        static let qualityAssurance: UInt8 = 4
        static let weakestItem: UInt8 = 8
        static let ownPolicy: UInt8 = 16
        static let all: UInt8 = 31
    }

    enum Item {
        static let kindMask: UInt8 = 3
        static let field: UInt8 = 0
        static let isEmpty: UInt8 = 4
        static let accepted: UInt8 = 8
        static let sourceShift: UInt8 = 4
        static let reasons: UInt8 = 64
        static let reserved: UInt8 = 128
    }

    enum Reason {
        static let missingRequiredField: UInt8 = 0
        static let missingRequiredSection: UInt8 = 1
        static let unknownDocumentType: UInt8 = 2
        static let suspended: UInt8 = 3
    }

    enum Share {
        static let scale = 10_000.0
        static let double: UInt64 = 10_001
        static let null: UInt64 = 10_002
        static let float: UInt64 = 10_003
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
    /// Of an item, without its strings: head, two lengths, two shares, the rule's index, reasons.
    static let itemBytesMax = 1 + 2 * 5 + 2 * Share.bytesMax + varintBytesMax + 1

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
