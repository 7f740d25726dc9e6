import Testing

@testable import Gzip

@Suite struct GzipTests {
    /// Decompresses `bytes` as they arrive when they are cut into pieces of `step` bytes.
    private func decoded(_ bytes: [UInt8], step: Int = .max, expansionMax: Int? = nil) throws -> (output: [UInt8], isComplete: Bool) {
        let decoder = try GzipDecoder(expansionMax: expansionMax)
        var output: [UInt8] = []
        var position = 0
        while true {
            let end = step < bytes.count - position ? position + step : bytes.count
            let before = output.count
            let taken = try decoder.decode(bytes.span.extracting(position..<end), into: &output)
            #expect(output.count - before <= GzipDecoder.outputBytesMax)
            position += taken
            if taken == 0, output.count == before, end == bytes.count { return (output, decoder.isComplete) }
        }
    }

    /// Text that compresses, but not to nothing.
    private static func text(_ count: Int) -> [UInt8] {
        var state: UInt64 = 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(ascii: "a") + UInt8(state >> 60)
        }
    }

    @Test(arguments: [0, 1, 2, 1_000, 65_535, 65_536, 65_537, 300_000])
    func `what is compressed comes out again, however it is cut`(count: Int) throws {
        let text = Self.text(count)
        let coded = try #require(GzipEncoder.encode(text))
        for step in [1, 7, 4_096, .max] where step > 1 || count <= 1_000 {
            let (output, isComplete) = try decoded(coded, step: step)
            #expect(output == text && isComplete)
        }
    }

    /// Made by another program, with a file name and a time in its header.
    private static let foreign: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x08, 0x01, 0x00, 0x00, 0x00, 0x02, 0xFF, 0x6E, 0x61, 0x6D, 0x65, 0x2E, 0x74, 0x78, 0x74, 0x00, 0x2B, 0xCE, 0x29,
        0xCD, 0x4C, 0x4E, 0x55, 0x28, 0x46, 0xA6, 0xB8, 0x00, 0x67, 0x0D, 0xCA, 0x7B, 0x15, 0x00, 0x00, 0x00,
    ]

    @Test func `another program's member is read, and several one after the other`() throws {
        let text = Array("sluice sluice sluice\n".utf8)
        #expect(try decoded(Self.foreign).output == text)
        let (output, isComplete) = try decoded(Self.foreign + Self.foreign, step: 1)
        #expect(output == text + text && isComplete)
    }

    @Test func `data that ends anywhere in a member is not complete`() throws {
        for count in 0..<Self.foreign.count {
            #expect(try !decoded(Array(Self.foreign[..<count])).isComplete, "\(count) bytes")
        }
    }

    @Test func `a changed byte of the data or its check is found`() throws {
        for index in Array(0..<4) + Array(19..<Self.foreign.count) {
            var damaged = Self.foreign
            damaged[index] ^= 0x55
            do {
                let (output, isComplete) = try decoded(damaged)
                // Flags of the header may ask for more bytes than there are.
                #expect(!isComplete, "byte \(index): \(output.count) bytes came out")
            } catch let fault as GzipDecoder.Fault {
                guard case .damaged = fault else { throw fault }
            }
        }
    }

    @Test(arguments: [[0x00], Array("{}".utf8), [0x0A]])
    func `what follows a member and is none is found`(rest: [UInt8]) {
        #expect(throws: GzipDecoder.Fault.damaged(reason: "bytes that are not gzip follow")) { try decoded(Self.foreign + rest) }
        #expect(throws: GzipDecoder.Fault.damaged(reason: "it does not begin as gzip does")) { try decoded(rest) }
    }

    @Test func `a bomb is stopped soon after its first MiB, a short one is let be`() throws {
        let bomb = try #require(GzipEncoder.encode([UInt8](repeating: 0x20, count: 64 << 20)))
        let decoder = try GzipDecoder(expansionMax: 100)
        var output: [UInt8] = []
        var position = 0
        #expect(throws: GzipDecoder.Fault.expandsTooMuch) {
            while true { position += try decoder.decode(bomb.span.extracting(position..<bomb.count), into: &output) }
        }
        #expect(output.count <= GzipDecoder.freeOutputBytes + 2 * GzipDecoder.outputBytesMax)
        let short = try #require(GzipEncoder.encode([UInt8](repeating: 0x20, count: 1 << 20)))
        #expect(try decoded(short, expansionMax: 100).output.count == 1 << 20)
        #expect(try decoded(bomb).output.count == 64 << 20)
    }

    @Test func `text expands less than the bound and is taken`() throws {
        let text = Self.text(4 << 20)
        let coded = try #require(GzipEncoder.encode(text))
        #expect(try decoded(coded, expansionMax: 100).output == text)
    }
}
