/// Writes JSON into memory whose size is bounded beforehand: for answers on the hot path, where `JSONWriter`'s question for room at every
/// piece would cost more than the piece. Commas and nesting are the caller's.
///
/// Safe: every write checks that it ends before the memory does, so a bound that is too small is a trap and never a stray byte.
@safe
public struct JSONOutput: ~Copyable {
    /// No number takes more bytes: 17 digits, a sign, a point and an exponent, or 21 digits and a sign.
    public static let numberBytesMax = 32
    /// What a byte of a string may become: `\u00XX`.
    public static let escapedBytesMax = 6

    @usableFromInline var next: UnsafeMutablePointer<UInt8>
    @usableFromInline let end: UnsafeMutablePointer<UInt8>
    @usableFromInline let needsNoEscapes: Bool

    @usableFromInline
    init(_ memory: UnsafeMutableBufferPointer<UInt8>, needsNoEscapes: Bool) {
        // An array's memory for at least one byte has an address.
        let start = unsafe memory.baseAddress.unsafelyUnwrapped
        unsafe next = start
        unsafe end = start + memory.count
        self.needsNoEscapes = needsNoEscapes
    }

    /// Whether no byte of a text needs an escape, by which all of its parts are written faster.
    public static func needsNoEscapes(_ text: [UInt8]) -> Bool {
        unsafe text.withUnsafeBufferPointer { unsafe JSONEscapes.areNone(in: $0) }
    }

    /// What `write` writes.
    /// - Parameters:
    ///   - bytesMax: how much that is at most, at least 1.
    ///   - needsNoEscapes: no string given to `string` needs one.
    @inlinable
    public static func bytes(upTo bytesMax: Int, needsNoEscapes: Bool, _ write: (inout JSONOutput) -> Void) -> [UInt8] {
        var bytes: [UInt8] = []
        append(upTo: bytesMax, needsNoEscapes: needsNoEscapes, to: &bytes, write)
        return bytes
    }

    /// Appends what `write` writes; parameters as those of `bytes`.
    @inlinable
    public static func append(
        upTo bytesMax: Int, needsNoEscapes: Bool, to bytes: inout [UInt8], _ write: (inout JSONOutput) -> Void
    ) {
        precondition(bytesMax > 0)
        // An array that makes room costs a sixth of one that is made with room: the latter looks up its type each time.
        bytes.append(addingCapacity: bytesMax) { (out: inout OutputSpan<UInt8>) in
            unsafe out.withUnsafeMutableBufferPointer { memory, count in
                var output = unsafe JSONOutput(memory, needsNoEscapes: needsNoEscapes)
                write(&output)
                count = unsafe output.next - memory.baseAddress.unsafelyUnwrapped
            }
        }
    }

    /// Room for `bytesMax` bytes of ASCII, of which `write` fills the first so many as it likes; they are taken as they are.
    @inlinable @inline(__always)
    public mutating func ascii(upTo bytesMax: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        unsafe precondition(end - next >= bytesMax)
        var out = unsafe OutputSpan(buffer: UnsafeMutableBufferPointer(start: next, count: bytesMax), initializedCount: 0)
        write(&out)
        unsafe next += out.finalize(for: UnsafeMutableBufferPointer(start: next, count: bytesMax))
    }

    /// ASCII that is taken as it is.
    @inlinable @inline(__always)
    public mutating func literal(_ text: StaticString) {
        unsafe copy(text.utf8Start, text.utf8CodeUnitCount)
    }

    /// JSON already rendered.
    @inlinable @inline(__always)
    public mutating func raw(_ json: UnsafeBufferPointer<UInt8>) {
        if let start = json.baseAddress { unsafe copy(start, json.count) }
    }

    /// JSON already rendered.
    @inlinable @inline(__always)
    public mutating func raw(_ json: [UInt8]) {
        unsafe json.withUnsafeBufferPointer { unsafe raw($0) }
    }

    /// UTF-8 in quotes, escaped as needed.
    @inlinable @inline(__always)
    public mutating func string(_ text: UnsafeBufferPointer<UInt8>) {
        byte(UInt8(ascii: "\""))
        unsafe content(text)
        byte(UInt8(ascii: "\""))
    }

    /// A part of a string, escaped as needed, without quotes.
    @inlinable @inline(__always)
    public mutating func content(_ text: UnsafeBufferPointer<UInt8>) {
        if needsNoEscapes { unsafe raw(text) } else { unsafe escaped(text) }
    }

    @inlinable @inline(__always)
    public mutating func byte(_ byte: UInt8) {
        unsafe precondition(next < end)
        unsafe next.pointee = byte
        unsafe next += 1
    }

    /// As `JSONWriter.double`.
    @inlinable @inline(__always)
    public mutating func number(_ value: Double) {
        let scaled = value * 1e4
        if scaled >= 0, scaled < 1e4 {
            let digits = Int32(scaled + 0.5)
            // One correctly rounded division of integers: if it gives the value, these are its shortest digits.
            if Double(digits) / 1e4 == value, digits < 10_000 { return fraction(UInt32(digits)) }
        }
        anyNumber(value)
    }

    @inlinable
    public mutating func integer(_ value: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            byte(UInt8(truncatingIfNeeded: 48 + value / divisor % 10))
            divisor /= 10
        }
    }

    /// `digits` / 10^4, below 1, without trailing zeros.
    @inlinable @inline(__always)
    mutating func fraction(_ digits: UInt32) {
        unsafe precondition(end - next >= 6)
        unsafe next[0] = UInt8(ascii: "0")
        if digits == 0 {
            unsafe next += 1
            return
        }
        unsafe next[1] = UInt8(ascii: ".")
        let (high, low) = (digits / 100, digits % 100)
        unsafe next[2] = UInt8(truncatingIfNeeded: 48 + high / 10)
        unsafe next[3] = UInt8(truncatingIfNeeded: 48 + high % 10)
        unsafe next[4] = UInt8(truncatingIfNeeded: 48 + low / 10)
        unsafe next[5] = UInt8(truncatingIfNeeded: 48 + low % 10)
        let zeros =
            if low == 0 { high % 10 == 0 ? 3 : 2 } else { low % 10 == 0 ? 1 : 0 }
        unsafe next += 6 - zeros
    }

    @inlinable @inline(__always)
    mutating func copy(_ source: UnsafePointer<UInt8>, _ count: Int) {
        unsafe precondition(end - next >= count)
        unsafe next.update(from: source, count: count)
        unsafe next += count
    }

    @usableFromInline
    mutating func anyNumber(_ value: Double) {
        var text: [UInt8] = []
        text.appendShortest(value)
        raw(text)
    }

    @usableFromInline
    mutating func escaped(_ text: UnsafeBufferPointer<UInt8>) {
        if unsafe JSONEscapes.areNone(in: text) { return unsafe raw(text) }
        var bytes: [UInt8] = []
        unsafe JSONEscapes.append(text, to: &bytes)
        raw(bytes)
    }
}
