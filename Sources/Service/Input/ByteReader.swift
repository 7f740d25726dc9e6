import Gzip

/// Reads a file in pieces, decompressing it when it is gzip: told by its first two bytes, not by its name. Memory stays flat.
final class ByteReader {
    let file: InputFile
    /// Bytes taken from the file so far, as they stand there: what progress is measured by.
    private(set) var bytesTaken: Int64 = 0
    private var raw: [UInt8]
    private var rawRange = 0..<0
    private var decoder: GzipDecoder?
    private var hasBegun = false

    static let chunkBytes = 256 << 10

    init(_ file: InputFile) {
        self.file = file
        raw = [UInt8](repeating: 0, count: ByteReader.chunkBytes)
    }

    /// The share of the file that has been taken; nil when its size is not known.
    var share: Double? { file.size.map { $0 == 0 ? 1 : min(1, Double(bytesTaken) / Double($0)) } }

    /// The next bytes, written over `chunk`; empty at the end.
    func read(into chunk: inout [UInt8]) throws(InputError) {
        chunk.removeAll(keepingCapacity: true)
        if !hasBegun { try begin() }
        guard let decoder else {
            if rawRange.isEmpty { try fill() }
            chunk += raw[rawRange]
            rawRange = 0..<0
            return
        }
        while chunk.isEmpty {
            if rawRange.isEmpty {
                try fill()
                if rawRange.isEmpty {
                    guard decoder.isComplete else { throw .truncatedGzip(name: file.name, offset: bytesTaken) }
                    return
                }
            }
            do {
                let taken = try decoder.decode(raw[rawRange].span, into: &chunk)
                rawRange = rawRange.lowerBound + taken..<rawRange.upperBound
            } catch {
                let offset = bytesTaken - Int64(rawRange.count)
                throw .corruptGzip(name: file.name, offset: offset, reason: error.reason)
            }
        }
    }

    /// Looks at the first two bytes; a pipe may give them one at a time.
    private func begin() throws(InputError) {
        hasBegun = true
        while rawRange.count < 2 {
            let before = rawRange.count
            try fill()
            if rawRange.count == before { break }
        }
        if raw[rawRange].starts(with: GzipDecoder.magic) {
            do {
                decoder = try GzipDecoder()
            } catch {
                throw .cannotRead(name: file.name, reason: error.reason)
            }
        }
    }

    /// Adds bytes of the file behind those that wait.
    private func fill() throws(InputError) {
        let start = rawRange.isEmpty ? 0 : rawRange.upperBound
        let count: Int
        do {
            // The buffer is the array's own storage, valid during the call.
            count = try unsafe raw.withUnsafeMutableBytes {
                try unsafe file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[start...]))
            }
        } catch let error as InputError {
            throw error
        } catch {
            throw .cannotRead(name: file.name, reason: "\(error)")
        }
        rawRange = (rawRange.isEmpty ? 0 : rawRange.lowerBound)..<(start + count)
        bytesTaken += Int64(count)
    }
}

extension GzipDecoder.Fault {
    fileprivate var reason: String {
        switch self {
        case .damaged(let reason): reason
        case .expandsTooMuch: "it expands too much"
        case .noMemory: "memory ran out"
        }
    }
}
