/// Takes the chunked coding off a body (RFC 9112 §7.1), any split of the input giving the same result. Trailers are checked, bounded and
/// discarded: no field that a client sends after its body means anything here.
public struct ChunkDecoder: Sendable {
    public enum Piece: Equatable, Sendable {
        /// Bytes of the body within the input given.
        case data(Range<Int>)
        /// All of the input is used.
        case more
        case end
    }

    private enum State: Sendable {
        case sizeStart, size
        // Within a chunk's extensions; blanks are allowed around ";" and "=" only, as bad whitespace that must be parsed.
        case blankBeforeExtension, extensionStart, extensionName, blankBeforeEquals, valueStart, value, quoted, escaped, quotedEnd
        case sizeLineFeed
        case data, dataReturn, dataLineFeed
        case trailerStart, trailerName, trailerValue, trailerLineFeed, lastLineFeed
        case done
    }

    private var state = State.sizeStart
    /// Of the current chunk: the size while it is read, then what is still to come.
    private var remaining = 0
    private var lineBytes = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerFields = 0
    /// Bytes of the coded body that are behind us.
    private var offset = 0

    public init() {}

    /// The next piece. `consumed` is advanced over what was used of `input`, where reading begins at it.
    public mutating func next(_ input: Span<UInt8>, consumed: inout Int, limits: WireLimits) throws(WireFault) -> Piece {
        while consumed < input.count {
            if state == .data {
                let count = min(remaining, input.count - consumed)
                let piece = consumed..<consumed + count
                remaining -= count
                consumed += count
                offset += count
                if remaining == 0 { state = .dataReturn }
                return .data(piece)
            }
            try take(input[consumed], limits)
            consumed += 1
            offset += 1
            if state == .done { return .end }
        }
        return .more
    }

    private mutating func take(_ byte: UInt8, _ limits: WireLimits) throws(WireFault) {
        switch state {
        case .sizeStart, .size: try takeSize(byte)
        case .sizeLineFeed:
            try expect(byte, .lineFeed)
            lineBytes = 0
            state = remaining == 0 ? .trailerStart : .data
        case .dataReturn:
            try expect(byte, .carriageReturn)
            state = .dataLineFeed
        case .dataLineFeed:
            try expect(byte, .lineFeed)
            state = .sizeStart
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed, .lastLineFeed: try takeTrailer(byte, limits)
        case .data, .done: preconditionFailure("not a byte of the coding")
        default: try takeExtension(byte)
        }
    }

    private func expect(_ byte: UInt8, _ wanted: UInt8) throws(WireFault) {
        guard byte == wanted else { throw .malformedChunk(offset: offset) }
    }

    private mutating func takeSize(_ byte: UInt8) throws(WireFault) {
        if let digit = byte.hexValue {
            guard remaining >> 56 == 0 else { throw .chunkTooLarge(offset: offset) }
            remaining = remaining << 4 | Int(digit)
            state = .size
            return try countLineByte()
        }
        guard state == .size else { throw .malformedChunk(offset: offset) }
        switch byte {
        case .carriageReturn: state = .sizeLineFeed
        case 0x3B, .space, .tab: try takeExtension(byte)
        default: throw .malformedChunk(offset: offset)
        }
    }

    private mutating func countLineByte() throws(WireFault) {
        lineBytes += 1
        guard lineBytes <= WireLimits.chunkLineBytesMax else { throw .chunkExtensionsTooLong }
    }

    /// *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] )
    private mutating func takeExtension(_ byte: UInt8) throws(WireFault) {
        try countLineByte()
        extensionBytes += 1
        guard extensionBytes <= WireLimits.chunkExtensionBytesMax else { throw .chunkExtensionsTooLong }
        switch (state, byte) {
        case (.extensionName, .carriageReturn), (.value, .carriageReturn), (.quotedEnd, .carriageReturn): state = .sizeLineFeed
        case (.extensionName, 0x3D), (.blankBeforeEquals, 0x3D): state = .valueStart
        case (.size, 0x3B), (.blankBeforeExtension, 0x3B), (.extensionName, 0x3B), (.blankBeforeEquals, 0x3B), (.value, 0x3B),
            (.quotedEnd, 0x3B):
            state = .extensionStart
        case (.size, _) where byte.isBlank, (.value, _) where byte.isBlank, (.quotedEnd, _) where byte.isBlank:
            state = .blankBeforeExtension
        case (.extensionName, _) where byte.isBlank: state = .blankBeforeEquals
        case (.blankBeforeExtension, _) where byte.isBlank, (.blankBeforeEquals, _) where byte.isBlank: break
        case (.extensionStart, _) where byte.isBlank, (.valueStart, _) where byte.isBlank: break
        case (.extensionStart, _) where byte.isTokenByte, (.extensionName, _) where byte.isTokenByte: state = .extensionName
        case (.valueStart, 0x22): state = .quoted
        case (.valueStart, _) where byte.isTokenByte, (.value, _) where byte.isTokenByte: state = .value
        case (.quoted, 0x22): state = .quotedEnd
        case (.quoted, 0x5C): state = .escaped
        case (.quoted, _) where !byte.isControl, (.escaped, _) where !byte.isControl: state = .quoted
        default: throw .malformedChunk(offset: offset)
        }
    }

    private mutating func takeTrailer(_ byte: UInt8, _ limits: WireLimits) throws(WireFault) {
        trailerBytes += 1
        guard trailerBytes <= limits.headBytesMax else { throw .trailersTooLarge(bytesMax: limits.headBytesMax) }
        switch (state, byte) {
        case (.trailerStart, .carriageReturn): state = .lastLineFeed
        case (.trailerStart, _) where byte.isTokenByte:
            trailerFields += 1
            guard trailerFields <= limits.fieldsMax else { throw .trailersTooLarge(bytesMax: limits.headBytesMax) }
            state = .trailerName
        case (.trailerName, 0x3A): state = .trailerValue
        case (.trailerName, _) where byte.isTokenByte: break
        case (.trailerValue, .carriageReturn): state = .trailerLineFeed
        case (.trailerValue, _) where !byte.isControl: break
        case (.trailerLineFeed, .lineFeed): state = .trailerStart
        case (.lastLineFeed, .lineFeed): state = .done
        default: throw .malformedChunk(offset: offset)
        }
    }
}
