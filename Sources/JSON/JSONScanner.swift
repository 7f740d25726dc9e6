/// Reads a document that simdjson refused, byte by byte, to say what is wrong and where (RFC 8259, whole grammar). Cold path.
///
/// Takes constant memory but for the open containers, at most `depthMax`, and the ends of long integers.
///
/// Safe as long as the bytes stay where they are, which the caller sees to: every read is checked against their count.
@safe
struct JSONScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let depthMax: Int
    private var at = 0
    /// The containers around the current byte, outermost first: true for an object.
    private var open: [Bool] = []
    /// Offsets behind the integers that are numbers, but fit neither Int64 nor UInt64.
    private(set) var longIntegerEnds: [Int] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>, depthMax: Int) {
        unsafe self.bytes = unsafe bytes
        self.depthMax = depthMax
    }

    /// Reads the document to its end. Duplicate members are not looked for.
    mutating func scan() throws(JSONSyntaxError) {
        skipSpace()
        if isAtEnd { throw JSONSyntaxError(problem: .empty, offset: 0) }
        repeat { try value() } while try hasMore()
    }

    /// A scalar, or the beginning of a container with what leads to its first value; an empty container is read whole.
    private mutating func value() throws(JSONSyntaxError) {
        while true {
            skipSpace()
            guard let byte = peek() else { throw fault }
            switch byte {
            case UInt8(ascii: "{"):
                if try isEmpty(closedBy: UInt8(ascii: "}"), isObject: true) { return }
                try name()
            case UInt8(ascii: "["):
                if try isEmpty(closedBy: UInt8(ascii: "]"), isObject: false) { return }
            case UInt8(ascii: "\""): return try string()
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
            case UInt8(ascii: "t"): return try literal("true")
            case UInt8(ascii: "f"): return try literal("false")
            case UInt8(ascii: "n"): return try literal("null")
            default: throw fault
            }
        }
    }

    /// Behind a value: the containers that end, then a comma (true) or the document's end (false).
    private mutating func hasMore() throws(JSONSyntaxError) -> Bool {
        while let isObject = open.last {
            skipSpace()
            switch peek() {
            case UInt8(ascii: ","):
                at += 1
                if isObject { try name() }
                return true
            case isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"):
                at += 1
                open.removeLast()
            default: throw fault
            }
        }
        skipSpace()
        if !isAtEnd { throw JSONSyntaxError(problem: .trailingBytes, offset: at) }
        return false
    }

    private mutating func isEmpty(closedBy end: UInt8, isObject: Bool) throws(JSONSyntaxError) -> Bool {
        if open.count == depthMax { throw JSONSyntaxError(problem: .tooDeep, offset: at) }
        at += 1
        skipSpace()
        if peek() == end {
            at += 1
            return true
        }
        open.append(isObject)
        return false
    }

    private mutating func name() throws(JSONSyntaxError) {
        skipSpace()
        guard peek() == UInt8(ascii: "\"") else { throw fault }
        try string()
        skipSpace()
        guard peek() == UInt8(ascii: ":") else { throw fault }
        at += 1
    }

    private mutating func literal(_ text: StaticString) throws(JSONSyntaxError) {
        for index in 0..<text.utf8CodeUnitCount {
            // Within the literal's own bytes.
            guard unsafe peek() == text.utf8Start[index] else { throw fault }
            at += 1
        }
    }
}

