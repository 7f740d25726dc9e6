/// The bytes of a string that JSON wants escaped: the two that have a meaning, and controls below space (RFC 8259 §7). DEL and all
/// else beyond ASCII stand for themselves.
enum JSONEscapes {
    @inline(__always)
    static func isPlain(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") }

    /// Eight bytes at a time: in each lane the top bit is set where the byte is below space, a quote or a backslash.
    @inline(__always)
    static func areNone(in text: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = UnsafeRawBufferPointer(text)
        var index = 0
        // Each load stays within the buffer.
        while index + 8 <= raw.count {
            if unsafe marks(in: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)) != 0 { return false }
            index += 8
        }
        while index < raw.count {
            guard unsafe isPlain(raw[index]) else { return false }
            index += 1
        }
        return true
    }

    /// Non-zero exactly when a lane needs an escape. A borrow may mark a lane above a true one, which changes nothing.
    @inline(__always)
    private static func marks(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let controls = (word &- ones &* 0x20) & ~word
        let quotes = (quote &- ones) & ~quote
        let backslashes = (backslash &- ones) & ~backslash
        return (controls | quotes | backslashes) & tops
    }

    static func append(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        var plainStart = 0
        var index = 0
        // Every index is below the count.
        while index < text.count {
            let byte = unsafe text[index]
            if !isPlain(byte) {
                unsafe bytes.append(contentsOf: text[plainStart..<index])
                append(escape: byte, to: &bytes)
                plainStart = index + 1
            }
            index += 1
        }
        unsafe bytes.append(contentsOf: text[plainStart...])
    }

    private static func append(escape byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0..<0x20:
            let low = byte & 0x0F
            bytes.append(contentsOf: byte < 0x10 ? "u000".utf8 : "u001".utf8)
            bytes.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        default: bytes.append(byte)
        }
    }
}
