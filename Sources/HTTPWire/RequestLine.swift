/// A request line (RFC 9112 §3), checked byte by byte. Ranges count from the start of the input.
struct RequestLine: Sendable, Equatable {
    enum Name: Sendable, Equatable {
        case known(Method)
        case unknown
    }

    private(set) var method: Name
    private(set) var version: Version
    private(set) var path: Range<Int> = 0..<0
    private(set) var query: Range<Int>?
    /// The host and port of a target in absolute-form.
    private(set) var authority: Range<Int>?
    /// The target names another scheme than http.
    private(set) var isForeignScheme = false

    /// What the longest request line that can be answered well takes: a method, a target and a version.
    static func bytesMax(_ limits: WireLimits) -> Int { WireLimits.methodBytesMax + limits.targetBytesMax + 10 }

    /// What is wrong with a line that reached `bytesMax` and did not end; `checkMethod` has passed it.
    static func excess(_ input: Span<UInt8>, _ lineStart: Int, _ limits: WireLimits) -> WireFault {
        var index = lineStart
        while input[index] != .space { index += 1 }
        let targetStart = index + 1
        index = targetStart
        while index < input.count, input[index] != .space { index += 1 }
        if index - targetStart > limits.targetBytesMax { return .targetTooLong(bytesMax: limits.targetBytesMax) }
        return index == targetStart
            ? .malformedRequestLine(offset: index - lineStart) : .malformedVersion(offset: index + 1 - lineStart)
    }

    /// Looks at the method as far as it is here, so that what is no HTTP at all is refused by its first bytes and not by a timeout.
    /// One that is too long is refused by its first byte too many, whatever follows: what follows may not be here yet. Control characters
    /// are left to the caller.
    static func checkMethod(_ input: Span<UInt8>, from lineStart: Int) throws(WireFault) {
        var index = lineStart
        while index < input.count, input[index].isTokenByte {
            index += 1
            if index - lineStart > WireLimits.methodBytesMax { throw .unknownMethod }
        }
        guard index < input.count, !input[index].isControl else { return }
        guard input[index] == .space, index > lineStart else { throw .malformedRequestLine(offset: index - lineStart) }
    }

    init(_ input: Span<UInt8>, _ line: Range<Int>, targetBytesMax: Int) throws(WireFault) {
        let origin = line.lowerBound
        var methodEnd = origin
        while methodEnd < line.upperBound, input[methodEnd].isTokenByte { methodEnd += 1 }
        guard methodEnd > origin, methodEnd < line.upperBound, input[methodEnd] == .space else {
            throw .malformedRequestLine(offset: methodEnd - origin)
        }
        method = Self.method(input, origin..<methodEnd)
        var targetEnd = methodEnd + 1
        while targetEnd < line.upperBound, input[targetEnd] != .space { targetEnd += 1 }
        let target = methodEnd + 1..<targetEnd
        guard !target.isEmpty, targetEnd < line.upperBound else { throw .malformedRequestLine(offset: targetEnd - origin) }
        version = try Self.version(input, targetEnd + 1..<line.upperBound, origin: origin)
        guard target.count <= targetBytesMax else { throw .targetTooLong(bytesMax: targetBytesMax) }
        try readTarget(input, target, origin: origin)
    }

    private static func method(_ input: Span<UInt8>, _ range: Range<Int>) -> Name {
        let candidate: (word: StaticString, method: Method)
        switch (range.count, input[range.lowerBound]) {
        case (3, 0x47): candidate = ("GET", .get)
        case (3, 0x50): candidate = ("PUT", .put)
        case (4, 0x50): candidate = ("POST", .post)
        case (4, 0x48): candidate = ("HEAD", .head)
        case (5, 0x50): candidate = ("PATCH", .patch)
        case (5, 0x54): candidate = ("TRACE", .trace)
        case (6, 0x44): candidate = ("DELETE", .delete)
        case (7, 0x4F): candidate = ("OPTIONS", .options)
        case (7, 0x43): candidate = ("CONNECT", .connect)
        default: return .unknown
        }
        // Methods are case-sensitive (RFC 9110 §9.1). Safe: a StaticString's bytes live as long as the program; the lengths are equal.
        let isEqual = candidate.word.withUTF8Buffer { wanted in
            for index in 0..<wanted.count {
                guard unsafe input[range.lowerBound + index] == wanted[index] else { return false }
            }
            return true
        }
        return isEqual ? .known(candidate.method) : .unknown
    }

