import HTTPWire
import JSON

/// The fields of a request's head that every request is judged by, found in one pass.
struct HeadFields {
    var authorization: Range<Int>?
    var authorizationCount = 0
    var host: Range<Int>?
    var origin: Range<Int>?
    var originCount = 0
    /// `Forwarded`, `X-Forwarded-…`, `X-Real-IP`, `Via`, `CF-…` or `True-Client-IP`: someone stands between the caller and us.
    var isForwarded = false
    var contentType: Range<Int>?
    var contentTypeCount = 0
    var contentEncoding: Range<Int>?
    var contentEncodingCount = 0
    var contentLength: Range<Int>?
    var idempotencyKey: Range<Int>?
    var idempotencyKeyCount = 0
    var requestId: Range<Int>?

    init(_ head: RequestHead) {
        // Safe: the parser's ranges lie within the head's bytes; slices check them.
        unsafe head.bytes.withUnsafeBufferPointer { bytes in
            for field in head.fields { unsafe note(field, bytes) }
        }
    }

    /// Names of one length are compared with those few that have it.
    @inline(__always)
    private mutating func note(_ field: RequestHead.Field, _ bytes: UnsafeBufferPointer<UInt8>) {
        let name = field.name
        switch name.count {
        case 3: if unsafe HeadFields.matches(bytes, name, "via") { isForwarded = true }
        case 4: if unsafe HeadFields.matches(bytes, name, "host") { host = field.value }
        case 6:
            if unsafe HeadFields.matches(bytes, name, "origin") {
                origin = field.value
                originCount += 1
            }
        case 9:
            if unsafe HeadFields.matches(bytes, name, "forwarded") || HeadFields.matches(bytes, name, "x-real-ip") { isForwarded = true }
        case 12:
            if unsafe HeadFields.matches(bytes, name, "content-type") {
                contentType = field.value
                contentTypeCount += 1
            } else if unsafe HeadFields.matches(bytes, name, "x-request-id") {
                requestId = field.value
            }
        case 13:
            if unsafe HeadFields.matches(bytes, name, "authorization") {
                authorization = field.value
                authorizationCount += 1
            }
        case 14:
            if unsafe HeadFields.matches(bytes, name, "content-length") {
                contentLength = field.value
            } else if unsafe HeadFields.matches(bytes, name, "true-client-ip") {
                isForwarded = true
            }
        case 15:
            if unsafe HeadFields.matches(bytes, name, "idempotency-key") {
                idempotencyKey = field.value
                idempotencyKeyCount += 1
            }
        case 16:
            if unsafe HeadFields.matches(bytes, name, "content-encoding") {
                contentEncoding = field.value
                contentEncodingCount += 1
            }
        default: break
        }
        if name.count >= 12, unsafe HeadFields.matches(bytes, name.lowerBound..<name.lowerBound + 12, "x-forwarded-") {
            isForwarded = true
        }
        if name.count > 3, unsafe HeadFields.matches(bytes, name.lowerBound..<name.lowerBound + 3, "cf-") { isForwarded = true }
    }

    /// `wanted` is lower-case ASCII of the range's length.
    @inline(__always)
    private static func matches(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ wanted: StaticString) -> Bool {
        let start = unsafe wanted.utf8Start
        for index in 0..<range.count where unsafe ASCII.lowercased(bytes[range.lowerBound + index]) != start[index] { return false }
        return true
    }
}

enum ASCII {
    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// Whether the bytes are exactly these.
    // Safe: both are read during the call only.
    @inline(__always)
    static func isSame(_ bytes: ArraySlice<UInt8>, _ wanted: StaticString) -> Bool {
        unsafe bytes.withUnsafeBufferPointer { unsafe $0.equals(wanted) }
    }

    /// Whether the bytes are these, the case of letters aside; `wanted` is lower-case.
    static func equals(_ bytes: some Collection<UInt8>, _ wanted: StaticString) -> Bool {
        guard bytes.count == wanted.utf8CodeUnitCount else { return false }
        // Safe: as many bytes are read as the literal has.
        var next = unsafe wanted.utf8Start
        for byte in bytes {
            guard unsafe lowercased(byte) == next.pointee else { return false }
            unsafe next += 1
        }
        return true
    }

    static func isVisible(_ byte: UInt8) -> Bool { 0x21...0x7E ~= byte }
}
