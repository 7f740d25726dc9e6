import Glibc

/// The files that a command will write. They are tried before its work begins: work of an hour is not lost to a wrong path, and nothing that is
/// there is lost unless it was asked for.
package struct OutputFiles: Sendable {
    /// Write over files that are there.
    package var overwrites: Bool

    package init(overwrites: Bool = false) { self.overwrites = overwrites }

    /// Standard output, in place of a file for figures.
    static let standardOutputName = "-"

    /// - Parameter paths: those that were not asked for are nil; `-` is standard output.
    /// - Throws: `Failure` (usage when two are the same; cannotCreate when one cannot be written or is there already).
    func check(_ paths: [String?]) throws(Failure) {
        var seen: Set<String> = []
        for case let path? in paths where path != OutputFiles.standardOutputName {
            guard seen.insert(path).inserted else { throw Failure(.usage, "\(path) is named twice: each output needs a file of its own.") }
            try check(path)
        }
    }

    private func check(_ path: String) throws(Failure) {
        if let status = try? System.status(of: path) {
            if status.isDirectory { throw Failure(.cannotCreate, "\(path) is a directory. Name a file in it.") }
            guard status.isRegular else { throw Failure(.cannotCreate, "\(path) is not a file that can be written anew. Name another.") }
            if !overwrites {
                throw Failure(.cannotCreate, "\(path) is there already. Name a new file, or write over it: --overwrite.")
            }
        }
        try NewFile.tryDirectory(of: path)
    }

    /// Whether a path is a directory that is there.
    static func isDirectory(_ path: String) -> Bool { (try? System.status(of: path))?.isDirectory == true }

    /// Writes a file that was checked before.
    func write(_ bytes: [UInt8], to path: String) throws(Failure) { try NewFile.write(bytes, to: path, overwrites: overwrites) }

    /// Figures for programs: in a file, of which a last line then tells; or in place of the words, for `-`; or not at all, for nil.
    func lines(_ words: [String], figures: () -> [UInt8], to path: String?) throws(Failure) -> [String] {
        guard let path else { return words }
        let bytes = figures()
        if path == OutputFiles.standardOutputName {
            return [String(decoding: bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...], as: UTF8.self)]
        }
        try write(bytes, to: path)
        return words + ["figures: \(path)"]
    }
}
