import JSON

/// Splits input into lines. A line longer than the limit is dropped as it is read, and reported in its place. A byte order mark before the
/// first one is dropped.
final class LineReader {
    enum Line: Equatable {
        /// Without its newline.
        case bytes([UInt8])
        case tooLong(bytes: Int)
    }

    let reader: ByteReader
    /// The number of the line last returned, from 1; blank ones count.
    private(set) var number = 0
    private let bytesMax: Int
    private var chunk: [UInt8] = []
    private var position = 0
    /// The beginning of a line whose end is not read yet.
    private var begun: [UInt8] = []
    /// Length of the line so far, when it is too long to be kept.
    private var droppedBytes = 0
    private var isAtEnd = false

    init(_ reader: ByteReader, bytesMax: Int) {
        self.reader = reader
        self.bytesMax = bytesMax
    }

    /// Whether the next line is at hand: asking for it will not wait for input.
    var hasLine: Bool { chunk[position...].contains(newline) }

    /// The next line, the last one with or without a newline; nil at the end.
    func next() throws(InputError) -> Line? {
        while !isAtEnd {
            if let end = chunk[position...].firstIndex(of: newline) {
                take(position..<end)
                position = end + 1
                return finishLine()
            }
            take(position..<chunk.count)
            position = 0
            try reader.read(into: &chunk)
            isAtEnd = chunk.isEmpty
        }
        return begun.isEmpty && droppedBytes == 0 ? nil : finishLine()
    }

    private let newline = UInt8(ascii: "\n")

    private func take(_ range: Range<Int>) {
        if droppedBytes > 0 {
            droppedBytes += range.count
        } else if begun.count + range.count > bytesMax {
            droppedBytes = begun.count + range.count
            begun = []
        } else {
            begun += chunk[range]
        }
    }

    private func finishLine() -> Line {
        number += 1
        if droppedBytes > 0 {
            defer { droppedBytes = 0 }
            return .tooLong(bytes: droppedBytes)
        }
        defer { begun = [] }
        if number == 1, TextEncoding(of: begun) == .markedUTF8 { begun.removeFirst(TextEncoding.markBytes) }
        return .bytes(begun)
    }
}

extension [UInt8] {
    /// Whether there is nothing in the line but JSON's white space.
    var isBlankLine: Bool { allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }
}
