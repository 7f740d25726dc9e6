import API
import Learning
import Validation

/// The lines of one input that were refused: the first ones in full, the rest as a number.
package struct LineFailures {
    package static let shownMax = 20

    package private(set) var count = 0
    private let what: String
    private let report: (String) -> Void

    /// - Parameter what: what is said of those that are counted only.
    package init(what: String = "refused", report: @escaping (String) -> Void) {
        self.what = what
        self.report = report
    }

    /// Whether there are more than were named.
    var isCut: Bool { count > LineFailures.shownMax }

    mutating func add(input: String, line: Int, faults: Faults) {
        add("\(input):\(line)") { Failure.text(of: faults).split(separator: "\n").joined(separator: "; ") }
    }

    mutating func add(_ place: DocumentRegister.Place, _ text: String) { add("\(place.file):\(place.line)") { text } }

    private mutating func add(_ place: String, _ text: () -> String) {
        count += 1
        if count <= LineFailures.shownMax {
            report("\(place): \(text())")
        } else if count == LineFailures.shownMax + 1 {
            report("more lines are \(what); they are counted only")
        }
    }

    /// How the command ends: refused lines do not make the whole fail unless every line was refused, or `strict` was asked for.
    package func check(accepted: Int, strict: Bool) throws(Failure) {
        if count > 0, strict || accepted == 0 {
            let lines = "\(count) \(count == 1 ? "line was" : "lines were") refused, \(accepted) taken."
            let named = isCut ? "The first \(LineFailures.shownMax) are named above." : "Each is named above."
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
