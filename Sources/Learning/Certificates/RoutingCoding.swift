import Routing

/// Instants and dates in files: RFC 3339 text.
extension Window: Codable {
    private enum CodingKeys: String, CodingKey { case from, end }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        from = try members.instant(.from)
        end = try members.instant(.end)
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encodeIfPresent(from?.rfc3339, forKey: .from)
        try members.encodeIfPresent(end?.rfc3339, forKey: .end)
    }
}

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
    fileprivate func instant(_ key: Key) throws -> Instant? {
        guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
        guard let instant = Instant(rfc3339: text.utf8) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "not an RFC 3339 date-time")
        }
        return instant
    }

    fileprivate func date(_ key: Key) throws -> CivilDate {
        guard let date = CivilDate(iso8601: try decode(String.self, forKey: key).utf8) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "not a date")
        }
        return date
    }
}
