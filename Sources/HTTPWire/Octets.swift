/// Classes of bytes, named as the grammars name them.
extension UInt8 {
    static var tab: UInt8 { 0x09 }
    static var lineFeed: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    static var space: UInt8 { 0x20 }

    /// CTL (RFC 5234): no field line may hold one, but for the tab.
    @inline(__always) var isControl: Bool { self < 0x20 && self != 0x09 || self == 0x7F }

    /// OWS (RFC 9110 §5.6.3).
    @inline(__always) var isBlank: Bool { self == 0x20 || self == 0x09 }

    @inline(__always) var isDigit: Bool { self &- 0x30 < 10 }

    @inline(__always) var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }

    /// The value of a hexadecimal digit, nil for another byte.
    @inline(__always) var hexValue: UInt8? {
        if isDigit { return self &- 0x30 }
        let letter = (self | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }

    /// ASCII letters in lower case, other bytes as they are.
    @inline(__always) var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    /// tchar (RFC 9110 §5.6.2).
    @inline(__always) var isTokenByte: Bool { ByteSet.token.contains(self) }

    /// unreserved or sub-delims (RFC 3986 §2.2, §2.3): what a registered name may hold besides percent-encoded bytes.
    @inline(__always) var isNameByte: Bool { ByteSet.name.contains(self) }

    /// pchar, "/" and "?" (RFC 3986 §3.3, §3.4), without the percent sign.
    @inline(__always) var isTargetByte: Bool { ByteSet.target.contains(self) }
}

/// A set of ASCII bytes in two words: membership costs a shift and a mask.
struct ByteSet {
    let low: UInt64
    let high: UInt64

    @inline(__always) init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    @inline(__always) func contains(_ byte: UInt8) -> Bool {
        let word = byte < 64 ? low : high
        return byte < 128 && (word >> UInt64(byte & 63)) & 1 == 1
    }

    /// Digits, letters and !#$%&'*+-.^_`|~
    @inline(__always) static var token: ByteSet { ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE) }
    /// Digits, letters and -._~!$&'()*+;=
    @inline(__always) static var name: ByteSet { ByteSet(low: 0x2BFF_6FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }
    /// Digits, letters and -._~!$&'()*+,;=:@/?
    @inline(__always) static var target: ByteSet { ByteSet(low: 0xAFFF_FFD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFF) }
}

extension Span<UInt8> {
    /// Whether the bytes of `range` are `word` (lower-case ASCII), in any case.
    func holds(_ word: StaticString, at range: Range<Int>) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        // Safe: a StaticString's bytes live as long as the program, and the lengths are equal.
        return word.withUTF8Buffer { wanted in
            for index in 0..<wanted.count {
                guard unsafe self[range.lowerBound + index].lowercased == wanted[index] else { return false }
            }
            return true
        }
    }

    /// The first control character (but a tab) in `range`, or its end. Eight bytes at a time: a head is mostly lines without any.
    func firstControl(in range: Range<Int>) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range of the span")
        let (ones, tops): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        // Safe: all reads lie within the range, which was checked.
        return unsafe withUnsafeBytes { bytes in
            var index = range.lowerBound
            while range.upperBound - index >= 8 {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                let deletes = word ^ (ones &* 0x7F)
                // A top bit for a byte below 0x20 (a tab too) or equal to 0x7F; above the first such byte there may be others.
                let found = ((word &- ones &* 0x20) & ~word | (deletes &- ones) & ~deletes) & tops
                if found != 0 {
                    for offset in index..<index + 8 where unsafe bytes[offset].isControl { return offset }
                }
                index += 8
            }
            while index < range.upperBound, unsafe !bytes[index].isControl { index += 1 }
            return index
        }
    }

    /// `range` without the blanks at its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high, self[low].isBlank { low += 1 }
        while high > low, self[high - 1].isBlank { high -= 1 }
        return low..<high
    }

    func isToken(_ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        for index in range where !self[index].isTokenByte { return false }
        return true
    }

    /// A copy of the bytes of `range`.
    func copy(_ range: Range<Int>) -> [UInt8] {
        // Safe: the buffer is read during the call only, and slicing checks the bounds.
        unsafe extracting(range).withUnsafeBufferPointer { unsafe Array($0) }
    }
}

extension [UInt8] {
    mutating func append(_ text: StaticString) {
        // Safe: a StaticString's bytes live as long as the program.
        text.withUTF8Buffer { unsafe append(contentsOf: $0) }
    }

    /// Decimal digits, no sign.
    mutating func append(decimal number: Int) {
        if number >= 10 { append(decimal: number / 10) }
        append(UInt8(truncatingIfNeeded: 0x30 + number % 10))
    }

    mutating func append(hexadecimal number: Int) {
        if number >= 16 { append(hexadecimal: number >> 4) }
        let digit = UInt8(truncatingIfNeeded: number & 15)
        append(digit < 10 ? 0x30 + digit : 0x57 + digit)
    }
}
