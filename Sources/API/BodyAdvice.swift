/// What to do about a body that is JSON of another shape than its media type says: the usual mistakes with many results.
extension Faults {
    /// The same faults; the one that is about the whole text says what to do as well.
    /// - Parameter isLine: the text is a line of NDJSON, else a body of application/json.
    func advising(on text: UnsafeBufferPointer<UInt8>, isLine: Bool) -> Faults {
        guard faults.count == 1, faults[0].place == .pointer(""), let advice = unsafe Faults.advice(on: text, isLine: isLine) else {
            return self
        }
        var fault = faults[0]
        fault.detail += "; \(advice)"
        return Faults([fault])
    }

    private static func advice(on text: UnsafeBufferPointer<UInt8>, isLine: Bool) -> String? {
        guard let first = unsafe text.firstIndex(where: { !isBlank($0) }) else { return nil }
        switch unsafe text[first] {
        case UInt8(ascii: "["):
            return isLine
                ? "each line is one result: leave out the brackets and commas of the array"
                : "this takes one result; many are sent one a line, without brackets and commas, as application/x-ndjson"
        case UInt8(ascii: "{"):
            guard let end = unsafe endOfObject(text, from: first) else {
                return isLine ? "each line must hold one whole result" : nil
            }
            guard let next = unsafe text[end...].firstIndex(where: { !isBlank($0) && $0 != UInt8(ascii: ",") }),
                unsafe text[next] == UInt8(ascii: "{")
            else { return nil }
            return isLine
                ? "another result follows on the same line: were newlines lost? curl's -d drops them, --data-binary and -T keep them"
                : "another result follows; many are sent one a line, as application/x-ndjson"
        default: return isLine ? "each line must hold one whole result" : nil
        }
    }

    /// Behind the brace that closes the one at `start`; nil when there is none.
    private static func endOfObject(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var depth = 0
        var isInString = false
        var isEscaped = false
        for index in start..<text.count {
            let byte = unsafe text[index]
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
        }
        return nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
}
