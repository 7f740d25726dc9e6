/// Why a request is refused before any handler decides about it. Offsets count bytes from the start of the request line, those of
/// chunk faults from the start of the body.
public enum WireFault: Error, Equatable, Sendable {
    // The request line (RFC 9112 §3).
    case malformedRequestLine(offset: Int)
    case malformedTarget(offset: Int)
    case malformedVersion(offset: Int)
    case unsupportedVersion
    case unknownMethod
    case connectRefused
    case targetTooLong(bytesMax: Int)
    case misdirected
    // Field lines (RFC 9112 §5).
    case controlByte(offset: Int)
    case bareCarriageReturn(offset: Int)
    case bareLineFeed(offset: Int)
    case tooManyBlankLines
    case foldedLine(offset: Int)
    case malformedFieldName(offset: Int)
    case spaceBeforeColon(offset: Int)
    case headTooLarge(bytesMax: Int)
    case tooManyFields(max: Int)
    // Host (RFC 9112 §3.2).
    case missingHost
    case repeatedHost
    case malformedHost
    // Framing (RFC 9112 §6).
    case malformedContentLength
    case differingContentLengths
    case contentLengthTooLarge
    case malformedTransferEncoding
    case chunkedNotFinal
    case repeatedChunked
    case unknownTransferCoding
    case transferEncodingWithContentLength
    case transferEncodingInOldVersion
    case unknownExpectation
    // The chunked body (RFC 9112 §7.1).
    case malformedChunk(offset: Int)
    case chunkTooLarge(offset: Int)
    case chunkExtensionsTooLong
    case trailersTooLarge(bytesMax: Int)
    // The body as a whole, and time.
    case bodyTooLarge(bytesMax: Int)
    case incomplete
    case headTooSlow
    case bodyTooSlow
    /// Too many bodies are being collected.
    case overloaded
}

extension WireFault {
    public var status: UInt16 { type.status }

    /// The field at fault, where one is.
    public var header: StaticString? {
        switch self {
        case .missingHost, .repeatedHost, .malformedHost: "Host"
        case .malformedContentLength, .differingContentLengths, .contentLengthTooLarge: "Content-Length"
        case .malformedTransferEncoding, .chunkedNotFinal, .repeatedChunked, .unknownTransferCoding,
            .transferEncodingWithContentLength, .transferEncodingInOldVersion:
            "Transfer-Encoding"
        case .unknownExpectation: "Expect"
        default: nil
        }
    }

    /// One sentence for the client: what is wrong and where; never a byte of what it sent.
    public var detail: String {
        switch self {
        case .malformedRequestLine(let offset): "the request line is malformed at byte \(offset)"
        case .malformedTarget(let offset): "the request target is malformed at byte \(offset)"
        case .malformedVersion(let offset): "the protocol version at byte \(offset) is malformed"
        case .unsupportedVersion: "this server speaks HTTP/1.1"
        case .unknownMethod: "the method is not implemented"
        case .connectRefused: "this server is not a proxy: CONNECT is not implemented"
        case .targetTooLong(let bytesMax): "the request target is longer than \(bytesMax) bytes"
        case .misdirected: "the request target names a scheme that is not served here"
        case .controlByte(let offset): "a control character stands at byte \(offset)"
        case .bareCarriageReturn(let offset): "a carriage return without line feed stands at byte \(offset)"
        case .bareLineFeed(let offset): "a line feed without carriage return stands at byte \(offset)"
        case .tooManyBlankLines: "too many empty lines stand before the request line"
        case .foldedLine(let offset): "the line at byte \(offset) begins with whitespace"
        case .malformedFieldName(let offset): "a field name is malformed at byte \(offset)"
        case .spaceBeforeColon(let offset): "whitespace stands between a field name and its colon at byte \(offset)"
        case .headTooLarge(let bytesMax): "the request's head is longer than \(bytesMax) bytes"
        case .tooManyFields(let max): "the request has more than \(max) fields"
        case .missingHost: "the field is required"
        case .repeatedHost: "the field may occur only once"
        case .malformedHost: "the field is not a host with an optional port"
        case .malformedContentLength: "the field is not a decimal number"
        case .differingContentLengths: "the field has several values that differ"
        case .contentLengthTooLarge: "the number is too large"
        case .malformedTransferEncoding: "the field is not a list of transfer codings"
        case .chunkedNotFinal: "chunked is not the final transfer coding"
        case .repeatedChunked: "chunked is applied more than once, or has parameters"
        case .unknownTransferCoding: "no transfer coding but chunked is implemented"
        case .transferEncodingWithContentLength: "the request has a Content-Length too"
        case .transferEncodingInOldVersion: "HTTP/1.0 has no transfer codings"
        case .unknownExpectation: "no expectation but 100-continue is known"
        case .malformedChunk(let offset): "the chunked body is malformed at byte \(offset)"
        case .chunkTooLarge(let offset): "the chunk size at byte \(offset) of the body is too large"
        case .chunkExtensionsTooLong: "the chunk extensions are too long"
        case .trailersTooLarge(let bytesMax): "the trailer section is longer than \(bytesMax) bytes or has too many fields"
        case .bodyTooLarge(let bytesMax): "the body is longer than \(bytesMax) bytes"
        case .incomplete: "the request ended before it was complete"
        case .headTooSlow: "the request's head took too long"
        case .bodyTooSlow: "the request's body took too long"
        case .overloaded: "too many requests are being received"
        }
    }

    public var type: ProblemType {
        switch self {
        case .unsupportedVersion: .versionNotSupported
        case .unknownMethod, .connectRefused, .unknownTransferCoding: .notImplemented
        case .targetTooLong: .uriTooLong
        case .misdirected: .misdirectedRequest
        case .headTooLarge, .tooManyFields, .trailersTooLarge: .headerFieldsTooLarge
        case .unknownExpectation: .expectationFailed
        case .bodyTooLarge: .contentTooLarge
        case .headTooSlow, .bodyTooSlow: .requestTimeout
        case .overloaded: .overloaded
        default: .invalidRequest
        }
    }

    /// The answer, as problem details (RFC 9457). All its text is ours and needs no escaping.
    public var response: Response {
        var body: [UInt8] = []
        body.append("{\"type\":\"")
        body.append(type.uri)
        body.append("\",\"title\":\"")
        body.append(type.title)
        body.append("\",\"status\":")
        body.append(decimal: Int(status))
        body.append(",\"detail\":\"")
        if let header {
            body.append("the field ")
            body.append(header)
            body.append(" is at fault: ")
        }
        body.append(contentsOf: detail.utf8)
        body.append("\"")
        if let header {
            body.append(",\"errors\":[{\"header\":\"")
            body.append(header)
            body.append("\",\"detail\":\"")
            body.append(contentsOf: detail.utf8)
            body.append("\"}]")
        }
        body.append("}")
        var response = Response(status: status, body: body)
        response.addField("Content-Type", "application/problem+json" as StaticString)
        // 414 and 501 could be kept by caches otherwise (RFC 9110 §15.1).
        response.addField("Cache-Control", "no-store" as StaticString)
        if status == 503 { response.addField("Retry-After", "1" as StaticString) }
        return response
    }
}
