import Routing

/// Dates in files: RFC 3339 text.
extension Validity: Codable {
    private enum CodingKeys: String, CodingKey { case from, through, codeSets }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        from = try members.date(.from)
        through = try members.date(.through)
        codeSets = try members.decode([CodeSet].self, forKey: .codeSets)
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(from.iso8601, forKey: .from)
        try members.encode(through.iso8601, forKey: .through)
        try members.encode(codeSets, forKey: .codeSets)
    }
}

extension KeyedDecodingContainer {
    fileprivate func date(_ key: Key) throws -> CivilDate {
        guard let date = CivilDate(iso8601: try decode(String.self, forKey: key).utf8) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "not a date")
        }
        return date
    }
}
