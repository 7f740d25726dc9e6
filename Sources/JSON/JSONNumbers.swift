/// Numbers in decimal, appended to bytes.
extension [UInt8] {
    /// An integer.
    mutating func appendDecimal(_ value: Int64) {
        let negative = value < 0
        let magnitude = value.magnitude
        // A sign and at most 19 digits.
        unsafe append(upTo: 20) { out in
            if negative { unsafe out[0] = UInt8(ascii: "-") }
            let start = negative ? 1 : 0
            let count = magnitude.digitCount
            unsafe magnitude.write(count, digitsTo: out + start)
            return start + count
        }
    }

    /// The shortest decimal that reads back as the same double; null for what JSON cannot say.
    mutating func appendShortest(_ value: Double) {
        let magnitude = value.magnitude
        if magnitude < 1e15 {
            // A decimal of at most 15 significant digits comes back unchanged from a double, so if one of them reads back as
            // `value` no shorter one does. Dividing an exact integer by an exact power of ten rounds once, as reading does.
            if let digits = magnitude.exactly(times: 1e6) { return appendFraction(digits, places: 6, isNegative: value < 0) }
            if magnitude >= 1e-6, magnitude < 1, let digits = magnitude.exactly(times: 1e15) {
                return appendFraction(digits, places: 15, isNegative: value < 0)
            }
        }
        guard value.isFinite else { return append(contentsOf: "null".utf8) }
        appendDescribed(value)
    }

    /// `digits` / 10^`places` without trailing zeros; at most 15 digits, places of 6 or 15.
    private mutating func appendFraction(_ digits: UInt64, places: Int, isNegative: Bool) {
        let scale: UInt64 = places == 6 ? 1_000_000 : 1_000_000_000_000_000
        let (whole, rest) = digits.quotientAndRemainder(dividingBy: scale)
        var fraction = rest
        var width = places
        if fraction == 0 { width = 0 }
        while width > 0, fraction % 10 == 0 {
            fraction /= 10
            width -= 1
        }
        // A sign, at most 16 digits and a point.
        unsafe append(upTo: 40) { out in
            var at = 0
            if isNegative {
                unsafe out[0] = UInt8(ascii: "-")
                at = 1
            }
            let count = whole.digitCount
            unsafe whole.write(count, digitsTo: out + at)
            at += count
            if width > 0 {
                unsafe out[at] = UInt8(ascii: ".")
                unsafe fraction.write(width, digitsTo: out + at + 1)
                at += 1 + width
            }
            return at
        }
    }

    /// Swift's description has the shortest digits; here they get ECMAScript's notation (Number::toString, with RFC 8785).
    private mutating func appendDescribed(_ value: Double) {
        var digits: [UInt8] = []
        /// The value is 0.DIGITS times ten to this power.
        var pointAt = 0
        var pointSeen = false
        var exponent = 0
        let text = Array(value.magnitude.description.utf8)
        let mantissa = text.prefix { $0 != UInt8(ascii: "e") }
        if mantissa.count < text.count { exponent = Int(String(decoding: text[(mantissa.count + 1)...], as: UTF8.self)) ?? 0 }
        for byte in mantissa {
            if byte == UInt8(ascii: ".") {
                pointSeen = true
            } else {
                if digits.isEmpty, byte == UInt8(ascii: "0") {
                    if pointSeen { pointAt -= 1 }
                    continue
                }
                digits.append(byte)
                if !pointSeen { pointAt += 1 }
            }
        }
        pointAt += exponent
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }

        if value < 0 { append(UInt8(ascii: "-")) }
        switch pointAt {
        case digits.count...21:
            append(contentsOf: digits)
            append(contentsOf: repeatElement(UInt8(ascii: "0"), count: pointAt - digits.count))
        case 1...21:
            append(contentsOf: digits[..<pointAt])
            append(UInt8(ascii: "."))
            append(contentsOf: digits[pointAt...])
        case -5...0:
            append(contentsOf: "0.".utf8)
            append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -pointAt))
            append(contentsOf: digits)
        default:
            append(contentsOf: digits.prefix(1))
            if digits.count > 1 {
                append(UInt8(ascii: "."))
                append(contentsOf: digits[1...])
            }
            append(UInt8(ascii: "e"))
            append(pointAt > 0 ? UInt8(ascii: "+") : UInt8(ascii: "-"))
            appendDecimal(Int64((pointAt - 1).magnitude))
        }
    }

    /// Room for `count` more bytes, of which `body` writes the first so many as it says.
    ///
    /// Safe when `body` stays within `count`: the span's storage is that large, and what is counted was written.
    @inline(__always)
    mutating func append(upTo count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
        append(addingCapacity: count) { (span: inout OutputSpan<UInt8>) in
            unsafe span.withUnsafeMutableBufferPointer { buffer, written in
                guard let start = buffer.baseAddress else { return }
                written = unsafe body(start)
            }
        }
    }
}

extension Double {
    /// The integer n for which n / `scale` is this very double, below 10^15; nil when there is none.
    @inline(__always)
    fileprivate func exactly(times scale: Double) -> UInt64? {
        // Not `rounded()`, which is a call into libm; whether half is rounded up or to even makes no difference to the test.
        let scaled = self * scale + 0.5
        guard scaled < 1e15 else { return nil }
        let digits = UInt64(scaled)
        return Double(digits) / scale == self ? digits : nil
    }
}

extension UInt64 {
    @inline(__always)
    fileprivate var digitCount: Int {
        var count = 1
        var rest = self
        while rest >= 10 {
            rest /= 10
            count += 1
        }
        return count
    }

    /// Writes the last `count` digits, with leading zeros where there are fewer.
    @inline(__always)
    fileprivate func write(_ count: Int, digitsTo out: UnsafeMutablePointer<UInt8>) {
        var rest = self
        var index = count
        while index > 0 {
            index -= 1
            unsafe out[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}
