import Glibc

/// The text of one address to listen on: an IPv4 or IPv6 address, a name, or `unix:` and a path.
enum HostText {
    static let unixPrefix = "unix:"
    /// `sun_path` of unix(7) holds 108 bytes, the last of them a NUL.
    static let unixPathBytesMax = 107

    /// What is wrong with the text, or nil.
    static func problem(in host: String) -> Problem? {
        if host.hasPrefix(unixPrefix) {
            let bytes = host.utf8.count - unixPrefix.utf8.count
            if bytes == 0 { return Problem("`unix:` lacks a path", "write it as unix:/run/sluice.sock") }
            if bytes > unixPathBytesMax {
                return Problem("the path has \(bytes) bytes", "socket paths have at most \(unixPathBytesMax)")
            }
            return nil
        }
        if host.isEmpty { return Problem("an address is empty", "give an IP address, a name, or unix:PATH") }
        if host.utf8.contains(UInt8(ascii: ":")) {
            if isNumeric(host, family: AF_INET6) { return nil }
            return Problem(
                "`\(shown(host))` is no IPv6 address",
                "write the address without brackets and without a port; the port is the setting `port`")
        }
        if host.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") }) {
            return isNumeric(host, family: AF_INET)
                ? nil : Problem("`\(shown(host))` is no IPv4 address", "write four numbers of 0…255, as in 127.0.0.1")
        }
        let isName =
            host.utf8.count <= 253
            && host.utf8.allSatisfy { isDigit($0) || isLetter($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
        return isName ? nil : Problem("`\(shown(host))` is not an address or a host name", "give an IP address, a name, or unix:PATH")
    }

    /// Whether only this machine reaches the address: a socket file, `localhost`, 127.0.0.0/8, ::1 or ::ffff:127.0.0.0/104.
    static func isLocal(_ host: String) -> Bool {
        if host.hasPrefix(unixPrefix) || host.lowercased() == "localhost" { return true }
        if let bytes = numericBytes(host, family: AF_INET, count: 4) { return bytes[0] == 127 }
        guard let bytes = numericBytes(host, family: AF_INET6, count: 16) else { return false }
        let isLoopback = bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
        let isMappedLoopback = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF && bytes[12] == 127
        return isLoopback || isMappedLoopback
    }

    private static func isNumeric(_ host: String, family: Int32) -> Bool {
        numericBytes(host, family: family, count: family == AF_INET ? 4 : 16) != nil
    }

    /// The address in network order, or nil when the text is none of that family.
    private static func numericBytes(_ host: String, family: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        // inet_pton(3) writes 4 bytes for AF_INET and 16 for AF_INET6: `count`, as the callers give it.
        let result = unsafe bytes.withUnsafeMutableBytes { unsafe inet_pton(family, host, $0.baseAddress) }
        return result == 1 ? bytes : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z") }
}

/// The text as it may be echoed: cut at 128 bytes, control characters replaced.
func shown(_ text: String) -> String {
    var cut = String(decoding: text.utf8.prefix(128), as: UTF8.self)
    if cut.utf8.count < text.utf8.count { cut += "…" }
    return String(String.UnicodeScalarView(cut.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
}
