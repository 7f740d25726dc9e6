import CZlib

/// Decompresses gzip (RFC 1952) piece by piece through zlib. Several members may stand one after the other, as `cat a.gz b.gz` makes.
///
/// Safe: `stream` is allocated in init, where zlib is given its address, and freed in deinit; it is used from one thread at a time and
/// never handed on.
@safe public final class GzipDecoder {
    public static let magic: [UInt8] = [0x1F, 0x8B]
    /// One call gives at most this many bytes, however well the data was compressed.
    public static let outputBytesMax = 64 << 10
    /// Bytes that may come out before `expansionMax` is looked at: short texts may be anything.
    public static let freeOutputBytes = 1 << 20
    /// 15 is the largest window, 16 more asks for a gzip header and trailer (zlib.h, inflateInit2).
    private static let windowBits: Int32 = 15 + 16

    public enum Fault: Error, Equatable, Sendable {
        /// The data is broken, or something else follows it.
        case damaged(reason: String)
        /// More came out than `expansionMax` allows.
        case expandsTooMuch
        case noMemory
    }

    /// Whether the data may end here: behind a whole member.
    public private(set) var isComplete = false
    private let expansionMax: Int?
    private var taken = 0
    private var given = 0
    private var hasMember = false
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameter expansionMax: bytes that one compressed byte may become, on the average, once `freeOutputBytes` came out; nil for any
    ///   number (deflate makes 1,032 at the most).
    public init(expansionMax: Int? = nil) throws(Fault) {
        self.expansionMax = expansionMax
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe inflateInit2_(stream, GzipDecoder.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            unsafe stream.deallocate()
            throw .noMemory
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Decompresses from the front of `input` and appends to `output`, at most `outputBytesMax` bytes of it; returns how many bytes of
    /// `input` it took. When it took none and gave none it wants more input.
    public func decode(_ input: Span<UInt8>, into output: inout [UInt8]) throws(Fault) -> Int {
        if input.isEmpty, isComplete || !hasMember { return 0 }
        if !hasMember || isComplete {
            guard input[0] == GzipDecoder.magic[0] else {
                throw .damaged(reason: hasMember ? "bytes that are not gzip follow" : "it does not begin as gzip does")
            }
            hasMember = true
            isComplete = false
        }
        let (status, count) = inflateOnce(input, into: &output)
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            isComplete = true
            guard unsafe inflateReset(stream) == Z_OK else { throw .noMemory }
        case Z_MEM_ERROR: throw .noMemory
        default:
            let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
            throw .damaged(reason: message ?? "zlib reports \(status)")
        }
        if let expansionMax, given > GzipDecoder.freeOutputBytes, given / expansionMax > taken { throw .expandsTooMuch }
        return count
    }

    /// zlib's status and the bytes of `input` that it took.
    private func inflateOnce(_ input: Span<UInt8>, into output: inout [UInt8]) -> (status: Int32, taken: Int) {
        // Safe: both buffers outlive the call, and no pointer to them is kept: they are set anew each time. zlib reads the input and does
        // not change it, and writes at most as many bytes as it is told there is room for.
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: GzipDecoder.outputBytesMax) { buffer in
            unsafe input.withUnsafeBufferPointer { input in
                let available = min(input.count, Int(UInt32.max))
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(available)
                unsafe stream.pointee.next_out = buffer.baseAddress
                unsafe stream.pointee.avail_out = UInt32(buffer.count)
                let status = unsafe inflate(stream, Z_NO_FLUSH)
                let count = unsafe available - Int(stream.pointee.avail_in)
                let made = unsafe buffer.count - Int(stream.pointee.avail_out)
                unsafe output.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[..<made]))
                taken += count
                given += made
                return (status, count)
            }
        }
    }
}
