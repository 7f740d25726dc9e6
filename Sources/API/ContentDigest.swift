import Crypto
import JSON

/// What a past result says, as 16 bytes: the same for lines that differ in white space, in the order of members, in how a number or a string is
/// escaped, or in members that are null, and for no others. Document type and id are part of what it says. One per thread.
package final class ContentDigest {
    package static let bytes = 16

    private let parser = JSONParser()
    private var text: [UInt8] = []

    package init() {}

    /// - Returns: the first bytes of SHA-256 of the line's canonical form.
    /// - Throws: `Faults` when the line is not JSON.
    package func of(line: [UInt8]) throws(Faults) -> [UInt8] {
        text.removeAll(keepingCapacity: true)
        do {
            try parser.parse(line) { append($0) }
        } catch let error as JSONSyntaxError {
            throw unsafe line.withUnsafeBufferPointer { unsafe Faults(error, in: $0) }
        } catch {
            preconditionFailure("what is read throws nothing of its own")
        }
        return Array(SHA256.hash(data: text).prefix(ContentDigest.bytes))
    }

    /// Each value begins with its kind and says how long it is, so that no two values look alike.
    private func append(_ value: JSONValue) {
        switch value.kind {
        case .object:
            var members: [(name: [UInt8], value: JSONValue)] = []
            // Safe: names are copied during each call.
            unsafe value.forEachMember { name, value in
                if !value.isNull { members.append((unsafe Array(name), value)) }
            }
            members.sort { $0.name.lexicographicallyPrecedes($1.name) }
            append(UInt8(ascii: "{"), members.count)
            for member in members {
                append(UInt8(ascii: "k"), member.name.count)
                text += member.name
                append(member.value)
            }
        case .array:
            append(UInt8(ascii: "["), value.count)
            value.forEachElement { append($0) }
        case .string:
            // Safe: the bytes are copied during the call.
            unsafe append(bytes: value.stringBytes ?? UnsafeBufferPointer(start: nil, count: 0))
        case .number:
            append(UInt8(ascii: "n"), Int(bitPattern: UInt((value.double ?? 0).bitPattern)))
        case .bool: text.append(UInt8(ascii: value.bool == true ? "t" : "f"))
        case .null: text.append(UInt8(ascii: "z"))
        }
    }

    private func append(bytes: UnsafeBufferPointer<UInt8>) {
        append(UInt8(ascii: "s"), bytes.count)
        unsafe text.append(contentsOf: bytes)
    }

    private func append(_ kind: UInt8, _ number: Int) {
        text.append(kind)
        for shift in stride(from: 0, to: 64, by: 8) { text.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}
