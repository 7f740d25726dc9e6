import Routing

/// Reads records (`RecordFormat`) of every version back: of the current one the exact inverse of `RecordPacker`, but that the text is laid
/// out anew, in the record's order.
///
/// Total: any bytes give a result and decision that keep every invariant of their types, or `LedgerError.corrupt`.
struct RecordUnpacker {
    private let bytes: [UInt8]
    private let end: Int
    private let version: UInt8
    private var position = 0
    private var text: [UInt8] = []

    static func unpack(_ bytes: [UInt8]) throws(LedgerError) -> (result: EngineResult, decision: Decision) {
        var unpacker = try RecordUnpacker(bytes)
        return try unpacker.unpack()
    }

    /// How the decision of a record that unpacks compared names.
    static func comparison(of bytes: [UInt8]) -> NameComparison { bytes.first == RecordFormat.firstVersion ? .asWritten : .canonical }

    private init(_ bytes: [UInt8]) throws(LedgerError) {
        self.bytes = bytes
        end = bytes.count - RecordFormat.checksumBytes
        guard end > 0, RecordFormat.firstVersion...RecordFormat.version ~= bytes[0] else { throw RecordUnpacker.corrupt("unknown version") }
        version = bytes[0]
        // Safe: `end` is within the array.
        let checksum = unsafe bytes.withUnsafeBytes { unsafe RecordFormat.checksum(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
        var stored: UInt32 = 0
        for index in (end..<bytes.count).reversed() { stored = stored << 8 | UInt32(bytes[index]) }
        guard checksum == stored else { throw RecordUnpacker.corrupt("checksum") }
    }

    private mutating func unpack() throws(LedgerError) -> (EngineResult, Decision) {
        text.reserveCapacity(end)
        position = 1
        let flags = try flags()
        guard let route = Route(rawValue: UInt8(flags & RecordFormat.Flags.routeMask)) else { throw corrupt("route") }
        var result = try head(flags)
        let policy = try policy(flags, documentType: result.documentType)
        let confidence = try confidence()
        var weakest: Int?
        if flags & RecordFormat.Flags.weakestItem != 0 { weakest = Int(truncatingIfNeeded: try varint()) }
        let reasons = flags & RecordFormat.Flags.reasons != 0 ? try reasons() : []
        let hash = try fixed()
        let saltId = try fixed()
        guard let sampleRate = try share() else { throw corrupt("sample rate") }
        let (items, verdicts) = try items(hasPolicy: policy != nil)
        if let weakest, !items.indices.contains(weakest) { throw corrupt("weakest item") }
        guard position == end else { throw corrupt("trailing bytes") }
        guard (try? UTF8Span(validating: text.span)) != nil else { throw corrupt("text") }
        result.items = items
        result.text = text
        let decision = Decision(
            route: route, qualityAssurance: flags & RecordFormat.Flags.qualityAssurance != 0, confidence: confidence,
            weakestItem: weakest, policy: policy, reasons: reasons, items: verdicts,
            audit: AuditDraw(hash: hash, sampleRate: sampleRate, saltId: saltId))
        return (result, decision)
    }

    private mutating func flags() throws(LedgerError) -> UInt64 {
        if version == RecordFormat.firstVersion {
            let presence = try byte()
            let outcome = try byte()
            guard outcome & ~RecordFormat.Flags.outcomeOfVersion1 == 0 else { throw corrupt("outcome") }
            return RecordFormat.Flags.ofVersion1(presence: presence, outcome: outcome)
        }
        return try bits(of: RecordFormat.Flags.all, "flags")
    }

    private mutating func head(_ flags: UInt64) throws(LedgerError) -> EngineResult {
        var result = EngineResult(documentType: try string(), documentId: try string())
        if flags & RecordFormat.Flags.population != 0 { result.population = try string() }
        if flags & RecordFormat.Flags.payer != 0 { result.payer = try string() }
        if flags & RecordFormat.Flags.serviceDate != 0 {
            guard let days = Int32(exactly: try signed()) else { throw corrupt("service date") }
            result.serviceDate = CivilDate(days: days)
        }
        if flags & RecordFormat.Flags.receivedAt != 0 { result.receivedAt = Instant(milliseconds: try signed()) }
        if flags & RecordFormat.Flags.engineName != 0 { result.engineName = try string() }
        if flags & RecordFormat.Flags.engineVersion != 0 { result.engineVersion = try string() }
        if flags & RecordFormat.Flags.sections != 0 {
            var sections: [TextRange] = []
            for _ in 0..<(try count()) { sections.append(try string()) }
            result.sections = sections
        }
        return result
    }

    private mutating func policy(_ flags: UInt64, documentType: TextRange) throws(LedgerError) -> PolicyReference? {
        let isOwn = flags & RecordFormat.Flags.ownPolicy != 0
        guard flags & RecordFormat.Flags.policy != 0 else {
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
            let reason = try number()
            guard version > RecordFormat.firstVersion || reason <= RecordFormat.Reason.lastOfVersion1 else { throw corrupt("reason") }
            switch reason {
            case RecordFormat.Reason.missingRequiredField: reasons.append(.missingRequiredField(try name()))
            case RecordFormat.Reason.missingRequiredSection: reasons.append(.missingRequiredSection(try name()))
            case RecordFormat.Reason.unknownDocumentType: reasons.append(.unknownDocumentType)
            case RecordFormat.Reason.suspended: reasons.append(.suspended)
            case RecordFormat.Reason.nothingRead: reasons.append(.nothingRead)
            default: throw corrupt("reason")
            }
        }
        return reasons
    }

    private mutating func items(hasPolicy: Bool) throws(LedgerError) -> ([EngineResult.Item], [ItemVerdict]) {
        let count = try count()
        var items: [EngineResult.Item] = []
        var verdicts: [ItemVerdict] = []
        items.reserveCapacity(count)
        verdicts.reserveCapacity(count)
        for _ in 0..<count {
            let head = try itemHead()
            guard let kind = EngineResult.Kind(rawValue: UInt8(head & RecordFormat.Item.kindMask)),
                let source = ThresholdSource(rawValue: UInt8(head &>> RecordFormat.Item.sourceShift & 3))
            else { throw corrupt("item") }
            let first = try string()
            let second = kind == .field ? TextRange(start: 0, count: 0) : try string()
            var item = EngineResult.Item(
                kind: kind, first: first, second: second, confidence: nil, isEmpty: head & RecordFormat.Item.isEmpty != 0)
            if head & RecordFormat.Item.modifiers != 0 { item.modifiers = try modifiers() }
            if head & RecordFormat.Item.line != 0 { item.line = try line() }
            item.confidence = try confidence()
            items.append(item)
            let threshold = try threshold(hasPolicy: hasPolicy)
            guard let ruleIndex = Int32(exactly: try signed() &- 1) else { throw corrupt("rule") }
            let reasons = head & RecordFormat.Item.reasons != 0 ? try itemReasons() : []
            verdicts.append(
                ItemVerdict(
                    threshold: threshold, source: source, ruleIndex: ruleIndex, accepted: head & RecordFormat.Item.accepted != 0,
                    reasons: reasons))
        }
        return (items, verdicts)
    }

    private mutating func itemHead() throws(LedgerError) -> UInt64 {
        if version == RecordFormat.firstVersion {
            let head = UInt64(try byte())
            guard head & ~RecordFormat.Item.allOfVersion1 == 0 else { throw corrupt("item") }
            return head
        }
        return try bits(of: RecordFormat.Item.all, "item")
    }

    private mutating func modifiers() throws(LedgerError) -> Modifiers {
        let count = try count()
        guard 1...Modifiers.countMax ~= count, 2 * count <= end - position else { throw corrupt("modifiers") }
        defer { position += 2 * count }
        var modifiers = Modifiers()
        for index in 0..<count {
            guard modifiers.append(bytes[position + 2 * index], bytes[position + 2 * index + 1]) else { throw corrupt("modifiers") }
        }
        return modifiers
    }

    private mutating func line() throws(LedgerError) -> ClaimLine {
        guard let line = ClaimLine(exactly: try varint()) else { throw corrupt("line") }
        return line
    }

    /// Nil where no policy applied.
    private mutating func threshold(hasPolicy: Bool) throws(LedgerError) -> Threshold? {
        let code = try varint()
        let isNever = code == RecordFormat.Share.never && version > RecordFormat.firstVersion
        guard let value = isNever ? nil : try share(code) else {
            // In version 1 every policy had a threshold, and in the versions since "never" says so.
            guard isNever == hasPolicy else { throw corrupt("threshold") }
            return isNever ? .never : nil
        }
        guard let threshold = Threshold(value) else { throw corrupt("threshold") }
        return threshold
    }

    private mutating func itemReasons() throws(LedgerError) -> ItemReasons {
        let reasons = ItemReasons(rawValue: UInt32(truncatingIfNeeded: try bits(of: UInt64(ItemReasons.all.rawValue), "reasons")))
        guard !reasons.isEmpty else { throw corrupt("reasons") }
        return reasons
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

    /// A byte in version 1, a varint since.
    private mutating func number() throws(LedgerError) -> UInt64 {
        version == RecordFormat.firstVersion ? UInt64(try byte()) : try varint()
    }

    /// Bits of which all are known: what an unknown one means nobody can say.
    private mutating func bits(of known: UInt64, _ what: String) throws(LedgerError) -> UInt64 {
        let bits = try number()
        guard bits & ~known == 0 else { throw corrupt(what) }
        return bits
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

    private mutating func share() throws(LedgerError) -> Double? { try share(try varint()) }

    private mutating func share(_ code: UInt64) throws(LedgerError) -> Double? {
        switch code {
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
