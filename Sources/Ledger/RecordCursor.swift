import Routing

/// Writes the primitives of `RecordFormat`, one behind the other, into memory whose owner has made room for all of them.
@unsafe struct RecordCursor {
    typealias Chunk = SIMD32<UInt8>
    /// What may be written behind the last byte that counts.
    static let overrunBytes = Chunk.scalarCount

    private let origin: UnsafeMutablePointer<UInt8>
    private var next: UnsafeMutablePointer<UInt8>

    init(_ origin: UnsafeMutablePointer<UInt8>, at position: Int) {
        unsafe self.origin = unsafe origin
        unsafe next = unsafe origin + position
    }

    /// From the origin.
    var position: Int { unsafe next - origin }

    @inline(__always)
    mutating func byte(_ value: UInt8) {
        unsafe next.pointee = value
        unsafe next += 1
    }

    @inline(__always)
    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            unsafe byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        unsafe byte(UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    mutating func signed(_ value: Int64) { unsafe varint(UInt64(bitPattern: (value &<< 1) ^ (value &>> 63))) }

    @inline(__always)
    mutating func fixed<Integer: FixedWidthInteger>(_ value: Integer) {
        unsafe UnsafeMutableRawPointer(next).storeBytes(of: value.littleEndian, as: Integer.self)
        unsafe next += MemoryLayout<Integer>.size
    }

    @inline(__always)
    mutating func string(_ range: TextRange, _ text: UnsafeBufferPointer<UInt8>) {
        let count = Int(range.count)
        unsafe varint(UInt64(count))
        guard count > 0, let base = text.baseAddress else { return }
        let bytes = unsafe base + Int(range.start)
        if count <= Chunk.scalarCount, Int(range.start) + Chunk.scalarCount <= text.count {
            // Names are short: a whole chunk, of which what is behind the string is written over, costs less than a call that copies.
            let chunk = unsafe UnsafeRawPointer(bytes).loadUnaligned(as: Chunk.self)
            unsafe UnsafeMutableRawPointer(next).storeBytes(of: chunk, as: Chunk.self)
        } else {
            unsafe next.update(from: bytes, count: count)
        }
        unsafe next += count
    }

    mutating func string(_ name: Name) {
        var name = name.string
        name.withUTF8 { bytes in
            unsafe varint(UInt64(bytes.count))
            guard let base = bytes.baseAddress else { return }
            unsafe next.update(from: base, count: bytes.count)
            unsafe next += bytes.count
        }
    }

    @inline(__always)
    mutating func share(_ share: PackedShare) {
        unsafe varint(UInt64(share.code))
        if share.code == RecordFormat.Share.float { unsafe fixed(Float(share.value).bitPattern) }
        if share.code == RecordFormat.Share.double { unsafe fixed(share.value.bitPattern) }
    }

    @inline(__always)
    mutating func modifiers(_ modifiers: Modifiers) {
        unsafe varint(UInt64(modifiers.count))
        for index in 0..<2 * modifiers.count { unsafe byte(modifiers[byte: index]) }
    }

    /// Of the bytes from `first` to here, and behind them.
    mutating func checksum(from first: Int) {
        unsafe fixed(RecordFormat.checksum(UnsafeRawBufferPointer(start: origin + first, count: position - first)))
    }
}

/// A share, and the form that is the shortest for it.
struct PackedShare {
    /// Of a threshold: a policy applied, and no confidence is enough.
    static let never = PackedShare(code: RecordFormat.Share.never)

    let value: Double
    let code: UInt64

    private init(code: UInt64) {
        value = 0
        self.code = code
    }

    @inline(__always)
    init(_ value: Double?) {
        self.value = value ?? 0
        code = value.map(PackedShare.code) ?? RecordFormat.Share.null
    }

    @inline(__always)
    private static func code(_ value: Double) -> UInt64 {
        guard value >= 0, value <= 1 else { return RecordFormat.Share.double }
        // Signed and 32 bits wide: the conversion is one instruction.
        let scaled = Int32(value * RecordFormat.Share.scale + 0.5)
        if Double(scaled) / RecordFormat.Share.scale == value { return UInt64(UInt32(bitPattern: scaled)) }
        return Double(Float(value)) == value ? RecordFormat.Share.float : RecordFormat.Share.double
    }
}
