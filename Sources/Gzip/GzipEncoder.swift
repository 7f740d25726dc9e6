import CZlib

/// Compresses bytes as one gzip member (RFC 1952).
public enum GzipEncoder {
    /// zlib's level for what is compressed once and sent once: the fastest. JSON becomes a sixth by it, an eighth at best.
    public static let level: Int32 = 1
    /// 15 is the largest window, 16 more asks for a gzip header and trailer; 8 is zlib's usual memory (zlib.h, deflateInit2).
    private static let windowBits: Int32 = 15 + 16
    private static let memoryLevel: Int32 = 8

    /// - Parameter level: 1, the fastest, to 9, the shortest.
    /// - Returns: nil when there is no memory for it. The same bytes give the same member: its header has no time.
    public static func encode(_ bytes: [UInt8], level: Int32 = GzipEncoder.level) -> [UInt8]? {
        guard bytes.count <= Int(UInt32.max) else { return nil }
        var stream = unsafe z_stream()
        // Safe: `stream` stays where it is and both buffers outlive the calls that use them; zlib reads the input and does not change it.
        return unsafe withUnsafeMutablePointer(to: &stream) { stream in
            guard
                unsafe deflateInit2_(
                    stream, level, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)
                )
                    == Z_OK
            else { return nil }
            defer { unsafe deflateEnd(stream) }
            let capacity = unsafe Int(deflateBound(stream, UInt(bytes.count)))
            var isWhole = false
            let encoded = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
                unsafe bytes.withUnsafeBufferPointer { input in
                    unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                    unsafe stream.pointee.avail_in = UInt32(input.count)
                    unsafe stream.pointee.next_out = output.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(capacity)
                    isWhole = unsafe deflate(stream, Z_FINISH) == Z_STREAM_END
                    count = unsafe capacity - Int(stream.pointee.avail_out)
                }
            }
            return isWhole ? encoded : nil
        }
    }
}
