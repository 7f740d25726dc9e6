import TestSupport
import Testing

@testable import JSON

/// `JSONOutput` must write what `JSONWriter` writes.
@Suite struct OutputTests {
    private static func written(_ value: Double) -> String {
        String(decoding: JSONOutput.bytes(upTo: JSONOutput.numberBytesMax, needsNoEscapes: true) { $0.number(value) }, as: UTF8.self)
    }

    private static func expected(_ value: Double) -> String {
        var writer = JSONWriter()
        writer.double(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func `every number of four decimals is written as the writer writes it`() {
        for digits in 0...10_000 {
            let value = Double(digits) / 10_000
            #expect(OutputTests.written(value) == OutputTests.expected(value))
        }
    }

    @Test func `other numbers are written as the writer writes them`() {
        var generator = SeededGenerator(seed: 20_261_122)
        for _ in 0..<20_000 {
            let value = Double.random(in: 0...1, using: &generator)
            #expect(OutputTests.written(value) == OutputTests.expected(value))
        }
        for value in [0.99995, 0.00005, 0.99999, 1, 1e-7, 123.25, -0.5, 1e300, Double.leastNonzeroMagnitude] {
            #expect(OutputTests.written(value) == OutputTests.expected(value))
        }
    }

    @Test(arguments: [UInt64(0), 7, 10, 99, 100, 12_345, UInt64.max])
    func `integers are written digit by digit`(value: UInt64) {
        let bytes = JSONOutput.bytes(upTo: 20, needsNoEscapes: true) { $0.integer(value) }
        #expect(String(decoding: bytes, as: UTF8.self) == "\(value)")
    }

    @Test(arguments: ["", "plain", "a\"b", "\\", "tab\tand\u{1}control", "Łódź", "0123456789\"0123456789"])
    func `strings are escaped as the writer escapes them`(text: String) {
        let utf8 = Array(text.utf8)
        let bytesMax = 2 + utf8.count * JSONOutput.escapedBytesMax
        let bytes = JSONOutput.bytes(upTo: bytesMax, needsNoEscapes: JSONOutput.needsNoEscapes(utf8)) { output in
            unsafe utf8.withUnsafeBufferPointer { unsafe output.string($0) }
        }
        var writer = JSONWriter()
        writer.string(utf8: utf8)
        #expect(bytes == writer.bytes)
    }
}
