import Routing

/// Packs decisions into records (`RecordFormat`), one after the other, in one buffer that it keeps.
@safe struct RecordPacker: ~Copyable {
    // Safe: `start..<start + capacity` is ours from `init` to `deinit`; `next` never passes the bound that `reserve` made sure of.
    private var start: UnsafeMutablePointer<UInt8>
    private var next: UnsafeMutablePointer<UInt8>
    private var capacity: Int

    init() {
        capacity = 4_096
        unsafe start = .allocate(capacity: capacity)
        unsafe next = unsafe start
    }

    deinit { unsafe start.deallocate() }

    /// The record, valid until the next call. Ranges outside the result's text, or verdicts that are not parallel to the items, are our
    /// own bug and trap.
    @unsafe mutating func pack(_ result: borrowing EngineResult, _ decision: borrowing Decision) -> UnsafeRawBufferPointer {
        reserve(RecordPacker.bytesMax(result, decision))
        unsafe result.text.withUnsafeBufferPointer { text in
            unsafe packHead(result, text)
            packOutcome(decision)
            unsafe packItems(result.items, decision.items, text)
        }
        let checksum = unsafe RecordFormat.checksum(packed)
        unsafe UnsafeMutableRawPointer(next).storeBytes(of: checksum.littleEndian, as: UInt32.self)
        unsafe next += RecordFormat.checksumBytes
        return unsafe packed
    }

