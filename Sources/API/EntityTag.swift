import HTTPWire
import Ledger
import Routing

/// Entity tags and the fields that name them (RFC 9110 §8.8.3, §13.1).
struct EntityTagList {
    private enum Content {
        case any
        case tags([(isWeak: Bool, opaque: ArraySlice<UInt8>)])
    }

    private let content: Content

    /// Nil when the request has no such field, or, with a fault, one that is not of the shape. Several lines are one list.
    static func read(_ name: StaticString, _ written: String, of head: RequestHead, faults: inout Faults) -> EntityTagList? {
        let values = head.values(name)
        if values.isEmpty { return nil }
        let list = EntityTagList(values.joined(separator: ","))
        if list == nil { faults.add(Fault(.header(written), "must be * or a list of entity tags, in quotes: \"12\"")) }
        return list
    }

    private init?(_ text: String) {
        let bytes = ArraySlice(text.utf8)
        if bytes.elementsEqual("*".utf8) {
            content = .any
            return
        }
        var tags: [(isWeak: Bool, opaque: ArraySlice<UInt8>)] = []
        var rest = bytes
        while true {
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: ",") }
            if rest.isEmpty { break }
            let isWeak = rest.starts(with: "W/".utf8)
            if isWeak { rest = rest.dropFirst(2) }
            guard rest.first == UInt8(ascii: "\""), let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "\"")) else { return nil }
            let opaque = rest[(rest.startIndex + 1)..<end]
            guard opaque.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
            tags.append((isWeak, opaque))
            rest = rest[(end + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
            guard rest.isEmpty || rest.first == UInt8(ascii: ",") else { return nil }
        }
        if tags.isEmpty { return nil }
        content = .tags(tags)
    }

    var isAny: Bool { if case .any = content { true } else { false } }

    /// Strong comparison: a weak tag never matches (§8.8.3.2). Tags are written without their quotes.
    func matchesStrongly(_ opaque: String) -> Bool {
        switch content {
        case .any: true
        case .tags(let tags): tags.contains { !$0.isWeak && $0.opaque.elementsEqual(opaque.utf8) }
        }
    }

    /// Weak comparison, for `If-None-Match` on reads.
    func matchesWeakly(_ opaque: String) -> Bool {
        switch content {
        case .any: true
        case .tags(let tags): tags.contains { $0.opaque.elementsEqual(opaque.utf8) }
        }
    }
}
