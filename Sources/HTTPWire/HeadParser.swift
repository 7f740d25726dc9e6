/// How long a request's body is (RFC 9112 §6.3).
public enum BodyFraming: Sendable, Equatable {
    case none
    /// Content-Length, more than zero.
    case length(Int)
    case chunked
}

/// A request's head with what it says about the connection.
public struct Request: Sendable, Equatable {
    public var head: RequestHead
    public var framing: BodyFraming
    /// The client wants the connection to go on (RFC 9112 §9.3).
    public var persists: Bool
    /// The client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    public var expectsContinue: Bool
}

/// Reads a request's head, strictly. Give it all bytes since the end of the last request, again with more behind them while the answer
/// is nil: it goes on where it stopped, so that every split of the input gives the same result at the same total cost.
public struct HeadParser: Sendable {
    /// Where the request line begins, behind tolerated empty lines.
    private var start = 0
    private var lineStart = 0
    /// All bytes before this one belong to whole lines or hold no line end and no control character.
    private var scanned = 0
    private var blankLines = 0
    private var requestLine: RequestLine?
    private var fields: [RequestHead.Field] = []
    private var semantics = FieldSemantics()

    public init() {}

    /// A byte of a request has been seen, beyond tolerated empty lines.
    public var hasBegun: Bool { requestLine != nil || scanned > lineStart }

    /// The request is known to be a HEAD request: even its refusal has no body (RFC 9110 §9.3.2).
    public var isHead: Bool { requestLine?.method == .known(.head) }

    /// The same where the request line itself is at fault, and nothing of it is kept: `input` is what was parsed last.
    func beginsAsHead(_ input: Span<UInt8>) -> Bool {
        let word: [UInt8] = [0x48, 0x45, 0x41, 0x44, 0x20]
        guard requestLine == nil, lineStart + word.count <= input.count else { return false }
        for index in 0..<word.count where input[lineStart + index] != word[index] { return false }
        return true
    }

    /// The head and its length within `input` (with tolerated empty lines), or nil when more bytes are needed.
    public mutating func parse(_ input: Span<UInt8>, limits: WireLimits) throws(WireFault) -> (request: Request, length: Int)? {
        while let line = try nextLine(input, limits) {
            let next = line.upperBound + 2
            if line.isEmpty {
                if requestLine != nil { return (try finish(input, end: next), next) }
                blankLines += 1
                guard blankLines <= WireLimits.blankLinesMax else { throw .tooManyBlankLines }
                start = next
            } else if requestLine == nil {
                fields.reserveCapacity(12)
                requestLine = try RequestLine(input, line, targetBytesMax: limits.targetBytesMax)
            } else {
                guard fields.count < limits.fieldsMax else { throw .tooManyFields(max: limits.fieldsMax) }
                try fieldLine(input, line)
            }
            lineStart = next
            scanned = next
        }
        return nil
    }

    /// The next line without its CRLF, or nil when it isn't all here (RFC 9112 §2.2: a bare CR or LF ends nothing).
    private mutating func nextLine(_ input: Span<UInt8>, _ limits: WireLimits) throws(WireFault) -> Range<Int>? {
        if requestLine == nil { try RequestLine.checkMethod(input, from: lineStart) }
        let headEnd = start + limits.headBytesMax
        let lineEnd = requestLine == nil ? min(headEnd, lineStart + RequestLine.bytesMax(limits)) : headEnd
        let end = min(input.count, lineEnd)
        let index = input.firstControl(in: min(scanned, end)..<end)
        scanned = index
        guard index < end else {
            guard index >= lineEnd else { return nil }
            throw requestLine == nil ? RequestLine.excess(input, lineStart, limits) : .headTooLarge(bytesMax: limits.headBytesMax)
        }
        guard input[index] == .carriageReturn else {
            throw input[index] == .lineFeed ? .bareLineFeed(offset: index - start) : .controlByte(offset: index - start)
        }
        guard index + 1 < input.count else { return nil }
        guard input[index + 1] == .lineFeed else { throw .bareCarriageReturn(offset: index - start) }
        guard index + 2 <= headEnd else { throw .headTooLarge(bytesMax: limits.headBytesMax) }
        return lineStart..<index
    }

    private mutating func fieldLine(_ input: Span<UInt8>, _ line: Range<Int>) throws(WireFault) {
        let (name, value) = try FieldLine.split(input, line, origin: start)
        try semantics.note(input, name: name, value: value, index: fields.count)
        fields.append(
            .init(name: name.lowerBound - start..<name.upperBound - start, value: value.lowerBound - start..<value.upperBound - start))
    }

    private mutating func finish(_ input: Span<UInt8>, end: Int) throws(WireFault) -> Request {
        guard let line = requestLine else { preconditionFailure("a head ends after its request line") }
        let framing = try semantics.framing(version: line.version)
        if semantics.hostIndex == nil, line.version == .http11 { throw .missingHost }
        guard case .known(let method) = line.method else { throw .unknownMethod }
        if method == .connect { throw .connectRefused }
        if line.isForeignScheme { throw .misdirected }
        let isOld = line.version == .http10
        if semantics.hasUnknownExpectation, !isOld { throw .unknownExpectation }

        if let authority = line.authority, let host = semantics.hostIndex {
            fields[host].value = authority.lowerBound - start..<authority.upperBound - start
        }
        let head = RequestHead(
            bytes: input.copy(start..<end), method: method, version: line.version,
            path: line.path.lowerBound - start..<line.path.upperBound - start,
            query: line.query.map { $0.lowerBound - start..<$0.upperBound - start },
            fields: fields)
        return Request(
            head: head, framing: framing,
            persists: !semantics.wantsClose && (!isOld || semantics.wantsKeepAlive),
            expectsContinue: semantics.expectsContinue && !isOld && framing != .none)
    }
}

/// One field line (RFC 9112 §5).
enum FieldLine {
    /// The name and the value without the whitespace around it. The line holds no control characters but tabs.
    static func split(_ input: Span<UInt8>, _ line: Range<Int>, origin: Int) throws(WireFault) -> (name: Range<Int>, value: Range<Int>) {
        if input[line.lowerBound].isBlank { throw .foldedLine(offset: line.lowerBound - origin) }
        var colon = line.lowerBound
        while colon < line.upperBound, input[colon].isTokenByte { colon += 1 }
        guard colon < line.upperBound else { throw .malformedFieldName(offset: colon - origin) }
        guard input[colon] == 0x3A, colon > line.lowerBound else {
            throw input[colon].isBlank ? .spaceBeforeColon(offset: colon - origin) : .malformedFieldName(offset: colon - origin)
        }
        return (line.lowerBound..<colon, input.trimmed(colon + 1..<line.upperBound))
    }
}
