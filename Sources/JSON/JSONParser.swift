import CSimdJSON

/// Why bytes are not acceptable JSON.
public struct JSONSyntaxError: Error, Sendable, Equatable {
    public enum Problem: Sendable, Equatable {
        case empty, syntax, invalidUTF8, loneSurrogate, numberTooLarge, tooDeep, duplicateMember, trailingBytes, outOfMemory
        /// Another encoding than UTF-8, as its first bytes show.
        case utf16, utf32
    }
    public var problem: Problem
    /// Byte offset of the fault, where it is known: the first byte that no valid document could have there (the document's length
    /// when it merely ends too early), or where the number, escape or UTF-8 sequence at fault begins.
    public var offset: Int?
    /// For `duplicateMember`: the JSON Pointer (RFC 6901) of the member that occurs twice.
    public var pointer: String?
    public init(problem: Problem, offset: Int? = nil, pointer: String? = nil) {
        self.problem = problem
        self.offset = offset
        self.pointer = pointer
    }
}

/// Parses one document at a time into buffers that it keeps and uses again. Not thread-safe: one per event loop.
///
/// 1. What it accepts is RFC 8259, within the depth, every object's members unique after unescaping. A byte order mark before it is
///    dropped (§8.1 leaves that to the reader).
/// 2. simdjson decides nearly all of it and fills a tape that `JSONValue` walks; `TapeCheck` adds members and depth.
/// 3. What simdjson refuses goes to `JSONScanner`, which names the fault, or finds only integers too long for simdjson: those are
///    numbers like any other, and the document is parsed again with an exponent behind each.
///
/// Safe: the handle is this object's own, freed once, and values read from it are lent to a closure.
@safe
public final class JSONParser {
    /// Readable bytes that must stand behind a document's last byte.
    public static let padding = Int(CSIMDJSON_PADDING)
    /// Longest document, in bytes, whose buffers (some twelve times its size) are kept; one large body must not hold memory for ever.
    public static let keptBytesMax = 256 << 10

    private let depthMax: Int
    /// Nil only when there was no memory for it.
    private let handle: OpaquePointer?
    /// A copy of a document that came without padding.
    private var padded: [UInt8] = []
    private var isParsing = false

    /// - Parameter depthMax: levels of nesting, from 1.
    public init(depthMax: Int = 64) {
        precondition(depthMax > 0, "a document has at least one level")
        self.depthMax = depthMax
        unsafe handle = csimdjson_create(depthMax)
    }

    deinit { unsafe csimdjson_free(handle) }

    /// Checks the whole document (UTF-8, numbers, surrogates, depth, duplicate members everywhere) and gives its root to `body`;
    /// values are valid until `body` returns. `padded` has `padding` readable bytes behind its end.
    /// Throws `JSONSyntaxError`, or what `body` throws. `body` must not parse with this same parser.
    @inlinable
    public func parse<R>(padded: UnsafeBufferPointer<UInt8>, _ body: (JSONValue) throws -> R) throws -> R {
        let root = try unsafe begin(padded)
        defer { end() }
        return try body(root)
    }

    /// The same for bytes without padding (copied).
    public func parse<R>(_ bytes: [UInt8], _ body: (JSONValue) throws -> R) throws -> R {
        let copy = pad(bytes)
        defer { keep(copy) }
        // The buffer has `padding` bytes more than the part that is parsed.
        return try unsafe copy.withUnsafeBufferPointer { buffer in
            try unsafe parse(padded: UnsafeBufferPointer(rebasing: buffer[..<bytes.count]), body)
        }
    }

    private func pad(_ bytes: [UInt8]) -> [UInt8] {
        var copy: [UInt8] = []
        swap(&copy, &padded)
        copy.removeAll(keepingCapacity: true)
        copy.reserveCapacity(bytes.count + JSONParser.padding)
        copy.append(contentsOf: bytes)
        copy.append(contentsOf: repeatElement(0, count: JSONParser.padding))
        return copy
    }

    private func keep(_ copy: consuming [UInt8]) {
        if copy.capacity <= JSONParser.keptBytesMax { padded = copy }
    }

    @usableFromInline
    func begin(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONSyntaxError) -> JSONValue {
        precondition(!isParsing, "a parser parses one document at a time")
        guard !bytes.isEmpty else { throw JSONSyntaxError(problem: .empty, offset: 0) }
        isParsing = true
        do {
            return try unsafe TextEncoding.isPlain(bytes) ? root(of: bytes) : rootBehindMark(of: bytes)
        } catch {
            end()
            throw error
        }
    }

    @usableFromInline
    func end() {
        isParsing = false
        unsafe csimdjson_shrink(handle, JSONParser.keptBytesMax)
    }

