import Routing
import TestSupport
import Testing

@testable import Ledger

/// Packs as the writer does.
private func packed(_ result: EngineResult, _ decision: Decision) -> [UInt8] {
    var packer = RecordPacker()
    let record = packer.append(DecisionID(high: 0, low: 0), result, decision)
    // Safe: copied before the packer is used again.
    return unsafe Array(packer.bytes(record.bytes))
}

/// The bytes with a checksum that fits them, so that what is behind the checksum is tested too.
private func sealed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = Array(bytes.dropLast(RecordFormat.checksumBytes))
    let checksum = unsafe bytes.withUnsafeBytes { unsafe RecordFormat.checksum($0) }
    for shift in 0..<4 as Range<UInt32> { bytes.append(UInt8(truncatingIfNeeded: checksum >> (8 * shift))) }
    return bytes
}

/// Any result and decision the types allow, likely ones more often.
private struct Arbitrary {
    var random: SeededGenerator

    mutating func share() -> Double {
        switch UInt8.random(in: 0..<4, using: &random) {
        case 0: Double(UInt32.random(in: 0...10_000, using: &random)) / 10_000
        case 1: Double(Float.random(in: 0...1, using: &random))
        case 2: [0, 1, 0.5, .leastNonzeroMagnitude, 1 - .ulpOfOne / 2].randomElement(using: &random) ?? 0
        default: Double.random(in: 0...1, using: &random)
        }
    }

    mutating func string(_ bytesMax: Int) -> String {
        var string = ""
        let count = Int.random(in: 1...bytesMax, using: &random)
        while string.utf8.count < count {
            let character = ["a", "7", ".", "é", "e\u{301}", "漢", "🩺", "\"", " "].randomElement(using: &random) ?? "a"
            if string.utf8.count + character.utf8.count > bytesMax { break }
            string += character
        }
        return string.isEmpty ? "x" : string
    }

