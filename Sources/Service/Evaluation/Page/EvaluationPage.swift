import Learning
import Routing

/// An evaluation as one page of HTML that needs nothing else: no script, no font, no file. Pictures are SVG in it; colours follow light and
/// dark; on paper it is black on white.
///
/// 1. All text from files and flags goes through `Markup.escaped`.
/// 2. The same run and moment give the same page.
struct EvaluationPage {
    let run: EvaluationRun
    private let madeAt: Instant

    init(_ run: EvaluationRun, madeAt: Instant) {
        self.run = run
        self.madeAt = madeAt
    }

    var text: String {
        let sections = [
            tableSection, populationSection, promiseSection, riskSection, reliabilitySection, curveSection, proceduresSection,
            importanceSection, aboutSection,
        ].compactMap { $0 }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <title>How sure, and how often right</title>
            <style>
            \(EvaluationPage.style)
            </style>
            </head>
            <body>
            <main>
            <h1>How sure, and how often right</h1>
            \(summary)
            \(sections.joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    /// What a reader should take away.
    private var summary: String {
        let results = run.evaluation.results
        let targets = run.targets.map { "\(EvaluationPage.words($0.target)) \(Markup.percent($0.accuracy, 1)) %" }.joined(separator: ", ")
        let count = Markup.grouped(results.first?.estimate.documents ?? 0)
        var text =
            "<p class=\"lead\">\(results.first?.technique == .crosswalk ? "Five" : "Four") ways to tell which of \(count) test documents may flow on without a person looking, judged by what "
            + "reviewers made of them. The accuracies to keep: \(targets). "
        if let best = results.last(where: { $0.rule == .certified && $0.threshold != nil }) {
            let accuracies = zip(run.targets, best.estimate.accuracies).compactMap { target, estimate in
                estimate.accuracy.map { "\(Markup.percent($0, 2)) % of \(EvaluationPage.words(target.target)) right" }
            }
            text +=
                "<strong>With a certified threshold \(best.technique.rawValue) captures \(Markup.percent(best.estimate.capture)) % "
                + "of them, \(accuracies.joined(separator: ", ")).</strong></p>"
        } else {
            text += "<strong>No technique could be certified with \(Markup.grouped(run.certifyCount)) documents.</strong></p>"
        }
        return text
    }

    static func words(_ target: Target) -> String {
        switch target {
        case .procedure: "procedures"
        case .primaryDiagnosis: "primary diagnoses"
        case .field: "fields"
        }
    }

    static func section(_ title: String, _ parts: [String]) -> String {
        "<section>\n<h2>\(title)</h2>\n\(parts.joined(separator: "\n"))\n</section>"
    }

    static func figure(_ picture: String, _ caption: String) -> String {
        "<figure>\n<div class=\"wide\">\(picture)</div>\n<figcaption>\(caption)</figcaption>\n</figure>"
    }

    /// What became of every line that was read.
    private var accountTable: String {
        let rows = run.accounts.files.map { account in
            let lines = account.lines
            let counts = [lines.read, lines.used, lines.unreviewed, lines.refused, lines.repeated]
            return [account.part, Markup.escaped(account.file)] + counts.map(Markup.grouped)
        }
        let rules = run.accounts.rules
        let asked = [
            rules.skipsRefused ? "refused lines were left out (--skip-refused)" : nil,
            rules.repeats == .first ? "of repeated documents the first counts (--repeats first)" : nil,
        ].compactMap { $0 }
        let unassessed = AccountText.unassessed(run.evaluation.unassessed, of: "test").map { "<p>\(Markup.escaped($0)).</p>" } ?? ""
        return Markup.table(
            caption: "Table \(number(.lines)). The lines of the files: read = used + unreviewed + refused + repeated."
                + (asked.isEmpty ? "" : " As asked for, \(asked.joined(separator: ", and "))."),
            head: ["part", "file", "read", "used", "unreviewed", "refused", "repeated"], rows: rows, textColumns: 2) + unassessed
    }

    /// How the page came to be: enough to make it again.
    private var aboutSection: String {
        let parts = run.parts.map { part in
            let dates = if let from = part.content.from, let through = part.content.through { "\(from) to \(through)" } else { "–" }
            let files = part.files.isEmpty ? "–" : part.files.map(Markup.escaped).joined(separator: "<br/>")
            return [
                part.name, files + (part.note.map { "<br/><small>\(Markup.escaped($0))</small>" } ?? ""), dates,
                "<code>\(part.content.digest.prefix(16))</code>", Markup.grouped(part.content.documents),
                Markup.grouped(part.content.items), Markup.percent(part.content.unchangedShare),
            ]
        }
        let crosswalk = run.crosswalk.map { " The crosswalk is <code>\(Markup.escaped($0))</code>." } ?? ""
        let draws = run.evaluation.promise.map { ", --promise \($0.certified.draws)" } ?? ""
        return EvaluationPage.section(
            "How it was made",
            [
                """
                <p>Made by \(Product.name) \(Product.version) on \(madeAt.date.iso8601), seed \(run.seed), risk \
                \(ModelText.digits(run.risk.delta, 3)), thresholds on the scores of models by label <em>\(run.label.rawValue)</em>\(draws).\(crosswalk) \
                Trees are grown by XGBoost \(run.evaluation.xgboostVersion) on one thread. The same files, flags and seed give the same figures.</p>
                """,
                Markup.table(
                    caption: "Table \(number(.about)). The parts. None shares a document with another.",
                    head: ["part", "files", "dates", "SHA-256, first 16 digits", "documents", "items", "unchanged (%)"], rows: parts,
                    textColumns: 4),
                accountTable,
                """
                <ul>
                <li><b>train</b> teaches the models; <b>tune</b> ends their training, calibrates them, and plans the certificates; \
                <b>certify</b> sets both thresholds; <b>test</b> is read for the figures on this page alone.</li>
                <li><b>Capture</b>: documents at or above the threshold / all documents of test. Its interval is Clopper–Pearson's.</li>
                <li><b>Correct</b>: codes that the review has too / codes predicted, in the captured documents, as multisets a document at a time. \
                Intervals: Clopper–Pearson where each document has one code, else Korn–Graubard. Codes that reviewers added are not seen by it; they \
                are counted beside it.</li>
                <li><b>naive</b>: the loosest threshold at which the certify documents meet every target as seen. <b>certified</b>: the last that a \
                fixed sequence of tests accepts on the same documents: exact or Korn–Graubard's for codes, by betting for fields.</li>
                <li><b>label</b>: a model by <em>document</em> learns that a document stayed unchanged, one by <em>item</em> that each of its codes was \
                right, which it weighs into a score for the document.</li>
                <li>All intervals are of 95 %.</li>
                </ul>
                """,
            ])
    }
}
