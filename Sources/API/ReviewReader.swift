import JSON
import Ledger
import Routing

/// Reads what a reviewer said of a past result, as files have it beside the result:
/// `{"verdict", "corrections", "unreadable", "reviewedBy", "at"}`.
///
/// 1. `corrections` is as a review that is posted has it, `{"fields": {NAME: VALUE}, "pairs": [all the right pairs]}`; or the right pairs alone,
///    or the right values of the fields that were wrong. `corrected` is another name for it. Where both are there, they must say the same.
/// 2. `reviewer` is another name for `reviewedBy`; `claim` and `note` may be there, and are left aside.
/// 3. Null is absent. Values are compared and forgotten; codes and names are kept.
enum ReviewReader {
    static func read(_ review: JSONValue, of result: EngineResult, in root: JSONValue, faults: inout Faults) -> ImportedReview? {
        let pointer = Pointer.root / "review"
        guard review.kind == .object else {
            faults.add(pointer, "must be an object")
            return nil
        }
        var reader = Reading(result: result, root: root)
        reader.members(review)
        for fault in reader.faults.faults { faults.add(fault) }
        guard let verdict = reader.verdict else { return nil }
        var found = reader.found
        if verdict == .rejected { found.items = found.items.map { _ in .removed } }
        let isUnchanged = found.added.isEmpty && found.items.allSatisfy { $0 == .kept }
        if verdict == .approved, !isUnchanged {
            faults.add(pointer / reader.correctionsName, "changes what the verdict approves", status: 422)
        }
        // What cannot be read is at fault itself: it may have changed something.
        if verdict == .modified, isUnchanged, reader.faults.faults.isEmpty {
            faults.add(pointer / reader.correctionsName, "changes nothing, but the verdict says so", status: 422)
        }
        return ImportedReview(verdict: verdict, reviewer: reader.reviewer, at: reader.at, items: found.items, added: found.added)
    }
}

private struct Reading {
    let result: EngineResult
    let root: JSONValue
    let pointer = Pointer.root / "review"
    var faults = Faults([])
    var verdict: ReviewVerdict?
    var reviewer: Name?
    var at: Instant?
    var found: CorrectionReading.Found
    /// The name that corrections stand under, for faults that are about them as a whole.
    var correctionsName: StaticString = "corrected"

    init(result: EngineResult, root: JSONValue) {
        self.result = result
        self.root = root
        found = CorrectionReading.Found(items: [ItemOutcome](repeating: .kept, count: result.items.count))
    }

    mutating func members(_ review: JSONValue) {
        var hasVerdict = false
        var unreadable: JSONValue?
        var corrections: [(name: StaticString, found: CorrectionReading.Found)] = []
        // Safe: names are read during each call only.
        unsafe review.forEachMember { name, value in
            if unsafe name.equals("verdict") {
                hasVerdict = true
                readVerdict(value)
            } else if value.isNull {
                if !ReviewMembers.all.contains(where: { unsafe name.equals($0) }) { unsafe refuse(name) }
            } else if unsafe name.equals("reviewedBy") {
                readReviewer(value, "reviewedBy")
            } else if unsafe name.equals("reviewer") {
                readReviewer(value, "reviewer")
            } else if unsafe name.equals("at") {
                at = value.string.flatMap { Instant(rfc3339: $0.utf8) }
                if at == nil { faults.add(pointer / "at", TimeCheck.timeDetail(value.string ?? "")) }
            } else if unsafe name.equals("corrected") {
                corrections.append(("corrected", read(value, "corrected")))
            } else if unsafe name.equals("corrections") {
                corrections.append(("corrections", read(value, "corrections")))
            } else if unsafe name.equals("unreadable") {
                unreadable = value
            } else if unsafe name.equals("claim") || name.equals("note") {
                if value.kind != .string { unsafe faults.add(pointer.appending(foreign: name), "must be a string or null") }
            } else {
                unsafe refuse(name)
            }
        }
        if !hasVerdict { faults.add(pointer / "verdict", "is required") }
        if let first = corrections.first {
            (correctionsName, found) = first
            if corrections.count > 1, !corrections[1].found.saysTheSame(as: first.found) {
                faults.add(pointer / corrections[1].name, "says otherwise than \(first.name), which is another name for it", status: 422)
            }
        }
        if let unreadable { readUnreadable(unreadable) }
    }

    private mutating func refuse(_ name: UnsafeBufferPointer<UInt8>) {
        // Safe: the name is read during the call only.
        unsafe faults.add(pointer.appending(foreign: name), "is not a member of a review")
    }

    private mutating func read(_ value: JSONValue, _ name: StaticString) -> CorrectionReading.Found {
        var reading = CorrectionReading(result: result, root: root, pointer: pointer / name)
        reading.read(value)
        for fault in reading.faults.faults { faults.add(fault) }
        return reading.found
    }

    private mutating func readVerdict(_ value: JSONValue) {
        switch value.string {
        case "approved": verdict = .approved
        case "modified": verdict = .modified
        case "rejected": verdict = .rejected
        default: faults.add(pointer / "verdict", "must be approved, modified or rejected")
        }
    }

    private mutating func readReviewer(_ value: JSONValue, _ member: StaticString) {
        let name = value.string.flatMap { Name($0) }
        if name == nil { faults.add(pointer / member, NameCheck.detail) }
        if let reviewer, let name, reviewer != name {
            faults.add(pointer / member, "says otherwise than reviewedBy or reviewer, which is another name for it", status: 422)
        }
        reviewer = reviewer ?? name
    }

    /// Nobody can say that a value is right which nobody can read: it counts as removed.
    private mutating func readUnreadable(_ list: JSONValue) {
        guard list.kind == .array else { return faults.add(pointer / "unreadable", "must be an array of names of fields") }
        var position = 0
        list.forEachElement { element in
            let here = pointer / "unreadable" / position
            position += 1
            guard let name = element.string else { return faults.add(here, "must be the name of a field") }
            let form = CanonicalForm.ofName(name.utf8)
            let index = result.items.firstIndex { $0.kind == .field && CanonicalForm.ofName(result.text[$0.first.indices]) == form }
            guard let index else { return faults.add(here, "is not a field of the result", status: 422) }
            found.items[index] = .removed
        }
    }
}

/// All members that a review may have.
private enum ReviewMembers {
    static let all: [StaticString] = [
        "verdict", "reviewedBy", "reviewer", "at", "corrected", "corrections", "unreadable", "claim", "note",
    ]
}
