import API
import JSON
package import Learning
import Routing
package import Validation

/// The command `explain`: what pushed the confidence of each item down or up.
package struct ExplainDocument {
    private let model: Model
    private let shownMax: Int

    /// - Parameter shownMax: features shown for each item and head; the rest as a sum.
    package init(_ model: Model, shownMax: Int) {
        self.model = model
        self.shownMax = shownMax
    }

    /// The first result of a file, or the one of an id.
    /// - Throws: `Failure` (noInput) when there is none.
    package static func document(in path: String, id: String?, schemas: [FieldSchema] = [], settings: Settings) throws -> Case {
        let reader = ByteReader(try InputFile(path))
        let lines = LineReader(reader, bytesMax: settings.lineBytesMax)
        let cases = CaseReader(schemas: schemas)
        while let line = try lines.next() {
            switch line {
            case .tooLong(let count): throw LineReader.Line.tooLongFaults(count, bytesMax: settings.lineBytesMax)
            case .bytes(let bytes):
                if bytes.isBlankLine { continue }
                let document = try cases.read(line: bytes)
                if id == nil || document.string(document.documentId) == id { return document }
            }
        }
        let what = id.map { "no result with the documentId \($0)" } ?? "no result"
        throw Failure(.noInput, "\(reader.file.name) holds \(what).")
    }

    /// For people.
    package func text(_ document: Case) throws(Failure) -> [String] {
        let assessment = model.assess(document)
        var lines = [
            "document \(document.string(document.documentId)): score \(digits(assessment.score)), confidence \(digits(assessment.confidence))"
        ]
        for (index, explanations) in try explained(document).enumerated() {
            let item = document.items[index]
            let reported = item.confidence.map { ModelText.digits($0.value) } ?? "none"
            lines.append("")
            lines.append(
                "\(ExplainDocument.name(item, document)): confidence \(digits(assessment.items[index].confidence)), "
                    + "reported \(reported)")
            if let reason = assessment.items[index].unassessed {
                lines.append("  left unassessed: \(why(reason, item, document))")
                continue
            }
            for explanation in explanations {
                lines.append(
                    "  \(explanation.head.name): \(ModelText.digits(logistic(explanation.margin))); log-odds "
                        + "\(signed(explanation.margin)) from \(signed(explanation.bias))")
                lines += rows(explanation)
            }
        }
        return lines
    }

    /// For programs: one object on one line.
    package func json(_ document: Case) throws(Failure) -> [UInt8] {
        let assessment = model.assess(document)
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("documentId")
        writer.string(document.string(document.documentId))
        writer.key("model")
        writer.string(model.hash)
        writer.key("score")
        if let score = assessment.score { writer.double(score) } else { writer.null() }
        writer.key("confidence")
        if let confidence = assessment.confidence { writer.double(confidence) } else { writer.null() }
        writer.key("items")
        writer.beginArray()
        for (index, explanations) in try explained(document).enumerated() {
            writer.beginObject()
            writer.key("item")
            writer.string(ExplainDocument.name(document.items[index], document))
            writer.key("confidence")
            if let confidence = assessment.items[index].confidence { writer.double(confidence) } else { writer.null() }
            let reason = assessment.items[index].unassessed
            if let reason {
                writer.key("unassessed")
                writer.string(reason.rawValue)
            }
            writer.key("heads")
            writer.beginArray()
            for explanation in explanations where reason == nil { ExplainDocument.write(explanation, to: &writer) }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        writer.bytes.append(UInt8(ascii: "\n"))
        return writer.bytes
    }

    private func explained(_ document: Case) throws(Failure) -> [[Explanation]] {
        do throws(XGBoostError) {
            return try model.explain(document)
        } catch {
            throw Failure(.badData, "the model cannot be explained: \(error). Train it again: sluice model train")
        }
    }

    private func rows(_ explanation: Explanation) -> [String] {
        let shown = explanation.contributions.prefix(shownMax)
        let rest = explanation.contributions.dropFirst(shownMax)
        var rows = shown.map { part in [signed(part.amount), part.feature, part.value.map(ExplainDocument.value) ?? "missing"] }
        if !rest.isEmpty { rows.append([signed(rest.reduce(0) { $0 + $1.amount }), "\(rest.count) others", ""]) }
        return TextTable.lines(head: ["log-odds", "feature", "value"], rows: rows, numbersFrom: 3).map { "    \($0)" }
    }

    private static func write(_ explanation: Explanation, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("head")
        writer.string(explanation.head.rawValue)
        writer.key("bias")
        writer.double(explanation.bias)
        writer.key("margin")
        writer.double(explanation.margin)
        writer.key("contributions")
        writer.beginArray()
        for part in explanation.contributions {
            writer.beginObject()
            writer.key("feature")
            writer.string(part.feature)
            writer.key("value")
            if let value = part.value { writer.double(value) } else { writer.null() }
            writer.key("amount")
            writer.double(part.amount)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    private static func name(_ item: Case.Item, _ document: Case) -> String {
        switch item.kind {
        case .field: "field \(document.string(item.first))"
        case .pair: "pair \(document.string(item.first)) \(document.string(item.second))"
        case .primaryPair: "pair \(document.string(item.first)) \(document.string(item.second)), primary"
        }
    }

    private static func value(_ value: Double) -> String { value == value.rounded() ? ModelText.digits(value, 0) : ModelText.digits(value) }

    private func digits(_ value: Double?) -> String { value.map { ModelText.digits($0) } ?? "none" }

    /// What of an item the model's training never held.
    private func why(_ reason: Unassessed, _ item: Case.Item, _ document: Case) -> String {
        let type = document.string(document.documentType)
        switch reason {
        case .population: return "the model was trained on the population \(model.about.population ?? "") alone"
        case .documentType: return "the model was trained on no document of the type \(type)"
        case .field: return "the model was trained on no field \(document.string(item.first)) of the type \(type)"
        case .pair: return "the model was trained on no pairs of the type \(type)"
        case .procedure: return "the model was trained on no pair with the procedure \(document.string(item.first))"
        case .diagnosis: return "the model was trained on no pair with the diagnosis \(document.string(item.second))"
        }
    }

    private func signed(_ value: Double) -> String { (value < 0 ? "" : "+") + ModelText.digits(value, 3) }
}
