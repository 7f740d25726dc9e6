import Testing

@testable import HTTPWire

@Suite struct OctetTests {
    @Test func `the first control character is found wherever it stands, and no other byte is taken for one`() {
        for byte in UInt8.min...UInt8.max {
            for position in 0..<20 {
                var bytes = [UInt8](repeating: 0x41, count: 20)
                bytes[position] = byte
                // Bytes that could be mistaken when words are looked at: a tab, a blank, one above ASCII.
                if position + 1 < 20 { bytes[position + 1] = [0x09, 0x20, 0x80, 0xFF][position % 4] }
                let expected = byte.isControl ? position : 20
                #expect(bytes.span.firstControl(in: 0..<20) == expected, "byte \(byte) at \(position)")
                for start in [1, 3, 7, 9] where start > position { #expect(bytes.span.firstControl(in: start..<20) == 20) }
                #expect(bytes.span.firstControl(in: 0..<position) == position)
            }
        }
    }
}
