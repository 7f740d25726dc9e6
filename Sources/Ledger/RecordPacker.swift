import Glibc
import Routing

/// Where a record and what its card repeats of it stand in the packer's buffer.
struct PackedRecord {
    /// Sixteen bytes, big-endian.
    let id: Range<Int>
    let documentType: Range<Int>
    let documentId: Range<Int>
    let population: Range<Int>?
    let bytes: Range<Int>
}

/// Packs decisions into records (`RecordFormat`), one behind the other, in one buffer that it keeps.
@safe struct RecordPacker: ~Copyable {
    // Safe: `start..<start + capacity` is ours from `init` to `deinit`, the first `count` bytes are written; the cursor of `append` never
    // passes the bound that `reserve` made sure of.
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// Bytes that are packed.
    private(set) var count = 0

    init() {
        capacity = 16_384
        unsafe start = .allocate(capacity: capacity)
    }

    deinit { unsafe start.deallocate() }

    /// Ranges outside the result's text, or verdicts that are not parallel to the items, are our own bug and trap.
    mutating func append(_ decisionId: DecisionID, _ result: borrowing EngineResult, _ decision: borrowing Decision) -> PackedRecord {
        reserve(RecordPacker.bytesMax(result, decision))
        // Safe: `reserve` has made room for all that the cursor writes.
        var cursor = unsafe RecordCursor(start, at: count)
        let id = count
        // The cursor writes little-endian.
        unsafe cursor.fixed(decisionId.high.byteSwapped)
        unsafe cursor.fixed(decisionId.low.byteSwapped)
        let record = unsafe cursor.position
        let strings = unsafe result.text.withUnsafeBufferPointer { text in
            let isOwnPolicy = unsafe RecordPacker.isOwnPolicy(result, decision, text)
            let strings = unsafe RecordPacker.packHead(
                &cursor, RecordPacker.flags(result, decision, isOwnPolicy: isOwnPolicy), result, text)
            unsafe RecordPacker.packOutcome(&cursor, decision, isOwnPolicy: isOwnPolicy)
            unsafe RecordPacker.packItems(&cursor, result.items, decision, text)
            return strings
        }
        unsafe cursor.checksum(from: record)
        count = unsafe cursor.position
        return PackedRecord(
            id: id..<record, documentType: strings.documentType, documentId: strings.documentId, population: strings.population,
            bytes: record..<count)
    }

