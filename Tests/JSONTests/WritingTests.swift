import JSON
import TestSupport
import Testing

@Suite struct WritingTests {
    @Test func `commas stand between values and members and nowhere else`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.int(1)
        writer.key("b")
        writer.beginArray()
        writer.string("x")
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.null()
        writer.bool(true)
        writer.double(0.5)
        writer.raw(Array("[1]".utf8))
        writer.endArray()
        writer.key(String("c"))
        writer.bool(false)
        writer.endObject()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"a":1,"b":["x",{},[],null,true,0.5,[1]],"c":false}"#)
    }

    @Test func `lines of a stream are documents of their own`() {
        var writer = JSONWriter()
        for number in 0..<2 {
            writer.beginArray()
            writer.int(Int64(number))
            writer.endArray()
            writer.bytes.append(UInt8(ascii: "\n"))
        }
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "[0]\n[1]\n")
    }

    @Test(arguments: [",", "{", "[", ":", "\n"])
    func `a string that ends like a bracket or a comma is a value all the same`(text: String) throws {
        var writer = JSONWriter()
        writer.beginArray()
        writer.string(text)
        writer.int(1)
        writer.endArray()
        try #expect(JSONParser().parse(writer.bytes) { $0.count } == 2)
    }

    @Test(arguments: [
        ("", #""""#),
        ("plain", #""plain""#),
        ("a\"b\\c/d", #""a\"b\\c/d""#),
        ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
        ("\0\u{1}\u{F}\u{10}\u{1F} ", #""\u0000\u0001\u000f\u0010\u001f ""#),
        ("\u{7F}\u{80}é€😀\u{10FFFF}", "\"\u{7F}\u{80}é€😀\u{10FFFF}\""),
        ("exactly8", #""exactly8""#),
        ("seven..\"", #""seven..\"""#),
        ("a longer text with a quote at the very end\"", #""a longer text with a quote at the very end\"""#),
        ("\\at the beginning of a longer text", #""\\at the beginning of a longer text""#),
    ])
    func `a string is escaped where it must be`(text: String, json: String) {
        #expect(written { $0.string(text) } == json)
        #expect(written { $0.string(utf8: Array(text.utf8)) } == json)
        #expect(written { $0.string(utf8: Array(text.utf8)[...]) } == json)
        #expect(written { $0.string(utf8: text.utf8.lazy.map { $0 }) } == json)
        #expect(written { $0.key(text) } == json + ":")
    }

    @Test func `every byte at every place in a text comes back`() throws {
        let parser = JSONParser()
        var writer = JSONWriter()
        for byte in UInt8(0)...0x7F {
            for length in 1...20 {
                for place in 0..<length {
                    var text = [UInt8](repeating: UInt8(ascii: "x"), count: length)
                    text[place] = byte
                    writer.bytes.removeAll(keepingCapacity: true)
                    writer.string(utf8: text)
                    let back = try parser.parse(writer.bytes) { unsafe $0.stringBytes.map { unsafe Array($0) } }
                    if back != text { Issue.record("\(text) came back as \(back ?? [])") }
                }
            }
        }
    }

    @Test(
        arguments: [
            (0, "0"), (7, "7"), (-7, "-7"), (10, "10"), (99, "99"), (100, "100"), (1_234_567_890, "1234567890"),
            (.max, "9223372036854775807"),
            (.min, "-9223372036854775808"),
        ] as [(Int64, String)])
    func `an integer is written in decimal`(value: Int64, json: String) {
        #expect(written { $0.int(value) } == json)
    }

    @Test(
        arguments: [
            (0, "0"), (-0.0, "0"), (1, "1"), (-1, "-1"), (0.5, "0.5"), (-0.5, "-0.5"), (0.1, "0.1"), (0.9, "0.9"), (0.95, "0.95"),
            (0.9898, "0.9898"), (0.999999, "0.999999"), (0.9999999, "0.9999999"), (1.0 / 3, "0.3333333333333333"),
            (2.0 / 3, "0.6666666666666666"),
            (0.1 + 0.2, "0.30000000000000004"), (0.30000000000000004, "0.30000000000000004"), (0.000001, "0.000001"), (1e-5, "0.00001"),
            (1.25e-5, "0.0000125"), (1.2345678901234567e-5, "0.000012345678901234568"), (1e-7, "1e-7"), (1.5e-7, "1.5e-7"),
            (123456.789, "123456.789"), (1e14, "100000000000000"), (999999999999999, "999999999999999"), (1e15, "1000000000000000"),
            (1e15 + 0.5, "1000000000000000.5"), (0x1p53, "9007199254740992"), (1e20, "100000000000000000000"), (1e21, "1e+21"),
            (1.5e300, "1.5e+300"), (.greatestFiniteMagnitude, "1.7976931348623157e+308"), (.leastNonzeroMagnitude, "5e-324"),
            (-123456789.125, "-123456789.125"), (0.49999999999999994, "0.49999999999999994"), (Double(Float(0.9)), "0.8999999761581421"),
            (.nan, "null"), (.infinity, "null"), (-.infinity, "null"),
        ] as [(Double, String)])
    func `a double is written with the fewest digits`(value: Double, json: String) {
        #expect(written { $0.double(value) } == json)
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func `every double comes back, in no more digits than Swift's own shortest`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let parser = JSONParser()
        for round in 0..<10_000 {
            let value: Double =
                switch round % 5 {
                case 0: Double(bitPattern: random.next())
                case 1: Double.random(in: 0...1, using: &random)
                case 2: Double(Int.random(in: 0...1_000_000, using: &random)) / 1_000_000
                case 3: Double(Float.random(in: 0...1, using: &random))
                default: Double(Int64.random(in: -1_000_000_000_000...1_000_000_000_000, using: &random)) / 1_000
                }
            guard value.isFinite else { continue }
            let json = written { $0.double(value) }
            let back = try parser.parse(Array(json.utf8)) { $0.double }
            let isPlain = !(1e-5..<1e15).contains(abs(value)) || !json.contains("e")
            guard back == value, Double(json) == value, isPlain, significantDigits(json) <= significantDigits(value.description) else {
                Issue.record("\(value) was written as \(json)")
                continue
            }
        }
    }

    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func significantDigits(_ number: String) -> Int {
        let mantissa = number.prefix { $0 != "e" }.filter(\.isNumber)
        let digits = mantissa.drop { $0 == "0" }
        return digits.count - digits.reversed().prefix { $0 == "0" }.count
    }
}
