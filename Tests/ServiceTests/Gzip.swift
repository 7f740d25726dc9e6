import CZlib

/// Compresses bytes as one gzip member.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = unsafe z_stream()
    // Safe: both buffers outlive the calls, and `stream` stays where it is between them.
    return unsafe withUnsafeMutablePointer(to: &stream) { stream in
        _ = unsafe deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        defer { unsafe deflateEnd(stream) }
        var output = [UInt8](repeating: 0, count: bytes.count + bytes.count / 100 + 1_024)
        var input = bytes
        let count = unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe stream.pointee.next_in = input.baseAddress
                unsafe stream.pointee.avail_in = UInt32(input.count)
                unsafe stream.pointee.next_out = output.baseAddress
                unsafe stream.pointee.avail_out = UInt32(output.count)
                _ = unsafe deflate(stream, Z_FINISH)
                return unsafe output.count - Int(stream.pointee.avail_out)
            }
        }
        return Array(output[..<count])
    }
}