    /// Valid until the next call that changes the packer.
    @unsafe func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(range.upperBound <= count, "a range outside what is packed")
        return unsafe UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count)
    }

    mutating func removeAll() { count = 0 }

    private mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = (count + more) * 2
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        unsafe larger.initialize(from: start, count: count)
        unsafe start.deallocate()
        unsafe start = unsafe larger
    }

    private static func bytesMax(_ result: borrowing EngineResult, _ decision: borrowing Decision) -> Int {
        precondition(result.items.count == decision.items.count, "a verdict an item")
        let textCount = result.text.count
        var count = RecordFormat.idBytes + RecordFormat.headBytesMax + RecordFormat.checksumBytes
        count += unsafe RecordCursor.overrunBytes
        func add(_ range: TextRange) {
            precondition(Int(range.start) + Int(range.count) <= textCount, "a range outside the text")
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

    private typealias CardStrings = (documentType: Range<Int>, documentId: Range<Int>, population: Range<Int>?)

    private static func flags(_ result: borrowing EngineResult, _ decision: borrowing Decision, isOwnPolicy: Bool) -> UInt64 {
        var flags = UInt64(decision.route.rawValue)
        if decision.qualityAssurance { flags |= RecordFormat.Flags.qualityAssurance }
        if decision.weakestItem != nil { flags |= RecordFormat.Flags.weakestItem }
        if isOwnPolicy { flags |= RecordFormat.Flags.ownPolicy }
        if decision.policy != nil { flags |= RecordFormat.Flags.policy }
        if result.population != nil { flags |= RecordFormat.Flags.population }
        if result.payer != nil { flags |= RecordFormat.Flags.payer }
        if result.serviceDate != nil { flags |= RecordFormat.Flags.serviceDate }
        if result.receivedAt != nil { flags |= RecordFormat.Flags.receivedAt }
        if result.engineName != nil { flags |= RecordFormat.Flags.engineName }
        if result.engineVersion != nil { flags |= RecordFormat.Flags.engineVersion }
        if result.sections != nil { flags |= RecordFormat.Flags.sections }
        if !decision.reasons.isEmpty { flags |= RecordFormat.Flags.reasons }
        return flags
    }

    @unsafe private static func packHead(
        _ cursor: inout RecordCursor, _ flags: UInt64, _ result: borrowing EngineResult, _ text: UnsafeBufferPointer<UInt8>
    ) -> CardStrings {
        unsafe cursor.byte(RecordFormat.version)
        unsafe cursor.varint(flags)
        unsafe cursor.string(result.documentType, text)
        let documentType = unsafe written(result.documentType, cursor)
        unsafe cursor.string(result.documentId, text)
        let documentId = unsafe written(result.documentId, cursor)
        var population: Range<Int>?
        if let range = result.population {
            unsafe cursor.string(range, text)
            population = unsafe written(range, cursor)
        }
        if let range = result.payer { unsafe cursor.string(range, text) }
        if let date = result.serviceDate { unsafe cursor.signed(Int64(date.days)) }
        if let instant = result.receivedAt { unsafe cursor.signed(instant.milliseconds) }
        if let range = result.engineName { unsafe cursor.string(range, text) }
        if let range = result.engineVersion { unsafe cursor.string(range, text) }
        if let sections = result.sections {
            unsafe cursor.varint(UInt64(sections.count))
            for section in sections { unsafe cursor.string(section, text) }
        }
        return (documentType, documentId, population)
    }

    /// Where the string stands that was written last.
    @inline(__always)
    private static func written(_ string: TextRange, _ cursor: RecordCursor) -> Range<Int> {
        unsafe cursor.position - Int(string.count)..<cursor.position
    }

    @unsafe private static func packOutcome(_ cursor: inout RecordCursor, _ decision: borrowing Decision, isOwnPolicy: Bool) {
        if let policy = decision.policy {
            if !isOwnPolicy { unsafe cursor.string(policy.documentType) }
            unsafe cursor.signed(policy.version.number)
        }
        unsafe cursor.share(PackedShare(decision.confidence?.value))
        if let weakest = decision.weakestItem { unsafe cursor.varint(UInt64(weakest)) }
        if !decision.reasons.isEmpty { unsafe packReasons(&cursor, decision.reasons) }
        unsafe cursor.fixed(decision.audit.hash)
        unsafe cursor.fixed(decision.audit.saltId)
        unsafe cursor.share(PackedShare(decision.audit.sampleRate))
    }

    @unsafe private static func packReasons(_ cursor: inout RecordCursor, _ reasons: [DecisionReason]) {
        unsafe cursor.varint(UInt64(reasons.count))
        for reason in reasons {
            switch reason {
            case .missingRequiredField(let name):
                unsafe cursor.varint(RecordFormat.Reason.missingRequiredField)
                unsafe cursor.string(name)
            case .missingRequiredSection(let name):
                unsafe cursor.varint(RecordFormat.Reason.missingRequiredSection)
                unsafe cursor.string(name)
            case .unknownDocumentType: unsafe cursor.varint(RecordFormat.Reason.unknownDocumentType)
            case .suspended: unsafe cursor.varint(RecordFormat.Reason.suspended)
            case .nothingRead: unsafe cursor.varint(RecordFormat.Reason.nothingRead)
            }
        }
    }

    @unsafe private static func packItems(
        _ cursor: inout RecordCursor, _ items: [EngineResult.Item], _ decision: borrowing Decision, _ text: UnsafeBufferPointer<UInt8>
    ) {
        unsafe cursor.varint(UInt64(items.count))
        let items = items.span
        let verdicts = decision.items.span
        // Where a policy applied, a threshold without a number is never.
        let noThreshold = decision.policy == nil ? PackedShare(nil) : .never
        // Most items have the threshold of the one before, and its form need not be found again.
        var threshold = noThreshold
        var thresholdValue: Double?
        for index in items.indices {
            let item = items[index]
            let verdict = verdicts[index]
            let reasons = UInt64(verdict.reasons.rawValue)
            var head = UInt64(item.kind.rawValue) | UInt64(verdict.source.rawValue) &<< RecordFormat.Item.sourceShift
            if item.isEmpty { head |= RecordFormat.Item.isEmpty }
            if verdict.accepted { head |= RecordFormat.Item.accepted }
            if reasons != 0 { head |= RecordFormat.Item.reasons }
            if !item.modifiers.isEmpty { head |= RecordFormat.Item.modifiers }
            if item.line != nil { head |= RecordFormat.Item.line }
            unsafe cursor.varint(head)
            unsafe cursor.string(item.first, text)
            if head & RecordFormat.Item.kindMask != RecordFormat.Item.field { unsafe cursor.string(item.second, text) }
            if !item.modifiers.isEmpty { unsafe cursor.modifiers(item.modifiers) }
            if let line = item.line { unsafe cursor.varint(UInt64(line.number)) }
            unsafe cursor.share(PackedShare(item.confidence?.value))
            if verdict.threshold?.value != thresholdValue {
                thresholdValue = verdict.threshold?.value
                threshold = thresholdValue == nil ? noThreshold : PackedShare(thresholdValue)
            }
            unsafe cursor.share(threshold)
            unsafe cursor.signed(Int64(verdict.ruleIndex) + 1)
            if reasons != 0 { unsafe cursor.varint(reasons) }
        }
    }

    /// Whether the policy is that of the document type itself.
    @unsafe private static func isOwnPolicy(
        _ result: borrowing EngineResult, _ decision: borrowing Decision, _ text: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard var name = decision.policy?.documentType.string else { return false }
        let count = Int(result.documentType.count)
        return name.withUTF8 { bytes in
            guard bytes.count == count, let base = bytes.baseAddress, let type = text.baseAddress else { return false }
            return unsafe memcmp(type + Int(result.documentType.start), base, count) == 0
        }
    }
}
