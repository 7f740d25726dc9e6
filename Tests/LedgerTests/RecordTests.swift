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
        var verdicts: [ItemVerdict] = []
        for _ in 0..<Int.random(in: 0..<30, using: &random) {
            let kind = try #require(EngineResult.Kind(rawValue: UInt8.random(in: 0...2, using: &random)))
            let first = add(string(30))
            result.items.append(
                EngineResult.Item(
                    kind: kind, first: first, second: kind == .field ? TextRange(start: 0, count: 0) : add(string(30)),
                    confidence: chance() ? Confidence(share()) : nil, isEmpty: chance()))
            verdicts.append(
                ItemVerdict(
                    threshold: chance() ? Threshold(share()) : nil,
                    source: try #require(ThresholdSource(rawValue: UInt8.random(in: 0...2, using: &random))),
                    ruleIndex: [-1, 0, 5, 700, .max, .min].randomElement(using: &random) ?? -1, accepted: chance(),
                    reasons: ItemReasons(rawValue: chance() ? 0 : UInt8.random(in: 0...255, using: &random))))
        }
        result.text = text
        var reasons: [DecisionReason] = []
        for _ in 0..<Int.random(in: 0..<4, using: &random) {
            switch UInt8.random(in: 0..<4, using: &random) {
            case 0: reasons.append(.missingRequiredField(try name()))
            case 1: reasons.append(.missingRequiredSection(try name()))
            case 2: reasons.append(.unknownDocumentType)
            default: reasons.append(.suspended)
            }
        }
        let policyType = chance() ? Name(documentType) : try name()
        let decision = Decision(
            route: try #require(Route.allCases.randomElement(using: &random)), qualityAssurance: chance(),
            confidence: chance() ? Confidence(share()) : nil,
            weakestItem: result.items.isEmpty || chance() ? nil : Int.random(in: 0..<result.items.count, using: &random),
            policy: chance() ? nil : PolicyReference(documentType: try #require(policyType), version: PolicyVersion(int64())),
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

    @Test func `of version 1 keep their bytes`() throws {
        let entry = try entry(258)
        let hexadecimal = packed(entry.result, entry.decision).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        #expect(hexadecimal == goldenRecord)
    }
}

/// Records of version 1 stand in databases: whoever changes their bytes needs a version 2.
let goldenRecord =
    "01811908636d732d3135303009636c61696d2d323538096e6f7274687369646502924e010002010000000000000700000000"
    + "000000f40302080c70617469656e742e6e616d65d448a8460052053731303435054a31382e39924ef0470a01c7e9aecc"
