import API
import Learning
import Routing
import Validation

/// What a command makes of a document that it can read.
enum LineUse {
    case used, unreviewed
    /// Not asked for; it is not kept.
    case leftOut

    /// Nil of an outcome: nobody has reviewed it.
    static func reviewed(_ document: Case) -> LineUse { document.outcome == nil ? .unreviewed : .used }
}

/// Reads the files of a command's parts, gzip or not, as cases, and accounts for every line of them.
///
/// 1. A line is used, unreviewed, refused, repeated or left out; nothing drops out in any other way.
/// 2. A document is in one part, and in it once: all parts of a command are read by one value of this type.
struct CaseFiles {
    private let lineBytesMax: Int
    private let reader: CaseReader
    private var failures: LineFailures
    private let report: (String) -> Void
    private var repeats: LineFailures
    private var register = DocumentRegister()
    private(set) var accounts: Accounts

    /// - Parameter schemas: how the values of fields should look.
    init(lineBytesMax: Int, schemas: [FieldSchema] = [], rules: LineRules, report: @escaping (String) -> Void) {
        reader = CaseReader(schemas: schemas)
        self.lineBytesMax = lineBytesMax
        self.report = report
        accounts = Accounts(rules: rules)
        failures = LineFailures(report: report)
        repeats = LineFailures(what: "repeated", report: report)
    }

    /// All cases of a part's files that were not left out, in their order. What is wrong with lines is reported, and counts in `check`.
    mutating func read(
        _ paths: [String], as part: String, progress: Progress, use: (Case) -> LineUse = LineUse.reviewed
    ) throws -> [Case] {
        var cases: [Case] = []
        for path in paths {
            let bytes = ByteReader(try InputFile(path))
            let lines = LineReader(bytes, bytesMax: lineBytesMax)
            var account = FileAccount(part: part, file: bytes.file.name)
            while let line = try lines.next() {
                if lines.number % 256 == 0 { progress.update(share: bytes.share, count: cases.count, of: "documents") }
                if case .bytes(let text) = line, text.isBlankLine { continue }
                account.lines.read += 1
                guard let document = read(line, at: lines.number, in: bytes.file.name) else {
                    account.lines.refused += 1
                    continue
                }
                let use = use(document)
                if case .leftOut = use {
                    account.lines.leftOut += 1
                    continue
                }
                let place = DocumentRegister.Place(part: part, file: bytes.file.name, line: lines.number)
                if let earlier = register.enter(document, at: place), earlier.part == part {
                    account.lines.repeated += 1
                    if accounts.rules.repeats == .refuse {
                        repeats.add(place, "holds the document of \(earlier.file):\(earlier.line) again")
                    }
                    continue
                }
                switch use {
                case .used: account.lines.used += 1
                case .unreviewed: account.lines.unreviewed += 1
                case .leftOut: break
                }
                cases.append(document)
            }
            precondition(account.lines.isBalanced, "every line is accounted for")
            accounts.files.append(account)
        }
        for beyond in reader.valuesBeyondLimits { report(beyond.sentence) }
        return cases
    }

    private mutating func read(_ line: LineReader.Line, at number: Int, in file: String) -> Case? {
        do throws(Faults) {
            switch line {
            case .tooLong(let count): throw LineReader.Line.tooLongFaults(count, bytesMax: lineBytesMax)
            case .bytes(let line): return try reader.read(line: line)
            }
        } catch {
            failures.add(input: file, line: number, faults: error)
            return nil
        }
    }

    /// To be called when all parts are read, before anything is made of them.
    /// - Throws: `Failure` (badData) when lines were refused or documents repeated and nobody asked to go on without them, when all lines of a
    ///   part were refused, or when a document is in two parts.
    func check() throws(Failure) {
        let empty = accounts.files.map(\.part).first { part in
            let lines = accounts.accounting(of: part).lines
            return lines.refused > 0 && lines.refused == lines.read
        }
        if let empty {
            throw Failure(.badData, "every line of \(empty) was refused\(failures.isCut ? "; the first are" : ";") named above.")
        }
        if failures.count > 0, !accounts.rules.skipsRefused {
            throw Failure(
                .badData,
                "\(failures.count) \(failures.count == 1 ? "line was" : "lines were") refused, and nothing was made: \(files(\.refused)). "
                    + "What cannot be read may be what is "
                    + "wrong. Mend the lines; or go on without them, which the result then says: --skip-refused.")
        }
        if repeats.count > 0 {
            throw Failure(
                .badData,
                "\(repeats.count) \(repeats.count == 1 ? "line holds" : "lines hold") a document that an earlier line of the same part holds "
                    + "(by documentType and documentId), and nothing was made: \(files(\.repeated)). The same work twice is no more evidence. Remove them, or count "
                    + "the first of each: --repeats first.")
        }
        if let shared = register.shared.first {
            throw Failure(EvaluationError.shared(first: shared.first, second: shared.second, count: shared.count))
        }
    }

    /// `certify.jsonl 785 of 2400`.
    private func files(_ count: KeyPath<LineCounts, Int>) -> String {
        accounts.files.filter { $0.lines[keyPath: count] > 0 }
            .map { "\($0.file) \($0.lines[keyPath: count]) of \($0.lines.read)" }.joined(separator: ", ")
    }
}
