import API
import Learning
import Routing
import Validation

/// Reads files of results, gzip or not, as cases.
struct CaseFiles {
    private let lineBytesMax: Int
    private let strict: Bool
    private let reader: CaseReader
    private var failures: LineFailures
    private let report: (String) -> Void

    /// - Parameters:
    ///   - schemas: how the values of fields should look.
    ///   - strict: any line that is refused ends the command.
    init(lineBytesMax: Int, schemas: [FieldSchema] = [], strict: Bool, report: @escaping (String) -> Void) {
        reader = CaseReader(schemas: schemas)
        self.lineBytesMax = lineBytesMax
        self.strict = strict
        self.report = report
        failures = LineFailures(report: report)
    }

    /// All cases of the files, in their order; lines that are refused are reported and skipped.
    mutating func read(_ paths: [String], progress: Progress) throws -> [Case] {
        var cases: [Case] = []
        for path in paths {
            let bytes = ByteReader(try InputFile(path))
            let lines = LineReader(bytes, bytesMax: lineBytesMax)
            while let line = try lines.next() {
                do throws(Faults) {
                    switch line {
                    case .tooLong(let count): throw LineReader.Line.tooLongFaults(count, bytesMax: lineBytesMax)
                    case .bytes(let line): if !line.isBlankLine { cases.append(try reader.read(line: line)) }
                    }
                } catch {
                    failures.add(input: bytes.file.name, line: lines.number, faults: error)
                }
                if lines.number % 256 == 0 { progress.update(share: bytes.share, count: cases.count, of: "documents") }
            }
        }
        for beyond in reader.valuesBeyondLimits { report(beyond.sentence) }
        try failures.check(accepted: cases.count, strict: strict)
        return cases
    }
}
