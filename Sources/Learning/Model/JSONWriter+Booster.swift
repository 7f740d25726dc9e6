import JSON

extension JSONWriter {
    /// Arrays that XGBoost reads only as numbers with a fraction or an exponent: `1` would be refused.
    private static let fractions: Set<String> = ["split_conditions", "base_weights", "loss_changes", "sum_hessian"]

    /// What XGBoost wrote of trees, written again so that it reads it, and so that reading and writing change nothing.
    mutating func booster(_ value: JSONValue, isFraction: Bool = false) {
        switch value.kind {
        case .object:
            beginObject()
            // Safe: names are read during the call only.
            unsafe value.forEachMember { name, member in
                let name = unsafe String(decoding: name, as: UTF8.self)
                key(name)
                booster(member, isFraction: JSONWriter.fractions.contains(name))
            }
            endObject()
        case .array:
            beginArray()
            value.forEachElement { booster($0, isFraction: isFraction) }
            endArray()
        case .number where isFraction:
            let start = bytes.count
            double(value.double ?? 0)
            if !bytes[start...].contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") }) { bytes += "e0".utf8 }
        case .number, .string, .bool, .null: self.value(value)
        }
    }
}
