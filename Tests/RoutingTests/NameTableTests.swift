@testable import Routing
import Testing

@Suite struct NameTableTests {
    /// Among so many names some share their 32 bits of hash; these share their count and first 16 bytes too.
    @Test func `names of equal hashes are told apart`() throws {
        var seen: [UInt32: [UInt8]] = [:]
        var twins: ([UInt8], [UInt8])?
        for index in 0..<400_000 where twins == nil {
            let name = Array("supplier_address_\(1_000_000 + index)".utf8)
            twins = seen.updateValue(name, forKey: UInt32(truncatingIfNeeded: ByteHash.process.of(name.span))).map { ($0, name) }
        }
        let (first, second) = try #require(twins)
        var table = NameTable()
        #expect(table.intern(first.span) == 0)
        #expect(table.find(second.span) == -1)
        #expect(table.intern(second.span) == 1)
        #expect(table.find(first.span) == 0)
        #expect(table.find(second.span) == 1)
    }

    @Test func `a pair of numbers has the value it was given last`() {
        var table = PairTable()
        #expect(table.find(1, 2) == PairTable.absent)
        for first in Int32(-3)..<200 {
            for second in Int32(-3)..<20 { table.set(first, second, to: first * 1_000 + second) }
        }
        table.set(7, 7, to: 0)
        #expect(table.count == 203 * 23)
        #expect(table.find(7, 7) == 0)
        #expect(table.find(-1, -2) == -1_002)
        #expect(table.find(199, 19) == 199_019)
        #expect(table.find(200, 0) == PairTable.absent)
    }
}
