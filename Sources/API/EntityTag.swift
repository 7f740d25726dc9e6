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
        if list == nil { faults.add(Fault(.header(written), "must be * or a list of entity tags")) }
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

/// What a change to a policy asks of the policy that stands.
struct PolicyPrecondition {
    private let match: EntityTagList?
    private let noneMatch: EntityTagList?

    init(_ head: RequestHead, faults: inout Faults) {
        match = EntityTagList.read("if-match", "If-Match", of: head, faults: &faults)
        noneMatch = EntityTagList.read("if-none-match", "If-None-Match", of: head, faults: &faults)
        if let noneMatch, !noneMatch.isAny { faults.add(Fault(.header("If-None-Match"), "must be * on a change")) }
    }

    /// `If-None-Match: *` counts only where something may be made anew.
    func require(canMake: Bool) throws(Problem) {
        if match != nil || (canMake && noneMatch != nil) { return }
        throw Problem(.preconditionRequired, canMake ? "If-Match, or If-None-Match: *, is needed." : "If-Match is needed.")
    }

    /// The one version, or absence, that the ledger is to check again in its transaction.
    func resolved(against current: PolicyVersion?) throws(Problem) -> Ledger.Precondition {
        if let match {
            guard let current, match.matchesStrongly("\(current.number)") else {
                throw Problem(LedgerError.versionMismatch(current: current))
            }
        }
        if noneMatch != nil, current != nil { throw Problem(LedgerError.alreadyExists) }
        return current.map { .version($0) } ?? .absent
    }
}

/// What the head of a change says of it.
struct ChangeHead {
    let reason: String?
    let precondition: PolicyPrecondition

    init(_ head: RequestHead, faults: inout Faults) {
        reason = ChangeReason.read(head, faults: &faults)
        precondition = PolicyPrecondition(head, faults: &faults)
    }
}

/// Why something is changed, in the changer's words: the field `Change-Reason`, and what the commands call a reason.
package enum ChangeReason {
    package static let bytesMax = 1000

    /// At most `bytesMax` bytes without control characters.
    package static func isValid(_ text: String) -> Bool {
        text.utf8.count <= bytesMax && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    static func read(_ head: RequestHead, faults: inout Faults) -> String? {
        guard let range = head.first("change-reason"), !range.isEmpty else { return nil }
        let text = String(validating: head.bytes[range], as: UTF8.self)
        if head.values("change-reason").count == 1, let text, isValid(text) { return text }
        faults.add(Fault(.header("Change-Reason"), "must be one text of at most \(bytesMax) bytes of UTF-8 without control characters"))
        return nil
    }
}
