import CSimdJSON

/// Why bytes are not acceptable JSON.
package struct JSONSyntaxError: Error, Sendable, Equatable {
    package enum Problem: Sendable, Equatable {
        case empty, syntax, invalidUTF8, loneSurrogate, numberTooLarge, tooDeep, duplicateMember, trailingBytes, outOfMemory
    }
    package var problem: Problem
    /// Byte offset of the fault, where it is known.
    package var offset: Int?
    /// For `duplicateMember`: the JSON Pointer of the member that occurs twice.
    package var pointer: String?
    package init(problem: Problem, offset: Int? = nil, pointer: String? = nil) {
        self.problem = problem
        self.offset = offset
        self.pointer = pointer
    }
}

/// Parses one document at a time into buffers that it keeps and uses again. Not thread-safe: one per event loop.
package final class JSONParser {
    /// Readable bytes that must stand behind a document's last byte.
    package static let padding = 64

    package init(depthMax: Int = 64) {}

    /// Checks the whole document (UTF-8, numbers, surrogates, depth, duplicate members everywhere) and gives its root to `body`;
    /// values are valid until `body` returns. `padded` has `padding` readable bytes behind its end.
    package func parse<R>(padded: UnsafeBufferPointer<UInt8>, _ body: (JSONValue) throws -> R) throws -> R {
        throw JSONSyntaxError(problem: .empty)
    }

    /// The same for bytes without padding (copied).
    package func parse<R>(_ bytes: [UInt8], _ body: (JSONValue) throws -> R) throws -> R {
        throw JSONSyntaxError(problem: .empty)
    }
}

/// A value on the parser's tape; valid only inside `JSONParser.parse`'s closure. Costs no allocation.
package struct JSONValue {
    package enum Kind: Sendable { case object, array, string, number, bool, null }

    package var kind: Kind { .null }
    package var isNull: Bool { kind == .null }
    package var bool: Bool? { nil }
    /// Any number, as the nearest double.
    package var double: Double? { nil }
    /// A number written as an integer that fits.
    package var int: Int64? { nil }
    /// Unescaped UTF-8 of a string; nil for another kind. The pointer is valid as long as the value.
    package var stringBytes: UnsafeBufferPointer<UInt8>? { nil }
    package var string: String? { nil }
    /// Elements of an array or members of an object.
    package var count: Int { 0 }

    /// The members of an object in order; nothing for another kind.
    package func forEachMember(_ body: (_ name: UnsafeBufferPointer<UInt8>, _ value: JSONValue) throws -> Void) rethrows {}
    /// The elements of an array in order; nothing for another kind.
    package func forEachElement(_ body: (JSONValue) throws -> Void) rethrows {}
    /// The member of that name; nil when absent or not an object. Linear: for cold paths.
    package subscript(_ name: StaticString) -> JSONValue? { nil }
}
