import API
import Validation

/// The lines of one input that were refused: the first ones in full, the rest as a number.
package struct LineFailures {
    package static let shownMax = 20

    package private(set) var count = 0
    private let report: (String) -> Void

    package init(report: @escaping (String) -> Void) { self.report = report }

    mutating func add(input: String, line: Int, faults: Faults) {
        count += 1
        if count <= LineFailures.shownMax {
            let text = Failure.text(of: faults).split(separator: "\n").joined(separator: "; ")
            report("\(input):\(line): \(text)")
        } else if count == LineFailures.shownMax + 1 {
            report("more lines are refused; they are counted only")
        }
    }

    /// How the command ends: refused lines are no failure of the whole unless every line was refused, or `strict` was asked for.
    package func check(accepted: Int, strict: Bool) throws(Failure) {
        if count > 0, strict || accepted == 0 {
            let lines = "\(count) \(count == 1 ? "line was" : "lines were") refused, \(accepted) taken."
            let named = count > LineFailures.shownMax ? "The first \(LineFailures.shownMax) are named above." : "Each is named above."
            throw Failure(.badData, "\(lines) \(named)")
        }
    }
}

extension FieldFormats.BeyondLimits {
    /// What to know of these values, and what to do.
    var sentence: String {
        let limits = PatternLimits()
        return """
            \(field) of \(documentType): \(count) \(count == 1 ? "value" : "values") could not be compared with the pattern within \
            \(limits.stepsMax) steps and \(limits.valueBytesMax) bytes, and \(count == 1 ? "counts" : "count") as malformed. \
            Write the pattern so that no text can be taken in several ways, as (a+)+ takes it
            """
    }
}

extension LineReader.Line {
    /// The fault of a line that is too long.
    static func tooLongFaults(_ bytes: Int, bytesMax: Int) -> Faults {
        Faults([Fault(.pointer(""), "the line has \(bytes) bytes; at most \(bytesMax) are taken (lineBytesMax)", status: 413)])
    }
}
