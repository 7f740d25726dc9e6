import JSON

/// A file, or standard input, opened for reading; closed once, when it goes out of use.
final class InputFile {
    /// The name that messages use.
    let name: String
    /// The file's size in bytes; nil when it is not a regular file (a pipe, a terminal).
    let size: Int64?
    private let descriptor: Int32

    static let standardInputName = "-"

    /// - Parameter path: a path, or `-` for standard input.
    init(_ path: String) throws(InputError) {
        if path == InputFile.standardInputName {
            name = "standard input"
            descriptor = 0
        } else {
            name = path
            do {
                descriptor = try System.open(path)
            } catch {
                throw .cannotOpen(path: path, reason: error.description)
            }
        }
        let status = try? System.status(of: descriptor)
        size = status.flatMap { $0.isRegular ? $0.size : nil }
        if status?.isDirectory == true {
            let reason = "it is a directory"
            System.close(descriptor)
            throw .cannotOpen(path: path, reason: reason)
        }
    }

    /// Takes over an open descriptor.
    init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
        size = nil
    }

    deinit {
        if descriptor != 0 { System.close(descriptor) }
    }

    /// Bytes read into the buffer; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
        do {
            return try unsafe System.read(descriptor, into: buffer)
        } catch {
            throw .cannotRead(name: name, reason: error.description)
        }
    }
}

/// What can be wrong with input, apart from its lines.
package enum InputError: Error, Sendable, Equatable, CustomStringConvertible {
    case cannotOpen(path: String, reason: String)
    case cannotRead(name: String, reason: String)
    case tooLong(name: String, bytesMax: Int)
    case notText(name: String)
    /// UTF-16 or UTF-32.
    case otherEncoding(name: String, encoding: String)
    /// The compressed data ends in the middle; `offset` counts compressed bytes.
    case truncatedGzip(name: String, offset: Int64)
    /// The compressed data is broken, or something else follows it.
    case corruptGzip(name: String, offset: Int64, reason: String)
    /// A database is to be read and there is none.
    case noDatabase(path: String)

    package var description: String {
        switch self {
        case .cannotOpen(let path, let reason): "\(path) cannot be opened: \(reason)"
        case .cannotRead(let name, let reason): "\(name) cannot be read: \(reason)"
        case .tooLong(let name, let bytesMax): "\(name) is longer than \(bytesMax) bytes"
        case .notText(let name): "\(name) is not UTF-8 text"
        case .otherEncoding(let name, let encoding): "\(name) is \(encoding); it must be UTF-8"
        case .truncatedGzip(let name, let offset): "\(name) is cut off: its gzip data ends in the middle, at byte \(offset)"
        case .corruptGzip(let name, let offset, let reason): "\(name) is damaged: \(reason) near byte \(offset) of its gzip data"
        case .noDatabase(let path): "there is no database at \(path)"
        }
    }
}

extension InputFile {
    /// A whole file as bytes, without a byte order mark.
    static func bytes(of path: String, bytesMax: Int) throws(InputError) -> [UInt8] {
        let file = try InputFile(path)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count: Int
            do {
                // The buffer is the array's own storage, valid during the call.
                count = try unsafe chunk.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
            } catch let error as InputError {
                throw error
            } catch {
                throw .cannotRead(name: file.name, reason: "\(error)")
            }
            if count == 0 { return try unmarked(bytes, name: file.name) }
            bytes += chunk[..<count]
            if bytes.count > bytesMax { throw .tooLong(name: file.name, bytesMax: bytesMax) }
        }
    }

    private static func unmarked(_ bytes: [UInt8], name: String) throws(InputError) -> [UInt8] {
        switch TextEncoding(of: bytes) {
        case .utf8: return bytes
        case .markedUTF8: return Array(bytes.dropFirst(TextEncoding.markBytes))
        case .utf16: throw .otherEncoding(name: name, encoding: "UTF-16")
        case .utf32: throw .otherEncoding(name: name, encoding: "UTF-32")
        }
    }

    /// A whole file as text, without a byte order mark.
    static func text(of path: String, bytesMax: Int) throws(InputError) -> String {
        let bytes = try bytes(of: path, bytesMax: bytesMax)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText(name: path) }
        return text
    }

    /// A file's permission bits; nil when it cannot be looked at.
    static func mode(of path: String) -> UInt32? { (try? System.status(of: path))?.mode }
}
