import CZlib

/// Decompresses gzip (RFC 1952) piece by piece through zlib; a file may hold several members, one after the other, as `cat a.gz b.gz` makes.
///
/// Safe: `stream` and `buffer` are allocated in init, where zlib is given the stream's address, and freed in deinit; they are used from one
/// thread and never handed on.
@safe final class GzipDecoder {
    static let magic: [UInt8] = [0x1F, 0x8B]
    /// One call gives at most this many bytes, however well the data was compressed.
    static let outputBytesMax = 256 << 10
    /// 15 is the largest window, 16 more asks for a gzip header and trailer (zlib.h, inflateInit2).
    private static let windowBits: Int32 = 15 + 16

    struct Damage: Error { var reason: String }

    /// Whether the data may end here.
    private(set) var isBetweenMembers = true
    private let stream: UnsafeMutablePointer<z_stream>
    private let buffer: UnsafeMutablePointer<UInt8>

    init(name: String) throws(InputError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe inflateInit2_(stream, GzipDecoder.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        unsafe buffer = .allocate(capacity: GzipDecoder.outputBytesMax)
        guard status == Z_OK else {
            unsafe stream.deallocate()
            unsafe buffer.deallocate()
            throw .cannotRead(name: name, reason: "zlib does not start (\(status))")
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
        unsafe buffer.deallocate()
    }

    /// Decompresses from the front of `input` and appends to `output`, at most `outputBytesMax` bytes of it; returns how many bytes of `input` it took.
    func decode(_ input: ArraySlice<UInt8>, into output: inout [UInt8]) throws(Damage) -> Int {
        if isBetweenMembers, let first = input.first, first != GzipDecoder.magic[0] {
            throw Damage(reason: "bytes that are not gzip follow")
        }
        isBetweenMembers = false
        var status = Z_OK
        var taken = 0
        unsafe input.withUnsafeBufferPointer { input in
            guard let from = input.baseAddress else { return }
            // zlib reads the input and does not change it; no pointer to it is kept: it is set anew each time.
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: from)
            unsafe stream.pointee.avail_in = UInt32(input.count)
            unsafe stream.pointee.next_out = buffer
            unsafe stream.pointee.avail_out = UInt32(GzipDecoder.outputBytesMax)
            status = unsafe inflate(stream, Z_NO_FLUSH)
            taken = unsafe input.count - Int(stream.pointee.avail_in)
        }
        let given = unsafe GzipDecoder.outputBytesMax - Int(stream.pointee.avail_out)
        unsafe output.append(contentsOf: UnsafeBufferPointer(start: buffer, count: given))
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            isBetweenMembers = true
            guard unsafe inflateReset(stream) == Z_OK else { throw Damage(reason: "zlib cannot go on") }
        case Z_MEM_ERROR: throw Damage(reason: "memory ran out")
        default:
            let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
            throw Damage(reason: message ?? "zlib reports \(status)")
        }
        return taken
    }
}
