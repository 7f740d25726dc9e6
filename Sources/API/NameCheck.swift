import Routing

/// What names and document types are, said once.
enum NameCheck {
    static let detail = "must be 1 to 256 bytes without control characters"
    static let documentTypeDetail = "must be 1 to 128 of A-Za-z0-9._-, or *"

    /// `Name.isValid` for the hot path: eight bytes at a time, and one by one only where a byte may be at fault.
    // Safe: every load stays below the count.
    static func isName(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard 1...Name.bytesMax ~= bytes.count else { return false }
        let raw = UnsafeRawBufferPointer(bytes)
        var index = 0
        while index + 8 <= bytes.count {
            if unsafe isSuspect(raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)) { return unsafe Name.isValid(bytes) }
            index += 8
        }
        while index < bytes.count {
            let byte = unsafe bytes[index]
            if byte < 0x20 || byte == 0x7F || byte == 0xC2 { return unsafe Name.isValid(bytes) }
            index += 1
        }
        return true
    }

    /// Whether one of eight bytes may be a control character (below space, DEL) or begin one (C2). A borrow may say so of a byte that is
    /// none, never the other way.
    private static func isSuspect(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let deletes = word ^ (ones &* 0x7F)
        let leads = word ^ (ones &* 0xC2)
        let controls = (word &- ones &* 0x20) & ~word
        return (controls | ((deletes &- ones) & ~deletes) | ((leads &- ones) & ~leads)) & (ones &* 0x80) != 0
    }
}
