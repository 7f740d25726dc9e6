/// A value on the parser's tape; valid only inside `JSONParser.parse`'s closure. Costs no allocation.
///
/// The tape (simdjson, doc/tape.md) is one run of 64-bit words in document order: the kind in the top byte, below it a payload.
/// Of a container the payload's low 32 bits are the index behind its end, the next 24 its count, saturated; of a string it is the offset
/// in the string buffer of a 32-bit length and the bytes; a number's bits are the word that follows.
///
/// Safe as long as the closure that got it runs: the pointers are the parser's own, every index comes from the tape itself,
/// which simdjson made whole, and no value is made in any other way.
@safe
public struct JSONValue {
    public enum Kind: Sendable { case object, array, string, number, bool, null }

    @usableFromInline let tape: UnsafePointer<UInt64>
    @usableFromInline let strings: UnsafePointer<UInt8>
    @usableFromInline let index: Int

    @inlinable @inline(__always)
    init(tape: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>, index: Int) {
        unsafe self.tape = unsafe tape
        unsafe self.strings = unsafe strings
        self.index = index
    }

    @inlinable public var kind: Kind {
        switch type {
        case TapeType.object: .object
        case TapeType.array: .array
        case TapeType.string: .string
        case TapeType.true, TapeType.false: .bool
        case TapeType.null: .null
        default: .number
        }
    }

    @inlinable public var isNull: Bool { type == TapeType.null }

    @inlinable public var bool: Bool? {
        switch type {
        case TapeType.true: true
        case TapeType.false: false
        default: nil
        }
    }

    /// Any number, as the nearest double.
    @inlinable public var double: Double? {
        switch type {
        case TapeType.double: Double(bitPattern: word(index + 1))
        case TapeType.signed: Double(Int64(bitPattern: word(index + 1)))
        case TapeType.unsigned: Double(word(index + 1))
        default: nil
        }
    }

    /// A number written as an integer that fits.
    @inlinable public var int: Int64? {
        type == TapeType.signed ? Int64(bitPattern: word(index + 1)) : nil
    }

    /// Unescaped UTF-8 of a string; nil for another kind. The pointer is valid as long as the value.
    @inlinable public var stringBytes: UnsafeBufferPointer<UInt8>? {
        unsafe type == TapeType.string ? bytes(at: index) : nil
    }

    public var string: String? {
        unsafe stringBytes.map { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// Elements of an array or members of an object.
    public var count: Int {
        guard type == TapeType.object || type == TapeType.array else { return 0 }
        let count = Int(truncatingIfNeeded: word(index) >> 32 & 0xFF_FFFF)
        guard count == 0xFF_FFFF else { return count }
        var exact = 0
        forEachElement { _ in exact += 1 }
        unsafe forEachMember { _, _ in exact += 1 }
        return exact
    }

    /// The members of an object in order; nothing for another kind.
    @inlinable @inline(__always)
    public func forEachMember(_ body: (_ name: UnsafeBufferPointer<UInt8>, _ value: JSONValue) throws -> Void) rethrows {
        guard type == TapeType.object else { return }
        let end = self.end - 1
        var name = index + 1
        while name < end {
            let value = unsafe JSONValue(tape: tape, strings: strings, index: name + 1)
            try unsafe body(bytes(at: name), value)
            name = value.end
        }
    }

    /// The elements of an array in order; nothing for another kind.
    @inlinable @inline(__always)
    public func forEachElement(_ body: (JSONValue) throws -> Void) rethrows {
        guard type == TapeType.array else { return }
        let end = self.end - 1
        var element = index + 1
        while element < end {
            let value = unsafe JSONValue(tape: tape, strings: strings, index: element)
            try body(value)
            element = value.end
        }
    }

    /// The member of that name; nil when absent or not an object. Linear: for cold paths.
    public subscript(_ name: StaticString) -> JSONValue? {
        guard type == TapeType.object else { return nil }
        let end = self.end - 1
        var at = index + 1
        while at < end {
            let value = unsafe JSONValue(tape: tape, strings: strings, index: at + 1)
            if unsafe bytes(at: at).equals(name) { return value }
            at = value.end
        }
        return nil
    }
}

/// The words of the tape.
extension JSONValue {
    @inlinable @inline(__always)
    func word(_ index: Int) -> UInt64 { unsafe tape[index] }

    @inlinable @inline(__always)
    var type: UInt8 { UInt8(truncatingIfNeeded: word(index) >> 56) }

    /// The index behind the value.
    @inlinable @inline(__always)
    var end: Int {
        switch type {
        case TapeType.object, TapeType.array: Int(truncatingIfNeeded: word(index) & 0xFFFF_FFFF)
        case TapeType.signed, TapeType.unsigned, TapeType.double: index + 2
        default: index + 1
        }
    }

    /// The string at an index of the tape that holds one.
    @inlinable @inline(__always)
    func bytes(at index: Int) -> UnsafeBufferPointer<UInt8> {
        let start = unsafe strings + Int(truncatingIfNeeded: word(index) & 0x00FF_FFFF_FFFF_FFFF)
        let count = unsafe UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
        return unsafe UnsafeBufferPointer(start: start + 4, count: Int(count))
    }
}

/// The top bytes of the tape's words.
@usableFromInline
enum TapeType {
    @inlinable @inline(__always) static var object: UInt8 { UInt8(ascii: "{") }
    @inlinable @inline(__always) static var objectEnd: UInt8 { UInt8(ascii: "}") }
    @inlinable @inline(__always) static var array: UInt8 { UInt8(ascii: "[") }
    @inlinable @inline(__always) static var arrayEnd: UInt8 { UInt8(ascii: "]") }
    @inlinable @inline(__always) static var string: UInt8 { UInt8(ascii: "\"") }
    @inlinable @inline(__always) static var signed: UInt8 { UInt8(ascii: "l") }
    @inlinable @inline(__always) static var unsigned: UInt8 { UInt8(ascii: "u") }
    @inlinable @inline(__always) static var double: UInt8 { UInt8(ascii: "d") }
    @inlinable @inline(__always) static var `true`: UInt8 { UInt8(ascii: "t") }
    @inlinable @inline(__always) static var `false`: UInt8 { UInt8(ascii: "f") }
    @inlinable @inline(__always) static var null: UInt8 { UInt8(ascii: "n") }
}