    /// Of bytes whose first ones are not those of a plain document.
    private func rootBehindMark(of bytes: UnsafeBufferPointer<UInt8>) throws(JSONSyntaxError) -> JSONValue {
        switch unsafe TextEncoding(of: bytes) {
        case .utf16: throw JSONSyntaxError(problem: .utf16, offset: 0)
        case .utf32: throw JSONSyntaxError(problem: .utf32, offset: 0)
        case .utf8: return try unsafe root(of: bytes)
        case .markedUTF8:
            let mark = TextEncoding.markBytes
            guard bytes.count > mark else { throw JSONSyntaxError(problem: .empty, offset: mark) }
            do throws(JSONSyntaxError) {
                return try unsafe root(of: UnsafeBufferPointer(rebasing: bytes[mark...]))
            } catch {
                throw JSONSyntaxError(problem: error.problem, offset: error.offset.map { $0 + mark }, pointer: error.pointer)
            }
        }
    }

    private func root(of bytes: UnsafeBufferPointer<UInt8>) throws(JSONSyntaxError) -> JSONValue {
        // One mark is dropped before; later versions of simdjson would skip a second one.
        if unsafe bytes[0] == 0xEF { throw unsafe fault(in: bytes) }
        let document = try unsafe tape(of: bytes)
        if let document = unsafe document { return try unsafe checked(document, of: bytes) }

        var scanner = unsafe JSONScanner(bytes, depthMax: depthMax)
        try scanner.scan()
        guard !scanner.longIntegerEnds.isEmpty else { throw JSONSyntaxError(problem: .syntax) }
        let rewritten = unsafe withExponents(bytes, at: scanner.longIntegerEnds)
        // The tape does not point into what was parsed, so the rewritten bytes may go.
        let again = try unsafe rewritten.withUnsafeBufferPointer { (buffer) throws(JSONSyntaxError) in
            try unsafe tape(of: UnsafeBufferPointer(rebasing: buffer[..<(buffer.count - JSONParser.padding)]))
        }
        guard let again = unsafe again else { throw JSONSyntaxError(problem: .syntax) }
        return try unsafe checked(again, of: bytes)
    }

    /// Nil when simdjson refuses the document.
    private func tape(of bytes: UnsafeBufferPointer<UInt8>) throws(JSONSyntaxError) -> csimdjson_document? {
        guard let handle = unsafe handle else { throw JSONSyntaxError(problem: .outOfMemory) }
        let document = unsafe csimdjson_parse(handle, bytes.baseAddress, bytes.count)
        switch unsafe document.status {
        case Int32(CSIMDJSON_OK.rawValue): return unsafe document
        case Int32(CSIMDJSON_OUT_OF_MEMORY.rawValue): throw JSONSyntaxError(problem: .outOfMemory)
        default: return nil
        }
    }

    private func checked(
        _ document: csimdjson_document, of bytes: UnsafeBufferPointer<UInt8>
    ) throws(JSONSyntaxError) -> JSONValue {
        guard let tape = unsafe document.tape, let strings = unsafe document.strings else {
            throw JSONSyntaxError(problem: .outOfMemory)
        }
        let root = unsafe JSONValue(tape: tape, strings: strings, index: 1)
        switch TapeCheck.fault(of: root, depthMax: depthMax) {
        case nil: return root
        case .tooDeep: throw unsafe fault(in: bytes)
        case .duplicate(let pointer): throw JSONSyntaxError(problem: .duplicateMember, pointer: pointer)
        }
    }

    private func fault(in bytes: UnsafeBufferPointer<UInt8>) -> JSONSyntaxError {
        var scanner = unsafe JSONScanner(bytes, depthMax: depthMax)
        do throws(JSONSyntaxError) {
            try scanner.scan()
        } catch {
            return error
        }
        return JSONSyntaxError(problem: .syntax)
    }

    /// The document with `e0` behind each of the integers that end there, and padding.
    private func withExponents(_ bytes: UnsafeBufferPointer<UInt8>, at ends: [Int]) -> [UInt8] {
        var rewritten: [UInt8] = []
        rewritten.reserveCapacity(bytes.count + 2 * ends.count + JSONParser.padding)
        var start = 0
        for end in ends {
            unsafe rewritten.append(contentsOf: bytes[start..<end])
            rewritten.append(contentsOf: [UInt8(ascii: "e"), UInt8(ascii: "0")])
            start = end
        }
        unsafe rewritten.append(contentsOf: bytes[start...])
        rewritten.append(contentsOf: repeatElement(0, count: JSONParser.padding))
        return rewritten
    }
}
