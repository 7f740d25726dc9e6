/// What the fields of a head say about framing and the connection, gathered as they are read.
struct FieldSemantics: Sendable {
    private(set) var hostIndex: Int?
    private(set) var wantsClose = false
    private(set) var wantsKeepAlive = false
    private(set) var expectsContinue = false
    private(set) var hasUnknownExpectation = false
    private var contentLength: Int?
    private var codings = TransferCodings()

    /// Takes note of a field that concerns the server; others pass.
    mutating func note(_ input: Span<UInt8>, name: Range<Int>, value: Range<Int>, index: Int) throws(WireFault) {
        switch name.count {
        case 4 where input.holds("host", at: name):
            guard hostIndex == nil else { throw .repeatedHost }
            guard Authority.isValid(input, value) else { throw .malformedHost }
            hostIndex = index
        case 6 where input.holds("expect", at: name): noteExpect(input, value)
        case 10 where input.holds("connection", at: name): noteConnection(input, value)
        case 14 where input.holds("content-length", at: name): try noteContentLength(input, value)
        case 17 where input.holds("transfer-encoding", at: name): try codings.note(input, value)
        default: break
        }
    }

    /// RFC 9112 §6.3. Whatever could be read in two ways is refused.
    func framing(version: Version) throws(WireFault) -> BodyFraming {
        guard codings.isPresent else {
            guard let contentLength, contentLength > 0 else { return .none }
            return .length(contentLength)
        }
        guard contentLength == nil else { throw .transferEncodingWithContentLength }
        guard version == .http11 else { throw .transferEncodingInOldVersion }
        try codings.check()
        return .chunked
    }

    /// 1*DIGIT; a list or a repetition of the same number counts as that number (RFC 9110 §8.6).
    private mutating func noteContentLength(_ input: Span<UInt8>, _ value: Range<Int>) throws(WireFault) {
        var list = ListElements(value)
        while let element = list.next(input) {
            guard !element.isEmpty else { throw .malformedContentLength }
            for index in element where !input[index].isDigit { throw .malformedContentLength }
            var number = 0
            for index in element {
                let (product, isTooLarge) = number.multipliedReportingOverflow(by: 10)
                let (sum, isOver) = product.addingReportingOverflow(Int(input[index] - 0x30))
                guard !isTooLarge, !isOver else { throw .contentLengthTooLarge }
                number = sum
            }
            guard contentLength == nil || contentLength == number else { throw .differingContentLengths }
            contentLength = number
        }
    }

    private mutating func noteConnection(_ input: Span<UInt8>, _ value: Range<Int>) {
        var list = ListElements(value)
        while let element = list.next(input) {
            if input.holds("close", at: element) { wantsClose = true }
            if input.holds("keep-alive", at: element) { wantsKeepAlive = true }
        }
    }

    private mutating func noteExpect(_ input: Span<UInt8>, _ value: Range<Int>) {
        var list = ListElements(value)
        while let element = list.next(input) {
            if input.holds("100-continue", at: element) {
                expectsContinue = true
            } else if !element.isEmpty {
                hasUnknownExpectation = true
            }
        }
    }
}

/// The transfer codings of a request, over all lines of the field (RFC 9112 §6.1).
private struct TransferCodings: Sendable {
    private(set) var isPresent = false
    private var endsChunked = false
    private var chunkedCount = 0
    private var hasOther = false

    mutating func note(_ input: Span<UInt8>, _ value: Range<Int>) throws(WireFault) {
        isPresent = true
        var list = ListElements(value)
        while let element = list.next(input) {
            // Empty elements of a list are ignored (RFC 9110 §5.6.1.2).
            if element.isEmpty { continue }
            var nameEnd = element.lowerBound
            while nameEnd < element.upperBound, input[nameEnd].isTokenByte { nameEnd += 1 }
            let name = element.lowerBound..<nameEnd
            let hasParameters = input.trimmed(nameEnd..<element.upperBound).first.map { input[$0] == 0x3B }
            guard !name.isEmpty, hasParameters != false else { throw .malformedTransferEncoding }
            let isChunked = input.holds("chunked", at: name)
            guard !isChunked || hasParameters == nil else { throw .repeatedChunked }
            endsChunked = isChunked
            chunkedCount += isChunked ? 1 : 0
            hasOther = hasOther || !isChunked
        }
    }

    /// Only a body that is chunked, once and last, has a length that can be known.
    func check() throws(WireFault) {
        guard chunkedCount < 2 else { throw .repeatedChunked }
        guard endsChunked else { throw .chunkedNotFinal }
        guard !hasOther else { throw .unknownTransferCoding }
    }
}

/// The elements of a comma-separated list (RFC 9110 §5.6.1) without the blanks around them, empty ones included. A comma within a quoted
/// string separates nothing.
struct ListElements {
    private var position: Int
    private let end: Int

    init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    mutating func next(_ input: Span<UInt8>) -> Range<Int>? {
        guard position <= end else { return nil }
        var index = position
        var isQuoted = false
        while index < end {
            let byte = input[index]
            if isQuoted, byte == 0x5C {
                index += 1
            } else if byte == 0x22 {
                isQuoted.toggle()
            } else if byte == 0x2C, !isQuoted {
                break
            }
            index += 1
        }
        let element = input.trimmed(position..<min(index, end))
        position = index + 1
        return element
    }
}