    private var packed: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: start, count: next - start) }

    private mutating func reserve(_ count: Int) {
        if count > capacity {
            unsafe start.deallocate()
            capacity = count * 2
            unsafe start = .allocate(capacity: capacity)
        }
        unsafe next = unsafe start
    }

    private static func bytesMax(_ result: borrowing EngineResult, _ decision: borrowing Decision) -> Int {
        precondition(result.items.count == decision.items.count, "a verdict an item")
        let textCount = result.text.count
        var count = RecordFormat.headBytesMax + RecordFormat.checksumBytes
        func add(_ range: TextRange) {
            precondition(range.indices.upperBound <= textCount, "a range outside the text")
            count += Int(range.count)
        }
        func addOptional(_ range: TextRange?) { if let range { add(range) } }
        add(result.documentType)
        add(result.documentId)
        addOptional(result.population)
        addOptional(result.payer)
        addOptional(result.engineName)
        addOptional(result.engineVersion)
        if let sections = result.sections {
            for section in sections {
                add(section)
                count += 5
            }
        }
        for item in result.items {
            add(item.first)
            add(item.second)
        }
        count += result.items.count * RecordFormat.itemBytesMax
        count += (decision.reasons.count + 1) * (Name.bytesMax + 8)
        return count
    }

    private mutating func packHead(_ result: borrowing EngineResult, _ text: UnsafeBufferPointer<UInt8>) {
        unsafe byte(RecordFormat.version)
        // The two flag bytes are filled in by `packOutcome`, which knows the decision.
        var presence: UInt8 = 0
        if result.population != nil { presence |= RecordFormat.Presence.population }
        if result.payer != nil { presence |= RecordFormat.Presence.payer }
        if result.serviceDate != nil { presence |= RecordFormat.Presence.serviceDate }
        if result.receivedAt != nil { presence |= RecordFormat.Presence.receivedAt }
        if result.engineName != nil { presence |= RecordFormat.Presence.engineName }
        if result.engineVersion != nil { presence |= RecordFormat.Presence.engineVersion }
        if result.sections != nil { presence |= RecordFormat.Presence.sections }
        unsafe byte(presence)
        unsafe byte(0)
        unsafe string(result.documentType, text)
        unsafe string(result.documentId, text)
        if let range = result.population { unsafe string(range, text) }
        if let range = result.payer { unsafe string(range, text) }
        if let date = result.serviceDate { unsafe signed(Int64(date.days)) }
        if let instant = result.receivedAt { unsafe signed(instant.milliseconds) }
        if let range = result.engineName { unsafe string(range, text) }
        if let range = result.engineVersion { unsafe string(range, text) }
        if let sections = result.sections {
            unsafe varint(UInt64(sections.count))
            for section in sections { unsafe string(section, text) }
        }
    }

    private mutating func packOutcome(_ decision: borrowing Decision) {
        var outcome = decision.route.rawValue
        if decision.qualityAssurance { outcome |= RecordFormat.Outcome.qualityAssurance }
        if let policy = decision.policy {
            unsafe start[1] |= RecordFormat.Presence.policy
            if isDocumentType(policy.documentType) {
                outcome |= RecordFormat.Outcome.ownPolicy
            } else {
                unsafe string(policy.documentType)
            }
            unsafe signed(policy.version.number)
        }
        unsafe share(decision.confidence?.value)
        if let weakest = decision.weakestItem {
            outcome |= RecordFormat.Outcome.weakestItem
            unsafe varint(UInt64(weakest))
        }
        unsafe start[2] = outcome
        unsafe varint(UInt64(decision.reasons.count))
        for reason in decision.reasons {
            switch reason {
            case .missingRequiredField(let name):
                unsafe byte(RecordFormat.Reason.missingRequiredField)
                unsafe string(name)
            case .missingRequiredSection(let name):
                unsafe byte(RecordFormat.Reason.missingRequiredSection)
                unsafe string(name)
            case .unknownDocumentType: unsafe byte(RecordFormat.Reason.unknownDocumentType)
            case .suspended: unsafe byte(RecordFormat.Reason.suspended)
            }
        }
        unsafe fixed(decision.audit.hash)
        unsafe fixed(decision.audit.saltId)
        unsafe share(decision.audit.sampleRate)
    }

    private mutating func packItems(_ items: [EngineResult.Item], _ verdicts: [ItemVerdict], _ text: UnsafeBufferPointer<UInt8>) {
        unsafe varint(UInt64(items.count))
        for index in items.indices {
            let item = items[index]
            let verdict = verdicts[index]
            var head = item.kind.rawValue | verdict.source.rawValue &<< RecordFormat.Item.sourceShift
            if item.isEmpty { head |= RecordFormat.Item.isEmpty }
            if verdict.accepted { head |= RecordFormat.Item.accepted }
            if verdict.reasons.rawValue != 0 { head |= RecordFormat.Item.reasons }
            unsafe byte(head)
            unsafe string(item.first, text)
            if item.kind != .field { unsafe string(item.second, text) }
            unsafe share(item.confidence?.value)
            unsafe share(verdict.threshold?.value)
            unsafe signed(Int64(verdict.ruleIndex) + 1)
            if verdict.reasons.rawValue != 0 { unsafe byte(verdict.reasons.rawValue) }
        }
    }

    /// Whether a name is the document type, which was packed right after the three first bytes.
    private func isDocumentType(_ name: Name) -> Bool {
        let count = name.string.utf8.count
        // A document type of 128 bytes has a length of two bytes; that rare one is simply written out.
        guard count < 0x80, unsafe start[3] == UInt8(count) else { return false }
        var position = 4
        for byte in name.string.utf8 {
            if unsafe start[position] != byte { return false }
            position += 1
        }
        return true
    }

    // MARK: Primitives; `reserve` has made room for all of them.

    @inline(__always)
    @unsafe private mutating func byte(_ value: UInt8) {
        unsafe next.pointee = value
        unsafe next += 1
    }

    @inline(__always)
    @unsafe private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            unsafe byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        unsafe byte(UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    @unsafe private mutating func signed(_ value: Int64) {
        unsafe varint(UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)))
    }

    @inline(__always)
    @unsafe private mutating func fixed(_ value: UInt64) {
        unsafe UnsafeMutableRawPointer(next).storeBytes(of: value.littleEndian, as: UInt64.self)
        unsafe next += 8
    }

    @inline(__always)
    @unsafe private mutating func string(_ range: TextRange, _ text: UnsafeBufferPointer<UInt8>) {
        let count = Int(range.count)
        unsafe varint(UInt64(count))
        guard count > 0, let base = text.baseAddress else { return }
        unsafe next.update(from: base + Int(range.start), count: count)
        unsafe next += count
    }

    @unsafe private mutating func string(_ name: Name) {
        unsafe varint(UInt64(name.string.utf8.count))
        for value in name.string.utf8 { unsafe byte(value) }
    }

    @inline(__always)
    @unsafe private mutating func share(_ value: Double?) {
        guard let value else { return unsafe varint(RecordFormat.Share.null) }
        if value >= 0, value <= 1 {
            let scaled = UInt64(value * RecordFormat.Share.scale + 0.5)
            if Double(scaled) / RecordFormat.Share.scale == value { return unsafe varint(scaled) }
            let float = Float(value)
            if Double(float) == value {
                unsafe varint(RecordFormat.Share.float)
                unsafe UnsafeMutableRawPointer(next).storeBytes(of: float.bitPattern.littleEndian, as: UInt32.self)
                unsafe next += 4
                return
            }
        }
        unsafe varint(RecordFormat.Share.double)
        unsafe fixed(value.bitPattern)
    }
}
