import Foundation

/// A committed table of values of an independent implementation; the script beside it in `Reference` made it.
struct ReferenceTable {
    struct Row {
        let names: [String: Int]
        let cells: [String]

        subscript(name: String) -> String { names[name].map { cells[$0] } ?? "" }
        func number(_ name: String) -> Double { Double(self[name]) ?? .nan }
        func integer(_ name: String) -> Int { Int(self[name]) ?? Int(number(name)) }
        /// Numbers with spaces between them.
        func numbers(_ name: String) -> [Double] { self[name].split(separator: " ").map { Double($0) ?? .nan } }
    }

    let rows: [Row]

    init(_ name: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Reference")
        let lines = try String(contentsOf: folder.appending(path: "\(name).csv"), encoding: .utf8).split(separator: "\n").map(String.init)
        let header = lines[0].split(separator: ",").map(String.init)
        let names = Dictionary(uniqueKeysWithValues: zip(header, header.indices))
        rows = lines.dropFirst().map { line in
            Row(names: names, cells: line.split(separator: ",", omittingEmptySubsequences: false).map(String.init))
        }
    }
}

/// |a − b| over |b|; 0 for equal ones.
func relativeError(_ a: Double, _ b: Double) -> Double { a == b ? 0 : abs(a - b) / abs(b) }
