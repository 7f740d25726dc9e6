import JSON

extension Faults {
    /// What is wrong with bytes that are not acceptable JSON, and where: the byte, and the line beyond the first; never what stands there.
    init(_ error: JSONSyntaxError, in text: UnsafeBufferPointer<UInt8>) {
        // Safe: the offset is held within the text.
        let line = error.offset.map { offset in
            unsafe text[..<min(max(offset, 0), text.count)].reduce(into: 1) { if $1 == UInt8(ascii: "\n") { $0 += 1 } }
        }
        var detail = error.problem.detail
        if let offset = error.offset { detail += ", at byte \(offset)" }
        if let line, line > 1 { detail += " (line \(line))" }
        self.init([Fault(.pointer(error.pointer.map(Faults.shown) ?? ""), detail)])
    }
}

extension Faults {
    /// Where a member occurs twice, as far as it may be said again: what `context` and `evidence` hold is the caller's own and may be health
    /// data, so the pointer ends with them; other names are cut like all names.
    private static func shown(_ pointer: String) -> String {
        var shown = ""
        for token in pointer.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            shown += "/" + Echo.text(Array(token))
            if token.elementsEqual("context".utf8) || token.elementsEqual("evidence".utf8) { break }
        }
        return shown
    }
}

extension JSONSyntaxError.Problem {
    var detail: String {
        switch self {
        case .empty: "is empty; JSON is needed"
        case .syntax: "is not valid JSON"
        case .invalidUTF8: "is not valid UTF-8"
        case .loneSurrogate: "has a lone surrogate"
        case .numberTooLarge: "has a number beyond a double's range"
        case .tooDeep: "is nested too deeply"
        case .duplicateMember: "occurs twice in its object"
        case .trailingBytes: "has bytes behind its end"
        case .utf16: "is UTF-16; it must be UTF-8"
        case .utf32: "is UTF-32; it must be UTF-8"
        case .outOfMemory: "is too large to be read"
        }
    }
}
