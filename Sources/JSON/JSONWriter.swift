/// Appends JSON to bytes. Commas are its own affair; nesting is the caller's.
package struct JSONWriter {
    package var bytes: [UInt8]

    package init(reserving capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    package mutating func beginObject() {}
    package mutating func endObject() {}
    package mutating func beginArray() {}
    package mutating func endArray() {}
    /// A member's name; a plain ASCII literal that needs no escaping.
    package mutating func key(_ name: StaticString) {}
    package mutating func key(_ name: String) {}
    package mutating func string(_ value: String) {}
    /// UTF-8 bytes, escaped as needed (`"`, `\`, controls).
    package mutating func string(utf8 bytes: some Collection<UInt8>) {}
    package mutating func string(_ value: StaticString) {}
    package mutating func int(_ value: Int64) {}
    /// The shortest digits that read back as the same double; integers without a fraction (`1`, not `1.0`).
    package mutating func double(_ value: Double) {}
    package mutating func bool(_ value: Bool) {}
    package mutating func null() {}
    /// JSON already rendered.
    package mutating func raw(_ json: some Collection<UInt8>) {}
}