/// Strings (RFC 8259 §7, RFC 3629).
extension JSONScanner {
    private mutating func string() throws(JSONSyntaxError) {
        at += 1
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return
            case UInt8(ascii: "\\"): try escape()
            case 0..<0x20: throw fault
            case 0..<0x80: at += 1
            default:
                guard let count = sequenceCount() else { throw JSONSyntaxError(problem: .invalidUTF8, offset: at) }
                at += count
            }
        }
        throw fault
    }

    private mutating func escape() throws(JSONSyntaxError) {
        let start = at
        at += 1
        switch peek() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 1
        case UInt8(ascii: "u"):
            at += 1
            let unit = try hexadecimal()
            switch unit {
            case 0xDC00...0xDFFF: throw JSONSyntaxError(problem: .loneSurrogate, offset: start)
            case 0xD800...0xDBFF:
                for expected in [UInt8(ascii: "\\"), UInt8(ascii: "u")] {
                    if isAtEnd { throw fault }
                    guard peek() == expected else { throw JSONSyntaxError(problem: .loneSurrogate, offset: start) }
                    at += 1
                }
                guard 0xDC00...0xDFFF ~= (try hexadecimal()) else { throw JSONSyntaxError(problem: .loneSurrogate, offset: start) }
            default: break
            }
        default: throw fault
        }
    }

    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            switch peek() {
            case let digit? where UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit: value = value << 4 | UInt32(digit & 0x0F)
            case let digit? where UInt8(ascii: "a")...UInt8(ascii: "f") ~= digit | 0x20: value = value << 4 | UInt32(digit & 0x0F + 9)
            default: throw fault
            }
            at += 1
        }
        return value
    }

    /// The length of the UTF-8 sequence of two to four bytes at hand; nil when it is none (RFC 3629 §4).
    private func sequenceCount() -> Int? {
        guard let first = peek() else { return nil }
        let (count, second): (Int, ClosedRange<UInt8>)
        switch first {
        case 0xC2...0xDF: (count, second) = (2, 0x80...0xBF)
        case 0xE0: (count, second) = (3, 0xA0...0xBF)
        case 0xED: (count, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (count, second) = (3, 0x80...0xBF)
        case 0xF0: (count, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (count, second) = (4, 0x80...0xBF)
        case 0xF4: (count, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard unsafe at + count <= bytes.count && second ~= bytes[at + 1] else { return nil }
        for index in at + 2..<at + count {
            guard unsafe 0x80...0xBF ~= bytes[index] else { return nil }
        }
        return count
    }
}

/// Numbers (RFC 8259 §6).
extension JSONScanner {
    private mutating func number() throws(JSONSyntaxError) {
        let start = at
        if peek() == UInt8(ascii: "-") { at += 1 }
        let digitsStart = at
        if peek() == UInt8(ascii: "0") {
            at += 1
            if isDigit { throw fault }
        } else {
            try digits()
        }
        let integerCount = at - digitsStart
        var isInteger = true
        if peek() == UInt8(ascii: ".") {
            isInteger = false
            at += 1
            try digits()
        }
        var exponent = 0
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            isInteger = false
            exponent = try self.exponent()
        }
        // Below 10^300 by the number of digits alone: no need to look closer.
        if integerCount + exponent > 300, !isFinite(start..<at) { throw JSONSyntaxError(problem: .numberTooLarge, offset: start) }
        if isInteger, integerCount > 18, !isWord(start..<at) { longIntegerEnds.append(at) }
    }

    /// The exponent, held within what decides anything.
    private mutating func exponent() throws(JSONSyntaxError) -> Int {
        at += 1
        let isNegative = peek() == UInt8(ascii: "-")
        if isNegative || peek() == UInt8(ascii: "+") { at += 1 }
        let start = at
        try digits()
        var exponent = 0
        for index in start..<at where exponent < 1 << 40 {
            exponent = unsafe exponent * 10 + Int(bytes[index] & 0x0F)
        }
        return isNegative ? -exponent : exponent
    }

    private mutating func digits() throws(JSONSyntaxError) {
        guard isDigit else { throw fault }
        repeat { at += 1 } while isDigit
    }

    private var isDigit: Bool { peek().map { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } ?? false }

    private func isFinite(_ range: Range<Int>) -> Bool { Double(text(range))?.isFinite ?? false }
    private func isWord(_ range: Range<Int>) -> Bool { Int64(text(range)) != nil || UInt64(text(range)) != nil }
    private func text(_ range: Range<Int>) -> String { unsafe String(decoding: bytes[range], as: UTF8.self) }
}

extension JSONScanner {
    private var isAtEnd: Bool { unsafe at == bytes.count }
    private func peek() -> UInt8? { unsafe at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    /// The byte at hand (or the end) is none that may stand here.
    private var fault: JSONSyntaxError {
        guard let byte = peek(), byte >= 0x80, sequenceCount() == nil else { return JSONSyntaxError(problem: .syntax, offset: at) }
        return JSONSyntaxError(problem: .invalidUTF8, offset: at)
    }
}
