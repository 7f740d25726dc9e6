import HTTPWire
import Ledger
import Routing

/// What a change asks of the policy that stands.
struct PolicyPrecondition {
    /// What is changed, and so what may be named in `If-Match`.
    enum Target {
        /// The policy as a whole, which may also be made anew.
        case policy
        /// A part of it, at a URL of its own: the tags that GET of that URL answers now are as good as the policy's.
        case part(tags: [String])
    }

    private let match: EntityTagList?
    private let noneMatch: EntityTagList?

    init(_ head: RequestHead, faults: inout Faults) {
        match = EntityTagList.read("if-match", "If-Match", of: head, faults: &faults)
        noneMatch = EntityTagList.read("if-none-match", "If-None-Match", of: head, faults: &faults)
        if let noneMatch, !noneMatch.isAny { faults.add(Fault(.header("If-None-Match"), "must be * on a change")) }
    }

    /// Refuses a change that says nothing of what it is to change; a dry run may.
    func require(_ current: PolicyVersion?, for target: Target, unless isDryRun: Bool = false) throws(Problem) {
        if isDryRun || match != nil || (noneMatch != nil && target.canBeMade) { return }
        throw Problem(.preconditionRequired, target.need(current))
    }

    /// The one version, or absence, that the ledger is to check again in its transaction.
    /// - Parameter current: the version in force.
    func resolved(against current: PolicyVersion?, for target: Target) throws(Problem) -> Ledger.Precondition {
        if let match {
            guard let current, target.tags(current).contains(where: match.matchesStrongly) else {
                throw Problem(.preconditionFailed, "If-Match does not hold. \(target.wanted(current))")
            }
        }
        if noneMatch != nil, target.canBeMade, current != nil {
            throw Problem(.preconditionFailed, "If-None-Match does not hold. \(target.wanted(current))")
        }
        return current.map { .version($0) } ?? .absent
    }
}

extension PolicyPrecondition.Target {
    fileprivate var canBeMade: Bool { if case .policy = self { true } else { false } }

    fileprivate func tags(_ current: PolicyVersion) -> [String] {
        let own: [String] = if case .part(let tags) = self { tags } else { [] }
        return ["\(current.number)"] + own
    }

    fileprivate func need(_ current: PolicyVersion?) -> String {
        switch (self, current) {
        case (.policy, nil): "If-None-Match: * is needed: there is no policy of this document type yet."
        case (.policy, let current?): "If-Match is needed: \"\(current.number)\", the policy's version, which GET answers as ETag."
        case (.part, let current):
            "If-Match is needed: \(current.map { "\"\($0.number)\", " } ?? "")the policy's version, or the ETag that GET of this URL answers."
        }
    }

    fileprivate func wanted(_ current: PolicyVersion?) -> String {
        switch (self, current) {
        case (_, nil): "There is no policy of this document type; If-None-Match: * makes one."
        case (.policy, let current?): "The policy is at version \(current.number): If-Match: \"\(current.number)\" is wanted."
        case (.part, let current?):
            "The policy is at version \(current.number): If-Match: \"\(current.number)\" is wanted, or the ETag that GET of this URL answers now."
        }
    }
}

/// What the head and the query of a change say of it.
struct ChangeHead {
    let reason: String?
    let precondition: PolicyPrecondition

    /// - Parameter queried: the reason that the query gives.
    init(_ head: RequestHead, queried: String?, faults: inout Faults) {
        let field = ChangeReason.read(head, faults: &faults)
        if queried != nil, field != nil { faults.add(Fault(.parameter("reason"), "is given by Change-Reason too: give one of them")) }
        reason = queried ?? field
        precondition = PolicyPrecondition(head, faults: &faults)
    }
}

/// Why something is changed, in the changer's words: the field `Change-Reason`, the parameter `reason`, and what the commands call a reason.
package enum ChangeReason {
    package static let bytesMax = 1000
    static let detail = "must be one text of at most \(bytesMax) bytes without control characters"

    /// At most `bytesMax` bytes without control characters.
    package static func isValid(_ text: String) -> Bool {
        text.utf8.count <= bytesMax && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    /// The field's text: UTF-8, else Latin-1, as many clients send it.
    static func read(_ head: RequestHead, faults: inout Faults) -> String? {
        guard let range = head.first("change-reason"), !range.isEmpty else { return nil }
        let bytes = head.bytes[range]
        let text = String(validating: bytes, as: UTF8.self) ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        if head.values("change-reason").count == 1, isValid(text) { return text }
        faults.add(Fault(.header("Change-Reason"), detail))
        return nil
    }
}
