/// A text whose names and codes are asked for in the form that is compared.
///
/// 1. The whole text is copied once with its ASCII capitals made small, many bytes at a time: nearly all names are in canonical form then,
///    and stand where they stood.
/// 2. A name that is not (it has more than ASCII, or white space that is trimmed or runs on) and a code that has dots or spaces get their
///    forms behind the text.
public struct ComparedText: Sendable {
    private typealias Chunk = SIMD32<UInt8>

    /// What the ranges given point into.
    public private(set) var bytes: [UInt8] = []
    private var comparison = NameComparison.canonical
    /// Whether a name may need more than small letters.
    private var isPlain = true

    public init() {}

    public init(_ text: [UInt8], _ comparison: NameComparison = .canonical) { begin(text, comparison) }

    /// Takes another text, and keeps its memory.
    public mutating func begin(_ text: [UInt8], _ comparison: NameComparison = .canonical) {
        self.comparison = comparison
        bytes.removeAll(keepingCapacity: true)
        guard comparison == .canonical else {
            bytes.append(contentsOf: text)
            return
        }
        var isPlain = true
        // Room for the codes without their dots as well.
        bytes.reserveCapacity(2 * text.count)
        bytes.append(addingCapacity: text.count) { (out: inout OutputSpan<UInt8>) in
            // Safe: `out` has room for as many bytes as the text has, and all of them are written.
            unsafe text.withUnsafeBufferPointer { text in
                unsafe out.withUnsafeMutableBufferPointer { memory, count in
                    guard let start = text.baseAddress, let target = memory.baseAddress else { return }
                    isPlain = unsafe ComparedText.fold(start, to: target, count: text.count)
                    count = text.count
                }
            }
        }
        self.isPlain = isPlain
    }

    /// Where the compared form of a name stands.
    @inline(__always)
    public mutating func name(_ range: TextRange) -> Range<Int> {
        isPlain || comparison == .asWritten ? range.indices : lookedAt(range.indices)
    }

    /// Where the compared form of a code stands.
    @inline(__always)
    public mutating func code(_ range: TextRange) -> Range<Int> {
        if comparison == .asWritten { return range.indices }
        let indices = range.indices
        for index in indices {
            let byte = bytes[index]
            if byte == ComparedText.dot || byte == ComparedText.space || byte >= 0x80 { return closed(indices, from: index) }
        }
        return indices
    }

    /// Where the compared forms of an item's name or codes stand.
    @inline(__always)
    mutating func item(_ item: EngineResult.Item) -> (first: Range<Int>, second: Range<Int>) {
        item.kind == .field ? (name(item.first), 0..<0) : (code(item.first), code(item.second))
    }

    private static let dot = UInt8(ascii: ".")
    private static let space = UInt8(ascii: " ")

    /// A name of a text that is not plain.
    private mutating func lookedAt(_ indices: Range<Int>) -> Range<Int> {
        // A space in front counts as one behind another.
        var previous = ComparedText.space
        var isCanonical = true
        for index in indices {
            let byte = bytes[index]
            if byte >= 0x80 || (byte == ComparedText.space && previous == ComparedText.space) {
                isCanonical = false
                break
            }
            previous = byte
        }
        if isCanonical, previous != ComparedText.space { return indices }
        return append(CanonicalForm.ofName(bytes[indices]))
    }

    /// A code without dots and spaces, of which the first stands at `first`.
    private mutating func closed(_ indices: Range<Int>, from first: Int) -> Range<Int> {
        for index in first..<indices.upperBound where bytes[index] >= 0x80 { return append(CanonicalForm.ofCode(bytes[indices])) }
        let start = bytes.count
        for index in indices {
            let byte = bytes[index]
            if byte != ComparedText.dot, byte != ComparedText.space { bytes.append(byte) }
        }
        return start..<bytes.count
    }

    private mutating func append(_ form: [UInt8]) -> Range<Int> {
        let start = bytes.count
        bytes.append(contentsOf: form)
        return start..<bytes.count
    }

    /// Makes ASCII capitals small; whether there is neither a space nor anything but ASCII.
    // Safe: both have room for `count` bytes, and no chunk goes beyond it.
    private static func fold(_ start: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, count: Int) -> Bool {
        var other = Chunk()
        var at = 0
        while at + Chunk.scalarCount <= count {
            let chunk = unsafe UnsafeRawPointer(start + at).loadUnaligned(as: Chunk.self)
            let isCapital = unsafe unsafeBitCast((chunk &- UInt8(ascii: "A")) .< 26, to: Chunk.self)
            unsafe UnsafeMutableRawPointer(target + at).storeBytes(of: chunk | (isCapital & 0x20), as: Chunk.self)
            let isSpace = unsafe unsafeBitCast(chunk .== space, to: Chunk.self)
            other |= chunk | isSpace
            at += Chunk.scalarCount
        }
        var rest: UInt8 = 0
        while at < count {
            let byte = unsafe start[at]
            unsafe target[at] = byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
            rest |= byte | (byte == space ? 0x80 : 0)
            at += 1
        }
        return (other & 0x80) == Chunk() && rest < 0x80
    }
}
