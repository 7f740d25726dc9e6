/// What kind of document a result is of: 1…128 of `A-Za-z0-9._-`, or `*`, the policy for every type without one of its own.
public enum DocumentType {
    public static let bytesMax = 128
    public static let anyOther = "*"

    /// Whether the bytes are a document type.
    @inlinable
    public static func isValid(_ bytes: some Collection<UInt8>) -> Bool {
        var count = 0
        var stars = 0
        for byte in bytes {
            count += 1
            if count > bytesMax { return false }
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                break
            case UInt8(ascii: "*"): stars += 1
            default: return false
            }
        }
        return count > 0 && (stars == 0 || (stars == 1 && count == 1))
    }
}
