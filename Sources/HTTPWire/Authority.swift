/// uri-host [ ":" port ] (RFC 9110 §7.2, RFC 3986 §3.2): a Host field's value, the authority of a target.
enum Authority {
    /// Whether `range` is a host with an optional port; with `needsPort` the port must be there. User information is refused (RFC 9110
    /// §4.2.4), and so is a comma, which the grammar allows in a name: no name has one, a merged list of two hosts does.
    static func isValid(_ bytes: Span<UInt8>, _ range: Range<Int>, needsPort: Bool = false) -> Bool {
        guard let hostEnd = endOfHost(bytes, range), hostEnd > range.lowerBound else { return false }
        guard hostEnd < range.upperBound else { return !needsPort }
        guard bytes[hostEnd] == 0x3A else { return false }
        return isPort(bytes, hostEnd + 1..<range.upperBound, isRequired: needsPort)
    }

    private static func endOfHost(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard let first = range.first else { return nil }
        var index = first
        if bytes[first] == 0x5B {
            while index < range.upperBound, bytes[index] != 0x5D { index += 1 }
            guard index < range.upperBound else { return nil }
            let literal = first + 1..<index
            return isIPv6(bytes, literal) || isFutureAddress(bytes, literal) ? index + 1 : nil
        }
        while index < range.upperBound, bytes[index] != 0x3A {
            if bytes[index] == 0x25 {
                guard index + 2 < range.upperBound, bytes[index + 1].hexValue != nil, bytes[index + 2].hexValue != nil else { return nil }
                index += 3
            } else {
                guard bytes[index].isNameByte else { return nil }
                index += 1
            }
        }
        return index
    }

    /// *DIGIT, and no more than 16 bits.
    private static func isPort(_ bytes: Span<UInt8>, _ range: Range<Int>, isRequired: Bool) -> Bool {
        var port = 0
        for index in range {
            guard bytes[index].isDigit else { return false }
            port = port * 10 + Int(bytes[index] - 0x30)
            guard port <= 65_535 else { return false }
        }
        return !(isRequired && range.isEmpty)
    }

    private static func isIPv6(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let end = range.upperBound
        var index = range.lowerBound
        var groups = 0
        var isCompressed = false
        if range.count >= 2, bytes[index] == 0x3A, bytes[index + 1] == 0x3A {
            isCompressed = true
            index += 2
        }
        while index < end {
            let start = index
            while index < end, index - start < 4, bytes[index].hexValue != nil { index += 1 }
            if index < end, bytes[index] == 0x2E {
                guard isIPv4(bytes, start..<end) else { return false }
                groups += 2
                break
            }
            guard index > start else { return false }
            groups += 1
            guard index < end else { break }
            guard bytes[index] == 0x3A, index + 1 < end else { return false }
            index += 1
            if bytes[index] == 0x3A {
                guard !isCompressed else { return false }
                isCompressed = true
                index += 1
            }
        }
        return isCompressed ? groups <= 7 : groups == 8
    }

    private static func isIPv4(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var parts = 0
        var index = range.lowerBound
        while true {
            let start = index
            var number = 0
            while index < range.upperBound, index - start < 3, bytes[index].isDigit {
                number = number * 10 + Int(bytes[index] - 0x30)
                index += 1
            }
            guard index > start, number <= 255, index - start == 1 || bytes[start] != 0x30 else { return false }
            parts += 1
            if index == range.upperBound { return parts == 4 }
            guard bytes[index] == 0x2E, parts < 4 else { return false }
            index += 1
        }
    }

    /// "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )
    private static func isFutureAddress(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count >= 4, bytes[range.lowerBound].lowercased == 0x76 else { return false }
        var dot = range.lowerBound + 1
        while dot < range.upperBound, bytes[dot].hexValue != nil { dot += 1 }
        guard dot > range.lowerBound + 1, dot + 1 < range.upperBound, bytes[dot] == 0x2E else { return false }
        for index in dot + 1..<range.upperBound where !bytes[index].isNameByte && bytes[index] != 0x3A { return false }
        return true
    }
}
