extension JSONWriter {
    /// A parsed value, written again: its members in their order, numbers in their shortest form.
    public mutating func value(_ value: JSONValue) {
        switch value.kind {
        case .object:
            beginObject()
            // Safe: names are read during the call only.
            unsafe value.forEachMember { name, member in
                unsafe key(String(decoding: name, as: UTF8.self))
                self.value(member)
            }
            endObject()
        case .array:
            beginArray()
            value.forEachElement { self.value($0) }
            endArray()
        case .string: string(value.string ?? "")
        case .number: if let integer = value.int { int(integer) } else { double(value.double ?? 0) }
        case .bool: bool(value.bool ?? false)
        case .null: null()
        }
    }
}

extension JSONValue {
    /// A scalar as text: a string's own, a number in its shortest form, `true` or `false`; nil for null, arrays and objects.
    public var text: [UInt8]? {
        switch kind {
        // Safe: the string is copied here.
        case .string: unsafe stringBytes.map { unsafe Array($0) }
        case .number, .bool:
            {
                var writer = JSONWriter(reserving: 0)
                writer.value(self)
                return writer.bytes
            }()
        case .null, .array, .object: nil
        }
    }
}
