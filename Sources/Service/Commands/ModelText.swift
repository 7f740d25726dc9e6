import Learning
import Validation

/// Models in words.
enum ModelText {
    static func summary(_ model: Model) -> [String] {
        let about = model.about
        let whose = about.population.map { "population \($0)" } ?? "all populations"
        var lines = [
            "\(about.kind.rawValue) model of \(whose), labels by \(about.label.rawValue), \(about.learner.rawValue) learner",
            "train: \(part(about.train))", "tune: \(part(about.tune))", "\(model.schema.width) features",
            "knows \(knows(model.vocabulary)): anything else is left unassessed",
        ]
        if let leftOut = about.features.leftOut { lines.append("without \(leftOut.map(\.rawValue).joined(separator: " and "))") }
        if let schemas = about.schemas {
            let types = schemas.map(\.documentType).joined(separator: ", ")
            lines.append("forms of values: \(types)\(about.refusesViolations == true ? "; violations are refused" : "")")
        }
        for head in model.heads {
            let what =
                switch head.scorer {
                case .boosted(let forest, _): ", \(forest.treeCount) trees"
                case .logistic: ""
                case .constant(let margin): ", \(digits(logistic(margin))) whatever the item: nothing in train tells them apart"
                }
            lines.append("\(head.head.name): loss on tune \(digits(head.tuneLoss))\(what)")
        }
        if about.tuneLosses.count > 1 {
            let losses = about.tuneLosses.sorted { $0.key < $1.key }.map { "\($0.key) \(digits($0.value))" }
            lines.append("loss on tune, all heads: \(losses.joined(separator: ", "))")
        }
        lines.append("sha256 \(model.hash)")
        return lines
    }

    private static func knows(_ vocabulary: Vocabulary) -> String {
        let types = vocabulary.documentTypes
        let fields = types.reduce(0) { $0 + $1.fields.count }
        var parts = ["\(types.count) document \(types.count == 1 ? "type" : "types")"]
        if fields > 0 { parts.append("\(fields) fields") }
        if !vocabulary.procedures.isEmpty {
            parts.append("\(vocabulary.procedures.count) procedures, \(vocabulary.diagnoses.count) diagnoses")
        }
        return parts.joined(separator: ", ")
    }

    private static func part(_ part: Model.Part) -> String {
        let dates = if let from = part.from, let through = part.through { ", \(from) to \(through)" } else { "" }
        return "\(part.documents) documents, \(part.items) items, \(digits(part.unchangedShare * 100, 1)) % unchanged\(dates)"
    }

    /// With so many digits behind the point.
    static func digits(_ value: Double, _ count: Int = 4) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return String(value) }
        var scale = 1.0
        for _ in 0..<count { scale *= 10 }
        let scaled = Int((abs(value) * scale).rounded())
        let whole = String(scaled / Int(scale))
        let rest = String(scaled % Int(scale))
        let sign = value < 0 && scaled > 0 ? "-" : ""
        return count == 0 ? sign + whole : "\(sign)\(whole).\(String(repeating: "0", count: count - rest.utf8.count))\(rest)"
    }
}
