import Learning
import Routing

/// Made-up coded notes with as much context and evidence as a coding engine gives: 24 scalars a note, 27 a pair.
struct Notes {
    private var generator: SeededGenerator
    private var number = 0

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func notes(_ count: Int) -> [Case] { (0..<count).map { _ in note() } }

    /// Grown on the notes themselves, so that no round is the last good one: 130 trees for each of two heads.
    static func model(of notes: [Case]) -> Model? {
        var request = TrainingRequest()
        request.learner = .boosted
        var boosting = BoostingSettings()
        boosting.roundsMax = 130
        request.boosting = boosting
        return try? Trainer(request).train(train: notes, tune: notes)
    }

    private mutating func note() -> Case {
        number += 1
        var note = Case(documentType: TextRange(start: 0, count: 0), documentId: TextRange(start: 0, count: 0))
        note.documentType = Notes.range("radiology-report", &note)
        note.documentId = Notes.range("note-\(number)", &note)
        note.population = Notes.range("site-\(generator.below(5))", &note)
        note.payer = Notes.range("payer-\(generator.below(6))", &note)
        note.serviceDate = CivilDate(days: Int32(20_000 + generator.below(365)))
        for index in 0..<20 { note.context.append(number("count.\(index)", Double(generator.below(20)), &note)) }
        for (name, values) in [("sex", 2), ("physician", 30), ("class", 3), ("shift", 3)] {
            note.context.append(text(name, values, &note))
        }
        var fates: [Case.Fate] = []
        for _ in 0..<(1 + generator.below(3)) {
            let start = note.evidence.count
            let margin = generator.unit()
            note.evidence.append(number("margin", margin, &note))
            for index in 0..<16 { note.evidence.append(number("score.\(index)", generator.unit(), &note)) }
            for (name, values) in [
                ("phrase", 220), ("second", 220), ("secondProcedure", 70), ("region", 5), ("side", 4), ("sideUsed", 5), ("sections", 8),
                ("cue", 20), ("title", 4), ("source", 3),
            ] {
                note.evidence.append(text(name, values, &note))
            }
            let code = generator.below(300)
            let first = Notes.range("7\(1_000 + generator.below(73))", &note)
            let second = Notes.range("J\(10 + code / 10).\(code % 10)", &note)
            note.items.append(
                Case.Item(
                    kind: .primaryPair, first: first, second: second, confidence: Confidence(generator.unit()),
                    evidence: start..<note.evidence.count))
            fates.append(generator.unit() < 0.05 + 0.4 * (1 - margin) * (code % 3 == 0 ? 1.5 : 0.5) ? .removed : .kept)
        }
        note.findKeys()
        note.outcome = note.outcome(fates: fates, added: [])
        return note
    }

    private static func range(_ text: String, _ note: inout Case) -> TextRange {
        let start = note.text.count
        note.text += Array(text.utf8)
        return TextRange(start: start, count: note.text.count - start)
    }

    private mutating func number(_ name: String, _ value: Double, _ note: inout Case) -> Case.Scalar {
        Case.Scalar(name: Notes.range(name, &note), value: .number(value))
    }

    private mutating func text(_ name: String, _ values: Int, _ note: inout Case) -> Case.Scalar {
        // Low numbers are frequent, as codes are.
        let draw = generator.unit()
        let value = Notes.range("\(name)-\(Int(draw * draw * Double(values)))", &note)
        return Case.Scalar(name: Notes.range(name, &note), value: .string(value))
    }
}
