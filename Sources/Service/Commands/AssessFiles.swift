import API
package import Learning

/// A model file, read and checked.
package enum ModelInput {
    /// - Throws: `InputError`, `Failure` (badData, with what is wrong).
    package static func read(_ path: String) throws -> Model {
        let bytes = try InputFile.bytes(of: path, bytesMax: ModelFile.bytesMax)
        do throws(ModelFileError) {
            return try ModelFile.read(bytes)
        } catch {
            throw Failure(.badData, "\(path) \(reason(error))")
        }
    }

    private static func reason(_ error: ModelFileError) -> String {
        switch error {
        case .notAModel(let reason): "is not a model: \(reason). Make one: sluice model train"
        case .format(let version): "is a model of format \(version), which this version does not read. Train it again: sluice model train"
        case .damaged:
            "is damaged: its content is not what its hash was made of. Get the whole file again, unchanged, or train it anew: sluice model train"
        case .schema(let documentType, let error):
            "has a schema of \(documentType) that is not one: \(error). Mend the schema, then train the model again: sluice model train"
        case .inconsistent(let reason): "is of another schema: \(reason). Train it again: sluice model train"
        }
    }
}

/// The command `model assess`: results, one a line, to the same lines with assessed confidences.
package struct AssessFiles {
    private let lines: AssessedLines
    private let lineBytesMax: Int
    private let output: Output
    private var failures: LineFailures
    package private(set) var assessed = 0

    package init(
        _ model: Model, isPlain: Bool = false, lineBytesMax: Int, output: Output, report: @escaping (String) -> Void
    ) {
        lines = AssessedLines(model, isPlain: isPlain)
        self.lineBytesMax = lineBytesMax
        self.output = output
        failures = LineFailures(report: report)
    }

    package mutating func run(_ path: String) throws {
        let reader = ByteReader(try InputFile(path))
        let input = LineReader(reader, bytesMax: lineBytesMax)
        while let line = try input.next() {
            do {
                switch line {
                case .tooLong(let bytes): throw LineReader.Line.tooLongFaults(bytes, bytesMax: lineBytesMax)
                case .bytes(let bytes):
                    if bytes.isBlankLine { continue }
                    try output.write(try lines.assessed(bytes))
                    assessed += 1
                }
            } catch let faults as Faults {
                failures.add(input: reader.file.name, line: input.number, faults: faults)
            }
            if !input.hasLine { try output.flush() }
        }
        try output.flush()
    }

    /// Throws when every line was refused, or any with `strict`.
    package func check(strict: Bool) throws(Failure) { try failures.check(accepted: assessed, strict: strict) }

    /// The whole command.
    /// - Returns: what was done, for people.
    package static func run(
        model path: String, files: [String], isPlain: Bool = false, settings: Settings, strict: Bool, output: Output,
        report: @escaping (String) -> Void
    ) throws -> String {
        var job = AssessFiles(
            try ModelInput.read(path), isPlain: isPlain, lineBytesMax: settings.lineBytesMax, output: output, report: report)
        for file in files { try job.run(file) }
        for beyond in job.lines.valuesBeyondLimits { report(beyond.sentence) }
        try job.check(strict: strict)
        let unassessed = AccountText.unassessed(job.lines.unassessed, of: "assessed").map { "; \($0)" } ?? ""
        return "\(job.assessed) assessed, \(job.failures.count) refused\(unassessed)"
    }
}
