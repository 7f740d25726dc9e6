/// Appends JSON to bytes. Commas are its own affair; nesting is the caller's.
///
/// A comma goes before a value or member unless the byte before is one after which none may stand: `{`, `[`, `:`, a newline
/// (documents of NDJSON), or nothing at all. No value ends in such a byte, so the last byte written is all the state there is.
public struct JSONWriter {
    public var bytes: [UInt8]

    public init(reserving capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    @inlinable public mutating func beginObject() { token(UInt8(ascii: "{")) }
    @inlinable public mutating func endObject() { bytes.append(UInt8(ascii: "}")) }
    @inlinable public mutating func beginArray() { token(UInt8(ascii: "[")) }
    @inlinable public mutating func endArray() { bytes.append(UInt8(ascii: "]")) }

    /// A member's name; a plain ASCII literal that needs no escaping.
    @inlinable public mutating func key(_ name: StaticString) {
        unsafe plain(name.utf8Start, name.utf8CodeUnitCount, colon: true)
    }

    /// Any member's name, escaped as needed. (Disfavoured: else a literal would be taken for a `String`, at five times the cost.)
    @_disfavoredOverload
    public mutating func key(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Any text, escaped as needed. (Disfavoured as `key` is.)
    @_disfavoredOverload
    public mutating func string(_ value: String) {
        var value = value
        value.withUTF8 { unsafe quoted($0) }
    }

    /// UTF-8 bytes, escaped as needed (`"`, `\`, controls; RFC 8259 §7).
    @inlinable public mutating func string(utf8 bytes: some Collection<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable { unsafe quoted($0) }
        if done == nil { unsafe Array(bytes).withUnsafeBufferPointer { unsafe quoted($0) } }
    }

    /// A plain ASCII literal that needs no escaping.
    @inlinable public mutating func string(_ value: StaticString) {
        unsafe plain(value.utf8Start, value.utf8CodeUnitCount, colon: false)
    }

    public mutating func int(_ value: Int64) {
        separate()
        bytes.appendDecimal(value)
    }

    /// The shortest digits that read back as the same double; integers without a fraction (`1`, not `1.0`), zero without a sign.
    /// Written as ECMAScript does (RFC 8785 §3.2.2.3): an exponent only below 1e-6 and from 1e21. NaN and infinities, which JSON
    /// cannot say, become null.
    public mutating func double(_ value: Double) {
        separate()
        bytes.appendShortest(value)
    }

    public mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: value ? "true".utf8 : "false".utf8)
    }

    public mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// JSON already rendered: one value, with no white space behind it.
    public mutating func raw(_ json: [UInt8]) {
        let comma = needsComma
        // At most a comma and the value are written, and as many are added.
        unsafe json.withUnsafeBufferPointer { json in
            unsafe bytes.append(upTo: json.count + 1) { out in
                if comma { unsafe out[0] = UInt8(ascii: ",") }
                let start = comma ? 1 : 0
                if let source = json.baseAddress { unsafe (out + start).update(from: source, count: json.count) }
                return start + json.count
            }
        }
    }
}

extension JSONWriter {
    @inlinable @inline(__always)
    var needsComma: Bool {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"), UInt8(ascii: "\n"): false
        default: true
        }
    }

    @inlinable @inline(__always)
    mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    @usableFromInline
    mutating func token(_ byte: UInt8) {
        separate()
        bytes.append(byte)
    }

    /// Bytes that need no escape, in quotes.
    @usableFromInline
    mutating func plain(_ start: UnsafePointer<UInt8>, _ count: Int, colon: Bool) {
        let comma = needsComma
        // At most `count` bytes, two quotes, a comma and a colon are written, and as many are added.
        unsafe bytes.append(upTo: count + 4) { out in
            var at = 0
            if comma { unsafe Self.put(UInt8(ascii: ","), out, &at) }
            unsafe Self.put(UInt8(ascii: "\""), out, &at)
            unsafe (out + at).update(from: start, count: count)
            at += count
            unsafe Self.put(UInt8(ascii: "\""), out, &at)
            if colon { unsafe Self.put(UInt8(ascii: ":"), out, &at) }
            return at
        }
    }

    @inline(__always)
    private static func put(_ byte: UInt8, _ out: UnsafeMutablePointer<UInt8>, _ at: inout Int) {
        unsafe out[at] = byte
        at += 1
    }

    @usableFromInline
    mutating func quoted(_ text: UnsafeBufferPointer<UInt8>) {
        if let start = text.baseAddress, unsafe JSONEscapes.areNone(in: text) {
            return unsafe plain(start, text.count, colon: false)
        }
        separate()
        bytes.append(UInt8(ascii: "\""))
        unsafe JSONEscapes.append(text, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }
}