    /// RFC 9112 §2.3. A higher minor version is read as the highest known (RFC 9110 §2.5).
    private static func version(_ input: Span<UInt8>, _ range: Range<Int>, origin: Int) throws(WireFault) -> Version {
        let start = range.lowerBound
        guard range.count == 8, input[start] == 0x48, input[start + 1] == 0x54, input[start + 2] == 0x54, input[start + 3] == 0x50,
            input[start + 4] == 0x2F, input[start + 5].isDigit, input[start + 6] == 0x2E, input[start + 7].isDigit
        else { throw .malformedVersion(offset: start - origin) }
        guard input[start + 5] == 0x31 else { throw .unsupportedVersion }
        return input[start + 7] == 0x30 ? .http10 : .http11
    }

    /// The four forms of RFC 9112 §3.2.
    private mutating func readTarget(_ input: Span<UInt8>, _ target: Range<Int>, origin: Int) throws(WireFault) {
        if method == .known(.connect) {
            guard Authority.isValid(input, target, needsPort: true) else { throw .malformedTarget(offset: target.lowerBound - origin) }
            path = target
            return
        }
        switch input[target.lowerBound] {
        case 0x2F:
            try readPath(input, target, origin: origin)
        case 0x2A where target.count == 1 && method == .known(.options):
            path = target
        default:
            try readAbsolute(input, target, origin: origin)
        }
    }

    private mutating func readAbsolute(_ input: Span<UInt8>, _ target: Range<Int>, origin: Int) throws(WireFault) {
        var colon = target.lowerBound
        while colon < target.upperBound, input[colon].isLetter || colon > target.lowerBound && Self.isSchemeByte(input[colon]) {
            colon += 1
        }
        guard colon > target.lowerBound, colon + 2 < target.upperBound,
            input[colon] == 0x3A, input[colon + 1] == 0x2F, input[colon + 2] == 0x2F
        else { throw .malformedTarget(offset: colon - origin) }
        let authorityStart = colon + 3
        var authorityEnd = authorityStart
        while authorityEnd < target.upperBound, input[authorityEnd] != 0x2F, input[authorityEnd] != 0x3F { authorityEnd += 1 }
        let authority = authorityStart..<authorityEnd
        guard Authority.isValid(input, authority) else { throw .malformedTarget(offset: authorityStart - origin) }
        self.authority = authority
        isForeignScheme = !input.holds("http", at: target.lowerBound..<colon)
        try readPath(input, authorityEnd..<target.upperBound, origin: origin)
        // An empty path is "/" (RFC 9110 §4.2.3): the one before the authority.
        if path.isEmpty { path = authorityStart - 1..<authorityStart }
    }

    private static func isSchemeByte(_ byte: UInt8) -> Bool { byte.isDigit || byte == 0x2B || byte == 0x2D || byte == 0x2E }

    private mutating func readPath(_ input: Span<UInt8>, _ range: Range<Int>, origin: Int) throws(WireFault) {
        var mark: Int?
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = input[index]
            if byte == 0x25 {
                guard index + 2 < range.upperBound, input[index + 1].hexValue != nil, input[index + 2].hexValue != nil else {
                    throw .malformedTarget(offset: index - origin)
                }
                index += 2
            } else if !byte.isTargetByte {
                throw .malformedTarget(offset: index - origin)
            } else if byte == 0x3F, mark == nil {
                mark = index
            }
            index += 1
        }
        path = range.lowerBound..<(mark ?? range.upperBound)
        query = mark.map { $0 + 1..<range.upperBound }
    }
}
