import JSON
import Routing

/// Reads what tells apart a procedure that a claim bills twice, of pairs that an engine read and of those that a reviewer says are right.
enum BillingReader {
    static func modifiers(_ value: JSONValue, at pointer: () -> Pointer, faults: inout Faults) -> Modifiers {
        var modifiers = Modifiers()
        if value.isNull { return modifiers }
        guard value.kind == .array else {
            faults.add(pointer(), "must be an array of modifiers, for example [\"RT\", \"59\"]")
            return modifiers
        }
        var index = 0
        value.forEachElement { element in
            if index >= Modifiers.countMax {
                if index == Modifiers.countMax { faults.add(pointer(), "must have \(Modifiers.countMax) modifiers at most") }
            } else {
                // Safe: the string is read here only.
                let text = unsafe element.stringBytes.map { unsafe Array($0.prefix(3)) } ?? []
                if text.count != 2 || !modifiers.append(text[0], text[1]) {
                    faults.add(pointer() / index, "must be a string of two letters or digits, for example \"RT\"")
                }
            }
            index += 1
        }
        return modifiers
    }

    static func line(_ value: JSONValue, at pointer: () -> Pointer, faults: inout Faults) -> ClaimLine? {
        if let number = value.double, let line = Int(exactly: number).flatMap({ ClaimLine(exactly: $0) }) { return line }
        if !value.isNull { faults.add(pointer(), "must be a whole number from 1 to 999") }
        return nil
    }
}
