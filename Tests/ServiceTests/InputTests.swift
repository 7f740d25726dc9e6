import Foundation
import TestSupport
import Testing

@testable import Service

struct InputTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func contents(_ bytes: [UInt8]) throws -> [UInt8] {
        let reader = ByteReader(try InputFile(try directory.file("input", bytes)))
        var all: [UInt8] = []
        var chunk: [UInt8] = []
        while true {
            try reader.read(into: &chunk)
            if chunk.isEmpty { return all }
            #expect(chunk.count <= ByteReader.chunkBytes)
            all += chunk
        }
    }

    private func lines(_ text: String, bytesMax: Int = 100) throws -> [LineReader.Line] {
        let reader = LineReader(ByteReader(try InputFile(try directory.file("lines", text))), bytesMax: bytesMax)
        var all: [LineReader.Line] = []
        while let line = try reader.next() { all.append(line) }
        #expect(reader.number == all.count)
        return all
    }

    /// Text that compresses, but not to nothing.
    private static func text(_ count: Int) -> [UInt8] {
        var state: UInt64 = 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(ascii: "a") + UInt8(state >> 60)
        }
    }

    // MARK: Encodings

    @Test func `a byte order mark before the first line is dropped, and no other`() throws {
        #expect(try lines("\u{FEFF}a\nb") == [.bytes(Array("a".utf8)), .bytes(Array("b".utf8))])
        #expect(try lines("\u{FEFF}\n\u{FEFF}b") == [.bytes([]), .bytes(Array("\u{FEFF}b".utf8))])
        #expect(try lines("\u{FEFF}\u{FEFF}a") == [.bytes(Array("\u{FEFF}a".utf8))])
    }

    @Test func `whole files have no mark, and other encodings are named`() throws {
        let text = "threshold: 0.9"
        #expect(try InputFile.text(of: directory.file("a", Array("\u{FEFF}\(text)".utf8)), bytesMax: 99) == text)
        let plain = Array(text.utf8)
        let little = plain.flatMap { [$0, 0] as [UInt8] }
        let big = plain.flatMap { [0, $0] as [UInt8] }
        let wide = plain.flatMap { [$0, 0, 0, 0] as [UInt8] }
        let encodings: [([UInt8], String)] = [
            (little, "UTF-16"), ([0xFF, 0xFE] + little, "UTF-16"), ([0xFE, 0xFF] + big, "UTF-16"), (wide, "UTF-32"),
        ]
        for (bytes, encoding) in encodings {
            let path = try directory.file("b", bytes)
            #expect(throws: InputError.otherEncoding(name: path, encoding: encoding)) { try InputFile.bytes(of: path, bytesMax: 99) }
        }
    }

    // MARK: Gzip

    @Test(arguments: [0, 1, 2, 3, 1_000, 262_144, 262_145, 1_000_000])
    func `plain and gzip files read the same, told by their content`(count: Int) throws {
        let text = InputTests.text(count)
        #expect(try contents(text) == text)
        #expect(try contents(gzip(text)) == text)
    }

    @Test func `gzip members one after the other are read as one`() throws {
        let (a, b) = (InputTests.text(300_000), InputTests.text(10))
        #expect(try contents(gzip(a) + gzip([]) + gzip(b)) == a + b)
    }

    @Test func `a gzip file that ends anywhere in a member is reported as cut off, with the place`() throws {
        let whole = gzip(InputTests.text(500)) + gzip(InputTests.text(20))
        let first = gzip(InputTests.text(500)).count
        // The first two bytes say that it is gzip.
        for count in 2..<whole.count where count != first {
            #expect(throws: InputError.truncatedGzip(name: "\(directory.path)/input", offset: Int64(count))) {
                try contents(Array(whole[..<count]))
            }
        }
        #expect(try contents(Array(whole[..<first])) == InputTests.text(500))
    }

    @Test func `a damaged gzip file and one that something follows are refused, with a place`() throws {
        var damaged = gzip(InputTests.text(5_000))
        damaged[damaged.count - 5] ^= 0xFF  // in the checksum
        for bytes in [damaged, gzip([1]) + [0x7B], gzip([1]) + [0x1F, 0x00]] {
            #expect {
                try contents(bytes)
            } throws: { error in
                guard case InputError.corruptGzip(_, let offset, let reason) = error else { return false }
                return offset <= bytes.count && !reason.isEmpty
            }
        }
    }

    @Test func `highly compressed data comes in bounded pieces`() throws {
        let zeros = [UInt8](repeating: 0, count: 3_000_000)
        #expect(try contents(gzip(zeros)) == zeros)
    }

    @Test func `a missing file and a directory are named`() {
        #expect(throws: InputError.self) { try InputFile("\(directory.path)/none") }
        #expect(throws: InputError.cannotOpen(path: directory.path, reason: "it is a directory")) { try InputFile(directory.path) }
    }

    // MARK: Lines

    @Test(arguments: [
        ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("\n\na\n\n", ["", "", "a", ""]), ("a\r\nb\r\n", ["a\r", "b\r"]),
    ])
    func `lines end with a newline or the end of the input`(text: String, expected: [String]) throws {
        #expect(try lines(text) == expected.map { .bytes(Array($0.utf8)) })
    }

    @Test func `a line that is too long is told in its place and its neighbours are kept`() throws {
        let long = String(repeating: "x", count: 600_000)
        #expect(
            try lines("a\n\(long)\nb\n\(long)", bytesMax: 3) == [
                .bytes([97]), .tooLong(bytes: 600_000), .bytes([98]), .tooLong(bytes: 600_000),
            ])
        #expect(try lines("abc\nabcd\n", bytesMax: 3) == [.bytes(Array("abc".utf8)), .tooLong(bytes: 4)])
    }

    @Test func `lines longer than a chunk are put together`() throws {
        let long = String(decoding: InputTests.text(700_000), as: UTF8.self)
        #expect(try lines("\(long)\n\(long)\n", bytesMax: 700_000) == [.bytes(Array(long.utf8)), .bytes(Array(long.utf8))])
    }

    @Test func `lines of a pipe are handed out as they come`() throws {
        let pipe = Pipe()
        let reader = LineReader(
            ByteReader(InputFile(descriptor: dup(pipe.fileHandleForReading.fileDescriptor), name: "pipe")), bytesMax: 100)
        try pipe.fileHandleForWriting.write(contentsOf: Data("first\nsecond\nthi".utf8))
        #expect(try reader.next() == .bytes(Array("first".utf8)))
        #expect(reader.hasLine)
        #expect(try reader.next() == .bytes(Array("second".utf8)))
        #expect(!reader.hasLine)
        try pipe.fileHandleForWriting.write(contentsOf: Data("rd".utf8))
        try pipe.fileHandleForWriting.close()
        #expect(try reader.next() == .bytes(Array("third".utf8)))
        #expect(try reader.next() == nil)
    }
}