    mutating func modifiers() throws -> Modifiers {
        var modifiers = Modifiers()
        for _ in 0..<(chance() ? 0 : Int.random(in: 1...Modifiers.countMax, using: &random)) {
            let modifier = Array(try #require(["RT", "59", "x9", "zz"].randomElement(using: &random)).utf8)
            let isAdded = modifiers.append(modifier[0], modifier[1])
            try #require(isAdded)
        }
        return modifiers
    }

    mutating func name() throws -> Name { try #require(Name(string(Name.bytesMax))) }
    mutating func chance() -> Bool { Bool.random(using: &random) }
    mutating func int64() -> Int64 { Int64(truncatingIfNeeded: random.next()) >> Int64.random(in: 0..<64, using: &random) }

    mutating func pair() throws -> (EngineResult, Decision) {
        var text: [UInt8] = Array("unused".utf8)
        func add(_ string: String) -> TextRange {
            defer { text += Array(string.utf8) }
            return TextRange(start: text.count, count: string.utf8.count)
        }
        // The order of the strings in the text differs from that of the record.
        let sections: [TextRange]? = chance() ? (0..<Int.random(in: 0..<4, using: &random)).map { _ in add(string(40)) } : nil
        let documentType = string(128)
        var result = EngineResult(documentType: add(documentType), documentId: add(string(256)))
        result.sections = sections
        if chance() { result.population = add(string(30)) }
        if chance() { result.payer = add(string(300)) }
        if chance() { result.engineName = add(string(9)) }
        if chance() { result.engineVersion = add(string(9)) }
        if chance() { result.serviceDate = CivilDate(days: Int32(truncatingIfNeeded: int64())) }
        if chance() { result.receivedAt = Instant(milliseconds: int64()) }
        let hasPolicy = chance()
        var verdicts: [ItemVerdict] = []
        for _ in 0..<Int.random(in: 0..<30, using: &random) {
            let kind = try #require(EngineResult.Kind(rawValue: UInt8.random(in: 0...2, using: &random)))
            let first = add(string(30))
            result.items.append(
                EngineResult.Item(
                    kind: kind, first: first, second: kind == .field ? TextRange(start: 0, count: 0) : add(string(30)),
                    line: chance() ? nil : ClaimLine(exactly: Int.random(in: ClaimLine.numbers, using: &random)),
                    confidence: chance() ? Confidence(share()) : nil, isEmpty: chance(), modifiers: try modifiers()))
            verdicts.append(
                ItemVerdict(
                    threshold: chance() ? Threshold(share()) : hasPolicy ? .never : nil,
                    source: try #require(ThresholdSource(rawValue: UInt8.random(in: 0...2, using: &random))),
                    ruleIndex: [-1, 0, 5, 700, .max, .min].randomElement(using: &random) ?? -1, accepted: chance(),
                    reasons: ItemReasons(rawValue: chance() ? 0 : UInt32.random(in: 0...ItemReasons.all.rawValue, using: &random))))
        }
        result.text = text
        var reasons: [DecisionReason] = []
        for _ in 0..<Int.random(in: 0..<4, using: &random) {
            switch UInt8.random(in: 0..<5, using: &random) {
            case 0: reasons.append(.missingRequiredField(try name()))
            case 1: reasons.append(.missingRequiredSection(try name()))
            case 2: reasons.append(.unknownDocumentType)
            case 3: reasons.append(.nothingRead)
            default: reasons.append(.suspended)
            }
        }
        let policyType = chance() ? Name(documentType) : try name()
        let decision = Decision(
            route: try #require(Route.allCases.randomElement(using: &random)), qualityAssurance: chance(),
            confidence: chance() ? Confidence(share()) : nil,
            weakestItem: result.items.isEmpty || chance() ? nil : Int.random(in: 0..<result.items.count, using: &random),
            policy: !hasPolicy ? nil : PolicyReference(documentType: try #require(policyType), version: PolicyVersion(int64())),
            reasons: reasons, items: verdicts, audit: AuditDraw(hash: random.next(), sampleRate: share(), saltId: random.next()))
        return (result, decision)
    }
}

@Suite struct `Records` {
    @Test(arguments: 0..<300 as Range<UInt64>) func `unpack to what was packed`(seed: UInt64) throws {
        var arbitrary = Arbitrary(random: SeededGenerator(seed: seed))
        let (result, decision) = try arbitrary.pair()
        let record = packed(result, decision)
        let unpacked = try RecordUnpacker.unpack(record)
        #expect(described(unpacked.result) == described(result))
        #expect(unpacked.decision == decision)
        #expect(packed(unpacked.result, unpacked.decision) == record)
    }

    @Test(arguments: 0..<3 as Range<UInt64>) func `with any bit changed are corrupt`(seed: UInt64) throws {
        var arbitrary = Arbitrary(random: SeededGenerator(seed: seed))
        let (result, decision) = try arbitrary.pair()
        let record = packed(result, decision)
        for index in record.indices {
            for bit in 0..<8 as Range<UInt8> {
                var damaged = record
                damaged[index] ^= 1 << bit
                #expect(throws: LedgerError.self) { try RecordUnpacker.unpack(damaged) }
            }
        }
    }

    @Test func `cut short anywhere are corrupt`() throws {
        var arbitrary = Arbitrary(random: SeededGenerator(seed: 11))
        let (result, decision) = try arbitrary.pair()
        let record = packed(result, decision)
        for count in 0..<record.count {
            #expect(throws: LedgerError.self) { try RecordUnpacker.unpack(Array(record.prefix(count))) }
            #expect(throws: LedgerError.self) { try RecordUnpacker.unpack(sealed(Array(record.prefix(max(count, 4))))) }
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>) func `of any bytes unpack or are corrupt, behind the checksum too`(seed: UInt64) throws {
        var arbitrary = Arbitrary(random: SeededGenerator(seed: seed))
        let (result, decision) = try arbitrary.pair()
        let record = packed(result, decision)
        for _ in 0..<300 {
            var damaged = record
            for _ in 0..<Int.random(in: 1...3, using: &arbitrary.random) {
                damaged[Int.random(in: 1..<damaged.count, using: &arbitrary.random)] = UInt8.random(in: 0...255, using: &arbitrary.random)
            }
            do {
                let unpacked = try RecordUnpacker.unpack(sealed(damaged))
                #expect(unpacked.result.items.count == unpacked.decision.items.count)
                // Whatever unpacks can be packed: all ranges are within the text.
                #expect(!packed(unpacked.result, unpacked.decision).isEmpty)
            } catch {
                guard case .corrupt = error else {
                    Issue.record("\(error)")
                    return
                }
            }
        }
    }

    @Test(arguments: [(0.93, 2), (0.0127, 1), (0.0128, 2), (Double(Float(0.987_654)), 6), (0.123_456_789, 10), (0, 1), (1, 2)])
    func `store a share in its shortest exact form`(share: Double, bytes: Int) throws {
        func record(_ confidence: Confidence?) throws -> [UInt8] {
            let entry = try entry(1)
            var result = entry.result
            result.items[0].confidence = confidence
            return packed(result, entry.decision)
        }
        // Null takes two bytes.
        #expect(try record(Confidence(share)).count - record(nil).count == bytes - 2)
        #expect(try RecordUnpacker.unpack(record(Confidence(share))).result.items[0].confidence?.value == share)
    }

    @Test func `of version 2 keep their bytes`() throws {
        let entry = try entry(258)
        #expect(hexadecimal(packed(entry.result, entry.decision)) == goldenRecord2)
        for golden in [fullRecord2, nothingReadRecord, neverRecord] {
            let (result, decision) = try RecordUnpacker.unpack(bytes(golden))
            #expect(hexadecimal(packed(result, decision)) == golden)
        }
    }

    /// The same decision stands in both, but for what version 1 had no room for.
    @Test func `of version 1 go on to be read`() throws {
        let plain = try entry(258)
        let (result, decision) = try RecordUnpacker.unpack(bytes(goldenRecord))
        #expect(described(result) == described(plain.result))
        #expect(decision == plain.decision)

        let old = try RecordUnpacker.unpack(bytes(fullRecord))
        var new = try RecordUnpacker.unpack(bytes(fullRecord2))
        #expect(new.result.items[2].modifiers[0] == "RT")
        #expect(new.result.items[2].modifiers[1] == "59")
        #expect(new.result.items[3].line == ClaimLine(exactly: 999))
        #expect(new.decision.items[2].reasons.contains(.unlisted))
        new.result.items[2].modifiers = Modifiers()
        new.result.items[3].line = nil
        new.decision.items[2].reasons.remove(.unlisted)
        #expect(described(old.result) == described(new.result))
        #expect(old.decision == new.decision)
    }

    @Test func `tell a threshold that nothing meets from none`() throws {
        let never = try RecordUnpacker.unpack(bytes(neverRecord)).decision
        #expect(never.policy != nil && never.items[0].threshold == .never && never.items[0].source == .floor)
        let none = try RecordUnpacker.unpack(bytes(undecidedRecord)).decision
        #expect(none.policy == nil && none.items[0].threshold == nil)
    }

    /// A later program's bits, at the place of each: what they mean is not guessed.
    @Test(arguments: [
        ("flags", 1, [0xB9, 0x80, 0x01] as [UInt8]), ("flags of a model", 1, [0xB9, 0xC0, 0x80, 0x01]), ("item", 33, [0xE0, 0x04]),
        ("reasons", 44, [0x42]), ("threshold", 41, [0x95, 0x4E]),
    ])
    func `with what this program does not know are not guessed at`(_: String, place: Int, instead: [UInt8]) throws {
        var record = try bytes(neverRecord)
        let old = place == 41 ? 2 : 1
        record.replaceSubrange(place..<place + old, with: instead)
        #expect(throws: LedgerError.self) { try RecordUnpacker.unpack(sealed(record)) }
    }
}

private func hexadecimal(_ bytes: [UInt8]) -> String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

private func bytes(_ hexadecimal: String) throws -> [UInt8] {
    let digits = Array(hexadecimal)
    return try stride(from: 0, to: digits.count, by: 2).map { try #require(UInt8(String(digits[$0...$0 + 1]), radix: 16)) }
}

/// Records stand in databases: whoever changes the bytes of a version needs a new one. These of version 1 were written by its program.
let goldenRecord =
    "01811908636d732d3135303009636c61696d2d323538096e6f7274687369646502924e010002010000000000000700000000"
    + "000000f40302080c70617469656e742e6e616d65d448a8460052053731303435054a31382e39924ef0470a01c7e9aecc"

private let fullRecord =
    "01ff0a10726164696f6c6f67792d7265706f7274066e6f74652d37094e6f72646b72656973086d65646963617265c2c002a097e0da9567"
    + "0974657373657261637405352e332e30020866696e64696e67730968697374c3b3726961012a18924e0103000c696e737572616e63652e"
    + "6964010a696d7072657373696f6e03efcdab89674523011032547698badcfef40304440c70617469656e742e6e616d65d448a846000440"
    + "074772c3b6c39f65924ea846000152053731303435054a31382e39914e5f633937dd9abf3ff047021a29053731303436055230352e3990"
    + "4eac4d020c3fb979"

private let undecidedRecord =
    "0100090366617803662d31cc3a00010201000000000000000200000000000000000100046e616d65cc3a924e00a074c5f7"

private let goldenRecord2 =
    "027908636d732d3135303009636c61696d2d323538096e6f7274687369646502924e0102010000000000000700000000000000f4030208"
    + "0c70617469656e742e6e616d65d448a8460052053731303435054a31382e39924ef0470a0138d7d127"

private let fullRecord2 =
    "02ea7f10726164696f6c6f67792d7265706f7274066e6f74652d37094e6f72646b72656973086d65646963617265c2c002a097e0da9567"
    + "0974657373657261637405352e332e30020866696e64696e67730968697374c3b3726961012a18924e0103000c696e737572616e63652e"
    + "6964010a696d7072657373696f6e03efcdab89674523011032547698badcfef40304440c70617469656e742e6e616d65d448a846000440"
    + "074772c3b6c39f65924ea8460001d201053731303435054a31382e390252543539914e5f633937dd9abf3ff047023aa902053731303436"
    + "055230352e39e707904eac4d0262b54d71"

private let nothingReadRecord =
    "0281400366617803662d31924e02020401000000000000000200000000000000000049b50fe5"

private let neverRecord =
    "02390366617803662d3106904e0001000000000000000200000000000000904e0160046e616d65904e944e0202abe1f6a5"
