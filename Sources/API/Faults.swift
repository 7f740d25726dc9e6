/// One fault of an input: where (a JSON Pointer, parameter or header) and what.
package struct Fault: Sendable, Equatable {
    package enum Place: Sendable, Equatable { case pointer(String), parameter(String), header(String) }
    package var place: Place
    package var detail: String
    /// 400 (not of the shape) or 422 (contradicts itself).
    package var status: UInt16
    package init(_ place: Place, _ detail: String, status: UInt16 = 400) {
        self.place = place
        self.detail = detail
        self.status = status
    }
}

/// Every fault of one input, 100 at most.
package struct Faults: Error, Sendable, Equatable {
    package static let countMax = 100

    package private(set) var faults: [Fault]
    package init(_ faults: [Fault]) {
        self.faults = []
        for fault in faults { add(fault) }
    }

    package var isEmpty: Bool { faults.isEmpty }

    /// 400 when any fault is one of shape, else 422.
    package var status: UInt16 { faults.contains { $0.status == 400 } ? 400 : 422 }

    /// Beyond `countMax` a fault is dropped, but the first of shape takes the last place: it decides the status.
    mutating func add(_ fault: Fault) {
        if faults.count < Faults.countMax {
            faults.append(fault)
        } else if fault.status == 400, status != 400 {
            faults[faults.count - 1] = fault
        }
    }

    mutating func add(_ pointer: Pointer, _ detail: String, status: UInt16 = 400) {
        add(Fault(.pointer(pointer.text), detail, status: status))
    }

    /// Throws the faults there are.
    func check() throws(Faults) {
        if !isEmpty { throw self }
    }
}

/// A JSON Pointer (RFC 6901) in the making.
struct Pointer: Sendable {
    private(set) var text = ""

    static let root = Pointer()

    /// Adds a member's name that needs no escaping.
    mutating func append(_ name: String) { text += "/" + name }

    static func / (base: Pointer, token: StaticString) -> Pointer {
        var pointer = base
        pointer.text += "/\(token)"
        return pointer
    }

    static func / (base: Pointer, index: Int) -> Pointer {
        var pointer = base
        pointer.text += "/\(index)"
        return pointer
    }

    /// A foreign member's name: cut, and escaped as RFC 6901 §3 wants.
    // Safe: the name is read during the call only.
    func appending(foreign name: UnsafeBufferPointer<UInt8>) -> Pointer {
        var pointer = self
        pointer.text += "/"
        for character in unsafe Echo.text(name).unicodeScalars {
            switch character {
            case "~": pointer.text += "~0"
            case "/": pointer.text += "~1"
            default: pointer.text.unicodeScalars.append(character)
            }
        }
        return pointer
    }
}

/// Names from outside, as far as they may be said again.
enum Echo {
    static let bytesMax = 128

    /// At most 128 bytes, cut between characters of UTF-8.
    static func text(_ name: some RandomAccessCollection<UInt8>) -> String {
        guard name.count > bytesMax else { return String(decoding: name, as: UTF8.self) }
        var end = name.index(name.startIndex, offsetBy: bytesMax)
        while end > name.startIndex, name[end] & 0xC0 == 0x80 { end = name.index(before: end) }
        return String(decoding: name[name.startIndex..<end], as: UTF8.self)
    }
}
