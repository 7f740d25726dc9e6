import Routing

/// Reads records (`RecordFormat`) back: the exact inverse of `RecordPacker`, but that the text is laid out anew, in the record's order.
///
/// Total: any bytes give a result and decision that keep every invariant of their types, or `LedgerError.corrupt`.
struct RecordUnpacker {
    private let bytes: [UInt8]
    private let end: Int
    private var position = 0
    private var text: [UInt8] = []

    static func unpack(_ bytes: [UInt8]) throws(LedgerError) -> (result: EngineResult, decision: Decision) {
        var unpacker = try RecordUnpacker(bytes)
        return try unpacker.unpack()
    }

    private init(_ bytes: [UInt8]) throws(LedgerError) {
        self.bytes = bytes
        end = bytes.count - RecordFormat.checksumBytes
        guard end > 0, bytes[0] == RecordFormat.version else { throw RecordUnpacker.corrupt("unknown version") }
        // Safe: `end` is within the array.
        let checksum = unsafe bytes.withUnsafeBytes { unsafe RecordFormat.checksum(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
        var stored: UInt32 = 0
        for index in (end..<bytes.count).reversed() { stored = stored << 8 | UInt32(bytes[index]) }
        guard checksum == stored else { throw RecordUnpacker.corrupt("checksum") }
    }

    private mutating func unpack() throws(LedgerError) -> (EngineResult, Decision) {
        text.reserveCapacity(end)
        position = 1
        let presence = try byte()
        let outcome = try byte()
        guard outcome & ~RecordFormat.Outcome.all == 0, let route = Route(rawValue: outcome & RecordFormat.Outcome.routeMask) else {
            throw corrupt("outcome")
        }
        var result = try head(presence)
        let policy = try policy(presence, outcome, documentType: result.documentType)
        let confidence = try confidence()
        var weakest: Int?
        if outcome & RecordFormat.Outcome.weakestItem != 0 { weakest = Int(truncatingIfNeeded: try varint()) }
        let reasons = try reasons()
        let hash = try fixed()
        let saltId = try fixed()
        guard let sampleRate = try share() else { throw corrupt("sample rate") }
        let (items, verdicts) = try items(havePolicy: policy != nil)
        if let weakest, !items.indices.contains(weakest) { throw corrupt("weakest item") }
        guard position == end else { throw corrupt("trailing bytes") }
        guard (try? UTF8Span(validating: text.span)) != nil else { throw corrupt("text") }
        result.items = items
        result.text = text
        let decision = Decision(
            route: route, qualityAssurance: outcome & RecordFormat.Outcome.qualityAssurance != 0, confidence: confidence,
            weakestItem: weakest, policy: policy, reasons: reasons, items: verdicts,
            audit: AuditDraw(hash: hash, sampleRate: sampleRate, saltId: saltId))
        return (result, decision)
    }

    private mutating func head(_ presence: UInt8) throws(LedgerError) -> EngineResult {
        var result = EngineResult(documentType: try string(), documentId: try string())
        if presence & RecordFormat.Presence.population != 0 { result.population = try string() }
        if presence & RecordFormat.Presence.payer != 0 { result.payer = try string() }
        if presence & RecordFormat.Presence.serviceDate != 0 {
            guard let days = Int32(exactly: try signed()) else { throw corrupt("service date") }
            result.serviceDate = CivilDate(days: days)
        }
        if presence & RecordFormat.Presence.receivedAt != 0 { result.receivedAt = Instant(milliseconds: try signed()) }
        if presence & RecordFormat.Presence.engineName != 0 { result.engineName = try string() }
        if presence & RecordFormat.Presence.engineVersion != 0 { result.engineVersion = try string() }
        if presence & RecordFormat.Presence.sections != 0 {
            var sections: [TextRange] = []
            for _ in 0..<(try count()) { sections.append(try string()) }
            result.sections = sections
        }
        return result
    }

    private mutating func policy(
        _ presence: UInt8, _ outcome: UInt8, documentType: TextRange
    ) throws(LedgerError) -> PolicyReference? {
        let isOwn = outcome & RecordFormat.Outcome.ownPolicy != 0
        guard presence & RecordFormat.Presence.policy != 0 else {
            if isOwn { throw corrupt("policy") }
            return nil
        }
        let name: Name
        if isOwn {
            guard let own = Name(validating: text[documentType.indices]) else { throw corrupt("policy") }
            name = own
        } else {
            name = try self.name()
        }
        return PolicyReference(documentType: name, version: PolicyVersion(try signed()))
    }

    private mutating func reasons() throws(LedgerError) -> [DecisionReason] {
        var reasons: [DecisionReason] = []
        for _ in 0..<(try count()) {
            switch try byte() {
            case RecordFormat.Reason.missingRequiredField: reasons.append(.missingRequiredField(try name()))
            case RecordFormat.Reason.missingRequiredSection: reasons.append(.missingRequiredSection(try name()))
            case RecordFormat.Reason.unknownDocumentType: reasons.append(.unknownDocumentType)
            case RecordFormat.Reason.suspended: reasons.append(.suspended)
            default: throw corrupt("reason")
            }
        }
        return reasons
    }

    private mutating func items(havePolicy: Bool) throws(LedgerError) -> ([EngineResult.Item], [ItemVerdict]) {
        let count = try count()
        var items: [EngineResult.Item] = []
        var verdicts: [ItemVerdict] = []
        items.reserveCapacity(count)
        verdicts.reserveCapacity(count)
        for _ in 0..<count {
            let head = try byte()
            guard head & RecordFormat.Item.reserved == 0, let kind = EngineResult.Kind(rawValue: head & RecordFormat.Item.kindMask),
                let source = ThresholdSource(rawValue: head &>> RecordFormat.Item.sourceShift & 3)
            else { throw corrupt("item") }
            let first = try string()
            let second = kind == .field ? TextRange(start: 0, count: 0) : try string()
            let confidence = try confidence()
            var threshold: Threshold? = havePolicy ? .never : nil
            if let value = try share() {
                threshold = Threshold(value)
                if threshold == nil { throw corrupt("threshold") }
            }
            guard let ruleIndex = Int32(exactly: try signed() &- 1) else { throw corrupt("rule") }
            var reasons = ItemReasons()
            if head & RecordFormat.Item.reasons != 0 { reasons = ItemReasons(rawValue: try byte()) }
            items.append(
                EngineResult.Item(
                    kind: kind, first: first, second: second, confidence: confidence, isEmpty: head & RecordFormat.Item.isEmpty != 0))
            verdicts.append(
                ItemVerdict(
                    threshold: threshold, source: source, ruleIndex: ruleIndex, accepted: head & RecordFormat.Item.accepted != 0,
                    reasons: reasons))
        }
        return (items, verdicts)
    }

    // MARK: Primitives

    private mutating func byte() throws(LedgerError) -> UInt8 {
        guard position < end else { throw corrupt("cut short") }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func varint() throws(LedgerError) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<RecordFormat.varintBytesMax {
            let next = try byte()
            // The tenth byte holds the last of 64 bits.
            if index == RecordFormat.varintBytesMax - 1, next > 1 { break }
            value |= UInt64(next & 0x7F) << (7 * UInt64(index))
            if next < 0x80 { return value }
        }
        throw corrupt("number")
    }

    private mutating func signed() throws(LedgerError) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A count of things of a byte at least: never more than there are bytes left.
    private mutating func count() throws(LedgerError) -> Int {
        guard let count = Int(exactly: try varint()), count <= end - position else { throw corrupt("count") }
        return count
    }

    private mutating func fixed() throws(LedgerError) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<8 as Range<UInt64> { value |= UInt64(try byte()) << (8 * index) }
        return value
    }

    private mutating func string() throws(LedgerError) -> TextRange {
        let count = try count()
        let range = TextRange(start: text.count, count: count)
        text.append(contentsOf: bytes[position..<position + count])
        // The text as a whole is checked to be UTF-8; that no string begins within a character makes each of them so.
        if count > 0, bytes[position] & 0xC0 == 0x80 { throw corrupt("text") }
        position += count
        return range
    }

    private mutating func name() throws(LedgerError) -> Name {
        let count = try count()
        defer { position += count }
        guard let name = Name(validating: bytes[position..<position + count]) else { throw corrupt("name") }
        return name
    }

    private mutating func share() throws(LedgerError) -> Double? {
        switch try varint() {
        case let scaled where scaled < RecordFormat.Share.double: return Double(scaled) / RecordFormat.Share.scale
        case RecordFormat.Share.double: return Double(bitPattern: try fixed())
        case RecordFormat.Share.null: return nil
        case RecordFormat.Share.float:
            var bits: UInt32 = 0
            for index in 0..<4 as Range<UInt32> { bits |= UInt32(try byte()) << (8 * index) }
            return Double(Float(bitPattern: bits))
        default: throw corrupt("share")
        }
    }

    private mutating func confidence() throws(LedgerError) -> Confidence? {
        guard let value = try share() else { return nil }
        guard let confidence = Confidence(value) else { throw corrupt("confidence") }
        return confidence
    }

    private func corrupt(_ what: String) -> LedgerError { RecordUnpacker.corrupt("\(what) at byte \(position)") }

    private static func corrupt(_ what: String) -> LedgerError { .corrupt("a record of the log is damaged: \(what)") }
}

extension Name {
    /// Nil unless the bytes are UTF-8 and a name.
    init?(validating bytes: ArraySlice<UInt8>) {
        guard let string = String(validating: bytes, as: UTF8.self) else { return nil }
        self.init(string)
    }
}
